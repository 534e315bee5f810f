package adit.netns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adit.linux.Netns;
import adit.netlink.AddressMessage;
import adit.netlink.IfLink;
import adit.netlink.LinkInfo;
import adit.netlink.LinkMessage;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.NeighbourMessage;
import adit.netlink.Netlink;
import adit.netlink.OctetString;
import adit.netlink.RouteHop;
import adit.netlink.RouteMessage;
import adit.netlink.Rtnetlink;
import adit.port.VirtualTime;
import adit.wire.IpAddress;
import adit.wire.IpPrefix;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Requests for tables, right and wrong in every field, to the running kernel and to a namespace in memory, with
/// NETLINK_GET_STRICT_CHK and without: the same rows, marked as filtered or not, and the same end, octet for octet with
/// its words, the place of the attribute to blame, and what should have been there.
///
/// Not asked for: forwarding tables of bridges, which are not modelled, and labels, which this kernel may lack.
class DumpRequestsAgainstKernelTest {
    private static final int LINK = 100;
    private static final int PEER = 101;
    private static final int ABSENT_LINK = 99;
    private static final int SMALL_TABLE = 77;
    private static final int CREATE = Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL;
    private static final int NODAD = 2;
    private static final int HEADER = 16;
    private static final int AF_UNIX = 1;
    private static final int NUD_NOARP = 0x40;
    private static final int PAIRS = Integer.getInteger("dump.pairs", 600);
    private static final int MOST_TOLD = 12;
    /// The kernel hears of carriers later, and then of what IPv6 makes of them.
    private static final int PATIENCE_SECONDS = 20;

    /// A kind of request: its type, the length of its fixed part, and how many attributes it knows.
    private record Kind(String name, int type, int fixed, int attributes) {}

    private static final List<Kind> KINDS = List.of(
            new Kind("link", Rtnetlink.RTM_GETLINK, 16, 69),
            new Kind("address", Rtnetlink.RTM_GETADDR, 8, 11),
            new Kind("route", Rtnetlink.RTM_GETROUTE, 12, 31),
            new Kind("neighbour", Rtnetlink.RTM_GETNEIGH, 12, 17));

    private record Side(RtnetlinkServer server, RtnetlinkClient client) {}

    private final Map<String, byte[]> requests = new LinkedHashMap<>();
    private final List<String> differences = new ArrayList<>();

    @Test
    void answersAsTheKernelDoes() throws Exception {
        assumeTrue(System.getProperty("os.version").startsWith("6.18."), "needs Linux 6.18, which this follows");
        Needs.namespaces();
        KINDS.forEach(this::requests);
        pairs();
        try (Netns kernel = Netns.create();
                Namespace memory =
                        Namespace.builder().time(new VirtualTime()).seed(1).open();
                NetlinkSession session = memory.netlink()) {
            kernel.call(() -> {
                try (KernelRtnetlink socket = new KernelRtnetlink()) {
                    Side theirs = new Side(socket, new RtnetlinkClient(socket, _ -> {}));
                    RtnetlinkServer server = RtnetlinkServer.of(session);
                    Side mine = new Side(server, new RtnetlinkClient(server, _ -> {}));
                    make(theirs.client);
                    make(mine.client);
                    for (int strict : new int[] {0, 1}) {
                        for (int explained : new int[] {1, 0}) {
                            int[][] options = {
                                {Netlink.NETLINK_GET_STRICT_CHK, strict},
                                {Netlink.NETLINK_EXT_ACK, explained},
                                {Netlink.NETLINK_CAP_ACK, explained}
                            };
                            for (int[] option : options) {
                                assertThat(socket.option(option[0], option[1])).isZero();
                                session.option(option[0], option[1]);
                            }
                            compare("strict " + strict + " explained " + explained, theirs, mine);
                        }
                    }
                }
                return null;
            });
        }
        assertThat(differences).isEmpty();
    }

    // ---- What there is to tell

