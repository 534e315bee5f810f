package adit.netns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adit.linux.Netns;
import adit.netlink.AddressMessage;
import adit.netlink.AttributeReader;
import adit.netlink.ErrorMessage;
import adit.netlink.IfLink;
import adit.netlink.LinkInfo;
import adit.netlink.LinkMessage;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import adit.netlink.OctetString;
import adit.netlink.RouteMessage;
import adit.netlink.Rtnetlink;
import adit.port.VirtualTime;
import adit.wire.IpAddress;
import adit.wire.IpPrefix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Every combination of some sources, destinations and devices: the running kernel and a namespace in memory with the
/// same links, addresses and routes tell the same way, octet for octet, or the same error. Of packets made here
/// (`ip route get ... oif`) and of packets that come in (`ip route get ... iif`), of a host and of a router.
class RouteLookupAgainstKernelTest {
    private static final int LOOPBACK = 1;
    /// Up, with addresses.
    private static final int NEAR = 100;
    /// Up, with addresses, and the way to others.
    private static final int FAR = 101;
    /// Up, without addresses.
    private static final int BARE = 102;
    /// Down.
    private static final int DOWN = 103;

    private static final int IFA_F_NODAD = 2;
    private static final int IFA_F_TENTATIVE = 0x40;
    private static final int PATIENCE_SECONDS = 30;
    private static final int NOWHERE = 999;
    private static final int NONE = 0;
    private static final int CREATE = Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL;
    private static final List<Integer> DEVICES = List.of(LOOPBACK, NEAR, FAR, BARE, DOWN, NOWHERE);
    /// Where the error and the time that is left stand in `struct rta_cacheinfo`; the rest says how often it was used.
    private static final int CACHE_EXPIRES = 8;

    private static final List<String> SOURCES_4 = List.of(
            "0.0.0.0",
            "10.0.0.1",
            "10.0.0.2",
            "10.0.1.1",
            "10.0.1.7",
            "10.0.0.255",
            "20.0.0.9",
            "30.0.0.9",
            "40.0.0.1",
            "50.0.0.1",
            "0.0.0.9",
            "127.0.0.1",
            "127.0.0.9",
            "224.0.0.1",
            "255.255.255.255");
    private static final List<String> DESTINATIONS_4 = List.of(
            "10.0.0.1",
            "10.0.0.2",
            "10.0.0.255",
            "10.0.1.1",
            "10.0.1.7",
            "20.0.0.9",
            "30.0.0.9",
            "31.0.0.9",
            "32.0.0.9",
            "33.0.0.9",
            "40.0.0.1",
            "50.0.0.1",
            "60.0.0.1",
            "70.0.0.1",
            "0.0.0.0",
            "0.0.0.9",
            "127.0.0.1",
            "224.0.0.1",
            "224.0.0.9",
            "239.1.2.3",
            "255.255.255.255");
    private static final List<String> SOURCES_6 =
            List.of("::", "2001:db8::1", "2001:db8::2", "2001:db8:1::7", "fe80::1", "::1", "ff02::1");
    private static final List<String> DESTINATIONS_6 = List.of(
            "2001:db8::1",
            "2001:db8::2",
            "2001:db8:1::1",
            "2001:db8:1::7",
            "2001:db8:2::9",
            "2001:db8:3::9",
            "2001:db8:4::9",
            "2001:db8:5::9",
            "2001:db8:6::9",
            "2001:db8:7::9",
            "2001:db8:8::9",
            "3fff::1",
            "fe80::9",
            "fe80::ff:fe00:10",
            "::1",
            "ff02::1",
            "ff0e::9");

    private Netns kernel;
    private Namespace ours;
    private NetlinkSession session;

    @BeforeEach
    void open() throws Exception {
        assumeTrue(System.getProperty("os.version").startsWith("6.18."), "needs Linux 6.18, which this follows");
        Needs.namespaces();
        kernel = Netns.create();
        ours = Namespace.builder().time(new VirtualTime()).seed(1).open();
        session = ours.netlink();
        kernel.call(() -> {
            set("ipv4/conf/all/rp_filter", "0");
            set("ipv4/conf/default/rp_filter", "0");
            set("ipv6/conf/default/accept_dad", "0");
            set("ipv6/conf/default/router_solicitations", "0");
            try (KernelRtnetlink server = new KernelRtnetlink()) {
                configure(new RtnetlinkClient(server, _ -> {}));
            }
            return null;
        });
        configure(new RtnetlinkClient(RtnetlinkServer.of(session), _ -> {}));
        forwarding("0");
        settle();
    }

