package adit.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import adit.packet.PacketBuffer;
import adit.packet.TunnelMetadata;
import adit.underlay.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// External mode: each packet brings the parameters of the tunnel.
class ExternalTest {
    private static TunnelSpec spec() {
        return TunnelSpec.external("t1").mode(Mode.ANY);
    }

    private static void steer(PacketBuffer p, int tos, int ttl) {
        TunnelMetadata m = p.metadata();
        m.direction = TunnelMetadata.Direction.TRANSMIT;
        m.id = 7;
        m.source = Rig.HERE.bits();
        m.destination = Rig.THERE.bits();
        m.tos = tos;
        m.timeToLive = ttl;
    }

    @Test
    void sendsAsTheMetadataSays() {
        try (Rig rig = new Rig(spec())) {
            rig.send(Octet.ip4().ttl(9).tos(0xb9).build(), 0x0800, p -> steer(p, 0x28, 33));
            RecordingUnderlay.Packet sent = rig.sent();
            assertThat(sent.source()).isEqualTo("192.0.2.1");
            assertThat(sent.destination()).isEqualTo("198.51.100.7");
            assertThat(sent.protocol()).isEqualTo(4);
            assertThat(sent.ttl()).isEqualTo(33);
            assertThat(sent.tos()).isEqualTo(0x29);
            assertThat(sent.dontFragment()).isFalse();
            assertThat(rig.counted()).isEqualTo(Map.of("tx_packets", 1L, "tx_bytes", 84L));
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 0xb8, 0xb8", "0, 0xb8, 0", "3, 0xb8, 0", "1, 0xbb, 0xba"})
    void inheritsTosWhenItIsExactlyOne(int tos, String inner, String outer) {
        try (Rig rig = new Rig(spec())) {
            rig.send(Octet.ip4().tos(Integer.decode(inner)).build(), 0x0800, p -> steer(p, tos, 0));
            assertThat(rig.sent().tos()).isEqualTo(Integer.decode(outer));
        }
    }

    @Test
    void inheritsTtlWhenItIsZero() {
        try (Rig rig = new Rig(spec())) {
            rig.send(Octet.ip4().ttl(9).build(), 0x0800, p -> steer(p, 0, 0));
            rig.send(Octet.labelled(), 0x8847, p -> steer(p, 1, 0));
            assertThat(rig.underlay.sent)
                    .extracting(RecordingUnderlay.Packet::ttl)
                    .containsExactly(9, 64);
        }
    }

    @Test
    void dropsAPacketWithoutMetadataOrWithThatOfAReceivedOne() {
        try (Rig rig = new Rig(spec())) {
            rig.send(Octet.ip4().build());
            rig.send(Octet.ip4().build(), 0x0800, p -> {
                steer(p, 0, 0);
                p.metadata().direction = TunnelMetadata.Direction.RECEIVED;
            });
            assertThat(rig.underlay.sent).isEmpty();
            assertThat(rig.counted()).isEqualTo(Map.of("NO_METADATA", 2L, "tx_errors", 2L));
        }
    }

    @Test
    void dropsAPacketWithoutAWayOrWithOneIntoItself() {
        try (Rig rig = new Rig(spec())) {
            rig.underlay.path = Path.NONE;
            rig.send(Octet.ip4().build(), 0x0800, p -> steer(p, 0, 0));
            rig.underlay.path = Path.of(1500, 77);
            rig.send(Octet.ip4().build(), 0x0800, p -> steer(p, 0, 0));
            assertThat(rig.counted())
                    .isEqualTo(Map.of(
                            "NO_PATH", 1L, "LOOP", 1L, "tx_errors", 2L, "tx_carrier_errors", 1L, "collisions", 1L));
        }
    }

    @Test
    void receivesFromAnybodyAndSaysFromWhom() {
        try (Rig rig = new Rig(spec())) {
            rig.receive(4, Octet.ip4().build(), a -> {
                a.source = 0x0a0b0c0d;
                a.tos = 0x28;
            });
            assertThat(rig.delivered().metadata()).isEqualTo(TunnelMetadata.Direction.RECEIVED);
            assertThat(rig.delivered().peer()).isEqualTo(0x0a0b0c0d);
            assertThat(rig.counted()).isEqualTo(Map.of("rx_packets", 1L, "rx_bytes", 84L));
        }
    }

    @Test
    void saysNothingInOtherTunnels() {
        try (Rig rig = new Rig(Rig.spec())) {
            PacketBuffer p = rig.buffer(Octet.ip4().build());
            steer(p, 0, 0);
            p.addressing().source = Rig.THERE.bits();
            p.addressing().destination = Rig.HERE.bits();
            p.addressing().protocol = 4;
            rig.underlay.arrived.add(p);
            rig.inbound.turn(rig.now);
            assertThat(rig.delivered().metadata()).isEqualTo(TunnelMetadata.Direction.ABSENT);
        }
    }

    @Test
    void doesNotLookAtTheMetadataOfAConfiguredTunnel() {
        try (Rig rig = new Rig(Rig.spec())) {
            rig.send(Octet.ip4().build(), 0x0800, p -> {
                steer(p, 0x28, 33);
                p.metadata().destination = 0x01020304;
            });
            assertThat(rig.sent().destination()).isEqualTo("198.51.100.7");
            assertThat(rig.sent().tos()).isZero();
            assertThat(rig.sent().ttl()).isEqualTo(64);
        }
    }
}
