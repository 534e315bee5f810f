package adit.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import adit.packet.Refusal;
import adit.packet.TunnelMetadata;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Packets through a tunnel over direct IP: what goes in comes out, and what is counted.
class DirectTest {
    @Test
    void sendsTheInnerPacketUnchangedAsProtocol4() {
        try (Rig rig = new Rig(Rig.spec())) {
            byte[] inner = Octet.ip4().build();
            rig.send(inner);
            RecordingUnderlay.Packet sent = rig.sent();
            assertThat(sent.hex()).isEqualTo(Octet.hex(inner));
            assertThat(sent.source()).isEqualTo("192.0.2.1");
            assertThat(sent.destination()).isEqualTo("198.51.100.7");
            assertThat(sent.protocol()).isEqualTo(4);
            assertThat(sent.sourcePort()).isZero();
            assertThat(sent.destinationPort()).isZero();
            assertThat(rig.counted()).isEqualTo(Map.of("tx_packets", 1L, "tx_bytes", 84L));
        }
    }

    @Test
    void handsTheInnerPacketUpUnchangedWhateverItsTtl() {
        try (Rig rig = new Rig(Rig.spec())) {
            byte[] inner = Octet.ip4().ttl(0).build();
            rig.receive(4, inner);
            assertThat(rig.delivered().hex()).isEqualTo(Octet.hex(inner));
            assertThat(rig.delivered().protocol()).isEqualTo(0x0800);
            assertThat(rig.counted()).isEqualTo(Map.of("rx_packets", 1L, "rx_bytes", 84L));
        }
    }

    @Test
    void takesAnOuterTtlOf1() {
        try (Rig rig = new Rig(Rig.spec())) {
            rig.receive(4, Octet.ip4().build(), a -> a.timeToLive = 1);
            assertThat(rig.delivered().hex()).isEqualTo(Octet.hex(Octet.ip4().build()));
        }
    }

    @Test
    void countsPaddingBehindTheInnerPacketAsReceived() {
        try (Rig rig = new Rig(Rig.spec())) {
            rig.receive(4, Octet.join(Octet.ip4().build(), new byte[6]));
            assertThat(rig.counted()).isEqualTo(Map.of("rx_packets", 1L, "rx_bytes", 90L));
        }
    }

    @Test
    void sendsABurstOfMorePacketsThanOneTurnMoves() {
        try (Rig rig = new Rig(Rig.spec(), b -> b.burst(8))) {
            for (int i = 0; i < 20; i++) {
                var p = rig.buffer(Octet.ip4().ttl(i + 1).build());
                p.protocol(0x0800);
                rig.overlay.queued.add(p);
            }
            assertThat(rig.outbound.turn(rig.now)).isEqualTo(8);
            assertThat(rig.outbound.turn(rig.now)).isEqualTo(8);
            assertThat(rig.outbound.turn(rig.now)).isEqualTo(4);
            assertThat(rig.outbound.turn(rig.now)).isZero();
            assertThat(rig.underlay.sent)
                    .extracting(RecordingUnderlay.Packet::ttl)
                    .startsWith(1, 2, 3)
                    .hasSize(20);
            assertThat(rig.counted()).isEqualTo(Map.of("tx_packets", 20L, "tx_bytes", 20 * 84L));
        }
    }

