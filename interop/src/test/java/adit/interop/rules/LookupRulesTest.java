package adit.interop.rules;

import static adit.interop.rules.TunnelBox.HERE;
import static adit.interop.rules.TunnelBox.INNER_HERE;
import static adit.interop.rules.TunnelBox.INNER_THERE;
import static adit.interop.rules.TunnelBox.PEER;
import static org.assertj.core.api.Assertions.assertThat;

import adit.tunnel.TunnelSpec;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// Which of several tunnels gets a packet, and where a tunnel without a peer sends.
@ParameterizedClass(name = "{0}")
@EnumSource(World.class)
class LookupRulesTest extends InWorlds {
    private static final String ANY = "0.0.0.0";
    private static final String OTHER = "198.51.100.3";
    private static final TunnelSpec EXACT = Specs.named("exact", HERE, PEER);
    private static final TunnelSpec REMOTE = Specs.named("remote", ANY, PEER);
    private static final TunnelSpec LOCAL = Specs.named("local", HERE, ANY);
    private static final TunnelSpec EXTERNAL = TunnelSpec.external("external");

    /// The names of these tunnels that have received the packet which comes from `source`.
    private List<String> receivers(String source, TunnelSpec... tunnels) {
        Ipv4Packet inner = Ipv4Packet.udp(INNER_THERE, INNER_HERE, 100);
        List<String> before = received(tunnels);
        box.inbound(Ipv4Packet.of(source, HERE, Ipv4Packet.IPIP, inner.octets()));
        List<String> after = received(tunnels);
        return after.stream().filter(name -> !before.contains(name)).toList();
    }

    private List<String> received(TunnelSpec... tunnels) {
        return List.of(tunnels).stream()
                .map(TunnelSpec::name)
                .map(name -> name + " " + box.statistics(name).getOrDefault("rx_packets", 0L))
                .toList();
    }

    @Test
    void prefersTheTunnelThatSaysMore() {
        box.tunnels(EXTERNAL, LOCAL, REMOTE, EXACT);
        TunnelSpec[] all = {EXTERNAL, LOCAL, REMOTE, EXACT};
        assertThat(receivers(PEER, all)).containsExactly("exact 1");
        box.down("exact");
        assertThat(receivers(PEER, all)).containsExactly("remote 1");
        box.down("remote");
        assertThat(receivers(PEER, all)).containsExactly("local 1");
        box.down("local");
        assertThat(receivers(PEER, all)).containsExactly("external 1");
        box.down("external");
        assertThat(receivers(PEER, all)).isEmpty();
    }

    @Test
    void doesNotDependOnTheOrderInWhichTheyWereMade() {
        TunnelSpec[] all = {EXACT, REMOTE, LOCAL, EXTERNAL};
        box.tunnels(all);
        assertThat(receivers(PEER, all)).containsExactly("exact 1");
        assertThat(receivers(OTHER, all)).containsExactly("local 1");
    }

    @Test
    void tellsPeersApart() {
        TunnelSpec other = Specs.named("other", HERE, OTHER);
        box.tunnels(EXACT, other);
        assertThat(receivers(PEER, EXACT, other)).containsExactly("exact 1");
        assertThat(receivers(OTHER, EXACT, other)).containsExactly("other 1");
        assertThat(receivers("198.51.100.4", EXACT, other)).isEmpty();
    }

    @Test
    void doesNotTakeWhatIsForAnotherLocalAddress() {
        TunnelSpec elsewhere = Specs.named("elsewhere", "198.51.100.77", PEER);
        box.tunnels(elsewhere);
        assertThat(receivers(PEER, elsewhere)).isEmpty();
    }

    /// The names of these tunnels that have received the packet which comes from the usual peer.
    private List<String> receivers(TunnelSpec... tunnels) {
        return receivers(PEER, tunnels).stream().map(r -> r.split(" ")[0]).toList();
    }

    @Test
    void prefersTheTunnelThatIsForThisInterface() {
        TunnelSpec elsewhere = Specs.named("elsewhere", HERE, PEER).link(TunnelBox.ELSEWHERE);
        TunnelSpec here = Specs.named("here", HERE, PEER).link(TunnelBox.WIRE);
        TunnelSpec[] all = {elsewhere, EXACT, here};
        box.tunnels(all);
        assertThat(receivers(all)).containsExactly("here");
        // Of those that are for no interface or for another one, the oldest.
        box.down("here");
        assertThat(receivers(all)).containsExactly("elsewhere");
        box.down("elsewhere");
        assertThat(receivers(all)).containsExactly("exact");

        box.tunnels(EXACT, elsewhere);
        assertThat(receivers(EXACT, elsewhere)).containsExactly("exact");
        box.down("exact");
        assertThat(receivers(EXACT, elsewhere)).containsExactly("elsewhere");
    }

