package adit.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// FOU and GUE on the wire, both ways.
class UdpCarrierTest {
    private static final int PORT = 7000;
    private static final int PEER_PORT = 7001;
    private static final Carrier FOU = new Carrier.Fou(PORT, PEER_PORT, Carrier.UdpChecksum.OFF);
    private static final Carrier GUE = new Carrier.Gue(PORT, PEER_PORT, Carrier.UdpChecksum.OFF);
    private static final Map<String, Long> BAD_GUE = Map.of("stray BAD_GUE", 1L);

    private static byte[] inner() {
        return Octet.ip4().build();
    }

    private static Rig fou(Mode mode) {
        return new Rig(Rig.spec().mode(mode).carrier(FOU));
    }

    private static Rig gue(Mode mode) {
        return new Rig(Rig.spec().mode(mode).carrier(GUE));
    }

    private static void assertDelivered(Rig rig, byte[] inner, int etherType) {
        assertThat(rig.delivered().hex()).isEqualTo(Octet.hex(inner));
        assertThat(rig.delivered().protocol()).isEqualTo(etherType);
        assertThat(rig.counted()).isEqualTo(Map.of("rx_packets", 1L, "rx_bytes", (long) inner.length));
    }

    @ParameterizedTest
    @CsvSource({"IPIP, 4", "ANY, 4", "ANY, 6", "MPLSIP, 0"})
    void fouPutsTheInnerPacketStraightIntoUdp(Mode mode, int version) {
        byte[] inner = version == 4 ? inner() : version == 6 ? Octet.ip6().build() : Octet.labelled();
        try (Rig rig = fou(mode)) {
            rig.send(inner);
            assertThat(rig.sent().hex()).isEqualTo(Octet.hex(inner));
            assertThat(rig.sent().protocol()).isEqualTo(17);
            assertThat(rig.sent().sourcePort()).isEqualTo(PORT);
            assertThat(rig.sent().destinationPort()).isEqualTo(PEER_PORT);
            assertThat(rig.counted()).isEqualTo(Map.of("tx_packets", 1L, "tx_bytes", (long) inner.length));
        }
        try (Rig rig = fou(mode)) {
            rig.receiveUdp(PORT, inner);
            assertDelivered(rig, inner, version == 4 ? 0x0800 : version == 6 ? 0x86dd : 0x8847);
        }
    }

    @Test
    void fouRefusesALabelledPacketInModeAny() {
        try (Rig rig = fou(Mode.ANY)) {
            rig.send(Octet.labelled());
            assertThat(rig.underlay.sent).isEmpty();
            assertThat(rig.counted()).isEqualTo(Map.of("LABELS_OVER_FOU", 1L, "tx_errors", 1L));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "00", "35", "f5", "55000000"})
    void fouInModeAnyDropsWhatIsNeitherIpv4NorIpv6(String payload) {
        try (Rig rig = fou(Mode.ANY)) {
            rig.receiveUdp(PORT, Octet.hex(payload));
            assertThat(rig.counted()).isEqualTo(Map.of("stray BAD_FOU", 1L));
        }
    }

    @ParameterizedTest
    @CsvSource({"IPIP, 4, 00040000", "MPLSIP, 0, 00890000", "ANY, 4, 00040000", "ANY, 6, 00290000", "ANY, 0, 00890000"})
    void gueSaysInItsHeaderWhatFollows(Mode mode, int version, String header) {
        byte[] inner = version == 4 ? inner() : version == 6 ? Octet.ip6().build() : Octet.labelled();
        try (Rig rig = gue(mode)) {
            rig.send(inner);
            assertThat(rig.sent().hex()).isEqualTo(header + Octet.hex(inner));
            assertThat(rig.sent().protocol()).isEqualTo(17);
            assertThat(rig.sent().sourcePort()).isEqualTo(PORT);
            assertThat(rig.sent().destinationPort()).isEqualTo(PEER_PORT);
            assertThat(rig.counted()).isEqualTo(Map.of("tx_packets", 1L, "tx_bytes", (long) inner.length));
        }
        try (Rig rig = gue(mode)) {
            rig.receiveUdp(PORT, Octet.join(Octet.hex(header), inner));
            assertDelivered(rig, inner, version == 4 ? 0x0800 : version == 6 ? 0x86dd : 0x8847);
        }
    }

