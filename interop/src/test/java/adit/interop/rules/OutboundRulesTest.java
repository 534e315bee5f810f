package adit.interop.rules;

import static adit.interop.rules.TunnelBox.HERE;
import static adit.interop.rules.TunnelBox.INNER_HERE;
import static adit.interop.rules.TunnelBox.INNER_THERE;
import static adit.interop.rules.TunnelBox.PEER;
import static org.assertj.core.api.Assertions.assertThat;

import adit.interop.rules.TunnelBox.Output;
import adit.tunnel.Carrier;
import adit.tunnel.Mode;
import adit.tunnel.PathMtu;
import adit.tunnel.Tos;
import adit.tunnel.Ttl;
import adit.tunnel.TunnelSpec;
import adit.wire.Ip4Address;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// From the overlay to the underlay.
@ParameterizedClass(name = "{0}")
@EnumSource(World.class)
class OutboundRulesTest extends InWorlds {
    private static final TunnelSpec PLAIN = Specs.to(PEER);
    private static final TunnelSpec UNDISCOVERED = PLAIN.pathMtu(PathMtu.IGNORE);

    private static Ipv4Packet packet(int length) {
        return Ipv4Packet.udp(INNER_HERE, INNER_THERE, length);
    }

    private static Ipv4Packet unfragmentable(int length) {
        return packet(length).withFlagsAndOffset(Ipv4Packet.DONT_FRAGMENT);
    }

    @Test
    void putsTheInnerPacketUnchangedBehindOneHeader() {
        box.tunnels(PLAIN);
        Ipv4Packet inner = packet(100).withTos(0xb8).withTtl(33).withOptions((byte) 1, (byte) 1, (byte) 1, (byte) 0);
        Ipv4Packet outer = box.outbound(inner).outer();
        assertThat(outer.source()).isEqualTo(HERE);
        assertThat(outer.destination()).isEqualTo(PEER);
        assertThat(outer.protocol()).isEqualTo(Ipv4Packet.IPIP);
        assertThat(outer.options()).isEmpty();
        assertThat(outer.payload()).isEqualTo(inner.octets());
        assertThat(box.statistics("t1")).isEqualTo(Map.of("tx_packets", 1L, "tx_bytes", 104L));
    }

