package adit.conformance.world;

import adit.linux.sys.Fcntl;
import adit.linux.sys.Libc;
import adit.linux.sys.LibcSocket;
import adit.netlink.AttributeReader;
import adit.netlink.ErrorMessage;
import adit.netlink.IfLink;
import adit.netlink.LinkInfo;
import adit.netlink.LinkMessage;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import adit.netlink.Rtnetlink;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// Asks the kernel about links and changes them, and answers what it refuses as a negative errno, in its own
/// number.
final class NetlinkTalk implements AutoCloseable {
    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW = 3;
    private static final int SIZE = 1 << 16;
    private static final int LINK_HEADER = 16;
    private static final Map<Integer, String> NUMBERS = Map.ofEntries(
            Map.entry(IfLink.IFLA_MTU, "mtu"),
            Map.entry(IfLink.IFLA_TXQLEN, "txqueuelen"),
            Map.entry(IfLink.IFLA_CARRIER, "carrier"),
            Map.entry(IfLink.IFLA_OPERSTATE, "operstate"),
            Map.entry(IfLink.IFLA_MIN_MTU, "min_mtu"),
            Map.entry(IfLink.IFLA_MAX_MTU, "max_mtu"));
    private static final Map<Integer, String> TUN_NUMBERS = Map.of(
            IfLink.IFLA_TUN_OWNER, "owner",
            IfLink.IFLA_TUN_GROUP, "group",
            IfLink.IFLA_TUN_TYPE, "tun_type",
            IfLink.IFLA_TUN_PI, "pi",
            IfLink.IFLA_TUN_VNET_HDR, "vnet_hdr",
            IfLink.IFLA_TUN_PERSIST, "persist",
            IfLink.IFLA_TUN_MULTI_QUEUE, "multi_queue",
            IfLink.IFLA_TUN_NUM_QUEUES, "queues",
            IfLink.IFLA_TUN_NUM_DISABLED_QUEUES, "disabled_queues");

    private final Arena arena = Arena.ofShared();
    private final MemorySegment out = arena.allocate(SIZE, 8);
    private final MemorySegment in = arena.allocate(SIZE, 8);
    private final int fd;
    private final List<LinkView> found = new ArrayList<>();
    private final Map<Integer, String> names = new TreeMap<>();
    private int sequence;

    /// In the namespace of the calling thread.
    NetlinkTalk() {
        fd = LibcSocket.socket(Libc.errnoState(), AF_NETLINK, SOCK_RAW | Fcntl.O_CLOEXEC, Netlink.NETLINK_ROUTE);
        if (fd < 0) {
            throw new IllegalStateException("no netlink socket: " + fd);
        }
    }

    /// Makes a change to the link that `link` names, with more attributes behind it.
    int change(LinkMessage link, MessageWriter.Body attributes) {
        return ask(Rtnetlink.RTM_NEWLINK, 0, w -> {
            link.writeTo(w);
            attributes.writeTo(w);
        });
    }

    /// Deletes a link.
    int delete(int index) {
        return ask(Rtnetlink.RTM_DELLINK, 0, LinkMessage.of(index));
    }

    /// The link of a name. The kernel brings operstate and queueing up to date before it answers.
    Optional<LinkView> link(String name) {
        found.clear();
        ask(Rtnetlink.RTM_GETLINK, 0, LinkMessage.of(name));
        return found.stream().findFirst();
    }

    /// The names of all links by their indices.
    SortedMap<Integer, String> names() {
        found.clear();
        names.clear();
        ask(Rtnetlink.RTM_GETLINK, Netlink.NLM_F_DUMP, LinkMessage.of(0));
        return new TreeMap<>(names);
    }

    private int ask(int type, int flags, MessageWriter.Body body) {
        int kinds = Netlink.NLM_F_REQUEST | flags | (flags == Netlink.NLM_F_DUMP ? 0 : Netlink.NLM_F_ACK);
        MessageWriter w = new MessageWriter(out).message(type, kinds, ++sequence, 0, body);
        int n = LibcSocket.sendto(Libc.errnoState(), fd, out, w.length(), 0, MemorySegment.NULL, 0);
        while (n >= 0) {
            n = LibcSocket.recvfrom(Libc.errnoState(), fd, in, SIZE, 0, MemorySegment.NULL, MemorySegment.NULL);
            MessageReader m = new MessageReader(in, 0, Math.max(n, 0));
            while (m.next()) {
                if (m.type() == Netlink.NLMSG_ERROR || m.type() == Netlink.NLMSG_DONE) {
                    return -ErrorMessage.read(m).errno();
                }
                LinkMessage link = LinkMessage.read(m);
                names.put(link.index(), link.name().orElse(""));
                found.add(view(link, m));
            }
        }
        return n;
    }

    private static LinkView view(LinkMessage link, MessageReader m) {
        Map<String, String> told = new TreeMap<>();
        List<Long> statistics = new ArrayList<>();
        told.put("type", Integer.toString(link.hardwareType()));
        told.put("flags", LinkView.flags(link.flags()));
        AttributeReader a = m.attributes(LINK_HEADER);
        while (a.next()) {
            if (NUMBERS.containsKey(a.type())) {
                int value = a.length() == 1 ? a.u8() : a.i32();
                told.put(NUMBERS.get(a.type()), Integer.toString(value));
            } else if (a.type() == IfLink.IFLA_ADDRESS) {
                told.put("address", LinkView.address(a.octets()));
            } else if (a.type() == IfLink.IFLA_STATS64) {
                MemorySegment s = MemorySegment.ofArray(a.octets());
                for (long at = 0; at + 8 <= s.byteSize(); at += 8) {
                    statistics.add(s.get(ValueLayout.JAVA_LONG_UNALIGNED, at));
                }
            } else if (a.type() == IfLink.IFLA_LINKINFO) {
                info(a.nested(), told);
            }
        }
        return new LinkView(link.index(), new TreeMap<>(told), statistics);
    }

    private static void info(AttributeReader a, Map<String, String> told) {
        while (a.next()) {
            if (a.type() == IfLink.IFLA_INFO_KIND) {
                told.put("kind", a.string());
            } else if (a.type() == IfLink.IFLA_INFO_DATA && LinkInfo.TUN.equals(told.get("kind"))) {
                AttributeReader data = a.nested();
                while (data.next()) {
                    String name = TUN_NUMBERS.getOrDefault(data.type(), "tun_attribute_" + data.type());
                    told.put(name, Integer.toString(data.length() == 1 ? data.u8() : data.i32()));
                }
            }
        }
    }

    @Override
    public void close() {
        Libc.close(Libc.errnoState(), fd);
        arena.close();
    }
}
