package adit.linux;

import static adit.linux.RoutedNet.LEFT;
import static adit.linux.RoutedNet.NOBODY;
import static adit.linux.RoutedNet.NOWHERE;
import static adit.linux.RoutedNet.RIGHT;
import static adit.linux.RoutedNet.ROUTER;
import static adit.linux.RoutedNet.route;
import static org.assertj.core.api.Assertions.assertThat;

import adit.netlink.RouteMetrics;
import adit.netlink.Rtnetlink;
import adit.packet.Addressing;
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.packet.Refusal;
import adit.underlay.Path;
import adit.underlay.Underlay;
import adit.wire.Icmp4;
import adit.wire.Ip4Address;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Octets;
import com.sun.management.ThreadMXBean;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Both underlays between two hosts with a router in between. What goes over the wire is seen by a packet
/// socket; what the paths are, by the real `ip`.
@Timeout(120)
class UnderlayKernelTest {
    private static final int PORT = 5555;

    enum Carriage {
        DIRECT,
        UDP
    }

    private final PacketPool senders = new PacketPool(256, 64, 9000);
    private final PacketPool leftPool = new PacketPool(256, 64, 65_535);
    private final PacketPool rightPool = new PacketPool(256, 64, 65_535);
    private RoutedNet net;
    private Underlay left;
    private Underlay right;

    @BeforeEach
    void build() throws Exception {
        net = RoutedNet.create();
    }

    @AfterEach
    void takeDown() {
        if (left != null) {
            left.close();
        }
        if (right != null) {
            right.close();
        }
        if (net != null) {
            net.close();
        }
        for (PacketPool pool : List.of(senders, leftPool, rightPool)) {
            assertThat(pool.lent()).isZero();
            pool.close();
        }
    }

    private void open(Carriage carriage) throws Exception {
        left = net.left.netns.call(() -> open(carriage, leftPool));
        right = net.right.netns.call(() -> open(carriage, rightPool));
    }

    private static Underlay open(Carriage carriage, PacketPool pool) throws Exception {
        return switch (carriage) {
            case DIRECT ->
                RawUnderlay.open(
                        new RawSpec(Ip4Address.ANY, Set.of(IpProtocol.IPIP, IpProtocol.IPV6, IpProtocol.MPLS)), pool);
            case UDP ->
                UdpUnderlay.open(
                        new UdpSpec(
                                Ip4Address.ANY, PORT, UdpSpec.Checksum.OFF, UdpSpec.Offload.OFF, UdpSpec.Sharing.ALONE),
                        pool);
        };
    }

    /// A packet from left to `destination`.
    private PacketBuffer packet(Carriage carriage, int destination, int length) {
        PacketBuffer p = senders.lend();
        p.segment().fill((byte) 0xa5);
        int at = p.put(length);
        for (int i = 0; i < length; i++) {
            Octets.put8(p.segment(), at + i, i * 7 + length);
        }
        Addressing a = p.addressing();
        a.protocol = carriage == Carriage.DIRECT ? IpProtocol.IPIP : IpProtocol.UDP;
        a.source = LEFT;
        a.destination = destination;
        a.sourcePort = carriage == Carriage.DIRECT ? 0 : PORT;
        a.destinationPort = carriage == Carriage.DIRECT ? 0 : PORT;
        a.tos = 0xb8;
        a.timeToLive = 33;
        a.dontFragment = true;
        return p;
    }

    private int headers(Carriage carriage) {
        return carriage == Carriage.DIRECT ? 20 : 28;
    }

    private static byte[] payload(int length) {
        byte[] octets = new byte[length];
        for (int i = 0; i < length; i++) {
            octets[i] = (byte) (i * 7 + length);
        }
        return octets;
    }

    private static byte[] octets(PacketBuffer p) {
        return p.segment().asSlice(p.head(), p.length()).toArray(ValueLayout.JAVA_BYTE);
    }

    /// Sends one packet and answers why it was refused.
    private Refusal send(PacketBuffer p) {
        return send(left, p);
    }

