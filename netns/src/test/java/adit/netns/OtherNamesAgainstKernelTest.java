package adit.netns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adit.linux.Netns;
import adit.netlink.AttributeReader;
import adit.netlink.IfLink;
import adit.netlink.LinkInfo;
import adit.netlink.LinkMessage;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import adit.netlink.Rtnetlink;
import adit.port.VirtualTime;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// Further names of links in random steps, to the running kernel and to a namespace in memory: the same answers octet
/// for octet where a request is about names alone, the same error numbers of look-ups, renames and new links, the same
/// notifications, and the same names afterwards. `-Dnames.seed=N` walks another way.
class OtherNamesAgainstKernelTest {
    private static final int STEPS = Integer.getInteger("names.steps", 1500);
    private static final int FIRST = 100;
    private static final int LAST = 103;
    private static final int CREATE = Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL;
    private static final int HEADER = 16;
    private static final int NOOP = 1;
    private static final int SETTLING_MILLIS = 2500;

    private final Random random = new Random(Long.getLong("names.seed", 3));
    private final List<String> differences = new ArrayList<>();

    private record Side(RtnetlinkServer server, Listener listener) {}

    @FunctionalInterface
    private interface Listener {
        List<byte[]> heard() throws IOException;
    }

    @Test
    void namesAsTheKernelDoes() throws Exception {
        assumeTrue(System.getProperty("os.version").startsWith("6.18."), "needs Linux 6.18, which this follows");
        Needs.namespaces();
        try (Netns kernel = Netns.create();
                Namespace memory =
                        Namespace.builder().time(new VirtualTime()).seed(1).open();
                NetlinkSession session = memory.netlink();
                NetlinkSession listening = memory.netlink()) {
            session.option(Netlink.NETLINK_EXT_ACK, 1);
            session.option(Netlink.NETLINK_CAP_ACK, 1);
            listening.join(Rtnetlink.RTNLGRP_LINK);
            kernel.call(() -> {
                try (KernelRtnetlink socket = new KernelRtnetlink();
                        KernelRtnetlink listener = new KernelRtnetlink()) {
                    assertThat(socket.option(Netlink.NETLINK_EXT_ACK, 1)).isZero();
                    assertThat(socket.option(Netlink.NETLINK_CAP_ACK, 1)).isZero();
                    listener.join(Rtnetlink.RTNLGRP_LINK);
                    // Who has sent something has an address, by which he hears.
                    listener.exchange(octets(NOOP, 0, _ -> {}));
                    walk(
                            new Side(socket, listener::heard),
                            new Side(RtnetlinkServer.of(session), () -> session(listening)));
                }
                return null;
            });
        }
        assertThat(differences).isEmpty();
    }

    private static List<byte[]> session(NetlinkSession listening) throws IOException {
        List<byte[]> all = new ArrayList<>();
        for (byte[] next = listening.receive(); next != null; next = listening.receive()) {
            all.add(next);
        }
        return all;
    }

    private void walk(Side theirs, Side mine) throws Exception {
        for (int link = FIRST; link < LAST; link += 2) {
            LinkMessage peer =
                    LinkMessage.builder().index(link + 1).name("l" + (link + 1)).build();
            both(
                    theirs,
                    mine,
                    "make " + link,
                    octets(
                            Rtnetlink.RTM_NEWLINK,
                            CREATE | Netlink.NLM_F_ACK,
                            LinkMessage.builder()
                                    .index(link)
                                    .name("l" + link)
                                    .info(LinkInfo.veth(peer))
                                    .build()));
        }
        for (int link : List.of(FIRST, FIRST + 1)) {
            LinkMessage up = LinkMessage.builder()
                    .index(link)
                    .flags(IfLink.IFF_UP, IfLink.IFF_UP)
                    .build();
            both(theirs, mine, "up " + link, octets(Rtnetlink.RTM_NEWLINK, Netlink.NLM_F_ACK, up));
        }
        // The kernel looks at carriers once a second, and tells of them then.
        Thread.sleep(SETTLING_MILLIS);
        for (int step = 0; step < STEPS && differences.isEmpty(); step++) {
            int kind = random.nextInt(10);
            if (kind < 6) {
                properties(theirs, mine, step);
            } else {
                links(theirs, mine, step, kind);
            }
            if (step % 25 == 0) {
                List<String> ours = names(mine);
                List<String> expected = names(theirs);
                if (!ours.equals(expected)) {
                    differences.add("names after " + step + ": kernel " + expected + ", ours " + ours);
                }
            }
        }
    }

    private int link() {
        return random.nextInt(12) == 0 ? 999 : FIRST + random.nextInt(LAST - FIRST + 1);
    }

    private String name() {
        return switch (random.nextInt(20)) {
            case 0 -> "x".repeat(127);
            case 1 -> "x".repeat(128);
            case 2 -> "";
            case 3 -> "l" + (FIRST + random.nextInt(4));
            case 4 -> "a b/c";
            case 5 -> "lo";
            case 6 -> "veth0";
            default -> "n" + random.nextInt(8);
        };
    }