    @Test
    void forgetsHowThePacketWasAddressedBeforeItCameHere() {
        for (TunnelSpec spec : new TunnelSpec[] {Rig.spec(), TunnelSpec.external("t1")}) {
            try (Rig rig = new Rig(spec)) {
                rig.send(Octet.ip4().build(), 0x0800, p -> {
                    p.addressing().source = 1;
                    p.addressing().sourcePort = 2;
                    p.addressing().destinationPort = 3;
                    p.addressing().tos = 4;
                    p.addressing().timeToLive = 5;
                    p.addressing().link = 6;
                    p.addressing().outerHeaderLength = 7;
                    p.metadata().direction = TunnelMetadata.Direction.TRANSMIT;
                    p.metadata().source = Rig.HERE.bits();
                    p.metadata().destination = Rig.THERE.bits();
                });
                assertThat(rig.sent())
                        .isEqualTo(new RecordingUnderlay.Packet(
                                Octet.hex(Octet.ip4().build()),
                                "192.0.2.1",
                                "198.51.100.7",
                                4,
                                0,
                                0,
                                0,
                                64,
                                spec.steering() == Steering.CONFIGURED,
                                0,
                                0,
                                0));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "IPIP, 0x0800, 4",
        "IPIP, 0x86dd, -",
        "IPIP, 0x8847, -",
        "MPLSIP, 0x0800, -",
        "MPLSIP, 0x86dd, -",
        "MPLSIP, 0x8847, 137",
        "ANY, 0x0800, 4",
        "ANY, 0x86dd, 41",
        "ANY, 0x8847, 137",
        "ANY, 0x8848, -",
        "ANY, 0x0806, -",
        "ANY, 0, -",
    })
    void sendsWhatTheModeCarries(Mode mode, String etherType, String protocol) {
        try (Rig rig = new Rig(Rig.spec().mode(mode))) {
            rig.send(Octet.ip6().build(), Integer.decode(etherType), p -> {});
            if (protocol.equals("-")) {
                assertThat(rig.underlay.sent).isEmpty();
                assertThat(rig.counted()).isEqualTo(Map.of("NOT_CARRIED", 1L, "tx_errors", 1L));
            } else {
                assertThat(rig.sent().protocol()).isEqualTo(Integer.parseInt(protocol));
                assertThat(rig.counted()).isEqualTo(Map.of("tx_packets", 1L, "tx_bytes", 104L));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "IPIP, 4, 0x0800", "IPIP, 137, 0", "IPIP, 41, 0",
        "MPLSIP, 4, 0", "MPLSIP, 137, 0x8847", "MPLSIP, 41, 0",
        "ANY, 4, 0x0800", "ANY, 137, 0x8847", "ANY, 41, 0x86dd",
    })
    void dropsWhatTheModeDoesNotCarryWithoutAWordToAnybody(Mode mode, int protocol, String etherType) {
        try (Rig rig = new Rig(Rig.spec().mode(mode))) {
            byte[] inner = protocol == 41
                    ? Octet.ip6().build()
                    : protocol == 4 ? Octet.ip4().build() : Octet.labelled();
            rig.receive(protocol, inner);
            assertThat(rig.underlay.sent).as("ICMP to the peer").isEmpty();
            if (etherType.equals("0")) {
                assertThat(rig.overlay.sent).isEmpty();
                assertThat(rig.counted()).isEqualTo(Map.of("WRONG_MODE", 1L));
            } else {
                assertThat(rig.delivered().protocol()).isEqualTo(Integer.decode(etherType));
                assertThat(rig.delivered().hex()).isEqualTo(Octet.hex(inner));
                assertThat(rig.counted()).isEqualTo(Map.of("rx_packets", 1L, "rx_bytes", (long) inner.length));
            }
        }
    }

    @Test
    void marksAndBindsOuterPacketsAsConfigured() {
        try (Rig rig = new Rig(Rig.spec().link(3).mark(0x2a))) {
            rig.send(Octet.ip4().build());
            assertThat(rig.sent().link()).isEqualTo(3);
            assertThat(rig.sent().mark()).isEqualTo(0x2a);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "FULL, UNDERLAY_FULL, tx_dropped, -",
        "TOO_BIG, TOO_BIG_OUTSIDE, tx_dropped, -",
        "UNREACHABLE, UNDERLAY_UNREACHABLE, tx_errors, tx_carrier_errors",
        "DOWN, UNDERLAY_DOWN, tx_errors, tx_carrier_errors",
        "DENIED, UNDERLAY_DENIED, tx_dropped, -",
        "MALFORMED, UNDERLAY_MALFORMED, tx_errors, -",
    })
    void chargesEachRefusalOfTheUnderlayToItsPacket(Refusal refusal, String drop, String first, String second) {
        try (Rig rig = new Rig(Rig.spec())) {
            rig.underlay.refusal = n -> n == 1 ? refusal : Refusal.NONE;
            for (int length : new int[] {100, 200, 300}) {
                var p = rig.buffer(Octet.ip4().length(length).build());
                p.protocol(0x0800);
                rig.overlay.queued.add(p);
            }
            rig.outbound.turn(rig.now);
            var expected = new java.util.TreeMap<>(Map.of("tx_packets", 2L, "tx_bytes", 400L, drop, 1L, first, 1L));
            if (!second.equals("-")) {
                expected.put(second, 1L);
            }
            assertThat(rig.counted()).isEqualTo(expected);
        }
    }

    @Test
    void whatTheUnderlayRefusesAfterItHadTakenItWasNotSent() {
        try (Rig rig = new Rig(Rig.spec())) {
            rig.underlay.refusal = n -> n == 1 ? Refusal.FULL : Refusal.NONE;
            for (int length : new int[] {100, 200, 300}) {
                rig.send(Octet.ip4().length(length).build());
            }
            assertThat(rig.counted())
                    .isEqualTo(Map.of("tx_packets", 2L, "tx_bytes", 400L, "UNDERLAY_FULL", 1L, "tx_dropped", 1L));
            rig.underlay.batch.late().add(Refusal.FULL, 300);
            rig.outbound.turn(rig.now);
            Map<String, Long> expected =
                    Map.of("tx_packets", 1L, "tx_bytes", 100L, "UNDERLAY_FULL", 2L, "tx_dropped", 2L);
            assertThat(rig.counted()).isEqualTo(expected);
            rig.outbound.turn(rig.now);
            assertThat(rig.counted()).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "FULL, OVERLAY_FULL", "DOWN, OVERLAY_DOWN", "TOO_BIG, OVERLAY_REFUSED",
        "MALFORMED, OVERLAY_REFUSED", "DENIED, OVERLAY_REFUSED", "UNREACHABLE, OVERLAY_REFUSED",
    })
    void countsWhatTheOverlayRefusesAsReceivedAndAsDropped(Refusal refusal, String drop) {
        try (Rig rig = new Rig(Rig.spec())) {
            rig.overlay.refusal = refusal;
            rig.receive(4, Octet.ip4().build());
            assertThat(rig.counted()).isEqualTo(Map.of("rx_packets", 1L, "rx_bytes", 84L, drop, 1L, "rx_dropped", 1L));
        }
    }

    @Test
    void dropsWithoutAWordWhenThereIsNoWayToThePeer() {
        try (Rig rig = new Rig(Rig.spec())) {
            rig.underlay.path = adit.underlay.Path.NONE;
            rig.send(Octet.ip4().df().build());
            assertThat(rig.underlay.sent).isEmpty();
            assertThat(rig.overlay.sent).isEmpty();
            assertThat(rig.counted()).isEqualTo(Map.of("NO_PATH", 1L, "tx_errors", 1L, "tx_carrier_errors", 1L));
        }
    }

    @Test
    void dropsWhatWouldComeBackIntoTheTunnelItself() {
        try (Rig rig = new Rig(Rig.spec())) {
            rig.underlay.path = adit.underlay.Path.of(1480, 77);
            rig.send(Octet.ip4().build());
            assertThat(rig.underlay.sent).isEmpty();
            assertThat(rig.counted()).isEqualTo(Map.of("LOOP", 1L, "tx_errors", 1L, "collisions", 1L));
        }
    }

    @Test
    void doesNotTakeAnUnknownDeviceForItsOwn() {
        try (Rig rig = new Rig(new Tunnel(Rig.spec()), b -> {})) {
            rig.underlay.path = adit.underlay.Path.of(1500, 0);
            rig.send(Octet.ip4().build());
            assertThat(rig.counted()).isEqualTo(Map.of("tx_packets", 1L, "tx_bytes", 84L));
        }
    }

    @Test
    void sendsNothingWhileTheTunnelIsDown() {
        try (Rig rig = new Rig(Rig.spec())) {
            rig.tunnel.up(false);
            rig.send(Octet.ip4().build());
            assertThat(rig.underlay.sent).isEmpty();
            assertThat(rig.counted()).isEqualTo(Map.of("TUNNEL_DOWN", 1L, "tx_dropped", 1L));
        }
    }

    @Test
    void dropsAPacketWithoutRoomForTheOuterHeaders() {
        try (Rig rig = new Rig(Rig.spec().carrier(new Carrier.Gue(6080, 6080, Carrier.UdpChecksum.OFF)))) {
            rig.send(Octet.ip4().build(), 0x0800, p -> {
                byte[] inner = Octet.ip4().build();
                p.reserve(31);
                java.lang.foreign.MemorySegment.copy(
                        inner, 0, p.segment(), java.lang.foreign.ValueLayout.JAVA_BYTE, p.put(84), 84);
            });
            assertThat(rig.underlay.sent).isEmpty();
            assertThat(rig.counted()).isEqualTo(Map.of("NO_HEADROOM", 1L, "tx_dropped", 1L));
        }
    }
}
