package adit.interop.rules;

import static adit.interop.rules.TunnelBox.HERE;
import static adit.interop.rules.TunnelBox.INNER_HERE;
import static adit.interop.rules.TunnelBox.INNER_THERE;
import static adit.interop.rules.TunnelBox.PEER;
import static org.assertj.core.api.Assertions.assertThat;

import adit.interop.rules.TunnelBox.Output;
import adit.tunnel.Carrier;
import adit.tunnel.PathMtu;
import adit.tunnel.Ttl;
import adit.tunnel.TunnelSpec;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// ICMP errors about outer packets, and what inner senders are told of them.
@ParameterizedClass(name = "{0}")
@EnumSource(World.class)
class UnderlayErrorRulesTest extends InWorlds {
    private static final TunnelSpec PLAIN = Specs.to(PEER);
    private static final String ROUTER = "198.51.100.9";
    private static final int HOST_UNREACHABLE = 1;
    private static final int TOO_BIG = 4;

    private static Ipv4Packet packet(int length) {
        return Ipv4Packet.udp(INNER_HERE, INNER_THERE, length);
    }

    private static Ipv4Packet unfragmentable(int length) {
        return packet(length).withFlagsAndOffset(Ipv4Packet.DONT_FRAGMENT);
    }

    /// An ICMP error of a router that quotes the header and eight octets of the packet, which is what RFC 792
    /// asks for.
    private static Ipv4Packet error(int type, int code, int rest, Ipv4Packet about) {
        return Ipv4Packet.icmp(ROUTER, HERE, type, code, rest, Arrays.copyOf(about.octets(), 28));
    }

    private void hear(int type, int code, int rest, Ipv4Packet about) {
        Output output = box.inbound(error(type, code, rest, about));
        assertThat(output.isEmpty())
                .as("nothing is passed on at once: %s", output)
                .isTrue();
    }

    /// Sends a packet and answers whether its sender was told that the host can't be reached. It must go out in
    /// any case.
    private boolean told() {
        Output output = box.outbound(packet(100));
        assertThat(output.underlay()).hasSize(1);
        if (output.overlay().isEmpty()) {
            return false;
        }
        assertThat(output.overlay()).hasSize(1);
        Ipv4Packet message = Ipv4Packet.parse(output.overlay().getFirst());
        assertThat(message.destination()).isEqualTo(INNER_HERE);
        assertThat(message.payload())
                .startsWith(3, HOST_UNREACHABLE, message.payload()[2], message.payload()[3], 0, 0, 0, 0);
        byte[] quote = Arrays.copyOfRange(message.payload(), 8, message.payload().length);
        assertThat(quote).isEqualTo(packet(100).octets());
        return true;
    }

    @Test
    void tellsTheSenderOfTheNextPacketOnceForEachError() {
        box.tunnels(PLAIN);
        Ipv4Packet outer = box.outbound(packet(100)).outer();
        hear(3, 1, 0, outer);
        assertThat(told()).isTrue();
        assertThat(told()).isFalse();

        hear(3, 1, 0, outer);
        hear(3, 3, 0, outer);
        assertThat(told()).isTrue();
        assertThat(told()).isTrue();
        assertThat(told()).isFalse();
        assertThat(box.statistics("t1")).isEqualTo(Map.of("tx_packets", 6L, "tx_bytes", 600L));
    }

    @Test
    void forgetsAnErrorAfterHalfAMinute() {
        box.tunnels(PLAIN);
        Ipv4Packet outer = box.outbound(packet(100)).outer();
        hear(3, 1, 0, outer);
        hear(3, 1, 0, outer);
        box.pass(Duration.ofSeconds(31));
        assertThat(told()).isFalse();
        hear(3, 1, 0, outer);
        assertThat(told()).isTrue();
        assertThat(told()).as("the older ones do not come back").isFalse();
    }

    @Test
    void heedsWhatSaysThatThePeerCannotBeReached() {
        box.tunnels(PLAIN);
        assertThat(heeded()).isEqualTo(unreachables());
    }

    /// With a fixed TTL a loop in the underlay is the likely reason for its end; an inherited one belongs to
    /// the inner sender, who may be tracing the route.
    @Test
    void heedsTheEndOfAFixedTtlToo() {
        box.tunnels(PLAIN.ttl(Ttl.fixed(64)));
        Set<String> expected = unreachables();
        expected.add("11/0");
        assertThat(heeded()).isEqualTo(expected);
    }

    /// All but "fragmentation needed" and "source route failed".
    private static Set<String> unreachables() {
        return IntStream.rangeClosed(0, 15)
                .filter(code -> code != 4 && code != 5)
                .mapToObj(code -> "3/" + code)
                .collect(Collectors.toCollection(HashSet::new));
    }

    /// The types and codes after which the sender of the next packet is told.
    private Set<String> heeded() {
        Ipv4Packet outer = box.outbound(packet(100)).outer();
        Set<String> heeded = new HashSet<>();
        int[][] errors = {{4, 0}, {5, 0}, {5, 1}, {11, 0}, {11, 1}, {12, 0}};
        for (int code = 0; code <= 15; code++) {
            if (code != TOO_BIG && heeded(3, code, outer)) {
                heeded.add("3/" + code);
            }
        }
        for (int[] error : errors) {
            if (heeded(error[0], error[1], outer)) {
                heeded.add(error[0] + "/" + error[1]);
            }
        }
        return heeded;
    }