    private static Refusal send(Underlay underlay, PacketBuffer p) {
        PacketBatch batch = new PacketBatch(1);
        batch.add(p);
        underlay.send(batch);
        Refusal refusal = batch.isEmpty() ? Refusal.NONE : batch.get(0).refusal();
        batch.releaseAll();
        return refusal;
    }

    private static PacketBatch receive(Underlay underlay, int count) {
        PacketBatch batch = new PacketBatch(64);
        await(() -> {
            underlay.receive(batch);
            return batch.size() >= count;
        });
        assertThat(batch.size()).isEqualTo(count);
        return batch;
    }

    private static void await(BooleanSupplier condition) {
        long until = System.nanoTime() + 10_000_000_000L;
        while (!condition.getAsBoolean() && System.nanoTime() < until) {
            Thread.onSpinWait();
        }
    }

    private static Predicate<byte[]> ofProtocol(int protocol) {
        return octets -> Octets.u8(MemorySegment.ofArray(octets), 9) == protocol;
    }

    private static Predicate<byte[]> carried(Carriage carriage) {
        return ofProtocol(carriage == Carriage.DIRECT ? IpProtocol.IPIP : IpProtocol.UDP);
    }

    @Test
    void putsEveryFieldOfADirectPacketOnTheWire() throws Exception {
        open(Carriage.DIRECT);
        try (Capture capture = net.captureAtRouter()) {
            for (int protocol : new int[] {IpProtocol.IPIP, IpProtocol.IPV6, IpProtocol.MPLS}) {
                PacketBuffer p = packet(Carriage.DIRECT, RIGHT, 8);
                p.addressing().protocol = protocol;
                p.addressing().tos = 0xb9;
                p.addressing().dontFragment = protocol != IpProtocol.IPV6;
                assertThat(send(p)).isEqualTo(Refusal.NONE);
                byte[] wire = capture.take(1, ofProtocol(protocol)).getFirst();
                String hex = HexFormat.of().formatHex(wire);
                // By RFC 791: version, IHL, tos, length; flags; TTL, protocol; addresses; payload 8, 15, ...
                assertThat(hex).startsWith("45b9001c");
                assertThat(hex.substring(12, 16)).isEqualTo(protocol == IpProtocol.IPV6 ? "0000" : "4000");
                assertThat(hex.substring(16, 20))
                        .isEqualTo("21" + HexFormat.of().toHexDigits((byte) protocol));
                assertThat(hex.substring(24)).isEqualTo("c0000201" + "c6336401" + "080f161d242b3239");
                assertThat(sumOfHeader(wire)).isEqualTo(0xffff);
                PacketBatch in = receive(right, 1);
                assertThat(octets(in.get(0))).isEqualTo(payload(8));
                assertThat(in.get(0).addressing().protocol).isEqualTo(protocol);
                assertThat(in.get(0).addressing().timeToLive).isEqualTo(32);
                assertThat(in.get(0).addressing().tos).isEqualTo(0xb9);
                assertThat(in.get(0).addressing().outerHeaderLength).isEqualTo(20);
                in.releaseAll();
            }
        }
    }

    private static int sumOfHeader(byte[] packet) {
        int sum = 0;
        for (int i = 0; i < 20; i += 2) {
            sum += (packet[i] & 0xff) << 8 | (packet[i + 1] & 0xff);
        }
        return (sum & 0xffff) + (sum >> 16);
    }

    @Test
    void numbersPacketsToEachRemoteInASequenceOfItsOwn() throws Exception {
        open(Carriage.DIRECT);
        try (Capture capture = net.captureAtRouter()) {
            for (int i = 0; i < 3; i++) {
                send(packet(Carriage.DIRECT, RIGHT, 20));
                send(packet(Carriage.DIRECT, ROUTER, 20));
            }
            List<byte[]> wire = capture.take(6, ofProtocol(IpProtocol.IPIP));
            for (int i = 2; i < 6; i++) {
                int before = Ipv4.identification(MemorySegment.ofArray(wire.get(i - 2)), 0);
                int after = Ipv4.identification(MemorySegment.ofArray(wire.get(i)), 0);
                assertThat((after - before) & 0xffff).isEqualTo(1);
            }
        }
        // What the router said about the protocol that it does not speak.
        receive(left, 3).releaseAll();
        receive(right, 3).releaseAll();
    }

