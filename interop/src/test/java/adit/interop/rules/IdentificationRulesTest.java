package adit.interop.rules;

import static adit.interop.rules.TunnelBox.HERE;
import static adit.interop.rules.TunnelBox.INNER_HERE;
import static adit.interop.rules.TunnelBox.INNER_THERE;
import static adit.interop.rules.TunnelBox.PEER;
import static org.assertj.core.api.Assertions.assertThat;

import adit.tunnel.Carrier;
import adit.tunnel.PathMtu;
import adit.tunnel.TunnelSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// The identifications of outer packets. Each machine begins where it likes, so what is compared is how far each
/// packet's is from that of the one before.
///
/// A sequence that is used after a rest goes on by a random number of steps more, at most one for each tick of the
/// machine's clock; a thousand ticks in a second are the most that Linux may be built with.
@ParameterizedClass(name = "{0}")
@EnumSource(value = World.class, names = "ADIT", mode = EnumSource.Mode.EXCLUDE)
class IdentificationRulesTest extends InMachines {
    private static final int MOST_TICKS_IN_A_SECOND = 1000;
    private static final int[] PEERS = {1, 3, 4};

    private static Ipv4Packet packet(String to) {
        return Ipv4Packet.udp(INNER_HERE, to, 100);
    }

    private static Ipv4Packet[] packets(int count, IntFunction<Ipv4Packet> packet) {
        return IntStream.range(0, count).mapToObj(packet).toArray(Ipv4Packet[]::new);
    }

    /// How far apart those that follow one another are.
    private static List<Integer> steps(List<Ipv4Packet> packets) {
        return IntStream.range(1, packets.size())
                .mapToObj(i ->
                        (packets.get(i).identification() - packets.get(i - 1).identification()) & 0xffff)
                .toList();
    }

    /// Rests end within this time, in which so many ticks pass.
    private static int most(Duration time) {
        return 1 + Math.toIntExact(time.toMillis() * MOST_TICKS_IN_A_SECOND / 1000);
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }

    /// The inner ones are all the same, and half of the packets carry DF.
    @Test
    void followOneAnotherWithDontFragmentAndWithout() {
        TunnelSpec plain = Specs.to(PEER).pathMtu(PathMtu.IGNORE);
        for (TunnelSpec spec : List.of(
                plain,
                plain.carrier(new Carrier.Fou(5555, 5555, Carrier.UdpChecksum.OFF)),
                plain.carrier(new Carrier.Gue(6080, 6080, Carrier.UdpChecksum.OFF)))) {
            machine.tunnels(spec);
            long begun = System.nanoTime();
            List<Ipv4Packet> outer = machine.outbound(
                            packets(40, i -> packet(INNER_THERE).withFlagsAndOffset(i % 2 * Ipv4Packet.DONT_FRAGMENT)))
                    .outers();
            int most = most(since(begun));
            assertThat(outer).hasSize(40).extracting(Ipv4Packet::dontFragment).contains(true, false);
            assertThat(steps(outer))
                    .as(spec.toString())
                    .allMatch(step -> step >= 1 && step <= most)
                    .contains(1);
        }
    }

    /// Makes a tunnel for packets and one for labelled packets to each of three peers, and answers where inner
    /// packets go by each.
    private List<String> sixTunnels() {
        List<String> lines = new ArrayList<>();
        List<String> inner = new ArrayList<>();
        for (int peer : PEERS) {
            String ends = " local " + HERE + " remote 198.51.100." + peer;
            lines.add(
                    "neigh replace 198.51.100.%1$d lladdr 02:00:00:00:00:0%1$d dev wire nud permanent".formatted(peer));
            lines.add("link add a" + peer + " type ipip" + ends);
            lines.add("link add b" + peer + " type ipip mode mplsip" + ends + " dev wire");
            lines.add("link set a" + peer + " up");
            lines.add("link set b" + peer + " up");
            lines.add("route add 10.2.%1$d.0/24 dev a%1$d".formatted(peer));
            lines.add("route add 10.3.%1$d.0/24 encap mpls 100 dev b%1$d".formatted(peer));
            inner.add("10.2." + peer + ".9");
            inner.add("10.3." + peer + ".9");
        }
        machine.set(lines.toArray(String[]::new));
        return inner;
    }

    /// Packets go to all by turns. Where two shared a sequence, neither could have two that follow each other; that
    /// two meet by their hashes is nothing to fear, and that three pairs do does not happen.
    @Test
    void everyPeerAndEveryProtocolHasASequenceOfItsOwn() {
        List<String> inner = sixTunnels();
        int tunnels = inner.size();
        List<Ipv4Packet> outer = machine.outbound(packets(20 * tunnels, i -> packet(inner.get(i % tunnels))))
                .outers();
        assertThat(outer).hasSize(20 * tunnels);
        long own = IntStream.range(0, tunnels)
                .filter(t -> steps(IntStream.range(0, 20)
                                .mapToObj(round -> outer.get(round * tunnels + t))
                                .toList())
                        .contains(1))
                .count();
        assertThat(own).isGreaterThanOrEqualTo(tunnels - 2);
    }

    @Test
    void aSequenceThatHasRestedGoesOnSomeStepsAhead() {
        List<String> inner = sixTunnels();
        Ipv4Packet[] one = packets(inner.size(), i -> packet(inner.get(i)));
        long begun = System.nanoTime();
        List<Ipv4Packet> before = machine.outbound(one).outers();
        machine.pass(Duration.ofSeconds(2));
        List<Ipv4Packet> after = machine.outbound(one).outers();
        // In memory time stands still while packets are on their way, and goes on a little in between.
        int most = Math.max(most(since(begun)), most(Duration.ofSeconds(4)));
        List<Integer> steps = IntStream.range(0, one.length)
                .mapToObj(i -> steps(List.of(before.get(i), after.get(i))).getFirst())
                .toList();
        assertThat(steps).allMatch(step -> step >= 1 && step <= most).anyMatch(step -> step > 1);
    }
}