    private boolean heeded(int type, int code, Ipv4Packet outer) {
        hear(type, code, 0, outer);
        return told();
    }

    @Test
    void doesNotHeedErrorsAboutPacketsOfOthers() {
        box.tunnels(PLAIN);
        Ipv4Packet outer = box.outbound(packet(100)).outer();
        hear(3, 1, 0, Ipv4Packet.of(HERE, "198.51.100.3", outer.protocol(), outer.payload()));
        assertThat(told()).isFalse();
        hear(3, 1, 0, outer.withSource("198.51.100.3"));
        assertThat(told()).isFalse();
    }

    /// Linux heeds them only when no socket has the packet's source port. Its own FOU socket counts as one, so
    /// a tunnel that sends from the port it receives on hears nothing; ours does (docs/decisions/007).
    @Test
    void heedsErrorsAboutPacketsOverUdpToo() {
        for (Carrier carrier : List.of(
                new Carrier.Fou(5555, 5555, Carrier.UdpChecksum.OFF, Carrier.SourcePort.PER_FLOW),
                new Carrier.Gue(6080, 6080, Carrier.UdpChecksum.OFF, Carrier.SourcePort.PER_FLOW))) {
            box.tunnels(PLAIN.carrier(carrier));
            Ipv4Packet outer = box.outbound(packet(100)).outer();
            // The octets behind the UDP header tell what kind of tunnel it was.
            box.inbound(Ipv4Packet.icmp(ROUTER, HERE, 3, 1, 0, outer.octets()));
            assertThat(told()).as(carrier.toString()).isTrue();
        }
    }

    @Test
    void learnsThePathMtu() {
        box.tunnels(PLAIN);
        Ipv4Packet outer = box.outbound(unfragmentable(1480)).outer();
        hear(3, TOO_BIG, 1300, outer);

        assertThat(box.outbound(unfragmentable(1280)).outer().length()).isEqualTo(1300);
        Ipv4Packet inner = unfragmentable(1281);
        OutboundRulesTest.assertTooBig(box.outbound(inner), inner, 1280);
        assertThat(box.outbound(packet(1281)).isEmpty()).isTrue();
        assertThat(box.statistics("t1"))
                .isEqualTo(Map.of("tx_packets", 2L, "tx_bytes", 2760L, "tx_errors", 1L, "tx_dropped", 1L));
    }

    @Test
    void fragmentsToTheLearnedMtuWhenItDoesNotDiscoverIt() {
        box.tunnels(PLAIN.pathMtu(PathMtu.IGNORE));
        Ipv4Packet outer = box.outbound(unfragmentable(1480)).outer();
        hear(3, TOO_BIG, 1300, outer);

        Ipv4Packet inner = unfragmentable(1281);
        OutboundRulesTest.assertTooBig(box.outbound(inner), inner, 1280);
        List<Ipv4Packet> pieces = box.outbound(packet(1281)).outers();
        assertThat(pieces).extracting(Ipv4Packet::length).containsExactly(1300, 21);
    }

    /// Nobody may talk a host into packets smaller than 552 octets; where a path is that narrow, routers have
    /// to fragment.
    @Test
    void doesNotBelieveATinyMtu() {
        box.tunnels(PLAIN);
        Ipv4Packet outer = box.outbound(unfragmentable(1480)).outer();
        hear(3, TOO_BIG, 100, outer);

        Ipv4Packet sent = box.outbound(unfragmentable(532)).outer();
        assertThat(sent.length()).isEqualTo(552);
        assertThat(sent.dontFragment()).isFalse();
        assertThat(box.outbound(packet(532)).outer().dontFragment()).isFalse();
        Ipv4Packet inner = unfragmentable(533);
        OutboundRulesTest.assertTooBig(box.outbound(inner), inner, 532);
    }

    @Test
    void learnsThePathMtuOfFouAndGue() {
        for (Carrier carrier : List.of(
                new Carrier.Fou(5555, 5555, Carrier.UdpChecksum.OFF),
                new Carrier.Gue(6080, 6080, Carrier.UdpChecksum.OFF))) {
            box.tunnels(PLAIN.carrier(carrier));
            Ipv4Packet outer = box.outbound(unfragmentable(1400)).outer();
            hear(3, TOO_BIG, 1300, outer);
            Ipv4Packet inner = unfragmentable(1300 - carrier.overhead() + 1);
            OutboundRulesTest.assertTooBig(box.outbound(inner), inner, 1300 - carrier.overhead());
        }
    }

    @Test
    void ignoresErrorsThatAreDamagedOrCutShort() {
        box.tunnels(PLAIN);
        Ipv4Packet outer = box.outbound(packet(100)).outer();
        byte[] damaged = error(3, 1, 0, outer).octets();
        damaged[damaged.length - 1] ^= 1;
        box.inbound(damaged);
        assertThat(told()).as("after a bad checksum").isFalse();
        for (int quoted : new int[] {0, 1, 19, 20, 27}) {
            box.inbound(Ipv4Packet.icmp(ROUTER, HERE, 3, 1, 0, Arrays.copyOf(outer.octets(), quoted)));
            assertThat(told()).as("%d octets quoted", quoted).isFalse();
        }
    }
}