    /// Names come and go by one request or several, some of which are wrong.
    private void properties(Side theirs, Side mine, int step) throws IOException {
        int type = random.nextBoolean() ? Rtnetlink.RTM_NEWLINKPROP : Rtnetlink.RTM_DELLINKPROP;
        int index = random.nextInt(8) == 0 ? 0 : link();
        String by = name();
        List<String> names = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            names.add(name());
        }
        int odd = random.nextInt(24);
        int list = IfLink.IFLA_PROP_LIST | (odd == 0 ? 0 : Netlink.NLA_F_NESTED);
        int each = odd == 1 ? IfLink.IFLA_IFNAME : IfLink.IFLA_ALT_IFNAME | (odd == 2 ? Netlink.NLA_F_NESTED : 0);
        MemorySegment request = octets(type, Netlink.NLM_F_ACK, w -> {
            LinkMessage.of(index).writeTo(w);
            if (index == 0 && odd != 3) {
                w.string(odd < 12 ? IfLink.IFLA_ALT_IFNAME : IfLink.IFLA_IFNAME, by);
            }
            if (odd == 4) {
                w.i32(IfLink.IFLA_MTU, 1500).i32(99, 0);
            } else if (odd == 5) {
                w.octets(IfLink.IFLA_MTU, new byte[] {1, 2});
            } else if (odd == 6) {
                w.octets(new byte[] {1, 2, 3, 0});
            }
            if (odd != 7) {
                w.nested(list, all -> names.forEach(n -> all.string(each, n)));
            }
        });
        both(theirs, mine, "step " + step + " " + type + " " + index + " by " + by + " " + names + " " + odd, request);
    }

    private void links(Side theirs, Side mine, int step, int kind) throws IOException {
        String name = name();
        int index = link();
        MemorySegment request = switch (kind) {
            case 6 -> octets(Rtnetlink.RTM_GETLINK, Netlink.NLM_F_ACK, named(0, IfLink.IFLA_ALT_IFNAME, name));
            case 7 -> octets(Rtnetlink.RTM_NEWLINK, Netlink.NLM_F_ACK, named(index, IfLink.IFLA_IFNAME, cut(name)));
            case 8 -> octets(Rtnetlink.RTM_DELLINK, Netlink.NLM_F_ACK, named(0, IfLink.IFLA_ALT_IFNAME, "none"));
            default -> octets(Rtnetlink.RTM_GETLINK, Netlink.NLM_F_ACK, named(0, IfLink.IFLA_IFNAME, cut(name)));
        };
        both(theirs, mine, "step " + step + " kind " + kind + " " + index + " " + name, request);
    }

    private static String cut(String name) {
        return name.substring(0, Math.min(15, name.length()));
    }

    private static MessageWriter.Body named(int index, int attribute, String name) {
        return w -> {
            LinkMessage.of(index).writeTo(w);
            w.string(attribute, name);
        };
    }

    private static MemorySegment octets(int type, int flags, MessageWriter.Body body) {
        MemorySegment s = Arena.ofAuto().allocate(4096, 8);
        MessageWriter w = new MessageWriter(s).message(type, Netlink.NLM_F_REQUEST | flags, 1, 0, body);
        return s.asSlice(0, w.length());
    }

    private void both(Side theirs, Side mine, String what, MemorySegment request) throws IOException {
        theirs.listener.heard();
        mine.listener.heard();
        String expected = answers(theirs.server.exchange(request));
        String ours = answers(mine.server.exchange(request));
        if (!ours.equals(expected)) {
            differences.add(what + ": kernel " + expected + ", ours " + ours);
        }
        List<String> told = told(theirs.listener.heard());
        List<String> weTell = told(mine.listener.heard());
        boolean isStep = what.startsWith("step");
        if (isStep && !told.equals(weTell)) {
            differences.add(what + ": the kernel tells " + told + ", we " + weTell);
        }
    }

    private static void read(List<byte[]> datagrams, Consumer<MessageReader> each) {
        for (byte[] datagram : datagrams) {
            MessageReader m = new MessageReader(MemorySegment.ofArray(datagram), 0, datagram.length);
            while (m.next()) {
                each.accept(m);
            }
        }
    }

    /// Requests about names in octets, others by their error number.
    private static String answers(List<byte[]> datagrams) {
        List<String> all = new ArrayList<>();
        read(datagrams, m -> {
            if (m.type() != Netlink.NLMSG_ERROR) {
                all.add(link(m));
                return;
            }
            int of = m.u16(8);
            boolean isAboutNames = of == Rtnetlink.RTM_NEWLINKPROP || of == Rtnetlink.RTM_DELLINKPROP;
            byte[] octets = m.octets();
            byte[] end = Arrays.copyOfRange(octets, HEADER + 4 + HEADER, octets.length);
            all.add("errno " + -m.i32(0)
                    + (isAboutNames ? " " + m.flags() + " " + HexFormat.of().formatHex(end) : ""));
        });
        return all.toString();
    }

    private static List<String> told(List<byte[]> datagrams) {
        List<String> all = new ArrayList<>();
        read(datagrams, m -> all.add(link(m)));
        return all;
    }

    /// A link and its names.
    private static String link(MessageReader m) {
        List<String> names = new ArrayList<>();
        AttributeReader a = m.attributes(HEADER);
        while (a.next()) {
            if (a.type() == IfLink.IFLA_IFNAME) {
                names.addFirst(a.string());
            } else if (a.type() == IfLink.IFLA_PROP_LIST) {
                names.add(HexFormat.of().formatHex(a.octets()));
            }
        }
        return m.type() + " " + m.i32(4) + " " + names;
    }

    private static List<String> names(Side side) throws IOException {
        List<String> all = new ArrayList<>();
        read(
                side.server.exchange(octets(Rtnetlink.RTM_GETLINK, Netlink.NLM_F_DUMP, LinkMessage.of(0))),
                m -> all.add(m.type() == Netlink.NLMSG_DONE ? "done" : link(m)));
        return all;
    }
}
