package adit.lab;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Rules by which Linux 6.18 keeps addresses and routes of IPv4, as its own `ip` shows them after the same commands.
class Ip4RulesTest extends RulesRig {
    private static final String ABSENT = "Error: Address not found.";

    @BeforeEach
    void addLinks() {
        ip("link add v0 address 02:00:00:00:00:10 type veth peer name v1 address 02:00:00:00:00:11");
        ip("link add v2 type veth peer name v3");
        for (int i = 0; i < 4; i++) {
            ip("link set v" + i + " up");
        }
    }

    @Test
    void anAddressIsDeletedByAllThatIsSaidOfIt() {
        ip("addr add 10.0.0.1/24 dev v0 label v0:a");
        assertThat(ip("addr del 10.0.0.1/0 dev v0")).contains(ABSENT);
        assertThat(ip("addr del 10.0.0.1/24 label v0 dev v0")).contains(ABSENT);
        assertThat(ip("addr del 10.0.0.1/24 peer 10.0.1.1 dev v0")).contains(ABSENT);
        assertThat(ip("addr del 10.0.0.1 peer 10.0.1.1/24 dev v0")).contains(ABSENT);
        assertThat(ip("addr del 10.0.0.1 peer 10.0.0.77/24 dev v0")).isEmpty();
        assertThat(lines("-4 addr show dev v0")).isEmpty();
    }

    @Test
    void anAddressWithoutALengthIsDeletedWhateverItsOwnIs() {
        ip("addr add 10.0.0.1/24 dev v0");
        assertThat(ip("addr del 10.0.0.1 brd 10.0.0.99 dev v0"))
                .contains("Warning")
                .doesNotContain("Error");
        assertThat(lines("-4 addr show dev v0")).isEmpty();
    }

    @Test
    void anAddressGoesByItsLabelAlone() {
        ip("addr add 10.0.0.1/24 dev v0");
        ip("addr add 10.0.0.2/24 dev v0 label v0:a");
        assertThat(ip("-4 addr del label v0:a dev v0")).isEmpty();
        assertThat(ip("-4 addr show dev v0")).contains("10.0.0.1/24").doesNotContain("10.0.0.2/24");
    }

    @Test
    void aRouteStaysWhileAnyLinkHasItsSource() {
        ip("addr add 10.0.0.1/32 dev v0");
        ip("addr add 10.0.0.1 peer 10.0.9.1/24 dev v2");
        ip("addr del 10.0.0.1/32 dev v0");
        assertThat(lines("route show")).containsExactly("10.0.9.0/24 dev v2 proto kernel scope link src 10.0.0.1");
    }

    @Test
    void aLongerPrefixOfALinkHidesThatAllOfItIsThisHost() {
        ip("addr add 10.0.0.1/8 dev lo");
        assertThat(lines("route get 10.0.0.2 from 10.0.7.7")).startsWith("local 10.0.0.2 from 10.0.7.7 dev lo uid 0");
        ip("addr add 10.0.7.1/24 dev v0");
        assertThat(ip("route get 10.0.0.2 from 10.0.7.7")).isEqualTo("Error: Nothing from here is from 10.0.7.7.\n");
    }

    @Test
    void aRouteThatIsRefusedLeavesItsTableBehind() {
        assertThat(ip("route show table 100")).contains("Error");
        assertThat(ip("route add unreachable 10.9.0.0/16 table 100 dev v0"))
                .contains("Gateway, device and multipath can not be specified for this route type");
        assertThat(ip("route show table 100")).isEmpty();
        assertThat(ip("route del 10.9.0.0/16 table 101")).contains("Error");
        assertThat(ip("route show table 101")).contains("Error");
    }

    @Test
    void aBroadcastRouteSaysHowLargePacketsMayBe() {
        ip("route add broadcast 10.9.0.0/16 dev v0 mtu 1300 advmss 1200");
        assertThat(lines("route get 10.9.0.1")).contains("cache <local,brd> mtu 1300 advmss 1200");
    }

    @Test
    void aLoopbackThatIsTooNarrowLosesItsNeighboursAndRoutes() {
        ip("neigh add 10.0.0.2 lladdr 02:00:00:00:00:09 dev lo nud permanent");
        ip("route add 10.9.0.0/16 dev lo");
        ip("link set lo mtu 67");
        assertThat(lines("-4 neigh show nud all")).isEmpty();
        assertThat(lines("-4 route show table all")).isEmpty();
    }
}
