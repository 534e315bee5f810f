package adit.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Rules by which Linux 6.18 keeps neighbours that somebody has named, as its own `ip` shows them after the same
/// commands.
class NeighbourRulesTest extends RulesRig {
    private static final String MAC = "lladdr 02:00:00:00:00:09";

    @BeforeEach
    void addLinks() {
        ip("link add v0 type veth peer name v1");
        ip("link set v0 up");
        ip("link set v1 up");
    }

    private String shown(String family, String address) {
        return String.join("", lines(family + " neigh show nud all " + address));
    }

    @Test
    void nobodyAsksForOneThatIsIncompleteByDecree() throws IOException {
        for (String[] one : new String[][] {{"-4", "10.0.0.2"}, {"-6", "2001:db8::2"}}) {
            ip(one[0] + " neigh add " + one[1] + " dev v0 nud incomplete");
            pass(60);
            assertThat(shown(one[0], one[1])).isEqualTo(one[1] + " dev v0 INCOMPLETE");
        }
    }

    @Test
    void oneInDelayThatHasNotAnsweredLatelyIsAskedAtOnce() throws IOException {
        ip("neigh add 10.0.0.2 dev v0 " + MAC + " nud delay");
        pass(1);
        assertThat(shown("-4", "10.0.0.2")).isEqualTo("10.0.0.2 dev v0 " + MAC + " PROBE");
        pass(4);
        assertThat(shown("-4", "10.0.0.2")).isEqualTo("10.0.0.2 dev v0 FAILED");
    }

    @Test
    void anAddressThatIsABroadcastOneAnywhereNeedNotBeAskedFor() {
        ip("link add v2 type veth peer name v3");
        ip("link set v2 up");
        ip("addr add 10.0.0.1/24 dev v2");
        assertThat(ip("neigh add 10.0.0.255 dev v0 nud noarp")).isEmpty();
        assertThat(shown("-4", "10.0.0.255")).isEqualTo("10.0.0.255 dev v0 lladdr ff:ff:ff:ff:ff:ff NOARP");
    }

    @Test
    void aGroupHasItsLinkAddressByItself() {
        assertThat(ip("neigh add 239.129.2.3 dev v0 nud noarp")).isEmpty();
        assertThat(shown("-4", "239.129.2.3")).isEqualTo("239.129.2.3 dev v0 lladdr 01:00:5e:01:02:03 NOARP");
    }

    /// The usual router_probe_interval is a minute.
    @Test
    void aRouterThatDidNotAnswerIsTriedAgainAfterAMinute() throws IOException {
        ip("addr add 2001:db8::1/64 dev v0");
        ip("neigh add fe80::5 dev v0 nud failed");
        ip("route add 2001:db8:1::/48 via fe80::5 dev v0");
        ip("route add 2001:db8:1::/48 dev v1 metric 2000");
        pass(59);
        assertThat(ip("route get 2001:db8:1::7")).contains("dev v1", "metric 2000");
        pass(2);
        assertThat(ip("route get 2001:db8:1::7")).contains("via fe80::5", "metric 1024");
    }
}