    /// The kernel hears of carriers later, and gives link-local addresses then. An address is usable before its route
    /// is there.
    private void settle() throws Exception {
        RtnetlinkServer here = RtnetlinkServer.of(session);
        List<Integer> expected = List.of(usable(here), local(here));
        kernel.call(() -> {
            try (KernelRtnetlink server = new KernelRtnetlink()) {
                long end = System.nanoTime() + PATIENCE_SECONDS * 1_000_000_000L;
                while (!List.of(usable(server), local(server)).equals(expected) && System.nanoTime() < end) {
                    Thread.sleep(20);
                }
                assertThat(List.of(usable(server), local(server)))
                        .as("addresses of IPv6, and routes to this host")
                        .isEqualTo(expected);
            }
            return null;
        });
    }

    /// How many addresses of IPv6 nobody else is asked for any more.
    private static int usable(RtnetlinkServer server) throws IOException {
        List<AddressMessage> found = new ArrayList<>();
        new RtnetlinkClient(server, _ -> {})
                .exchange(Rtnetlink.RTM_GETADDR, Netlink.NLM_F_DUMP, AddressMessage.ofFamily(Netlink.AF_INET6), m -> {
                    if (m.type() == Rtnetlink.RTM_NEWADDR) {
                        found.add(AddressMessage.read(m));
                    }
                });
        return (int)
                found.stream().filter(a -> (a.flags() & IFA_F_TENTATIVE) == 0).count();
    }

    /// How many routes of IPv6 lead to this host.
    private static int local(RtnetlinkServer server) throws IOException {
        List<RouteMessage> found = new ArrayList<>();
        new RtnetlinkClient(server, _ -> {})
                .exchange(
                        Rtnetlink.RTM_GETROUTE,
                        Netlink.NLM_F_DUMP,
                        RouteMessage.builder(Netlink.AF_INET6).table(0).build(),
                        m -> {
                            if (m.type() == Rtnetlink.RTM_NEWROUTE) {
                                found.add(RouteMessage.read(m));
                            }
                        });
        return (int) found.stream().filter(r -> r.type() == Rtnetlink.RTN_LOCAL).count();
    }

    @AfterEach
    void close() throws Exception {
        if (kernel != null) {
            session.close();
            ours.close();
            kernel.close();
        }
    }

    @Test
    void tellsTheWaysOfPacketsThatComeIntoAHost() throws Exception {
        compareInbound();
    }

    @Test
    void tellsTheWaysOfPacketsThatComeIntoARouter() throws Exception {
        forwarding("1");
        compareInbound();
    }

    @Test
    void looksAtTheWayBackOnceSomebodyMadeLocalRoutesOfHisOwn() throws Exception {
        forwarding("1");
        both(client -> client.request(
                Rtnetlink.RTM_NEWROUTE,
                CREATE,
                RouteMessage.builder(Netlink.AF_INET)
                        .destination(IpAddress.parse("60.0.0.1"), Integer.SIZE)
                        .table(255)
                        .type(Rtnetlink.RTN_LOCAL)
                        .scope(Rtnetlink.RT_SCOPE_HOST)
                        .device(NEAR)
                        .build()));
        compareInbound();
    }

    @Test
    void tellsTheWaysOfPacketsMadeHere() throws Exception {
        List<Question> questions = new ArrayList<>();
        for (int device : DEVICES) {
            questions.addAll(questions(Rtnetlink.RTA_OIF, device));
        }
        questions(Rtnetlink.RTA_OIF, NONE).stream()
                .filter(Question::needsNoLink)
                .forEach(questions::add);
        compare(questions);
    }

    private void compareInbound() throws Exception {
        List<Question> questions = new ArrayList<>();
        for (int device : DEVICES) {
            questions.addAll(questions(Rtnetlink.RTA_IIF, device));
        }
        compare(questions);
    }

    private record Question(String text, MessageWriter.Body body) {
        /// Which link an address means that each of them has, is decided by when they got a carrier.
        private boolean needsNoLink() {
            return !text.startsWith("f");
        }
    }