    private static void make(RtnetlinkClient c) throws IOException {
        LinkMessage peer = LinkMessage.builder()
                .index(PEER)
                .name("l1")
                .address(OctetString.of(new byte[] {2, 0, 0, 0, 0, 2}))
                .build();
        c.request(
                Rtnetlink.RTM_NEWLINK,
                CREATE,
                LinkMessage.builder()
                        .index(LINK)
                        .name("l0")
                        .address(OctetString.of(new byte[] {2, 0, 0, 0, 0, 1}))
                        .info(LinkInfo.veth(peer))
                        .build());
        for (int link : List.of(1, PEER, LINK)) {
            c.change(LinkMessage.builder()
                    .index(link)
                    .flags(IfLink.IFF_UP, IfLink.IFF_UP)
                    .build());
        }
        address(c, LINK, "10.0.0.1", 24);
        address(c, PEER, "10.0.1.1", 24);
        address(c, LINK, "2001:db8::1", 64);
        route(c, "10.9.0.0/16", Rtnetlink.RT_TABLE_MAIN, "10.0.0.2", Rtnetlink.RTPROT_BOOT);
        route(c, "10.10.0.0/16", SMALL_TABLE, "10.0.0.2", Rtnetlink.RTPROT_STATIC);
        route(c, "2001:db8:9::/48", Rtnetlink.RT_TABLE_MAIN, "2001:db8::2", Rtnetlink.RTPROT_STATIC);
        for (String to : List.of("10.11.0.0/16", "2001:db8:b::/48")) {
            IpPrefix prefix = IpPrefix.parse(to);
            c.request(
                    Rtnetlink.RTM_NEWROUTE,
                    CREATE,
                    RouteMessage.builder(family(to))
                            .type(Rtnetlink.RTN_UNREACHABLE)
                            .destination(prefix.address(), prefix.length())
                            .build());
        }
        IpPrefix shared = IpPrefix.parse("10.12.0.0/16");
        RouteMessage twoHops = RouteMessage.builder(Netlink.AF_INET)
                .destination(shared.address(), shared.length())
                .build();
        c.request(Rtnetlink.RTM_NEWROUTE, CREATE, w -> {
            twoHops.writeTo(w);
            w.nested(Rtnetlink.RTA_MULTIPATH, all -> {
                hop(all, LINK, "10.0.0.2");
                hop(all, PEER, "10.0.1.2");
            });
        });
        OctetString mac = OctetString.of(new byte[] {2, 0, 0, 0, 0, 9});
        neighbour(c, LINK, "10.0.0.7", mac);
        neighbour(c, PEER, "10.0.1.7", mac);
        neighbour(c, LINK, "2001:db8::7", mac);
    }

    private static void hop(MessageWriter w, int link, String gateway) {
        byte[] octets = AddressRequests.octets(IpAddress.parse(gateway));
        RouteHop.write(w, 0, 1, link, h -> h.octets(Rtnetlink.RTA_GATEWAY, octets));
    }

    private static int family(String address) {
        return address.indexOf(':') < 0 ? Netlink.AF_INET : Netlink.AF_INET6;
    }

    private static void address(RtnetlinkClient c, int link, String address, int length) throws IOException {
        c.request(Rtnetlink.RTM_NEWADDR, CREATE, AddressMessage.of(link, IpAddress.parse(address), length, NODAD));
    }

    private static void route(RtnetlinkClient c, String to, int table, String gateway, int protocol)
            throws IOException {
        IpPrefix prefix = IpPrefix.parse(to);
        c.request(
                Rtnetlink.RTM_NEWROUTE,
                CREATE,
                RouteMessage.builder(family(to))
                        .table(table)
                        .protocol(protocol)
                        .device(LINK)
                        .destination(prefix.address(), prefix.length())
                        .gateway(IpAddress.parse(gateway))
                        .build());
    }

    private static void neighbour(RtnetlinkClient c, int link, String address, OctetString mac) throws IOException {
        c.request(Rtnetlink.RTM_NEWNEIGH, CREATE, NeighbourMessage.permanent(link, IpAddress.parse(address), mac));
    }

    // ---- Requests

