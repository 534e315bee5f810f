package adit.interop.rules;

import static adit.interop.rules.TunnelBox.HERE;
import static adit.interop.rules.TunnelBox.INNER_HERE;
import static adit.interop.rules.TunnelBox.INNER_THERE;
import static adit.interop.rules.TunnelBox.PEER;
import static org.assertj.core.api.Assertions.assertThat;

import adit.interop.rules.TunnelBox.Route;
import adit.tunnel.Mode;
import adit.tunnel.Tos;
import adit.tunnel.Ttl;
import adit.tunnel.TunnelSpec;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// Tunnels whose outer parameters come with each packet, and packets that are no IP packets.
@ParameterizedClass(name = "{0}")
@EnumSource(World.class)
class ExternalRulesTest extends InWorlds {
    private static final TunnelSpec EXTERNAL = TunnelSpec.external("t1");

    private static Ipv4Packet packet(int length) {
        return Ipv4Packet.udp(INNER_HERE, INNER_THERE, length);
    }

    @Test
    void takesAddressesTtlAndDscpFromTheMetadata() {
        box.tunnels(EXTERNAL);
        box.route(new Route.External(PEER, 0x10, 33));
        Ipv4Packet inner = packet(100).withTos(0xba).withTtl(9);
        Ipv4Packet outer = box.outbound(inner).outer();
        assertThat(outer.source()).isEqualTo(HERE);
        assertThat(outer.destination()).isEqualTo(PEER);
        assertThat(outer.ttl()).isEqualTo(33);
        assertThat(outer.tos()).isEqualTo(0x12);
        assertThat(outer.payload()).isEqualTo(inner.octets());
        assertThat(box.statistics("t1")).isEqualTo(Map.of("tx_packets", 1L, "tx_bytes", 100L));
    }

    @Test
    void inheritsWhatTheMetadataLeaveOpen() {
        box.tunnels(EXTERNAL);
        box.route(new Route.External(PEER, 1, 0));
        Ipv4Packet outer = box.outbound(packet(100).withTos(0xba).withTtl(9)).outer();
        assertThat(outer.ttl()).isEqualTo(9);
        assertThat(outer.tos()).isEqualTo(0xba);
    }

    @Test
    void setsDontFragmentOnlyWhenTheMetadataSaySo() {
        box.tunnels(EXTERNAL);
        box.route(new Route.External(PEER, 0, 64));
        List<Ipv4Packet> outer = box.outbound(packet(100), packet(100).withFlagsAndOffset(Ipv4Packet.DONT_FRAGMENT))
                .outers();
        assertThat(outer).extracting(Ipv4Packet::dontFragment).containsExactly(false, false);
    }

    @Test
    void fragmentsWhatIsTooLarge() {
        box.tunnels(1500, List.of(EXTERNAL));
        box.route(new Route.External(PEER, 0, 64));
        Ipv4Packet inner = packet(1481).withFlagsAndOffset(Ipv4Packet.DONT_FRAGMENT);
        assertThat(box.outbound(inner).outers()).extracting(Ipv4Packet::length).containsExactly(1500, 21);
    }

    @Test
    void losesPacketsWithoutMetadata() {
        box.tunnels(EXTERNAL);
        assertThat(box.outbound(packet(100)).isEmpty()).isTrue();
        assertThat(box.statistics("t1")).isEqualTo(Map.of("tx_errors", 1L));
    }

    /// A label has a TTL, but no TOS that the outer header could take.
    @Test
    void sendsLabelledPackets() {
        TunnelSpec labels = Specs.to(PEER).mode(Mode.MPLSIP);
        for (TunnelSpec spec : List.of(
                labels,
                labels.mode(Mode.ANY),
                labels.tos(Tos.INHERIT),
                labels.tos(new Tos(0x12)),
                labels.ttl(Ttl.fixed(7)))) {
            box.tunnels(spec);
            Route.Labelled route = new Route.Labelled(100, 5);
            box.route(route);
            Ipv4Packet inner = packet(100).withTos(0xbb);
            Ipv4Packet outer = box.outbound(inner).outer();
            assertThat(outer.protocol()).as(spec.toString()).isEqualTo(Ipv4Packet.MPLS);
            assertThat(outer.ttl()).as(spec.toString()).isEqualTo(spec.ttl().inherited() ? 64 : 7);
            assertThat(outer.tos()).as(spec.toString()).isEqualTo(spec.tos().value() & 0xfc);
            assertThat(outer.dontFragment()).as(spec.toString()).isTrue();
            ByteBuffer payload = ByteBuffer.wrap(outer.payload());
            assertThat(payload.getInt()).isEqualTo(route.entry());
            assertThat(Arrays.copyOfRange(outer.payload(), 4, 104)).isEqualTo(inner.octets());
            assertThat(box.statistics("t1")).isEqualTo(Map.of("tx_packets", 1L, "tx_bytes", 104L));
        }
    }

    @Test
    void refusesLabelledPacketsInATunnelForIpv4Alone() {
        box.tunnels(Specs.to(PEER));
        box.route(new Route.Labelled(100, 5));
        assertThat(box.outbound(packet(100)).isEmpty()).isTrue();
        assertThat(box.statistics("t1")).isEqualTo(Map.of("tx_errors", 1L));
    }

    /// What the kernel does with the labels afterwards is its router's business, so only the count is compared.
    @Test
    void receivesLabelledPackets() {
        byte[] labelled = ByteBuffer.allocate(104)
                .putInt(new Route.Labelled(100, 5).entry())
                .put(packet(100).octets())
                .array();
        for (Mode mode : List.of(Mode.MPLSIP, Mode.ANY)) {
            box.tunnels(Specs.to(PEER).mode(mode));
            box.inbound(Ipv4Packet.of(PEER, HERE, Ipv4Packet.MPLS, labelled));
            assertThat(box.statistics("t1")).isEqualTo(Map.of("rx_packets", 1L, "rx_bytes", 104L));
        }
    }
}
