package adit.conformance.world;

import adit.conformance.world.World.LinkChange;
import adit.device.Errno;
import adit.netlink.AttributeReader;
import adit.netlink.ErrorMessage;
import adit.netlink.IfLink;
import adit.netlink.LinkInfo;
import adit.netlink.LinkMessage;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import adit.netlink.OctetString;
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

/// Asks about links and changes them by messages of rtnetlink, the same in each world, and answers what is
/// refused as a negative errno. Hears of links too, once asked to.
final class LinkTalk implements AutoCloseable {
    private static final int SIZE = 1 << 16;
    private static final int LINK_HEADER = 16;
    private static final Map<Integer, String> NUMBERS = Map.ofEntries(
            Map.entry(IfLink.IFLA_MTU, "mtu"),
            Map.entry(IfLink.IFLA_TXQLEN, "txqueuelen"),
            Map.entry(IfLink.IFLA_CARRIER, "carrier"),
            Map.entry(IfLink.IFLA_OPERSTATE, "operstate"),
            Map.entry(IfLink.IFLA_MIN_MTU, "min_mtu"),
            Map.entry(IfLink.IFLA_MAX_MTU, "max_mtu"));
    private static final String GROUP = "group";
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
    private final NetlinkWire wire;
    private final List<LinkView> found = new ArrayList<>();
    private NetlinkWire ear;
    private int sequence;

    LinkTalk(NetlinkWire wire) {
        this.wire = wire;
    }

    /// Changes the link of a name. ENODEV when there is none.
    int change(String name, LinkChange change) {
        Optional<LinkView> link = link(name);
        if (link.isEmpty()) {
            return -Errno.ENODEV;
        }
        LinkMessage.Builder b = LinkMessage.builder().index(link.get().index());
        MessageWriter.Body more = _ -> {};
        switch (change) {
            case LinkChange.Flag(int bit, boolean on) -> b.flags(on ? bit : 0, bit);
            case LinkChange.Mtu(int octets) -> b.mtu(octets);
            case LinkChange.QueueLength(int packets) -> b.transmitQueueLength(packets);
            case LinkChange.Address(OctetString octets) -> b.address(octets);
            case LinkChange.Name(String newName) -> b.name(newName);
            case LinkChange.Carrier(boolean on) -> more = w -> w.u8(IfLink.IFLA_CARRIER, on ? 1 : 0);
            case LinkChange.Group(int number) -> more = w -> w.i32(IfLink.IFLA_GROUP, number);
            case LinkChange.Delete() -> {
                return ask(Rtnetlink.RTM_DELLINK, 0, b.build());
            }
        }
        LinkMessage wanted = b.build();
        MessageWriter.Body attributes = more;
        return ask(Rtnetlink.RTM_NEWLINK, 0, w -> {
            wanted.writeTo(w);
            attributes.writeTo(w);
        });
    }

    /// Asks for a new link of a kind.
    int make(String name, String kind) {
        LinkMessage wanted =
                LinkMessage.builder().name(name).info(LinkInfo.of(kind)).build();
        return ask(Rtnetlink.RTM_NEWLINK, Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL, wanted);
    }

    /// The link of a name. The kernel brings operstate and queueing up to date before it answers.
    Optional<LinkView> link(String name) {
        found.clear();
        ask(Rtnetlink.RTM_GETLINK, 0, LinkMessage.of(name));
        return found.stream().findFirst();
    }

    /// All links in a dump; of a kind only, unless that is empty.
    List<LinkView> dump(String kind) {
        found.clear();
        LinkMessage.Builder b = LinkMessage.builder();
        if (!kind.isEmpty()) {
            b.info(LinkInfo.of(kind));
        }
        ask(Rtnetlink.RTM_GETLINK, Netlink.NLM_F_DUMP, b.build());
        return List.copyOf(found);
    }

    /// The names of all links by their indices.
    SortedMap<Integer, String> names() {
        SortedMap<Integer, String> names = new TreeMap<>();
        dump("").forEach(link -> names.put(link.index(), link.name()));
        return names;
    }

    /// Listens from now on to what is told of links.
    void listen(NetlinkWire to) {
        ear = to;
    }

    /// Has the kernel tell what it would tell a little later: that a carrier has come or gone.
    void settle() {
        if (ear != null) {
            names().values().forEach(this::link);
        }
    }

    /// What was told since the last time, lo left out. What was told twice, one after the other, stands once:
    /// how often Linux says the same thing is an accident of who changed it.
    List<String> told() {
        List<String> all = new ArrayList<>();
        int n = ear.poll(in);
        while (n >= 0) {
            MessageReader m = new MessageReader(in, 0, n);
            while (m.next()) {
                LinkMessage link = LinkMessage.read(m);
                String line = m.type() == Rtnetlink.RTM_DELLINK
                        ? "gone " + link.name().orElse("")
                        : view(link, m).name() + " " + view(link, m).line();
                if (!"lo".equals(link.name().orElse(""))
                        && (all.isEmpty() || !all.getLast().equals(line))) {
                    all.add(line);
                }
            }
            n = ear.poll(in);
        }
        return all;
    }

    private int ask(int type, int flags, MessageWriter.Body body) {
        int kinds = Netlink.NLM_F_REQUEST | flags | (flags == Netlink.NLM_F_DUMP ? 0 : Netlink.NLM_F_ACK);
        MessageWriter w = new MessageWriter(out).message(type, kinds, ++sequence, 0, body);
        int n = wire.send(out, w.length());
        while (n >= 0) {
            n = wire.receive(in);
            MessageReader m = new MessageReader(in, 0, Math.max(n, 0));
            while (m.next()) {
                if (m.type() == Netlink.NLMSG_ERROR || m.type() == Netlink.NLMSG_DONE) {
                    return -ErrorMessage.read(m).errno();
                }
                found.add(view(LinkMessage.read(m), m));
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
            } else if (a.type() == IfLink.IFLA_GROUP && a.i32() != 0) {
                told.put(GROUP, Integer.toString(a.i32()));
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
        return new LinkView(link.index(), link.name().orElse(""), new TreeMap<>(told), statistics);
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
        wire.close();
        if (ear != null) {
            ear.close();
        }
        arena.close();
    }
}