    private void requests(Kind kind) {
        for (int family : families(kind)) {
            String name = kind.name + " of family " + family;
            byte[] header = header(kind, family);
            for (int length = 0; length <= kind.fixed; length++) {
                add(name + " cut to " + length, kind, Arrays.copyOf(header, length));
            }
            for (int i = 1; i < kind.fixed; i++) {
                for (int value : new int[] {1, 2, 4, 7, 8, SMALL_TABLE, 78, LINK, ABSENT_LINK, 254, 255}) {
                    byte[] changed = header.clone();
                    changed[i] = (byte) value;
                    add(name + " octet " + i + " is " + value, kind, changed);
                }
            }
            for (int left = 1; left < 4; left++) {
                add(name + " and " + left + " octets", kind, Arrays.copyOf(header, kind.fixed + left));
            }
            add(name + " and a lie", kind, with(header, new byte[] {40, 0, 15, 0, 1, 0, 0, 0}));
            add(name + " and no attribute", kind, with(header, new byte[] {3, 0, 15, 0}));
            attributes(kind, name, header);
        }
    }

    private static int[] families(Kind kind) {
        return kind.type == Rtnetlink.RTM_GETLINK
                ? new int[] {Netlink.AF_UNSPEC, Netlink.AF_INET, Netlink.AF_INET6, Netlink.AF_BRIDGE, AF_UNIX, 255}
                : new int[] {Netlink.AF_UNSPEC, Netlink.AF_INET, Netlink.AF_INET6, AF_UNIX, 255};
    }

    private static byte[] header(Kind kind, int family) {
        byte[] header = new byte[kind.fixed];
        header[0] = (byte) family;
        return header;
    }

    private void attributes(Kind kind, String name, byte[] header) {
        for (int type = 0; type <= kind.attributes + 2; type++) {
            for (int length : new int[] {0, 1, 2, 3, 4, 5, 8, 15, 16, 17, 32, 33, 128, 129, 256}) {
                byte[] payload = new byte[length];
                Arrays.fill(payload, (byte) 'a');
                add(name + " attribute " + type + " of " + length, kind, with(header, attribute(type, payload)));
            }
            for (int value : new int[] {0, 1, 2, 4, SMALL_TABLE, 78, LINK, PEER, ABSENT_LINK, 192, 193, -1}) {
                byte[] payload = {(byte) value, (byte) (value >> 8), (byte) (value >> 16), (byte) (value >> 24)};
                String said = name + " attribute " + type + " is " + value;
                add(said, kind, with(header, attribute(type, payload)));
                add(said + ", nested", kind, with(header, attribute(type | Netlink.NLA_F_NESTED, payload)));
                add(said + ", big-endian", kind, with(header, attribute(type | Netlink.NLA_F_NET_BYTEORDER, payload)));
            }
        }
        for (String of : List.of("veth", "veth\0", "nonsense", "")) {
            byte[] info = attribute(IfLink.IFLA_INFO_KIND, of.getBytes(StandardCharsets.US_ASCII));
            add(name + " of kind " + of.strip(), kind, with(header, attribute(IfLink.IFLA_LINKINFO, info)));
        }
    }

    /// Two attributes and perhaps something behind them.
    private void pairs() {
        Random random = new Random(Long.getLong("dump.seed", 7));
        for (int i = 0; i < PAIRS; i++) {
            Kind kind = KINDS.get(random.nextInt(KINDS.size()));
            int[] families = families(kind);
            byte[] header = header(kind, families[random.nextInt(families.length)]);
            if (random.nextInt(4) == 0) {
                header[1 + random.nextInt(kind.fixed - 1)] = (byte) random.nextInt(4);
            }
            byte[] one = attribute(1 + random.nextInt(kind.attributes + 1), new byte[random.nextInt(10)]);
            int[] sensible = {4, 8, 9, 10, 15, 29};
            byte[] value = {(byte) (random.nextBoolean() ? LINK : SMALL_TABLE), 0, 0, 0};
            byte[] two = attribute(sensible[random.nextInt(sensible.length)], value);
            byte[] both = random.nextBoolean() ? with(one, two) : with(two, one);
            add("pair " + i, kind, with(with(header, both), new byte[random.nextInt(3)]));
        }
    }

