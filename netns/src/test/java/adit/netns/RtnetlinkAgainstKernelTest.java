package adit.netns;

import static org.assertj.core.api.Assertions.assertThat;

import adit.linux.Netns;
import adit.netlink.AddressMessage;
import adit.netlink.ErrorMessage;
import adit.netlink.IfLink;
import adit.netlink.LinkInfo;
import adit.netlink.LinkMessage;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.NeighbourMessage;
import adit.netlink.Netlink;
import adit.netlink.OctetString;
import adit.netlink.RouteMessage;
import adit.netlink.Rtnetlink;
import adit.port.VirtualTime;
import adit.wire.IpAddress;
import adit.wire.IpPrefix;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The same rtnetlink requests, octet for octet, to a socket of the running kernel in a network namespace of
/// its own and to a namespace of ours: a random walk over links, addresses, routes and neighbours. Every answer
/// has the same error number, and links, addresses, routes and neighbours are the same whenever they are looked at.
/// `-Drtnetlink.seed=N` walks another way, and `-Drtnetlink.count=N` as many from there on.
class RtnetlinkAgainstKernelTest {
    private static final int STEPS = 1500;
    private static final int FIRST_INDEX = 100;
    private static final int LINKS = 3;

    /// 5 goes everywhere; in 9905 a link goes that has one address of one host twice, the second time beside another.
    static LongStream seeds() {
        Long first = Long.getLong("rtnetlink.seed");
        return first == null
                ? LongStream.of(5, 9905)
                : LongStream.range(first, first + Long.getLong("rtnetlink.count", 1));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void answersAsTheKernelDoes(long seed) throws Exception {
        random = new Random(seed);
        Needs.namespaces();
        try (Netns kernel = Netns.create();
                Namespace ours =
                        Namespace.builder().time(new VirtualTime()).seed(1).open();
                NetlinkSession session = ours.netlink()) {
            kernel.call(() -> {
                try (KernelRtnetlink server = new KernelRtnetlink()) {
                    walk(server, RtnetlinkServer.of(session));
                }
                return null;
            });
        }
    }

    private Random random;
    private final MemorySegment request = MemorySegment.ofArray(new byte[8192]);
    private int sequence;

    private void walk(RtnetlinkServer kernel, RtnetlinkServer ours) throws IOException {
        List<String> differences = new ArrayList<>();
        for (int step = 0; step < STEPS; step++) {
            String what = next();
            int theirs = errno(kernel.exchange(copy()));
            int mine = errno(ours.exchange(copy()));
            if (theirs != mine) {
                differences.add("step " + step + " " + what + ": kernel " + theirs + ", ours " + mine);
            }
            if (step % 25 == 24 || theirs != mine) {
                compare(step + " " + what, kernel, ours, differences);
            }
            if (differences.size() > 12) {
                break;
            }
        }
        assertThat(differences).isEmpty();
    }

    /// The request in octets that both get.
    private MemorySegment copy() {
        Arena arena = Arena.ofAuto();
        int length = request.get(ValueLayout.JAVA_INT_UNALIGNED, 0);
        MemorySegment s = arena.allocate(length, 8);
        return s.copyFrom(request.asSlice(0, length));
    }

    private void write(int type, int flags, MessageWriter.Body body) {
        new MessageWriter(request).message(type, Netlink.NLM_F_REQUEST | flags, ++sequence, 0, body);
    }

    private int pick(int... of) {
        return of[random.nextInt(of.length)];
    }

    private String pick(String... of) {
        return of[random.nextInt(of.length)];
    }

    /// Writes the next request and says what it is.
    private String next() {
        int i = random.nextInt(LINKS);
        int index = random.nextInt(20) == 0 ? 999 : FIRST_INDEX + i;
        return switch (random.nextInt(12)) {
            case 0 -> create(i);
            case 1 -> random.nextInt(4) == 0 ? delete(index) : up(index);
            case 2 -> random.nextInt(3) == 0 ? down(index) : up(index);
            case 3 ->
                switch (random.nextInt(4)) {
                    case 0 -> hardwareAddress(index);
                    case 1 -> arp(index);
                    default -> mtu(index);
                };
            case 4, 5 -> address(index, i, Rtnetlink.RTM_NEWADDR);
            case 6 -> address(index, i, Rtnetlink.RTM_DELADDR);
            case 7, 8 -> route(index, i);
            case 9 -> deleteRoute(index, i);
            case 10 -> lookup();
            default -> neighbour(index, i);
        };
    }

    private String create(int i) {
        byte[] mac = {2, 0, 0, 0, 0, (byte) i};
        int flags = pick(
                Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL,
                Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL,
                Netlink.NLM_F_CREATE,
                0);
        String kind = random.nextInt(12) == 0 ? pick("nonsense", "tun") : LinkInfo.VETH;
        LinkInfo info = kind.equals(LinkInfo.VETH) ? LinkInfo.veth(LinkMessage.of("p" + i)) : LinkInfo.of(kind);
        write(
                Rtnetlink.RTM_NEWLINK,
                flags | Netlink.NLM_F_ACK,
                LinkMessage.builder()
                        .index(FIRST_INDEX + i)
                        .name("d" + i)
                        .address(OctetString.of(mac))
                        .info(info)
                        .build());
        return "create d" + i + " " + kind + " " + flags;
    }

    private String delete(int index) {
        write(Rtnetlink.RTM_DELLINK, Netlink.NLM_F_ACK, LinkMessage.of(index));
        return "delete " + index;
    }

    private String up(int index) {
        write(
                Rtnetlink.RTM_NEWLINK,
                Netlink.NLM_F_ACK,
                LinkMessage.builder()
                        .index(index)
                        .flags(IfLink.IFF_UP, IfLink.IFF_UP)
                        .build());
        return "up " + index;
    }

    private String down(int index) {
        write(
                Rtnetlink.RTM_NEWLINK,
                Netlink.NLM_F_ACK,
                LinkMessage.builder().index(index).flags(0, IfLink.IFF_UP).build());
        return "down " + index;
    }

    private String mtu(int index) {
        int mtu = pick(1500, 1400, 9000, 1280);
        write(
                Rtnetlink.RTM_NEWLINK,
                Netlink.NLM_F_ACK,
                LinkMessage.builder().index(index).mtu(mtu).build());
        return "mtu " + index + " " + mtu;
    }

    private String hardwareAddress(int index) {
        OctetString mac = OctetString.of(new byte[] {(byte) pick(2, 2, 6, 1), 0, 0, 0, 0, 7});
        write(
                Rtnetlink.RTM_NEWLINK,
                Netlink.NLM_F_ACK,
                LinkMessage.builder().index(index).address(mac).build());
        return "address " + mac + " of " + index;
    }

    private String arp(int index) {
        int flags = pick(0, IfLink.IFF_NOARP);
        write(
                Rtnetlink.RTM_NEWLINK,
                Netlink.NLM_F_ACK,
                LinkMessage.builder()
                        .index(index)
                        .flags(flags, IfLink.IFF_NOARP)
                        .build());
        return "flags " + flags + " of " + index;
    }

    private String address(int index, int i, int type) {
        String text = pick("10." + i + ".0.1", "10." + i + ".0.2", "10." + i + ".1.1");
        int length = text.endsWith(".1.1") ? pick(24, 31, 32) : pick(24, 24, 24, 16, 25, 33);
        int flags = type == Rtnetlink.RTM_NEWADDR
                ? pick(
                        Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL,
                        Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL,
                        Netlink.NLM_F_CREATE | Netlink.NLM_F_REPLACE)
                : 0;
        write(type, flags | Netlink.NLM_F_ACK, AddressMessage.of(index, IpAddress.parse(text), length, 0));
        return (type == Rtnetlink.RTM_NEWADDR ? "add " : "del ") + text + "/" + length + " dev " + index + " " + flags;
    }

    private RouteMessage.Builder routeTo() {
        IpPrefix to = IpPrefix.parse(pick("20.0.0.0/8", "20.1.0.0/16", "20.1.2.0/24", "0.0.0.0/0", "20.1.2.3/32"));
        RouteMessage.Builder b = RouteMessage.builder(Netlink.AF_INET);
        if (to.length() > 0) {
            b.destination(to.address(), to.length());
        } else if (random.nextInt(4) == 0) {
            b.destination(IpAddress.parse("20.1.2.3"), 24);
        }
        return b;
    }

    private String route(int index, int i) {
        RouteMessage.Builder b = routeTo();
        int flags = pick(
                Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL,
                Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL,
                Netlink.NLM_F_CREATE | Netlink.NLM_F_REPLACE,
                Netlink.NLM_F_CREATE | Netlink.NLM_F_APPEND,
                Netlink.NLM_F_CREATE,
                Netlink.NLM_F_REPLACE);
        if (random.nextInt(3) == 0) {
            b.priority(5);
        }
        switch (random.nextInt(5)) {
            case 0 -> b.type(pick(Rtnetlink.RTN_BLACKHOLE, Rtnetlink.RTN_PROHIBIT, Rtnetlink.RTN_UNREACHABLE));
            case 1 -> b.device(index).scope(Rtnetlink.RT_SCOPE_LINK);
            case 2 -> b.gateway(IpAddress.parse("10." + i + ".0.9")).device(index);
            case 3 -> b.gateway(IpAddress.parse("10." + i + ".0.9")).flags(pick(0, Rtnetlink.RTNH_F_ONLINK));
            default -> b.gateway(IpAddress.parse(pick("10." + i + ".0.9", "10." + i + ".0.1", "99.0.0.1")));
        }
        if (random.nextInt(6) == 0) {
            b.preferredSource(IpAddress.parse("10." + i + ".0.1"));
        }
        write(Rtnetlink.RTM_NEWROUTE, flags | Netlink.NLM_F_ACK, b.build());
        return "route " + flags + " " + b.build();
    }

    private String deleteRoute(int index, int i) {
        RouteMessage.Builder b = routeTo().protocol(0).scope(Rtnetlink.RT_SCOPE_NOWHERE);
        if (random.nextBoolean()) {
            b.type(Rtnetlink.RTN_UNSPEC);
        }
        if (random.nextInt(4) == 0) {
            b.device(index);
        }
        if (random.nextInt(4) == 0) {
            b.gateway(IpAddress.parse("10." + i + ".0.9"));
        }
        write(Rtnetlink.RTM_DELROUTE, Netlink.NLM_F_ACK, b.build());
        return "delete route " + b.build();
    }

    private String lookup() {
        String to = pick("20.1.2.3", "20.9.9.9", "10.0.0.7", "10.1.0.1", "10.2.0.255", "99.9.9.9");
        write(Rtnetlink.RTM_GETROUTE, 0, RouteMessage.lookup(IpAddress.parse(to), java.util.Optional.empty()));
        return "lookup " + to;
    }

    private String neighbour(int index, int i) {
        IpAddress address = IpAddress.parse("10." + i + "." + random.nextInt(2) + ".77");
        if (random.nextInt(3) == 0) {
            write(Rtnetlink.RTM_DELNEIGH, Netlink.NLM_F_ACK, NeighbourMessage.of(index, address));
            return "delete neighbour " + address + " " + index;
        }
        int flags = pick(Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL, Netlink.NLM_F_CREATE | Netlink.NLM_F_REPLACE, 0);
        OctetString mac = OctetString.of(new byte[] {2, 0, 0, 0, 0, 9});
        write(Rtnetlink.RTM_NEWNEIGH, flags | Netlink.NLM_F_ACK, NeighbourMessage.permanent(index, address, mac));
        return "neighbour " + address + " " + index + " " + flags;
    }

    // ---- Answers

    private static int errno(List<byte[]> answers) {
        for (byte[] answer : answers) {
            MessageReader m = new MessageReader(MemorySegment.ofArray(answer), 0, answer.length);
            while (m.next()) {
                if (m.type() == Netlink.NLMSG_ERROR) {
                    return ErrorMessage.read(m).errno();
                }
            }
        }
        return answers.isEmpty() ? -1 : 0;
    }

    /// The loopback and the other ends, which get numbers of their own.
    private static boolean isOther(int index) {
        return index < FIRST_INDEX || index >= FIRST_INDEX + LINKS;
    }

    private void compare(String when, RtnetlinkServer kernel, RtnetlinkServer ours, List<String> differences)
            throws IOException {
        compare(when, kernel, ours, differences, Rtnetlink.RTM_GETLINK, LinkMessage.of(0), m -> {
            LinkMessage l = LinkMessage.read(m);
            int flags = l.flags() & (IfLink.IFF_UP | IfLink.IFF_NOARP | IfLink.IFF_BROADCAST | IfLink.IFF_MULTICAST);
            return isOther(l.index())
                    ? null
                    : l.name() + " " + l.index() + " " + l.mtu() + " " + l.transmitQueueLength() + " " + flags + " "
                            + l.kind() + " " + l.address() + " " + l.hardwareType();
        });
        compare(when, kernel, ours, differences, Rtnetlink.RTM_GETADDR, AddressMessage.ofFamily(0), m -> {
            AddressMessage a = AddressMessage.read(m);
            return isOther(a.index()) || a.family() != Netlink.AF_INET
                    ? null
                    : a + " " + a.scope() + " " + a.flags() + " " + a.label() + " " + a.peer() + " " + a.broadcast();
        });
        RouteMessage all = RouteMessage.builder(Netlink.AF_INET).table(0).build();
        compare(when, kernel, ours, differences, Rtnetlink.RTM_GETROUTE, all, m -> {
            RouteMessage r = RouteMessage.read(m);
            return r.family() != Netlink.AF_INET
                    ? null
                    : r.type() + " " + r.destination() + "/" + r.destinationLength() + " table " + r.table() + " via "
                            + r.gateway() + " dev " + r.device() + " metric " + r.priority() + " scope " + r.scope()
                            + " proto " + r.protocol() + " src " + r.preferredSource();
        });
        NeighbourMessage any = NeighbourMessage.ofFamily(Netlink.AF_INET);
        compare(when, kernel, ours, differences, Rtnetlink.RTM_GETNEIGH, any, m -> {
            NeighbourMessage n = NeighbourMessage.read(m);
            return isOther(n.index()) || n.family() != Netlink.AF_INET
                    ? null
                    : n.destination() + " dev " + n.index() + " " + n.linkAddress() + " state " + n.state() + " "
                            + n.flags();
        });
    }

    private void compare(
            String when,
            RtnetlinkServer kernel,
            RtnetlinkServer ours,
            List<String> differences,
            int type,
            MessageWriter.Body body,
            Function<MessageReader, String> text)
            throws IOException {
        write(type, Netlink.NLM_F_DUMP, body);
        List<String> theirs = read(kernel.exchange(copy()), text);
        List<String> mine = read(ours.exchange(copy()), text);
        List<String> only = new ArrayList<>(theirs);
        only.removeAll(mine);
        List<String> onlyMine = new ArrayList<>(mine);
        onlyMine.removeAll(theirs);
        if (!only.isEmpty() || !onlyMine.isEmpty()) {
            differences.add("after " + when + ": only the kernel has " + only + ", only ours has " + onlyMine);
        }
    }

    private static List<String> read(List<byte[]> answers, Function<MessageReader, String> text) {
        List<String> all = new ArrayList<>();
        for (byte[] answer : answers) {
            MessageReader m = new MessageReader(MemorySegment.ofArray(answer), 0, answer.length);
            while (m.next()) {
                String line = m.type() == Netlink.NLMSG_DONE ? null : text.apply(m);
                if (line != null) {
                    all.add(line);
                }
            }
        }
        return all;
    }
}