    @Test
    void inheritsTheInnerTtl() {
        box.tunnels(PLAIN);
        Ipv4Packet[] inner =
                IntStream.range(1, 255).mapToObj(packet(100)::withTtl).toArray(Ipv4Packet[]::new);
        List<Ipv4Packet> outer = box.outbound(inner).outers();
        assertThat(outer).extracting(Ipv4Packet::ttl).containsExactlyElementsOf(ints(1, 255));
        assertThat(outer).extracting(p -> Ipv4Packet.parse(p.payload()).ttl()).containsExactlyElementsOf(ints(1, 255));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 77, 255})
    void givesTheFixedTtlWhateverTheInnerOne(int ttl) {
        box.tunnels(PLAIN.ttl(Ttl.fixed(ttl)));
        List<Ipv4Packet> outer =
                box.outbound(packet(100).withTtl(9), packet(100).withTtl(90)).outers();
        assertThat(outer).extracting(Ipv4Packet::ttl).containsExactly(ttl, ttl);
    }

    /// The DSCP is that of the configuration, or of the inner packet when the configured octet is odd. The two
    /// ECN bits of the configuration mean nothing: those of the inner packet go outside, except that congestion
    /// it has experienced already is not told again (RFC 6040, section 4.1).
    @ParameterizedTest
    @ValueSource(ints = {0x00, 0x01, 0x28, 0x02, 0x2a, 0x29, 0xff})
    void composesTheOuterTosFromTheInnerOneAndTheConfiguredOne(int configured) {
        box.tunnels(PLAIN.tos(new Tos(configured)));
        Ipv4Packet[] inner =
                IntStream.range(0, 256).mapToObj(packet(100)::withTos).toArray(Ipv4Packet[]::new);
        List<Ipv4Packet> outer = box.outbound(inner).outers();

        int[] ecn = {0, 1, 2, 2};
        List<Integer> expected = new ArrayList<>();
        for (int tos = 0; tos < 256; tos++) {
            int dscp = configured % 2 == 1 ? tos / 4 : configured / 4;
            expected.add(dscp * 4 + ecn[tos % 4]);
        }
        assertThat(outer).extracting(Ipv4Packet::tos).isEqualTo(expected);
        assertThat(outer).extracting(p -> Ipv4Packet.parse(p.payload()).tos()).containsExactlyElementsOf(ints(0, 256));
    }

    private static List<Integer> ints(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }

    @Test
    void setsDontFragmentOnEveryPacketWhileItDiscoversThePathMtu() {
        box.tunnels(PLAIN);
        assertThat(box.outbound(packet(100)).outer().dontFragment()).isTrue();
        assertThat(box.outbound(unfragmentable(100)).outer().dontFragment()).isTrue();
    }

    @Test
    void copiesDontFragmentOtherwise() {
        box.tunnels(UNDISCOVERED);
        assertThat(box.outbound(packet(100)).outer().dontFragment()).isFalse();
        assertThat(box.outbound(unfragmentable(100)).outer().dontFragment()).isTrue();
    }

    @Test
    void givesPacketsThatFollowOneAnotherDifferentIdentifications() {
        box.tunnels(PLAIN);
        List<Ipv4Packet> outer =
                box.outbound(packet(100), packet(100), packet(100)).outers();
        assertThat(outer).extracting(Ipv4Packet::identification).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @ValueSource(strings = {"DISCOVER", "IGNORE"})
    void tellsTheSenderThatAPacketIsTooLarge(PathMtu pathMtu) {
        box.tunnels(1500, List.of(PLAIN.pathMtu(pathMtu)));
        assertThat(box.outbound(unfragmentable(1480)).outer().length()).isEqualTo(1500);

        Ipv4Packet inner = unfragmentable(1481);
        assertTooBig(box.outbound(inner), inner, 1480);
        assertThat(box.statistics("t1")).isEqualTo(Map.of("tx_packets", 1L, "tx_bytes", 1480L, "tx_errors", 1L));
    }

    @Test
    void tellsTheSenderWhatIsLeftBehindTheHeadersOfFouAndGue() {
        box.tunnels(1500, List.of(PLAIN.carrier(new Carrier.Fou(5555, 5555, Carrier.UdpChecksum.OFF))));
        assertThat(box.outbound(unfragmentable(1472)).outer().length()).isEqualTo(1500);
        Ipv4Packet inner = unfragmentable(1473);
        assertTooBig(box.outbound(inner), inner, 1472);

        box.tunnels(1500, List.of(PLAIN.carrier(new Carrier.Gue(6080, 6080, Carrier.UdpChecksum.OFF))));
        assertThat(box.outbound(unfragmentable(1468)).outer().length()).isEqualTo(1500);
        inner = unfragmentable(1469);
        assertTooBig(box.outbound(inner), inner, 1468);
    }

    @Test
    void losesATooLargePacketThatMayBeFragmentedWhileItDiscoversThePathMtu() {
        box.tunnels(1500, List.of(PLAIN));
        assertThat(box.outbound(packet(1481)).isEmpty()).isTrue();
        assertThat(box.statistics("t1")).isEqualTo(Map.of("tx_dropped", 1L));
    }

    @Test
    void fragmentsTheOuterPacketOtherwise() {
        box.tunnels(1500, List.of(UNDISCOVERED));
        Ipv4Packet inner = packet(1481);
        Output output = box.outbound(inner);
        assertThat(output.overlay()).isEmpty();
        List<Ipv4Packet> pieces =
                output.underlay().stream().map(Ipv4Packet::parse).toList();
        assertThat(pieces).extracting(Ipv4Packet::length).containsExactly(1500, 21);
        assertThat(pieces).extracting(Ipv4Packet::flagsAndOffset).containsExactly(Ipv4Packet.MORE_FRAGMENTS, 1480 / 8);
        assertThat(pieces.get(0).identification()).isEqualTo(pieces.get(1).identification());
        assertThat(pieces.get(0).payload()).isEqualTo(Arrays.copyOf(inner.octets(), 1480));
        assertThat(pieces.get(1).payload()).isEqualTo(Arrays.copyOfRange(inner.octets(), 1480, 1481));
        assertThat(box.statistics("t1")).isEqualTo(Map.of("tx_packets", 1L, "tx_bytes", 1481L));
    }

    /// Asserts that nothing was sent and that the inner sender was told of this MTU by the right message.
    static void assertTooBig(Output output, Ipv4Packet inner, int mtu) {
        Ipv4Packet error = output.inner();
        assertThat(error.destination()).isEqualTo(inner.source());
        assertThat(error.tos()).as("internetwork control").isEqualTo(0xc0);
        assertThat(error.ttl()).isEqualTo(64);
        assertThat(error.protocol()).isEqualTo(Ipv4Packet.ICMP);
        assertThat(error.length()).as("RFC 1812, section 4.3.2.3").isEqualTo(Math.min(576, 28 + inner.length()));
        ByteBuffer message = ByteBuffer.wrap(error.payload());
        assertThat(message.get(0)).as("type").isEqualTo((byte) 3);
        assertThat(message.get(1)).as("code").isEqualTo((byte) 4);
        assertThat(message.getInt(4)).as("MTU").isEqualTo(mtu);
        byte[] quote = Arrays.copyOfRange(error.payload(), 8, error.payload().length);
        assertThat(quote).isEqualTo(Arrays.copyOf(inner.octets(), quote.length));
    }

    @Test
    void sendsFouFromAndToThePortsThatWereSet() {
        box.tunnels(PLAIN.carrier(new Carrier.Fou(5555, 5556, Carrier.UdpChecksum.OFF)));
        Ipv4Packet inner = packet(100);
        Ipv4Packet outer = box.outbound(inner).outer();
        assertThat(outer.protocol()).isEqualTo(Ipv4Packet.UDP);
        assertThat(outer.payload())
                .startsWith(ByteBuffer.allocate(8)
                        .putShort((short) 5555)
                        .putShort((short) 5556)
                        .putShort((short) 108)
                        .putShort((short) 0)
                        .array());
        assertThat(Arrays.copyOfRange(outer.payload(), 8, 108)).isEqualTo(inner.octets());
        assertThat(box.statistics("t1")).isEqualTo(Map.of("tx_packets", 1L, "tx_bytes", 100L));
    }

    /// They are in the range that Linux has for ports which nobody asked for.
    @Test
    void sendsEachFlowFromASourcePortOfItsOwn() {
        for (Carrier carrier : List.of(
                new Carrier.Fou(5555, 5555, Carrier.UdpChecksum.OFF, Carrier.SourcePort.PER_FLOW),
                new Carrier.Gue(6080, 6080, Carrier.UdpChecksum.OFF, Carrier.SourcePort.PER_FLOW))) {
            box.tunnels(PLAIN.carrier(carrier));
            int flows = 32;
            Ipv4Packet[] inner = IntStream.range(0, 2 * flows)
                    .mapToObj(i -> Ipv4Packet.udp(INNER_HERE, INNER_THERE, 1024 + i % flows, 7, (byte) i))
                    .toArray(Ipv4Packet[]::new);
            List<Integer> ports = box.outbound(inner).outers().stream()
                    .map(p -> Short.toUnsignedInt(ByteBuffer.wrap(p.payload()).getShort(0)))
                    .toList();
            assertThat(ports).hasSize(2 * flows).allMatch(port -> port >= 32768 && port <= 60999);
            assertThat(ports.subList(0, flows)).isEqualTo(ports.subList(flows, 2 * flows));
            // Two may meet in one port; half of them don't.
            assertThat(ports.stream().distinct().count()).isGreaterThan(flows / 2);
        }
    }

    @Test
    void sendsAGueHeaderThatNamesTheProtocolAndNothingElse() {
        box.tunnels(PLAIN.carrier(new Carrier.Gue(6080, 6080, Carrier.UdpChecksum.OFF)));
        Ipv4Packet inner = packet(100);
        Ipv4Packet outer = box.outbound(inner).outer();
        assertThat(Arrays.copyOfRange(outer.payload(), 8, 12)).containsExactly(0, 4, 0, 0);
        assertThat(Arrays.copyOfRange(outer.payload(), 12, 112)).isEqualTo(inner.octets());
    }

    @Test
    void computesTheUdpChecksumWhenAsked() {
        for (Carrier carrier : List.of(
                new Carrier.Fou(5555, 5555, Carrier.UdpChecksum.ON),
                new Carrier.Gue(6080, 6080, Carrier.UdpChecksum.ON))) {
            box.tunnels(PLAIN.carrier(carrier));
            Ipv4Packet[] inner = IntStream.of(28, 29, 30, 31, 32, 100, 1467, 1468)
                    .mapToObj(OutboundRulesTest::packet)
                    .toArray(Ipv4Packet[]::new);
            List<Ipv4Packet> outer = box.outbound(inner).outers();
            assertThat(outer).hasSize(inner.length).allSatisfy(packet -> {
                int sent = Short.toUnsignedInt(ByteBuffer.wrap(packet.payload()).getShort(6));
                assertThat(sent).isNotZero().isEqualTo(packet.transportChecksum());
            });
        }
    }

    @Test
    void refusesIpv4InATunnelForLabelsAlone() {
        box.tunnels(PLAIN.mode(Mode.MPLSIP));
        assertThat(box.outbound(packet(100)).isEmpty()).isTrue();
        assertThat(box.statistics("t1")).isEqualTo(Map.of("tx_errors", 1L));
    }

    @Test
    void findsNoWayToAPeerThatNoRouteLeadsTo() {
        box.tunnels(TunnelSpec.of("t1", Ip4Address.parse("198.51.100.77"), Ip4Address.parse(PEER)));
        assertThat(box.outbound(packet(100)).isEmpty()).isTrue();
        assertThat(box.statistics("t1")).isEqualTo(Map.of("tx_errors", 1L, "tx_carrier_errors", 1L));
    }
}
