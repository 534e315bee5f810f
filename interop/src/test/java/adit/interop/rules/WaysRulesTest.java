package adit.interop.rules;

import static adit.interop.rules.TunnelBox.HERE;
import static adit.interop.rules.TunnelBox.INNER_HERE;
import static adit.interop.rules.TunnelBox.INNER_THERE;
import static adit.interop.rules.TunnelBox.PEER;
import static org.assertj.core.api.Assertions.assertThat;

import adit.interop.rules.TunnelBox.Output;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Where the packets of tunnels go: by routes that lead elsewhere, nowhere or back, by tunnels inside tunnels,
/// from a namespace into another.
@ParameterizedClass(name = "{0}")
@EnumSource(value = World.class, names = "ADIT", mode = EnumSource.Mode.EXCLUDE)
class WaysRulesTest extends InMachines {
    private static final String FAR = "100.64.0.9";
    private static final String TO_PEER = "link add t1 type ipip local 198.51.100.2 remote 198.51.100.1";

    private static Ipv4Packet packet() {
        return Ipv4Packet.udp(INNER_HERE, INNER_THERE, 100);
    }

    /// Makes the tunnel `t1`, which is the way to 10.2.0.0/16.
    private void tunnel(String line) {
        machine.set(line, "link set t1 up", "route add 10.2.0.0/16 dev t1");
    }

    private void assertLost() {
        Output output = machine.outbound(packet());
        assertThat(output.isEmpty()).as(output.toString()).isTrue();
    }

    private static Map<String, Long> carrierErrors(long packets) {
        return Map.of("tx_errors", packets, "tx_carrier_errors", packets);
    }

    // ---- Nowhere

    @Test
    void withoutAWayToThePeerThereIsACarrierErrorAndNobodyIsTold() {
        tunnel("link add t1 type ipip remote 100.64.0.9");
        assertLost();
        machine.set("route add blackhole 100.64.0.0/16");
        assertLost();
        machine.set("route del blackhole 100.64.0.0/16", "route add unreachable 100.64.0.0/16");
        assertLost();
        machine.set("route del unreachable 100.64.0.0/16", "route add prohibit 100.64.0.0/16");
        assertLost();
        assertThat(machine.statistics("t1")).isEqualTo(carrierErrors(4));
    }

    @Test
    void aDeviceBelowThatIsDownIsNoWay() {
        tunnel(TO_PEER);
        machine.set("link set wire down");
        machine.inject(packet());
        assertThat(machine.statistics("t1")).isEqualTo(carrierErrors(1));
    }

    @Test
    void aLocalAddressThatIsNotOnesOwnIsNoWay() {
        tunnel("link add t1 type ipip local 198.51.100.77 remote 198.51.100.1");
        assertLost();
        assertThat(machine.statistics("t1")).isEqualTo(carrierErrors(1));
    }

    @Test
    void aWayToThePeerThroughTheTunnelItselfIsACollision() {
        tunnel("link add t1 type ipip local 198.51.100.2 remote 100.64.0.9");
        machine.set("route add 100.64.0.9/32 dev t1");
        assertLost();
        assertThat(machine.statistics("t1")).isEqualTo(Map.of("tx_errors", 1L, "collisions", 1L));
    }

    @Test
    void whatItDoesNotCarryIsAnError() {
        tunnel("link add t1 type ipip mode mplsip local 198.51.100.2 remote 198.51.100.1");
        assertLost();
        assertThat(machine.statistics("t1")).isEqualTo(Map.of("tx_errors", 1L));
    }

    @Test
    void externalTunnelsTakeNothingWithoutMetadata() {
        tunnel("link add t1 type ipip external");
        assertLost();
        assertThat(machine.statistics("t1")).isEqualTo(Map.of("tx_errors", 1L));
    }

    // ---- Many peers

    @Test
    void withoutPeerAndGatewayTheWayToTheInnerDestinationIsTheTunnel() {
        tunnel("link add t1 type ipip local 198.51.100.2");
        assertLost();
        assertThat(machine.statistics("t1")).isEqualTo(Map.of("tx_errors", 1L, "collisions", 1L));
    }