    @Test
    void gueVersion1IsAnIpPacketAtOnce() {
        try (Rig rig = gue(Mode.ANY)) {
            rig.receiveUdp(PORT, inner());
            assertDelivered(rig, inner(), 0x0800);
        }
        try (Rig rig = gue(Mode.ANY)) {
            rig.receiveUdp(PORT, Octet.ip6().build());
            assertDelivered(rig, Octet.ip6().build(), 0x86dd);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "01040000 deadbeef", // one word nobody asked about
                "1f040000 00010203 04050607 08090a0b 0c0d0e0f 10111213 14151617 18191a1b 1c1d1e1f 20212223 24252627 28292a2b"
                        + "2c2d2e2f 30313233 34353637 38393a3b 3c3d3e3f 40414243 44454647 48494a4b 4c4d4e4f 50515253 54555657"
                        + "58595a5b 5c5d5e5f 60616263 64656667 68696a6b 6c6d6e6f 70717273 74757677 78797a7b", // 31
                // words
                "01040001 00000000", // private flags, none set
            })
    void gueHeadersWithMoreWordsAreUnderstood(String header) {
        try (Rig rig = gue(Mode.IPIP)) {
            rig.receiveUdp(PORT, Octet.join(Octet.hex(header), inner()));
            assertDelivered(rig, inner(), 0x0800);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "20040000", // a control message
                "50040000", // version 1 and neither IPv4 nor IPv6
                "70040000",
                "80040000", // version 2
                "c0040000", // version 3
                "00048000", // unknown flags
                "00040002",
                "00040001", // private flags announced, none there
                "01040001 40000000", // an unknown private flag
                "01040001 00000001",
                "01040001 80000000", // remote checksum offload without its words
            })
    void gueHeadersThatAreNotUnderstoodAreDroppedWithoutAWord(String header) {
        try (Rig rig = gue(Mode.ANY)) {
            rig.receiveUdp(PORT, Octet.join(Octet.hex(header), inner()));
            assertThat(rig.overlay.sent).isEmpty();
            assertThat(rig.underlay.sent).isEmpty();
            assertThat(rig.counted()).isEqualTo(BAD_GUE);
        }
    }