    @Test
    void leavesTheSourceToTheKernelWhenItIsZero() throws Exception {
        open(Carriage.DIRECT);
        PacketBuffer p = packet(Carriage.DIRECT, RIGHT, 20);
        p.addressing().source = 0;
        assertThat(send(p)).isEqualTo(Refusal.NONE);
        PacketBatch in = receive(right, 1);
        assertThat(in.get(0).addressing().source).isEqualTo(LEFT);
        in.releaseAll();
    }

    @ParameterizedTest
    @EnumSource
    void putsUdpAndDirectPacketsOnTheWireAsAddressed(Carriage carriage) throws Exception {
        open(carriage);
        try (Capture capture = net.captureAtRouter()) {
            for (boolean dontFragment : new boolean[] {true, false, true}) {
                PacketBuffer p = packet(carriage, RIGHT, 100);
                p.addressing().tos = 0x1a;
                p.addressing().timeToLive = 7;
                p.addressing().dontFragment = dontFragment;
                assertThat(send(p)).isEqualTo(Refusal.NONE);
                byte[] wire = capture.take(1, carried(carriage)).getFirst();
                MemorySegment s = MemorySegment.ofArray(wire);
                assertThat(Ipv4.tos(s, 0)).isEqualTo(0x1a);
                assertThat(Ipv4.timeToLive(s, 0)).isEqualTo(7);
                assertThat(Ipv4.dontFragment(s, 0)).isEqualTo(dontFragment);
                assertThat(Ipv4.source(s, 0)).isEqualTo(LEFT);
                assertThat(Ipv4.totalLength(s, 0)).isEqualTo(headers(carriage) + 100);
                if (carriage == Carriage.UDP) {
                    // Ports, length, no checksum.
                    assertThat(HexFormat.of().formatHex(wire, 20, 28)).isEqualTo("15b315b3006c0000");
                }
                PacketBatch in = receive(right, 1);
                assertThat(octets(in.get(0))).isEqualTo(payload(100));
                Addressing a = in.get(0).addressing();
                assertThat(a.source).isEqualTo(LEFT);
                assertThat(a.destination).isEqualTo(RIGHT);
                assertThat(a.tos).isEqualTo(0x1a);
                assertThat(a.timeToLive).isEqualTo(6);
                in.releaseAll();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void carriesBothWays(Carriage carriage) throws Exception {
        open(carriage);
        assertThat(send(packet(carriage, RIGHT, 1400))).isEqualTo(Refusal.NONE);
        receive(right, 1).releaseAll();
        PacketBuffer back = packet(carriage, LEFT, 1401);
        back.addressing().source = RIGHT;
        assertThat(send(right, back)).isEqualTo(Refusal.NONE);
        PacketBatch in = receive(left, 1);
        assertThat(octets(in.get(0))).isEqualTo(payload(1401));
        assertThat(in.get(0).addressing().source).isEqualTo(RIGHT);
        in.releaseAll();
    }

    @ParameterizedTest
    @EnumSource
    void fragmentsWhatMayBeFragmented(Carriage carriage) throws Exception {
        open(carriage);
        try (Capture capture = net.captureAtRouter()) {
            PacketBuffer p = packet(carriage, RIGHT, 4000);
            p.addressing().dontFragment = false;
            assertThat(send(p)).isEqualTo(Refusal.NONE);
            List<byte[]> wire = capture.take(3, carried(carriage));
            int offset = 0;
            for (int i = 0; i < wire.size(); i++) {
                MemorySegment s = MemorySegment.ofArray(wire.get(i));
                assertThat(Ipv4.fragmentOffset(s, 0)).isEqualTo(offset);
                assertThat(Ipv4.flags(s, 0)).isEqualTo(i < 2 ? Ipv4.MORE_FRAGMENTS : 0);
                assertThat(Ipv4.identification(s, 0))
                        .isEqualTo(Ipv4.identification(MemorySegment.ofArray(wire.getFirst()), 0));
                assertThat(sumOfHeader(wire.get(i))).isEqualTo(0xffff);
                offset += wire.get(i).length - 20;
            }
            assertThat(offset).isEqualTo(headers(carriage) - 20 + 4000);
        }
        PacketBatch in = receive(right, 1);
        assertThat(octets(in.get(0))).isEqualTo(payload(4000));
        in.releaseAll();
    }

    @Test
    void fragmentsIntoMoreFragmentsThanOneCallTakes() throws Exception {
        net.leftNet().setMtu(net.leftLink(), 68);
        open(Carriage.DIRECT);
        assertThat(left.path(LEFT, RIGHT)).isEqualTo(Path.of(68, net.leftLink()));
        PacketBuffer p = packet(Carriage.DIRECT, RIGHT, 8999);
        p.addressing().dontFragment = false;
        assertThat(send(p)).isEqualTo(Refusal.NONE);
        PacketBatch in = receive(right, 1);
        assertThat(octets(in.get(0))).isEqualTo(payload(8999));
        in.releaseAll();
    }

    /// On the way through a router each packet fits the link, whoever cut the super-packet: it must not be cut
    /// again.
    @ParameterizedTest
    @EnumSource
    void sendsTheSegmentsOfASuperPacketEachOnItsOwn(Carriage carriage) throws Exception {
        open(carriage);
        PacketBuffer p = superPacket(carriage, 30_000, 1400);
        List<byte[]> segments = SuperPackets.cut(p);
        try (Capture capture = net.captureAtRouter()) {
            assertThat(send(p)).isEqualTo(Refusal.NONE);
            List<byte[]> wire = capture.take(segments.size(), carried(carriage));
            assertThat(wire).hasSameSizeAs(segments);
            int identification = Ipv4.identification(MemorySegment.ofArray(wire.getFirst()), 0);
            for (int i = 0; i < wire.size(); i++) {
                byte[] packet = wire.get(i);
                assertThat(packet).hasSizeLessThanOrEqualTo(1500);
                assertThat(Arrays.copyOfRange(packet, headers(carriage), packet.length))
                        .as("segment %d", i)
                        .isEqualTo(segments.get(i));
                assertThat(sumOfHeader(packet)).isEqualTo(0xffff);
                if (carriage == Carriage.DIRECT) {
                    assertThat(Ipv4.identification(MemorySegment.ofArray(packet), 0))
                            .isEqualTo(identification + i & 0xffff);
                }
            }
        }
        PacketBatch in = receive(right, segments.size());
        for (int i = 0; i < in.size(); i++) {
            assertThat(octets(in.get(i))).isEqualTo(segments.get(i));
        }
        in.releaseAll();
    }

    /// One call for the whole: the kernel cuts it, here before the link, which does not take it whole.
    @Test
    void letsTheKernelCutWhatLeavesInOneCall() throws Exception {
        net.left.run("ethtool", "-K", "l0", "tx-udp-segmentation", "off");
        left = net.left.netns.call(() -> UdpUnderlay.open(UdpSpec.of(PORT, UdpSpec.Checksum.OFF), leftPool));
        right = net.right.netns.call(() -> UdpUnderlay.open(UdpSpec.of(PORT, UdpSpec.Checksum.OFF), rightPool));
        PacketBuffer p = superPacket(Carriage.UDP, 65_000, 1424);
        List<byte[]> segments = SuperPackets.cut(p);
        try (Capture capture = net.captureAtRouter()) {
            assertThat(send(p)).isEqualTo(Refusal.NONE);
            List<byte[]> wire = capture.take(segments.size(), carried(Carriage.UDP));
            assertThat(wire).hasSameSizeAs(segments);
            for (int i = 0; i < wire.size(); i++) {
                byte[] packet = wire.get(i);
                assertThat(packet).hasSizeLessThanOrEqualTo(1500);
                assertThat(Arrays.copyOfRange(packet, 28, packet.length))
                        .as("segment %d", i)
                        .isEqualTo(segments.get(i));
            }
        }
        assertThat(((UdpUnderlay) left).joinsSent()).isTrue();
        // A segment that is larger than the path is refused as it is without the kernel's help.
        assertThat(send(superPacket(Carriage.UDP, 8000, 1480))).isEqualTo(Refusal.TOO_BIG);
        assertThat(((UdpUnderlay) left).joinsSent()).isTrue();
    }

    /// The segments are larger than the link, and may be fragmented.
    @ParameterizedTest
    @EnumSource
    void fragmentsTheSegmentsOfASuperPacket(Carriage carriage) throws Exception {
        open(carriage);
        PacketBuffer p = superPacket(carriage, 8000, 2500);
        p.addressing().dontFragment = false;
        List<byte[]> segments = SuperPackets.cut(p);
        assertThat(segments).hasSize(4);
        assertThat(send(p)).isEqualTo(Refusal.NONE);
        PacketBatch in = receive(right, segments.size());
        for (int i = 0; i < in.size(); i++) {
            assertThat(octets(in.get(i))).isEqualTo(segments.get(i));
        }
        in.releaseAll();
    }

    @ParameterizedTest
    @EnumSource
    void refusesASuperPacketWhoseSegmentsExceedThePath(Carriage carriage) throws Exception {
        open(carriage);
        assertThat(send(superPacket(carriage, 8000, 1480))).isEqualTo(Refusal.TOO_BIG);
        PacketBuffer damaged = superPacket(carriage, 8000, 1000);
        damaged.offload().networkStart++;
        assertThat(send(damaged)).isEqualTo(Refusal.MALFORMED);
    }

    private PacketBuffer superPacket(Carriage carriage, int payload, int segmentSize) {
        PacketBuffer p = SuperPackets.lend(leftPool, payload, segmentSize);
        PacketBuffer like = packet(carriage, RIGHT, 1);
        p.addressing().copyFrom(like.addressing());
        like.release();
        return p;
    }

    @ParameterizedTest
    @EnumSource
    void refusesWhatExceedsThePathAndMustNotBeFragmented(Carriage carriage) throws Exception {
        open(carriage);
        PacketBatch batch = new PacketBatch(3);
        int most = 1500 - headers(carriage);
        batch.add(packet(carriage, RIGHT, most));
        batch.add(packet(carriage, RIGHT, most + 1));
        batch.add(packet(carriage, RIGHT, most - 1));
        assertThat(left.send(batch)).isEqualTo(2);
        assertThat(batch.get(0).refusal()).isEqualTo(Refusal.TOO_BIG);
        assertThat(octets(batch.get(0))).isEqualTo(payload(most + 1));
        batch.releaseAll();
        receive(right, 2).releaseAll();
    }

    @ParameterizedTest
    @EnumSource
    void learnsThePathMtuFromARouter(Carriage carriage) throws Exception {
        net.narrow(1300);
        open(carriage);
        assertThat(left.path(LEFT, RIGHT)).isEqualTo(Path.of(1500, net.leftLink()));
        assertThat(send(packet(carriage, RIGHT, 1400))).isEqualTo(Refusal.NONE);
        PacketBatch in = receive(left, 1);
        PacketBuffer error = in.get(0);
        MemorySegment s = error.segment();
        int at = error.head();
        assertThat(error.addressing().protocol).isEqualTo(IpProtocol.ICMP);
        assertThat(error.addressing().source).isEqualTo(ROUTER);
        assertThat(Icmp4.type(s, at)).isEqualTo(Icmp4.DESTINATION_UNREACHABLE);
        assertThat(Icmp4.code(s, at)).isEqualTo(Icmp4.FRAGMENTATION_NEEDED);
        assertThat(Icmp4.nextHopMtu(s, at)).isEqualTo(1300);
        assertThat(Icmp4.checksumValid(s, at, error.length())).isTrue();
        assertQuote(carriage, error, RIGHT);
        in.releaseAll();
        await(() -> left.path(LEFT, RIGHT).mtu() == 1300);
        assertThat(left.path(LEFT, RIGHT)).isEqualTo(Path.of(1300, net.leftLink()));
        assertThat(net.left.ip("route", "get", "198.51.100.1")).contains("mtu 1300");
        assertThat(send(packet(carriage, RIGHT, 1301 - headers(carriage)))).isEqualTo(Refusal.TOO_BIG);
        assertThat(send(packet(carriage, RIGHT, 1300 - headers(carriage)))).isEqualTo(Refusal.NONE);
        receive(right, 1).releaseAll();
    }

    /// The quote names the packet that caused the error, its protocol and its ports.
    private static void assertQuote(Carriage carriage, PacketBuffer error, int destination) {
        MemorySegment s = error.segment();
        int quote = error.head() + Icmp4.HEADER_LENGTH;
        assertThat(error.length()).isGreaterThanOrEqualTo(Icmp4.HEADER_LENGTH + 28);
        assertThat(Ipv4.source(s, quote)).isEqualTo(LEFT);
        assertThat(Ipv4.destination(s, quote)).isEqualTo(destination);
        assertThat(Ipv4.protocol(s, quote)).isEqualTo(carriage == Carriage.DIRECT ? IpProtocol.IPIP : IpProtocol.UDP);
        if (carriage == Carriage.UDP) {
            assertThat(Octets.u16(s, quote + 20)).isEqualTo(PORT);
            assertThat(Octets.u16(s, quote + 22)).isEqualTo(PORT);
        }
    }

    @ParameterizedTest
    @EnumSource
    void pinsAPathMtuBelowWhatTheKernelBelieves(Carriage carriage) throws Exception {
        net.narrow(300);
        open(carriage);
        assertThat(send(packet(carriage, RIGHT, 1000))).isEqualTo(Refusal.NONE);
        receive(left, 1).releaseAll();
        await(() -> left.path(LEFT, RIGHT).mtu() != 1500);
        assertThat(left.path(LEFT, RIGHT)).isEqualTo(new Path(552, Path.Pinned.YES, net.leftLink()));
        assertThat(net.left.ip("route", "get", "198.51.100.1")).contains("mtu lock 552");
    }

    @ParameterizedTest
    @EnumSource
    void hearsThatAHostIsUnreachableAndThatTheTimeRanOut(Carriage carriage) throws Exception {
        net.routerNet()
                .addRoute(route("198.51.100.77", 32)
                        .type(Rtnetlink.RTN_UNREACHABLE)
                        .build());
        open(carriage);
        assertThat(send(packet(carriage, NOBODY, 500))).isEqualTo(Refusal.NONE);
        assertError(carriage, Icmp4.DESTINATION_UNREACHABLE, Icmp4.HOST_UNREACHABLE, NOBODY);
        PacketBuffer p = packet(carriage, RIGHT, 500);
        p.addressing().timeToLive = 1;
        assertThat(send(p)).isEqualTo(Refusal.NONE);
        assertError(carriage, Icmp4.TIME_EXCEEDED, Icmp4.TTL_EXCEEDED, RIGHT);
    }

    @ParameterizedTest
    @EnumSource
    void hearsThatNobodyListens(Carriage carriage) throws Exception {
        open(carriage);
        right.close();
        assertThat(send(packet(carriage, RIGHT, 500))).isEqualTo(Refusal.NONE);
        int code = carriage == Carriage.DIRECT ? Icmp4.PROTOCOL_UNREACHABLE : Icmp4.PORT_UNREACHABLE;
        assertError(carriage, Icmp4.DESTINATION_UNREACHABLE, code, RIGHT);
        // The error stands in nobody's way afterwards.
        right = net.right.netns.call(() -> open(carriage, rightPool));
        assertThat(send(packet(carriage, RIGHT, 501))).isEqualTo(Refusal.NONE);
        receive(right, 1).releaseAll();
    }

    private void assertError(Carriage carriage, int type, int code, int destination) {
        PacketBatch in = receive(left, 1);
        PacketBuffer error = in.get(0);
        assertThat(error.addressing().protocol).isEqualTo(IpProtocol.ICMP);
        assertThat(Icmp4.type(error.segment(), error.head())).isEqualTo(type);
        assertThat(Icmp4.code(error.segment(), error.head())).isEqualTo(code);
        assertQuote(carriage, error, destination);
        in.releaseAll();
    }

    @Test
    void passesOverIcmpErrorsThatAreDamagedOrAboutOthers() throws Exception {
        open(Carriage.DIRECT);
        RawUnderlay raw = (RawUnderlay) left;
        for (int round = 0; round < 4; round++) {
            // From right to left: 3/1 quoting a packet of protocol 4 (whole), 47, cut off, and with a wrong checksum.
            PacketBuffer p = packet(Carriage.DIRECT, LEFT, round == 2 ? 35 : 36);
            p.addressing().protocol = IpProtocol.ICMP;
            p.addressing().source = RIGHT;
            MemorySegment s = p.segment();
            int at = p.head();
            int quoted = round == 1 ? IpProtocol.GRE : IpProtocol.IPIP;
            Ipv4.emit(s, at + 8, 0, 60, 7, 0, 0, 64, quoted, LEFT, RIGHT);
            Icmp4.emit(s, at, p.length(), Icmp4.DESTINATION_UNREACHABLE, Icmp4.HOST_UNREACHABLE, 0);
            if (round == 3) {
                Octets.put8(s, at + 35, Octets.u8(s, at + 35) ^ 1);
            }
            assertThat(send(right, p)).isEqualTo(Refusal.NONE);
            if (round == 0) {
                assertError(Carriage.DIRECT, Icmp4.DESTINATION_UNREACHABLE, Icmp4.HOST_UNREACHABLE, RIGHT);
            } else {
                int expected = round;
                PacketBatch none = new PacketBatch(8);
                await(() -> {
                    raw.receive(none);
                    return raw.foreignErrors() == expected;
                });
                assertThat(raw.foreignErrors()).isEqualTo(expected);
                assertThat(none.isEmpty()).isTrue();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void saysThatThereIsNoWayAndFindsOneOnceThereIs(Carriage carriage) throws Exception {
        open(carriage);
        assertThat(left.path(0, NOWHERE)).isEqualTo(Path.NONE);
        assertThat(left.path(RIGHT, RIGHT))
                .as("from an address of another host")
                .isEqualTo(Path.NONE);
        assertThat(send(packet(carriage, NOWHERE, 100))).isEqualTo(Refusal.UNREACHABLE);
        net.leftNet()
                .addRoute(route("203.0.113.0", 24)
                        .gateway(RoutedNet.ip("192.0.2.254"))
                        .metrics(RouteMetrics.ofLockedMtu(1200))
                        .build());
        PacketBatch none = new PacketBatch(1);
        await(() -> {
            left.receive(none);
            return left.path(0, NOWHERE).exists();
        });
        assertThat(left.path(0, NOWHERE)).isEqualTo(new Path(1200, Path.Pinned.YES, net.leftLink()));
        none.releaseAll();
    }

    @ParameterizedTest
    @EnumSource
    void survivesThatTheLinkGoesDownAndComesBack(Carriage carriage) throws Exception {
        open(carriage);
        assertThat(send(packet(carriage, RIGHT, 100))).isEqualTo(Refusal.NONE);
        receive(right, 1).releaseAll();
        net.leftNet().setDown(net.leftLink());
        PacketBatch none = new PacketBatch(1);
        await(() -> {
            left.receive(none);
            return !left.path(LEFT, RIGHT).exists();
        });
        assertThat(left.path(LEFT, RIGHT)).isEqualTo(Path.NONE);
        assertThat(send(packet(carriage, RIGHT, 100))).isIn(Refusal.UNREACHABLE, Refusal.DOWN);
        net.leftNet().setUp(net.leftLink());
        net.leftNet()
                .addRoute(route("198.51.100.0", 24)
                        .gateway(RoutedNet.ip("192.0.2.254"))
                        .build());
        await(() -> {
            left.receive(none);
            return left.path(LEFT, RIGHT).exists();
        });
        await(() -> send(packet(carriage, RIGHT, 101)) == Refusal.NONE);
        PacketBatch in = new PacketBatch(64);
        await(() -> right.receive(in) > 0);
        assertThat(octets(in.get(0))).isEqualTo(payload(101));
        in.releaseAll();
    }

    @ParameterizedTest
    @EnumSource
    void saysThatTheQueueIsFull(Carriage carriage) throws Exception {
        net.left.run(
                "tc", "qdisc", "add", "dev", "l0", "root", "tbf", "rate", "8kbit", "burst", "1600", "limit", "4000");
        open(carriage);
        PacketBatch batch = new PacketBatch(64);
        while (batch.room() > 0) {
            batch.add(packet(carriage, RIGHT, 1000));
        }
        int sent = left.send(batch);
        assertThat(sent).isBetween(1, 10);
        assertThat(batch.size()).isEqualTo(64 - sent);
        for (int i = 0; i < batch.size(); i++) {
            assertThat(batch.get(i).refusal()).isEqualTo(Refusal.FULL);
            assertThat(octets(batch.get(i))).isEqualTo(payload(1000));
        }
        batch.releaseAll();
    }

    @ParameterizedTest
    @EnumSource
    void refusesEverythingOnceItIsClosed(Carriage carriage) throws Exception {
        open(carriage);
        left.close();
        left.close();
        assertThat(send(packet(carriage, RIGHT, 100))).isEqualTo(Refusal.DOWN);
        assertThat(left.receive(new PacketBatch(1))).isZero();
        assertThat(left.path(0, RIGHT)).isEqualTo(Path.NONE);
    }

    @ParameterizedTest
    @EnumSource
    void allocatesNothingPerPacket(Carriage carriage) throws Exception {
        open(carriage);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        PacketBatch out = new PacketBatch(32);
        PacketBatch in = new PacketBatch(64);
        double least = Double.MAX_VALUE;
        // Until the compiler has done its work, boxes and slices are real. After that none may be left; a second's
        // question to the kernel is allowed for.
        for (int window = 0; window < 300 && least > 0.05; window++) {
            long arrived = 0;
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 1000; i++) {
                fill(out, carriage);
                left.send(out);
                out.releaseAll();
                arrived += right.receive(in);
                in.releaseAll();
                left.receive(in);
                in.releaseAll();
            }
            double each = (threads.getCurrentThreadAllocatedBytes() - before) / 32_000.0;
            // Nothing arrives before the kernel has the neighbour's address.
            least = arrived > 10_000 ? Math.min(least, each) : least;
        }
        assertThat(least).as("octets a packet, once more than 10,000 arrived").isLessThan(0.05);
    }

    private void fill(PacketBatch out, Carriage carriage) {
        for (int i = 0; out.room() > 0; i++) {
            PacketBuffer p = senders.lend();
            p.put(512);
            Addressing a = p.addressing();
            a.protocol = carriage == Carriage.DIRECT ? IpProtocol.IPIP : IpProtocol.UDP;
            a.source = LEFT;
            a.destination = RIGHT;
            a.sourcePort = PORT;
            a.destinationPort = PORT;
            a.timeToLive = 64;
            // A steady flow: runs of packets with DF, then without.
            a.dontFragment = i < 16;
            if (left.path(a.source, a.destination).mtu() < 512) {
                throw new IllegalStateException("the path has become narrow");
            }
            out.add(p);
        }
    }
}
