package adit.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import adit.packet.TunnelMetadata;
import adit.underlay.Path;
import adit.wire.Ip4Address;
import adit.wire.Ip4Prefix;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Tunnels without a remote address: the next hop of each inner packet is its peer.
class NextHopTest {
    private static final TunnelSpec SPEC =
            TunnelSpec.of("t1", Rig.HERE, Ip4Address.ANY).mode(Mode.ANY);
    private static final NextHops ROUTES = new NextHopTable(List.of(
            new NextHopTable.Route(Ip4Prefix.parse("10.2.0.0/16"), Ip4Address.parse("198.51.100.9")),
            new NextHopTable.Route(Ip4Prefix.parse("10.3.0.0/16"), Ip4Address.ANY)));

    @Test
    void takesTheNextHopThatThePacketCameWith() {
        try (Rig rig = new Rig(SPEC, b -> b.nextHops(ROUTES))) {
            rig.send(Octet.ip4().build(), 0x0800, p -> p.nextHop(0xcb00710a));
            assertThat(rig.sent().destination()).isEqualTo("203.0.113.10");
            assertThat(rig.sent().source()).isEqualTo("192.0.2.1");
            assertThat(rig.counted()).isEqualTo(Map.of("tx_packets", 1L, "tx_bytes", 84L));
        }
    }

    @ParameterizedTest
    @CsvSource({"10.2.7.7, 198.51.100.9", "10.3.7.7, 10.3.7.7"})
    void looksTheNextHopUpWhenThePacketHasNone(String destination, String peer) {
        try (Rig rig = new Rig(SPEC, b -> b.nextHops(ROUTES))) {
            rig.send(Octet.ip4().to(destination).build());
            assertThat(rig.sent().destination()).isEqualTo(peer);
        }
    }

    @Test
    void dropsAPacketWithoutARoute() {
        try (Rig rig = new Rig(SPEC, b -> b.nextHops(ROUTES))) {
            rig.send(Octet.ip4().to("10.4.0.1").build());
            assertThat(rig.underlay.sent).isEmpty();
            assertThat(rig.overlay.sent).isEmpty();
            assertThat(rig.counted()).isEqualTo(Map.of("NO_NEXT_HOP", 1L, "tx_errors", 1L, "tx_fifo_errors", 1L));
        }
    }

    @Test
    void meetsItselfWhereTheNextHopIsTheInnerDestinationBehindTheTunnel() {
        try (Rig rig = new Rig(SPEC, b -> b.nextHops(ROUTES))) {
            rig.underlay.paths = destination -> destination == 0x0a030707 ? Path.of(1480, 77) : Path.of(1500, 1);
            rig.send(Octet.ip4().to("10.3.7.7").build());
            assertThat(rig.counted()).isEqualTo(Map.of("LOOP", 1L, "tx_errors", 1L, "collisions", 1L));
        }
    }

    @Test
    void followsThePathMtuOfEachPeer() {
        try (Rig rig = new Rig(SPEC, b -> b.nextHops(ROUTES))) {
            rig.underlay.paths = destination -> Path.of(destination == 0x0a030707 ? 1300 : 1500, 1);
            rig.send(Octet.ip4().df().length(1400).to("10.2.7.7").build());
            rig.send(Octet.ip4().df().length(1400).to("10.3.7.7").build());
            assertThat(rig.underlay.sent).hasSize(1);
            assertThat(Octet.u16(rig.delivered().octets(), 26)).isEqualTo(1280);
        }
    }

    @Test
    void takesTheDestinationOfMetadataBeforeAnyRoute() {
        try (Rig rig = new Rig(SPEC, b -> b.nextHops(ROUTES))) {
            rig.send(Octet.ip4().build(), 0x0800, p -> {
                p.nextHop(0x01010101);
                p.metadata().direction = TunnelMetadata.Direction.TRANSMIT;
                p.metadata().destination = Rig.THERE.bits();
            });
            assertThat(rig.sent().destination()).isEqualTo("198.51.100.7");
        }
    }

    @Test
    void findsThePeerInAnIpv4CompatibleDestination() {
        try (Rig rig = new Rig(SPEC)) {
            rig.send(Octet.ip6().to("000000000000000000000000c6336407").build());
            assertThat(rig.sent().destination()).isEqualTo("198.51.100.7");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "20010db8000000020000000000000002",
                "00000000000000000000000000000001",
                "00000000000000000000ffffc6336407",
                "00000000000000010000000000000000",
            })
    void tellsAnIpv6SenderWhosePeerIsUnknown(String destination) {
        try (Rig rig = new Rig(SPEC)) {
            rig.send(Octet.ip6().to(destination).build());
            assertThat(rig.underlay.sent).isEmpty();
            assertThat(rig.delivered().hex().substring(80, 84)).isEqualTo("0103");
            assertThat(rig.counted())
                    .isEqualTo(Map.of("NO_IPV4_NEXT_HOP", 1L, "TOLD_UNREACHABLE", 1L, "tx_errors", 1L));
        }
    }

    @Test
    void dropsALabelledPacketWhichHasNoDestinationToGoBy() {
        try (Rig rig = new Rig(SPEC)) {
            rig.send(Octet.labelled(), 0x8847, p -> p.nextHop(0x01010101));
            assertThat(rig.underlay.sent).isEmpty();
            assertThat(rig.counted()).isEqualTo(Map.of("NO_IPV4_NEXT_HOP", 1L, "tx_errors", 1L));
        }
    }
}