    @Test
    void prefersTheInterfaceToTheAddresses() {
        TunnelSpec wildcard = Specs.named("wildcard", ANY, ANY).link(TunnelBox.WIRE);
        TunnelSpec local = Specs.named("boundlocal", HERE, ANY).link(TunnelBox.WIRE);
        TunnelSpec remote = Specs.named("boundremote", ANY, PEER).link(TunnelBox.WIRE);
        TunnelSpec[] all = {EXACT, REMOTE, LOCAL, EXTERNAL, wildcard, local, remote};
        box.tunnels(all);
        assertThat(receivers(all)).containsExactly("boundremote");
        box.down("boundremote");
        assertThat(receivers(all)).containsExactly("boundlocal");
        box.down("boundlocal");
        assertThat(receivers(all)).containsExactly("wildcard");
        box.down("wildcard");
        assertThat(receivers(all)).containsExactly("exact");
    }

    /// Where one address says it, the newest is taken, also one that is for another interface.
    @Test
    void prefersTheNewestOfThoseThatSayTheSame() {
        TunnelSpec elsewhere = Specs.named("elsewhere", ANY, PEER).link(TunnelBox.ELSEWHERE);
        box.tunnels(REMOTE, elsewhere);
        assertThat(receivers(REMOTE, elsewhere)).containsExactly("elsewhere");
        box.tunnels(elsewhere, REMOTE);
        assertThat(receivers(REMOTE, elsewhere)).containsExactly("remote");
        TunnelSpec localElsewhere = Specs.named("elsewhere", HERE, ANY).link(TunnelBox.ELSEWHERE);
        box.tunnels(LOCAL, localElsewhere);
        assertThat(receivers(LOCAL, localElsewhere)).containsExactly("elsewhere");
        box.tunnels(localElsewhere, LOCAL);
        assertThat(receivers(LOCAL, localElsewhere)).containsExactly("local");
    }

    /// A wildcard, the external tunnel and tunl0 all say nothing of addresses.
    @Test
    void ranksThoseThatSayNothingByTheirAge() {
        TunnelSpec fallback = Specs.named(TunnelBox.FALLBACK, ANY, ANY);
        TunnelSpec elsewhere = Specs.named("elsewhere", ANY, ANY).link(TunnelBox.ELSEWHERE);
        box.tunnels(fallback, EXTERNAL, elsewhere);
        assertThat(receivers(fallback, EXTERNAL, elsewhere)).containsExactly("elsewhere");
        box.down("elsewhere");
        assertThat(receivers(fallback, EXTERNAL, elsewhere)).containsExactly("external");
        box.down("external");
        assertThat(receivers(fallback, EXTERNAL, elsewhere)).containsExactly(TunnelBox.FALLBACK);
        box.down(TunnelBox.FALLBACK);
        assertThat(receivers(fallback, EXTERNAL, elsewhere)).isEmpty();

        box.tunnels(elsewhere, fallback, EXTERNAL);
        assertThat(receivers(fallback, EXTERNAL, elsewhere)).containsExactly("external");
        box.down("external");
        assertThat(receivers(fallback, EXTERNAL, elsewhere)).containsExactly("elsewhere");
    }

    @Test
    void theFallbackTakesWhatNoOtherDoes() {
        TunnelSpec fallback = Specs.named(TunnelBox.FALLBACK, ANY, ANY);
        box.tunnels(EXACT, fallback);
        assertThat(receivers(EXACT, fallback)).containsExactly("exact");
        assertThat(receivers(OTHER, EXACT, fallback)).singleElement().asString().startsWith(TunnelBox.FALLBACK);
    }

    @Test
    void sendsToTheNextHopWhenThereIsNoRemoteAddress() {
        box.tunnels(LOCAL);
        box.route(new TunnelBox.Route.Via(PEER));
        Ipv4Packet outer =
                box.outbound(Ipv4Packet.udp(INNER_HERE, INNER_THERE, 100)).outer();
        assertThat(outer.source()).isEqualTo(HERE);
        assertThat(outer.destination()).isEqualTo(PEER);
    }

    @Test
    void choosesTheLocalAddressWhenThereIsNone() {
        box.tunnels(REMOTE);
        Ipv4Packet outer =
                box.outbound(Ipv4Packet.udp(INNER_HERE, INNER_THERE, 100)).outer();
        assertThat(outer.source()).isEqualTo(HERE);
    }
}