    @Test
    void oneDeviceReachesManyPeersByTheGatewaysOfRoutes() {
        machine.set(
                "link add t1 type ipip local 198.51.100.2",
                "link set t1 up",
                "neigh replace 198.51.100.3 lladdr 02:00:00:00:00:03 dev wire",
                "route add 10.2.0.0/24 via 198.51.100.1 dev t1 onlink",
                "route add 10.2.1.0/24 via 198.51.100.3 dev t1 onlink");
        List<Ipv4Packet> outer = machine.outbound(packet(), Ipv4Packet.udp(INNER_HERE, "10.2.1.9", 100))
                .outers();
        assertThat(outer).extracting(Ipv4Packet::destination).containsExactly(PEER, "198.51.100.3");
        assertThat(outer).extracting(Ipv4Packet::source).containsOnly(HERE);
        assertThat(machine.statistics("t1")).isEqualTo(Map.of("tx_packets", 2L, "tx_bytes", 200L));
    }

    /// Linux answers for these addresses itself, or leaves it to ARP; the driver does not look at them.
    @Test
    void aPeerMayBeAGroup() {
        tunnel("link add t1 type ipip local 198.51.100.2 remote 224.1.1.1 dev wire");
        Ipv4Packet outer = machine.outbound(packet()).outer();
        assertThat(outer.destination()).isEqualTo("224.1.1.1");
        assertThat(machine.stations()).containsExactly("01:00:5e:01:01:01");
    }

    /// One that this host is in: who sends to it is whoever it may be.
    @Test
    void packetsToAGroupAreForTheTunnelWhosePeerItIs() {
        tunnel("link add t1 type ipip local 198.51.100.2 remote 224.1.1.1 dev wire");
        Ipv4Packet inner = Ipv4Packet.udp(INNER_THERE, INNER_HERE, 60);
        Ipv4Packet outer = Ipv4Packet.of(PEER, "224.1.1.1", Ipv4Packet.IPIP, inner.octets());
        assertThat(machine.inbound(outer).isEmpty()).isTrue();
        machine.join("224.1.1.1");
        assertThat(machine.inbound(outer).inner().octets()).isEqualTo(inner.octets());
        assertThat(machine.statistics("t1")).isEqualTo(Map.of("rx_packets", 1L, "rx_bytes", 60L, "multicast", 1L));
    }

    /// It has neither peer nor address, inherits the TTL, and leaves DF as it is inside.
    @Test
    void tunl0SendsToTheGatewaysOfRoutes() {
        machine.set("link set tunl0 up", "route add 10.2.0.0/16 via 198.51.100.1 dev tunl0 onlink");
        long before = machine.statistics("tunl0").getOrDefault("tx_packets", 0L);
        Ipv4Packet fixed = packet().withTtl(33).withFlagsAndOffset(Ipv4Packet.DONT_FRAGMENT);
        List<Ipv4Packet> outer = machine.outbound(packet(), fixed).outers();
        assertThat(outer).extracting(Ipv4Packet::source).containsOnly(HERE);
        assertThat(outer).extracting(Ipv4Packet::destination).containsOnly(PEER);
        assertThat(outer).extracting(Ipv4Packet::ttl).containsExactly(64, 33);
        assertThat(outer).extracting(Ipv4Packet::dontFragment).containsExactly(false, true);
        assertThat(outer.getLast().payload()).isEqualTo(fixed.octets());
        assertThat(machine.statistics("tunl0")).containsEntry("tx_packets", before + 2);
    }

    // ---- What neighbours and routers say