    private static List<Question> questions(int attribute, int device) {
        List<Question> all = new ArrayList<>();
        SOURCES_4.forEach(from -> DESTINATIONS_4.forEach(to -> questions(from, to, attribute, device, all)));
        SOURCES_6.forEach(from -> DESTINATIONS_6.forEach(to -> questions(from, to, attribute, device, all)));
        return all;
    }

    private static void questions(String from, String to, int attribute, int device, List<Question> all) {
        IpAddress source = IpAddress.parse(from);
        IpAddress destination = IpAddress.parse(to);
        RouteMessage way = RouteMessage.lookup(destination, Optional.of(source).filter(a -> !a.isUnspecified()));
        String text = to + " from " + from + (attribute == Rtnetlink.RTA_IIF ? " iif " : " oif ") + device;
        all.add(new Question(text, w -> {
            way.writeTo(w);
            w.i32(attribute, device);
            w.i32(Rtnetlink.RTA_MARK, 7);
        }));
        RouteMessage route = RouteMessage.builder(way.family())
                .destination(destination, way.destinationLength())
                .flags(Rtnetlink.RTM_F_FIB_MATCH | Rtnetlink.RTM_F_LOOKUP_TABLE)
                .build();
        all.add(new Question(text + " fibmatch", w -> {
            route.writeTo(w);
            way.source().ifPresent(a -> w.octets(Rtnetlink.RTA_SRC, octets(a)));
            w.i32(attribute, device);
        }));
    }

    // ---- What is there

    private interface Setup {
        void run(RtnetlinkClient client) throws IOException;
    }

    private void both(Setup setup) throws Exception {
        kernel.call(() -> {
            try (KernelRtnetlink server = new KernelRtnetlink()) {
                setup.run(new RtnetlinkClient(server, _ -> {}));
            }
            return null;
        });
        setup.run(new RtnetlinkClient(RtnetlinkServer.of(session), _ -> {}));
    }

    private void forwarding(String on) throws Exception {
        kernel.call(() -> {
            set("ipv4/ip_forward", on);
            set("ipv6/conf/all/forwarding", on);
            return null;
        });
        ours.ip().forwarding(on.equals("1"));
    }

    private static void set(String name, String value) throws IOException {
        Files.writeString(Path.of("/proc/sys/net/" + name), value);
    }

    private static void configure(RtnetlinkClient client) throws IOException {
        up(client, LOOPBACK);
        // The other end comes first, as its number does.
        pair(client, FAR, 0x11, NEAR, 0x10);
        pair(client, DOWN, 0x13, BARE, 0x12);
        up(client, NEAR);
        up(client, FAR);
        up(client, BARE);
        address(client, NEAR, "10.0.0.1/24");
        address(client, FAR, "10.0.1.1/24");
        address(client, NEAR, "2001:db8::1/64");
        address(client, FAR, "2001:db8:1::1/64");
        route(client, "20.0.0.0/8", b -> b.gateway(IpAddress.parse("10.0.1.2")));
        route(client, "30.0.0.0/8", b -> b.type(Rtnetlink.RTN_UNREACHABLE));
        route(client, "31.0.0.0/8", b -> b.type(Rtnetlink.RTN_BLACKHOLE));
        route(client, "32.0.0.0/8", b -> b.type(Rtnetlink.RTN_PROHIBIT));
        route(client, "33.0.0.0/8", b -> b.type(Rtnetlink.RTN_THROW));
        route(client, "40.0.0.0/24", b -> b.device(NEAR).scope(Rtnetlink.RT_SCOPE_LINK));
        route(
                client,
                "50.0.0.0/8",
                b -> b.type(Rtnetlink.RTN_BROADCAST).device(FAR).scope(Rtnetlink.RT_SCOPE_LINK));
        route(
                client,
                "70.0.0.0/8",
                b -> b.gateway(IpAddress.parse("10.0.0.9")).preferredSource(IpAddress.parse("10.0.1.1")));
        route(client, "2001:db8:2::/64", b -> b.gateway(IpAddress.parse("2001:db8:1::2")));
        route(client, "2001:db8:3::/64", b -> b.type(Rtnetlink.RTN_UNREACHABLE));
        route(client, "2001:db8:4::/64", b -> b.type(Rtnetlink.RTN_BLACKHOLE));
        route(client, "2001:db8:5::/64", b -> b.type(Rtnetlink.RTN_PROHIBIT));
        route(client, "2001:db8:6::/64", b -> b.type(Rtnetlink.RTN_THROW));
        route(client, "2001:db8:7::/64", b -> b.device(NEAR));
        route(client, "2001:db8:7::/64", b -> b.device(FAR));
        route(client, "2001:db8:8::/64", b -> b.device(FAR).preferredSource(IpAddress.parse("2001:db8:1::1")));
    }