    private static byte[] attribute(int type, byte[] payload) {
        int length = 4 + payload.length;
        byte[] a = new byte[length + 3 & ~3];
        a[0] = (byte) length;
        a[1] = (byte) (length >> 8);
        a[2] = (byte) type;
        a[3] = (byte) (type >> 8);
        System.arraycopy(payload, 0, a, 4, payload.length);
        return a;
    }

    private static byte[] with(byte[] one, byte[] other) {
        byte[] both = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }

    private void add(String name, Kind kind, byte[] body) {
        for (int flags : requests.size() % 7 == 0
                ? new int[] {Netlink.NLM_F_ROOT, Netlink.NLM_F_MATCH | Netlink.NLM_F_ACK}
                : new int[] {Netlink.NLM_F_DUMP}) {
            MemorySegment s = MemorySegment.ofArray(new byte[HEADER + body.length + 4]);
            new MessageWriter(s).message(kind.type, Netlink.NLM_F_REQUEST | flags, requests.size() + 1, 0, w -> {
                for (byte octet : body) {
                    w.u8(octet);
                }
            });
            byte[] request = s.asSlice(0, HEADER + body.length).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
            requests.put(name + " flags " + flags, request);
        }
    }

    // ---- Answers

    private void compare(String setting, Side theirs, Side mine) throws Exception {
        long end = System.nanoTime() + PATIENCE_SECONDS * 1_000_000_000L;
        for (Map.Entry<String, byte[]> request : requests.entrySet()) {
            List<String> ours = ask(mine, request.getValue());
            List<String> expected = ask(theirs, request.getValue());
            while (!ours.equals(expected) && System.nanoTime() < end) {
                Thread.sleep(50);
                expected = ask(theirs, request.getValue());
            }
            if (!ours.equals(expected)) {
                differences.add(setting + ", " + request.getKey() + ": kernel " + expected + ", ours " + ours);
            }
            if (differences.size() >= MOST_TOLD) {
                return;
            }
        }
    }

    private static List<String> ask(Side side, byte[] request) throws IOException {
        MemorySegment s = Arena.ofAuto().allocate(request.length, 8);
        MemorySegment.copy(request, 0, s, java.lang.foreign.ValueLayout.JAVA_BYTE, 0, request.length);
        List<String> answers = new ArrayList<>();
        for (byte[] datagram : side.server.exchange(s)) {
            MessageReader m = new MessageReader(MemorySegment.ofArray(datagram), 0, datagram.length);
            while (m.next()) {
                String text = text(m);
                if (!text.isEmpty()) {
                    answers.add(text);
                }
            }
        }
        sortNeighbours(answers);
        return answers;
    }

    /// Neighbours stand in a hash table of the kernel's, in no order.
    private static void sortNeighbours(List<String> answers) {
        String row = Rtnetlink.RTM_NEWNEIGH + " ";
        int rows = (int) answers.stream().takeWhile(a -> a.startsWith(row)).count();
        answers.subList(0, rows).sort(null);
    }

    /// Nothing for what IPv6 brings to each link, which stands as they got their carriers. Of links and neighbours what
    /// they are and no more: the rest is other tests' matter.
    private static String text(MessageReader m) {
        String head = m.type() + " flags " + Integer.toHexString(m.flags()) + " ";
        byte[] octets = m.octets();
        byte[] body = Arrays.copyOfRange(octets, HEADER, octets.length);
        return switch (m.type()) {
            case Rtnetlink.RTM_NEWLINK -> head + m.u8(0) + " " + m.i32(4);
            case Rtnetlink.RTM_NEWADDR -> head + AddressMessage.read(m).local() + " " + m.i32(4);
            case Rtnetlink.RTM_NEWNEIGH -> {
                NeighbourMessage n = NeighbourMessage.read(m);
                yield n.state() == NUD_NOARP ? "" : head + n.destination() + " " + n.index() + " " + n.state();
            }
            case Rtnetlink.RTM_NEWROUTE -> {
                boolean isOfEachLink = RouteMessage.read(m)
                        .destination()
                        .filter(d -> d.isMulticast() || d.isLinkLocal())
                        .isPresent();
                yield isOfEachLink ? "" : head + HexFormat.of().formatHex(body);
            }
            default -> head + HexFormat.of().formatHex(body);
        };
    }
}
