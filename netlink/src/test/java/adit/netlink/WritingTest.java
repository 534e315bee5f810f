package adit.netlink;

import static adit.netlink.Captures.reader;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adit.wire.Ip4Address;
import adit.wire.IpAddress;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What we write against what the real `ip` wrote for the same request. The order of attributes means nothing, so both
/// sides are compared with their attributes sorted.
class WritingTest {
    private static final int REQUEST = Netlink.NLM_F_REQUEST | Netlink.NLM_F_ACK;
    private static final int CREATE = REQUEST | Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL;

    private static final Set<String> NESTED = Set.of("link/12", "link/12/2", "other/8", "other/8016");
    private static final Set<String> TEXTS = Set.of("link/3", "link/12/1", "link/12/2/1/3");

    private static IpAddress ip(String text) {
        return IpAddress.parse(text);
    }

    private static byte[] write(int type, int flags, int sequence, MessageWriter.Body body) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = arena.allocate(4096);
            s.fill((byte) 0xa5);
            MessageWriter w = new MessageWriter(s).message(type, flags, sequence, 0, body);
            byte[] octets = s.asSlice(0, w.length()).toArray(ValueLayout.JAVA_BYTE);
            assertThat(s.get(ValueLayout.JAVA_BYTE, w.length())).isEqualTo((byte) 0xa5);
            return octets;
        }
    }

    private static void assertLike(String capture, int type, int flags, int fixed, MessageWriter.Body body) {
        byte[] ours = write(type, flags, reader(capture).sequence(), body);
        assertThat(sorted(ours, 16 + fixed)).isEqualTo(sorted(Captures.octets(capture), 16 + fixed));
    }

    /// Header and fixed part as they are, attributes in the order of their octets. Nested ones are those that hold a
    /// name we know; a zero behind a name is optional.
    private static List<String> sorted(byte[] message, int attributes) {
        List<String> parts = attributes(message, attributes, message.length, attributes == 32 ? "link" : "other");
        Collections.sort(parts);
        // The length may differ by an optional zero and so is left out.
        parts.addFirst(HexFormat.of().formatHex(message, 4, attributes));
        return parts;
    }

    private static List<String> attributes(byte[] m, int from, int to, String path) {
        List<String> parts = new ArrayList<>();
        ByteBuffer b = ByteBuffer.wrap(m).order(ByteOrder.LITTLE_ENDIAN);
        int at = from;
        while (at < to) {
            int length = b.getShort(at) & 0xffff;
            int type = b.getShort(at + 2) & 0xffff;
            String name = path + "/" + Integer.toHexString(type);
            int fixed = name.equals("link/12/2/1") && length > 20 ? 16 : 0;
            if (fixed > 0 || (NESTED.contains(name) && length > 8)) {
                parts.add(name + " " + HexFormat.of().formatHex(m, at + 4, at + 4 + fixed));
                parts.addAll(attributes(m, at + 4 + fixed, at + length, name));
            } else {
                int end = at + length;
                boolean text = TEXTS.contains(name);
                while (text && m[end - 1] == 0) {
                    end--;
                }
                parts.add(name + " " + HexFormat.of().formatHex(m, at + 4, end));
            }
            for (int pad = at + length; pad < ((at + length + 3) & ~3); pad++) {
                assertThat(m[pad]).as("padding behind %s", name).isZero();
            }
            at += (length + 3) & ~3;
        }
        return parts;
    }

    @Test
    void writesAPairOfInterfaces() {
        LinkMessage peer = LinkMessage.builder().name("v1").mtu(1450).build();
        assertLike(
                "veth-request",
                Rtnetlink.RTM_NEWLINK,
                CREATE,
                16,
                LinkMessage.builder()
                        .name("v0")
                        .mtu(1400)
                        .transmitQueueLength(77)
                        .address(OctetString.parse("02:00:5e:10:00:01"))
                        .info(LinkInfo.veth(peer))
                        .build());
    }

    @Test
    void writesTunnels() {
        IpTunnelData tunnel = new IpTunnelData(
                OptionalInt.of(0),
                Optional.of(Ip4Address.parse("192.0.2.1")),
                Optional.of(Ip4Address.parse("198.51.100.7")),
                OptionalInt.of(64),
                OptionalInt.of(0x10),
                OptionalInt.of(0),
                OptionalInt.of(1),
                OptionalInt.of(0),
                Optional.of(new IpTunnelData.Encapsulation(1, 1, 0, 5555)),
                IpTunnelData.Metadata.CONFIGURED);
        assertLike(
                "ipip-request",
                Rtnetlink.RTM_NEWLINK,
                CREATE,
                16,
                LinkMessage.builder()
                        .name("tb")
                        .info(new LinkInfo(LinkInfo.IPIP, tunnel))
                        .build());
        OptionalInt absent = OptionalInt.empty();
        IpTunnelData external = new IpTunnelData(
                absent,
                Optional.empty(),
                Optional.empty(),
                absent,
                absent,
                OptionalInt.of(0),
                absent,
                absent,
                Optional.empty(),
                IpTunnelData.Metadata.COLLECTED);
        assertLike(
                "external-request",
                Rtnetlink.RTM_NEWLINK,
                CREATE,
                16,
                LinkMessage.builder()
                        .name("tg")
                        .info(new LinkInfo(LinkInfo.IPIP, external))
                        .build());
    }

    @Test
    void writesAddresses() {
        // `ip` sends flags of the first octet in the header alone; we send the attribute as well, so the IPv4 ones.
        AddressMessage a = AddressMessage.of(3, ip("192.0.2.1"), 24, 0);
        assertLike(
                "address-request",
                Rtnetlink.RTM_NEWADDR,
                CREATE,
                8,
                new AddressMessage(
                        a.family(),
                        3,
                        24,
                        0,
                        0,
                        a.local(),
                        Optional.empty(),
                        Optional.of(ip("192.0.2.255")),
                        Optional.of("v0:x"),
                        0,
                        Optional.empty()));
        assertLike(
                "peer-address-request",
                Rtnetlink.RTM_NEWADDR,
                CREATE,
                8,
                new AddressMessage(
                        Netlink.AF_INET,
                        3,
                        32,
                        0,
                        0,
                        Optional.of(ip("192.0.2.9")),
                        Optional.of(ip("203.0.113.5")),
                        Optional.empty(),
                        Optional.empty(),
                        0,
                        Optional.empty()));
    }

    @Test
    void writesTheMetricAndTheLifetimeOfAnAddress() {
        AddressMessage a = AddressMessage.of(3, ip("192.0.2.7"), 24, 0);
        assertLike(
                "metric-address-request",
                Rtnetlink.RTM_NEWADDR,
                CREATE,
                8,
                new AddressMessage(
                        a.family(),
                        3,
                        24,
                        0,
                        0,
                        a.local(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        77,
                        Optional.of(new AddressLifetime(600, 1200))));
    }

    @Test
    void writesRoutes() {
        assertLike(
                "route-request",
                Rtnetlink.RTM_NEWROUTE,
                REQUEST | Netlink.NLM_F_CREATE | Netlink.NLM_F_REPLACE,
                12,
                RouteMessage.builder(Netlink.AF_INET)
                        .protocol(Rtnetlink.RTPROT_BOOT)
                        .destination(ip("10.2.0.0"), 16)
                        .gateway(ip("198.51.100.9"))
                        .flags(Rtnetlink.RTNH_F_ONLINK)
                        .device(3)
                        .priority(7)
                        .preferredSource(ip("192.0.2.1"))
                        .metrics(RouteMetrics.ofLockedMtu(1300))
                        .build());
        assertLike(
                "via6-request",
                Rtnetlink.RTM_NEWROUTE,
                CREATE,
                12,
                RouteMessage.builder(Netlink.AF_INET)
                        .protocol(Rtnetlink.RTPROT_BOOT)
                        .destination(ip("10.4.0.0"), 16)
                        .gateway(ip("2001:db8::9"))
                        .device(3)
                        .table(1000)
                        .build());
        assertLike(
                "lookup-request",
                Rtnetlink.RTM_GETROUTE,
                Netlink.NLM_F_REQUEST,
                12,
                RouteMessage.lookup(ip("10.2.3.4"), Optional.of(ip("192.0.2.1"))));
    }

    @Test
    void writesMplsRoutes() {
        assertLike(
                "mpls-request",
                Rtnetlink.RTM_NEWROUTE,
                CREATE,
                12,
                RouteMessage.builder(Netlink.AF_MPLS)
                        .protocol(Rtnetlink.RTPROT_BOOT)
                        .label(100)
                        .newLabels(LabelStack.of(200, 300))
                        .gateway(ip("192.0.2.9"))
                        .build());
        assertLike(
                "push-request",
                Rtnetlink.RTM_NEWROUTE,
                CREATE,
                12,
                RouteMessage.builder(Netlink.AF_INET)
                        .protocol(Rtnetlink.RTPROT_BOOT)
                        .destination(ip("10.3.0.0"), 16)
                        .gateway(ip("192.0.2.9"))
                        .push(LabelStack.of(100, 200))
                        .build());
    }

    @Test
    void writesNeighbours() {
        assertLike(
                "neighbour-request",
                Rtnetlink.RTM_NEWNEIGH,
                CREATE,
                12,
                NeighbourMessage.permanent(3, ip("192.0.2.7"), OctetString.parse("02:00:5e:10:00:07")));
    }

    @Test
    void writesFouPorts() {
        assertLike("fou-request", 28, REQUEST, 4, FouMessage.of(Genl.FOU_CMD_ADD, 5555, 4));
        FouMessage gue = FouMessage.of(Genl.FOU_CMD_ADD, 11111, 0);
        assertLike(
                "gue-request",
                28,
                REQUEST,
                4,
                new FouMessage(
                        gue.command(),
                        gue.family(),
                        gue.port(),
                        gue.type(),
                        gue.protocol(),
                        gue.remoteChecksum(),
                        Optional.of(ip("1.2.3.4")),
                        Optional.of(ip("5.6.7.8")),
                        22222,
                        1));
    }

    /// The acknowledgement of the kernel, octet for octet: it is what a server has to answer.
    @Test
    void acknowledgesAsTheKernelDoes() {
        MessageReader request = reader("veth-request");
        ErrorMessage answer = ErrorMessage.answer(request, 0, "");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = arena.allocate(64);
            s.fill((byte) 0xa5);
            MessageWriter w = new MessageWriter(s)
                    .message(Netlink.NLMSG_ERROR, answer.flags(), request.sequence(), 0x22a, answer);
            assertThat(s.asSlice(0, w.length()).toArray(ValueLayout.JAVA_BYTE))
                    .isEqualTo(Captures.octets("acknowledgement"));
        }
    }

    @Test
    void writesAnErrorWithItsText() {
        ErrorMessage error = ErrorMessage.answer(reader("neighbour-request"), 22, "no such.");
        byte[] octets = write(Netlink.NLMSG_ERROR, error.flags(), 7, error);
        // By linux/netlink.h: length 52, type 2, capped with attributes, errno -22, the request's header, the text.
        assertThat(HexFormat.of().formatHex(octets))
                .isEqualTo("34000000" + "0200" + "0003" + "07000000" + "00000000" + "eaffffff"
                        + "300000001c000506c23a026b00000000"
                        + "0d000100" + "6e6f20737563682e00" + "000000");
    }

    @Test
    void takesAMessageBackThatDoesNotFit() {
        try (Arena arena = Arena.ofConfined()) {
            MessageWriter w = new MessageWriter(arena.allocate(64));
            w.message(Netlink.NLMSG_NOOP, 0, 1, 0, _ -> {});
            assertThatThrownBy(() -> w.message(Netlink.NLMSG_NOOP, 0, 2, 0, b -> b.octets(1, new byte[60])))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("64 octets");
            assertThat(w.length()).isEqualTo(16);
        }
    }

    @Test
    void refusesAnAttributeLongerThanItsLengthFieldCanSay() {
        try (Arena arena = Arena.ofConfined()) {
            MessageWriter w = new MessageWriter(arena.allocate(70_000));
            assertThatThrownBy(() -> w.message(Netlink.NLMSG_NOOP, 0, 2, 0, b -> b.octets(1, new byte[65_532])))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("65536");
            w.message(Netlink.NLMSG_NOOP, 0, 2, 0, b -> b.octets(1, new byte[65_531]));
            assertThat(Arrays.asList(w.length())).containsExactly(16L + 65_536);
        }
    }
}