    private static void pair(RtnetlinkClient client, int index, int mac, int other, int otherMac) throws IOException {
        LinkMessage peer = LinkMessage.builder()
                .index(other)
                .name("d" + other)
                .address(mac(otherMac))
                .build();
        client.request(
                Rtnetlink.RTM_NEWLINK,
                CREATE,
                LinkMessage.builder()
                        .index(index)
                        .name("d" + index)
                        .address(mac(mac))
                        .info(LinkInfo.veth(peer))
                        .build());
    }

    private static OctetString mac(int last) {
        return OctetString.of(new byte[] {2, 0, 0, 0, 0, (byte) last});
    }

    private static void up(RtnetlinkClient client, int index) throws IOException {
        client.change(LinkMessage.builder()
                .index(index)
                .flags(IfLink.IFF_UP, IfLink.IFF_UP)
                .build());
    }

    private static void address(RtnetlinkClient client, int index, String text) throws IOException {
        IpPrefix link = IpPrefix.parse(text.substring(0, text.indexOf('/')));
        int length = Integer.parseInt(text.substring(text.indexOf('/') + 1));
        client.request(Rtnetlink.RTM_NEWADDR, CREATE, AddressMessage.of(index, link.address(), length, IFA_F_NODAD));
    }

    private interface Terms {
        RouteMessage.Builder of(RouteMessage.Builder b);
    }

    private static void route(RtnetlinkClient client, String to, Terms terms) throws IOException {
        IpPrefix prefix = IpPrefix.parse(to);
        int family = prefix.address().length() == Integer.BYTES ? Netlink.AF_INET : Netlink.AF_INET6;
        RouteMessage.Builder b = RouteMessage.builder(family).destination(prefix.address(), prefix.length());
        client.request(Rtnetlink.RTM_NEWROUTE, Netlink.NLM_F_CREATE, terms.of(b).build());
    }

    // ---- What is said

    private void compare(List<Question> questions) throws Exception {
        List<String> theirs = kernel.call(() -> {
            try (KernelRtnetlink server = new KernelRtnetlink()) {
                return answers(server, questions);
            }
        });
        List<String> mine = answers(RtnetlinkServer.of(session), questions);
        List<String> differences = new ArrayList<>();
        for (int i = 0; i < questions.size(); i++) {
            if (!theirs.get(i).equals(mine.get(i))) {
                differences.add(questions.get(i).text + "\n  kernel " + theirs.get(i) + "\n  ours   " + mine.get(i));
            }
        }
        assertThat(differences).isEmpty();
    }

    private static List<String> answers(RtnetlinkServer server, List<Question> questions) throws IOException {
        RtnetlinkClient client = new RtnetlinkClient(server, _ -> {});
        List<String> all = new ArrayList<>();
        for (Question question : questions) {
            List<String> said = new ArrayList<>();
            client.exchange(Rtnetlink.RTM_GETROUTE, 0, question.body, m -> said.add(text(m)));
            all.add(String.join(" + ", said));
        }
        return all;
    }

    private static String text(MessageReader m) {
        if (m.type() == Netlink.NLMSG_ERROR) {
            return "error " + ErrorMessage.read(m).errno();
        }
        StringBuilder header = new StringBuilder("type " + m.type() + " header ");
        for (int at = 0; at < RouteRequests.FIXED_LENGTH; at++) {
            header.append("%02x".formatted(m.u8(at)));
        }
        List<String> attributes = new ArrayList<>();
        AttributeReader a = m.attributes(RouteRequests.FIXED_LENGTH);
        while (a.next()) {
            byte[] octets = a.octets();
            String value = a.type() == Rtnetlink.RTA_CACHEINFO
                    ? octets.length + " octets, " + HexFormat.of().formatHex(octets, CACHE_EXPIRES, 2 * CACHE_EXPIRES)
                    : HexFormat.of().formatHex(octets);
            attributes.add(a.type() + "=" + value);
        }
        // Linux names a preferred source of IPv6 twice.
        return header + " " + attributes.stream().sorted().distinct().toList();
    }

    private static byte[] octets(IpAddress address) {
        return AddressRequests.octets(address);
    }
}