    /// Forwarding does not heed what is known of the inner path, so the tunnel answers each packet anew.
    @Test
    void aLearnedPathMtuIsKnownOfThePeerAndOfWhatIsBehindIt() {
        tunnel(TO_PEER);
        Ipv4Packet large = Ipv4Packet.udp(INNER_HERE, INNER_THERE, 1281).withFlagsAndOffset(Ipv4Packet.DONT_FRAGMENT);
        Ipv4Packet outer = machine.outbound(large).outer();
        Ipv4Packet tooBig = Ipv4Packet.icmp("198.51.100.9", HERE, 3, 4, 1300, Arrays.copyOf(outer.octets(), 28));
        assertThat(machine.inbound(tooBig).isEmpty()).isTrue();
        for (int i = 0; i < 2; i++) {
            OutboundRulesTest.assertTooBig(machine.outbound(large), large, 1280);
        }
        assertThat(machine.statistics("t1")).isEqualTo(Map.of("tx_packets", 1L, "tx_bytes", 1281L, "tx_errors", 2L));
        assertThat(machine.shown("route get 198.51.100.1")).contains(" mtu 1300");
        assertThat(machine.shown("route get 10.2.0.9")).contains(" mtu 1280");
        assertThat(machine.shown("link show dev t1")).contains(" mtu 1480 ");
    }

    /// Nobody answers for the peer's address: the packet counts as sent, and the next one's sender hears of it.
    @Test
    void aPeerThatDoesNotAnswerIsToldOfWithTheNextPacket() {
        tunnel("link add t1 type ipip local 198.51.100.2 remote 198.51.100.77");
        assertThat(machine.outbound(packet()).isEmpty()).isTrue();
        assertThat(machine.statistics("t1")).isEqualTo(Map.of("tx_packets", 1L, "tx_bytes", 100L));
        for (int i = 0; i < 5; i++) {
            machine.pass(Duration.ofSeconds(1));
        }
        ForwardingRulesTest.assertTold(machine.outbound(packet()), packet(), 3, 1, 0);
        assertThat(machine.statistics("t1")).isEqualTo(Map.of("tx_packets", 2L, "tx_bytes", 200L));
    }

    /// A router names another for the peer's address: outer packets go by that one, and nothing else happens.
    @Test
    void aRedirectMovesTheWayToThePeer() {
        machine.sysctl("net.ipv4.conf.all.accept_redirects", 1);
        machine.set(
                "neigh replace 198.51.100.9 lladdr 02:00:00:00:00:09 dev wire",
                "neigh replace 198.51.100.3 lladdr 02:00:00:00:00:03 dev wire",
                "route add 100.64.0.0/16 via 198.51.100.9");
        tunnel("link add t1 type ipip local 198.51.100.2 remote 100.64.0.9");
        Ipv4Packet outer = machine.outbound(packet()).outer();
        assertThat(outer.destination()).isEqualTo(FAR);
        assertThat(machine.stations()).containsExactly("02:00:00:00:00:09");

        redirect("198.51.100.77", outer);
        machine.outbound(packet()).outer();
        assertThat(machine.stations()).as("by another than the gateway").containsExactly("02:00:00:00:00:09");

        redirect("198.51.100.9", outer);
        machine.outbound(packet()).outer();
        assertThat(machine.stations()).containsExactly("02:00:00:00:00:03");
        assertThat(machine.statistics("t1")).isEqualTo(Map.of("tx_packets", 3L, "tx_bytes", 300L));
    }

    /// A redirect by `router` that quotes an outer packet and names 198.51.100.3.
    private void redirect(String router, Ipv4Packet about) {
        int nearer = ByteBuffer.wrap(Ipv4Packet.addressOctets("198.51.100.3")).getInt();
        Ipv4Packet message = Ipv4Packet.icmp(router, HERE, 5, 1, nearer, Arrays.copyOf(about.octets(), 28));
        assertThat(machine.inbound(message).isEmpty()).isTrue();
    }

    // ---- Tunnels in tunnels

    @Test
    void tunnelsGoThroughTunnels() {
        machine.set(
                TO_PEER,
                "link set t1 up",
                "address add 10.0.0.1/30 dev t1",
                "link add t2 type ipip local 10.0.0.1 remote 10.0.0.2",
                "link set t2 up",
                "route add 10.2.0.0/16 dev t2");
        assertThat(machine.shown("link show dev t2")).contains(" mtu 1460 ");
        Ipv4Packet outer = machine.outbound(packet()).outer();
        Ipv4Packet middle = Ipv4Packet.parse(outer.payload());
        assertThat(outer.destination()).isEqualTo(PEER);
        assertThat(middle.destination()).isEqualTo("10.0.0.2");
        assertThat(middle.payload()).isEqualTo(packet().octets());
        assertThat(machine.statistics("t2")).isEqualTo(Map.of("tx_packets", 1L, "tx_bytes", 100L));
        assertThat(machine.statistics("t1")).isEqualTo(Map.of("tx_packets", 1L, "tx_bytes", 120L));
    }