    @Test
    void gueHeadersLongerThanThePacketAreDropped() {
        try (Rig rig = gue(Mode.IPIP)) {
            rig.receiveUdp(PORT, Octet.hex("1f040000 00010203"));
            assertThat(rig.counted()).isEqualTo(BAD_GUE);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void gueHeadersThatAreCutShortAreDropped(int length) {
        try (Rig rig = gue(Mode.IPIP)) {
            rig.receiveUdp(PORT, Arrays.copyOf(Octet.hex("00040000"), length));
            assertThat(rig.counted()).isEqualTo(BAD_GUE);
        }
    }

    /// An IPv4 packet with a UDP datagram, its checksum as it is to be on arrival and with the sum of the
    /// pseudo-header in its place, as a sender who leaves the rest to the receiver writes it.
    private static byte[] datagram(boolean finished) {
        byte[] data = Octet.payload(33);
        byte[] udp = Octet.join(Octet.hex("03e807d0 0029 0000"), data);
        byte[] pseudo = Octet.hex("0a010001 0a020002 0011 0029");
        int partial = ~Octet.checksum(pseudo) & 0xffff;
        Octet.put16(udp, 6, finished ? Octet.checksum(pseudo, udp) : partial);
        return Octet.ip4().protocol(17).payload(udp).build();
    }

    @Test
    void gueRemoteChecksumIsFinishedHere() {
        try (Rig rig = gue(Mode.IPIP)) {
            // The header is as Linux writes it for UDP: start 20, offset 26.
            rig.receiveUdp(PORT, Octet.join(Octet.hex("02040001 80000000 0014001a"), datagram(false)));
            assertDelivered(rig, datagram(true), 0x0800);
        }
    }

    @Test
    void gueRemoteChecksumOfZeroBecomesAllOnes() {
        byte[] udp = Octet.hex("03e807d0 000a 0000 0000");
        // Chosen so that the sum is all ones and its complement zero.
        byte[] pseudo = Octet.hex("0a010001 0a020002 0011 000a");
        Octet.put16(udp, 8, Octet.checksum(pseudo, udp));
        Octet.put16(udp, 6, ~Octet.checksum(pseudo) & 0xffff);
        try (Rig rig = gue(Mode.IPIP)) {
            byte[] inner = Octet.ip4().protocol(17).payload(udp).build();
            rig.receiveUdp(PORT, Octet.join(Octet.hex("02040001 80000000 0014001a"), inner));
            assertThat(Octet.u16(rig.delivered().octets(), 26)).isEqualTo(0xffff);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0014 0053", "0055 001a", "ffff 001a", "0014 ffff", "0014 fffe"})
    void gueRemoteChecksumOutsideThePacketIsDropped(String startAndOffset) {
        try (Rig rig = gue(Mode.IPIP)) {
            rig.receiveUdp(PORT, Octet.join(Octet.hex("02040001 80000000 " + startAndOffset), inner()));
            assertThat(rig.counted()).isEqualTo(BAD_GUE);
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 0, 0", "1, 0, 0", "2, 0, 0", "3, 0, -", "3, 2, 3", "1, 2, 1", "2, 3, 3"})
    void ecnWorksAsOverDirectIp(int outer, int inner, String result) {
        for (Carrier carrier : List.of(FOU, GUE)) {
            byte[] before = Octet.ip4().tos(inner).build();
            byte[] payload = carrier.equals(GUE) ? Octet.join(Octet.hex("00040000"), before) : before;
            try (Rig rig = new Rig(Rig.spec().carrier(carrier))) {
                rig.receive(17, payload, a -> {
                    a.destinationPort = PORT;
                    a.tos = outer;
                });
                if (result.equals("-")) {
                    assertThat(rig.overlay.sent).isEmpty();
                    assertThat(rig.counted()).containsEntry("rx_frame_errors", 1L);
                } else {
                    assertThat(rig.delivered().octets()[1]).isEqualTo(Byte.parseByte(result));
                }
            }
        }
    }

    @Test
    void whatCameOverUdpMayBeForATunnelWithoutItAndTheOtherWayRound() {
        Tunnel direct = new Tunnel(TunnelSpec.of("direct", Rig.HERE, Rig.THERE));
        Tunnel other = new Tunnel(TunnelSpec.of("other", Rig.HERE, adit.wire.Ip4Address.parse("203.0.113.5"))
                .carrier(FOU));
        try (Rig rig = new Rig(direct, b -> {})) {
            rig.inbound.serve(TunnelTable.of(List.of(direct, other)), t -> rig.overlay);
            rig.receiveUdp(PORT, inner());
            assertThat(rig.inbound.counters(direct).rxPackets()).isEqualTo(1);
            rig.receive(4, inner(), a -> a.source = 0xcb007105);
            assertThat(rig.inbound.counters(other).rxPackets()).isEqualTo(1);
        }
    }

    @Test
    void twoTunnelsMayShareAPortIfTheyExpectTheSame() {
        Tunnel one = new Tunnel(Rig.spec().carrier(GUE).mode(Mode.IPIP));
        Tunnel two = new Tunnel(TunnelSpec.of("t2", Rig.HERE, adit.wire.Ip4Address.parse("203.0.113.5"))
                .carrier(GUE)
                .mode(Mode.MPLSIP));
        try (Rig rig = new Rig(one, b -> {})) {
            rig.inbound.serve(TunnelTable.of(List.of(one, two)), t -> rig.overlay);
            rig.receiveUdp(PORT, Octet.join(Octet.hex("00040000"), inner()));
            assertThat(rig.overlay.sent).hasSize(1);
        }
    }

    @Test
    void twoTunnelsThatExpectDifferentThingsOnAPortAreRefused() {
        Tunnel gue = new Tunnel(Rig.spec().carrier(GUE));
        Tunnel fou = new Tunnel(TunnelSpec.of("t2", Rig.HERE, adit.wire.Ip4Address.parse("203.0.113.5"))
                .carrier(FOU));
        try (Rig rig = new Rig(gue, b -> {})) {
            assertThatThrownBy(() -> rig.inbound.serve(TunnelTable.of(List.of(gue, fou)), t -> rig.overlay))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("'t1'")
                    .hasMessageContaining("'t2'")
                    .hasMessageContaining("7000");
            // What was served before still is.
            rig.receiveUdp(PORT, Octet.join(Octet.hex("00040000"), inner()));
            assertThat(rig.overlay.sent).hasSize(1);
        }
    }

    private static int sourcePort(byte[] inner) {
        Carrier carrier = new Carrier.Fou(PORT, PEER_PORT, Carrier.UdpChecksum.OFF, Carrier.SourcePort.PER_FLOW);
        try (Rig rig = new Rig(Rig.spec().mode(Mode.ANY).carrier(carrier))) {
            rig.send(inner);
            return rig.sent().sourcePort();
        }
    }

    private static byte[] tcp(int sourcePort, int sequence) {
        byte[] segment = Octet.payload(20);
        Octet.put16(segment, 0, sourcePort);
        Octet.put16(segment, 4, sequence);
        return segment;
    }

    @Test
    void sourcePortsPerFlowAreStableInRangeAndSpread() {
        Set<Integer> ports = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            int port = sourcePort(
                    Octet.ip4().protocol(6).payload(tcp(10_000 + i, 1)).build());
            assertThat(port).isBetween(32768, 60999);
            assertThat(sourcePort(Octet.ip4()
                            .protocol(6)
                            .ttl(9)
                            .payload(tcp(10_000 + i, 2))
                            .build()))
                    .isEqualTo(port);
            ports.add(port);
        }
        assertThat(ports).hasSizeGreaterThan(190);
    }

    @Test
    void sourcePortsPerFlowAreTheSameForAllFragmentsOfAPacket() {
        Octet.Ip4 first = Octet.ip4().protocol(17).payload(tcp(1000, 1));
        first.moreFragments = true;
        Octet.Ip4 last = Octet.ip4().protocol(17).payload(tcp(2000, 1)).fragmentAt(24);
        assertThat(sourcePort(first.build())).isEqualTo(sourcePort(last.build()));
    }

    @Test
    void sourcePortsPerFlowTakeTheHashThatThePacketCameWith() {
        Carrier carrier = new Carrier.Gue(PORT, PEER_PORT, Carrier.UdpChecksum.OFF, Carrier.SourcePort.PER_FLOW);
        try (Rig rig = new Rig(Rig.spec().carrier(carrier))) {
            rig.send(inner(), 0x0800, p -> p.flowHash(0x8000_0000));
            // Half way through the 28232 ports from 32768 on.
            assertThat(rig.sent().sourcePort()).isEqualTo(46884);
            rig.send(inner(), 0x0800, p -> p.flowHash(-1));
            assertThat(rig.underlay.sent.getLast().sourcePort()).isEqualTo(60999);
        }
    }
}
