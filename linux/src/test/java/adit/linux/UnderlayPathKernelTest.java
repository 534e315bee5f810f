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
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.Refusal;
import adit.underlay.Path;
import adit.wire.Icmp4;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Octets;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What an underlay learns of its paths: by errors, and from the kernel when links and routes change.
class UnderlayPathKernelTest extends UnderlayRig {
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
        Await.until(() -> left.path(LEFT, RIGHT).mtu() == 1300);
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
        Await.until(() -> left.path(LEFT, RIGHT).mtu() != 1500);
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
                Await.until(() -> {
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
        Await.until(() -> {
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
        Await.until(() -> {
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
        Await.until(() -> {
            left.receive(none);
            return left.path(LEFT, RIGHT).exists();
        });
        Await.until(() -> send(packet(carriage, RIGHT, 101)) == Refusal.NONE);
        PacketBatch in = new PacketBatch(64);
        Await.until(() -> right.receive(in) > 0);
        assertThat(octets(in.get(0))).isEqualTo(payload(101));
        in.releaseAll();
    }
}