    /// Each sends what the other sends, and the packet grows: after so many rounds it is gone. Linux 6.12 counts one
    /// loss, and 6.1 one in each.
    @Test
    void tunnelsThroughEachOtherEnd() {
        tunnel("link add t1 type ipip remote 100.64.0.1");
        machine.set(
                "link add t2 type ipip remote 100.64.0.2",
                "link set t2 up",
                "route add 100.64.0.1/32 dev t2",
                "route add 100.64.0.2/32 dev t1");
        assertLost();
        Map<String, Long> first = machine.statistics("t1");
        Map<String, Long> second = machine.statistics("t2");
        long lost = LongStream.of(
                        first.getOrDefault("tx_errors", 0L),
                        second.getOrDefault("tx_errors", 0L),
                        first.getOrDefault("tx_dropped", 0L),
                        second.getOrDefault("tx_dropped", 0L))
                .sum();
        assertThat(lost).as("%s %s", first, second).isBetween(1L, 2L);
    }

    // ---- Namespaces

    @Test
    void aDeviceThatMovesKeepsItsUnderlayWhereItWasMade() {
        machine.beside();
        machine.set(TO_PEER, "link set t1 netns beside");
        machine.set("-n beside address add 10.0.0.1/24 dev t1", "-n beside link set t1 up");
        assertThat(machine.shown("link show type ipip")).doesNotContain("t1");
        assertThat(machine.shown("-n beside -d link show dev t1")).contains("remote 198.51.100.1 local 198.51.100.2");
        Ipv4Packet request = Ipv4Packet.icmp("10.0.0.2", "10.0.0.1", 8, 0, 7);
        Ipv4Packet outer = machine.inbound(Ipv4Packet.of(PEER, HERE, Ipv4Packet.IPIP, request.octets()))
                .outer();
        assertThat(outer.source()).isEqualTo(HERE);
        assertThat(outer.destination()).isEqualTo(PEER);
        assertThat(Ipv4Packet.parse(outer.payload()).payload())
                .isEqualTo(Ipv4Packet.icmp("10.0.0.1", "10.0.0.2", 0, 0, 7).payload());
        // The addresses are still taken where it was made, and free where it is.
        assertThat(machine.ip("link add t9 type ipip local 198.51.100.2 remote 198.51.100.1")
                        .getFirst()
                        .err())
                .isEqualTo("RTNETLINK answers: File exists\n");
        machine.set("-n beside link add t9 type ipip local 198.51.100.2 remote 198.51.100.1");
    }

    @Test
    void tunl0StaysAndEachNamespaceHasItsOwn() {
        machine.beside();
        assertThat(machine.ip("link set tunl0 netns beside").getFirst().code()).isEqualTo(2);
        assertThat(machine.shown("-o link show dev tunl0")).contains("tunl0@NONE: <NOARP> mtu 1480");
        assertThat(machine.shown("-n beside -o link show type ipip")).contains("tunl0@NONE: <NOARP> mtu 1480");
    }

    /// What a namespace made goes with it, wherever it is by then, and routes by it go too.
    @Test
    void aNamespaceThatIsDeletedTakesTheTunnelsWithItThatItMade() {
        machine.beside();
        machine.set(
                "-n beside link add t1 type ipip local 198.51.100.2 remote 198.51.100.1",
                "-n beside link set t1 netns main",
                "link set t1 up",
                "route add 10.2.0.0/16 dev t1");
        assertLost();
        assertThat(machine.statistics("t1")).isEqualTo(carrierErrors(1));
        machine.besideNoMore();
        assertThat(machine.ip("link show dev t1").getFirst())
                .isEqualTo(new Ran(1, "", "Device \"t1\" does not exist.\n"));
        assertThat(machine.shown("route show 10.2.0.0/16")).isEmpty();
        tunnel(TO_PEER);
        assertThat(machine.outbound(packet()).outer().destination()).isEqualTo(PEER);
    }

    /// Its addresses are then free again where it was made, and what comes for it is for no tunnel.
    @Test
    void aNamespaceThatIsDeletedTakesTheTunnelsWithItThatHaveMovedThere() {
        machine.beside();
        machine.set(TO_PEER, "link set t1 netns beside", "-n beside link set t1 up");
        Ipv4Packet outer = Ipv4Packet.of(
                PEER,
                HERE,
                Ipv4Packet.IPIP,
                Ipv4Packet.udp(INNER_THERE, INNER_HERE, 60).octets());
        assertThat(machine.inbound(outer).isEmpty()).isTrue();
        machine.besideNoMore();
        Ipv4Packet refusal = machine.inbound(outer).outer();
        assertThat(refusal.protocol()).isEqualTo(Ipv4Packet.ICMP);
        assertThat(refusal.payload()).startsWith(3, 3);
        tunnel(TO_PEER);
        assertThat(machine.inbound(outer).inner().octets()).isEqualTo(outer.payload());
    }

    @Test
    void aTunnelThatHasComeBackStays() {
        machine.beside();
        machine.set(TO_PEER, "link set t1 netns beside", "-n beside link set t1 netns main");
        machine.besideNoMore();
        machine.set("link set t1 up", "route add 10.2.0.0/16 dev t1");
        assertThat(machine.outbound(packet()).outer().destination()).isEqualTo(PEER);
    }

    /// `net.core.fb_tunnels_only_for_init_net`: those that are there keep it, and later ones have none. Then a tunnel
    /// without addresses is free to be made, and the name is as well.
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void tunl0CanBeLeftOutOfNamespacesToCome(int value) {
        machine.sysctl("net.core.fb_tunnels_only_for_init_net", value);
        machine.beside();
        assertThat(machine.shown("-n beside -o link show type ipip")).isEmpty();
        assertThat(machine.shown("-o link show dev tunl0")).contains("tunl0@NONE: <NOARP> mtu 1480");
        machine.set("-n beside link add t1 type ipip");
        assertThat(machine.ip("-n beside link add t2 type ipip").getFirst().err())
                .isEqualTo("RTNETLINK answers: File exists\n");
        machine.set(
                "-n beside link add tunl0 type ipip remote 192.0.2.1",
                "-n beside link set tunl0 type ipip remote 192.0.2.2 ttl 9");
        assertThat(machine.shown("-n beside -d link show dev tunl0")).contains("remote 192.0.2.2", "ttl 9");
        machine.set("-n beside link del tunl0");
        assertThat(machine.shown("-n beside -o link show type ipip")).doesNotContain("tunl0");

        machine.besideNoMore();
        machine.sysctl("net.core.fb_tunnels_only_for_init_net", 0);
        machine.beside();
        assertThat(machine.shown("-n beside -o link show type ipip")).contains("tunl0@NONE: <NOARP> mtu 1480");
    }

    // ---- Labels

    @Test
    void aStackOfLabelsGoesInFrontOfThePacket() {
        machine.set(
                "link add t1 type ipip mode mplsip local 198.51.100.2 remote 198.51.100.1",
                "link set t1 up",
                "route add 10.2.0.0/24 encap mpls 100/200 ttl 7 dev t1",
                "route add 10.2.1.0/24 encap mpls 300 dev t1");
        Ipv4Packet outer = machine.outbound(packet()).outer();
        assertThat(outer.protocol()).isEqualTo(Ipv4Packet.MPLS);
        assertThat(outer.ttl()).isEqualTo(64);
        assertThat(outer.payload())
                .startsWith(0x00, 0x06, 0x40, 0x07, 0x00, 0x0c, 0x81, 0x07)
                .endsWith(packet().octets());
        assertThat(machine.statistics("t1")).isEqualTo(Map.of("tx_packets", 1L, "tx_bytes", 108L));
        Ipv4Packet one = machine.outbound(
                        Ipv4Packet.udp(INNER_HERE, "10.2.1.9", 100).withTtl(33))
                .outer();
        assertThat(one.payload()).startsWith(0x00, 0x12, 0xc1, 33);
    }
}
