package adit.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Rules by which Linux 6.18 keeps routes of several next hops, as its own `ip` shows them after the same commands.
class MultipathRulesTest extends RulesRig {
    private static final String BOTH_4 = "nexthop via 10.0.0.2 nexthop via 10.0.1.2 weight 3";
    private static final String BOTH_6 = "nexthop via 2001:db8::2 nexthop via 2001:db8:1::2 weight 3";

    /// Linux says no more than ESRCH and EEXIST.
    private static final String ABSENT = "There is no such route.";

    private static final String PRESENT = "The route exists.";

    @BeforeEach
    void addLinks() {
        ip("link add v0 type veth peer name v1");
        ip("link add v2 type veth peer name v3");
        for (int i = 0; i < 4; i++) {
            ip("link set v" + i + " up");
        }
        ip("addr add 10.0.0.1/24 dev v0");
        ip("addr add 10.0.1.1/24 dev v2");
        ip("addr add 2001:db8::1/64 dev v0");
        ip("addr add 2001:db8:1::1/64 dev v2");
    }

    private List<String> shown4() {
        return lines("route show 10.9.0.0/16");
    }

    private List<String> shown6() {
        return lines("-6 route show 2001:db8:9::/64");
    }

    private void refused(String words, String with) {
        assertThat(ip(words)).as(words).contains(with);
    }

    // ---- IPv4

    @Test
    void eachNextHopHasItsDeviceAndItsWeight() {
        assertThat(ip("route add 10.9.0.0/16 " + BOTH_4)).isEmpty();
        assertThat(shown4())
                .containsExactly(
                        "10.9.0.0/16", "nexthop via 10.0.0.2 dev v0 weight 1", "nexthop via 10.0.1.2 dev v2 weight 3");
    }

    @Test
    void aNextHopWhoseDeviceGoesDownIsDeadUntilThatIsUpAgain() {
        ip("route add 10.9.0.0/16 " + BOTH_4);
        ip("link set v0 down");
        assertThat(shown4())
                .containsExactly(
                        "10.9.0.0/16",
                        "nexthop via 10.0.0.2 dev v0 weight 1 dead linkdown",
                        "nexthop via 10.0.1.2 dev v2 weight 3");
        assertThat(ip("route get 10.9.0.1")).startsWith("10.9.0.1 via 10.0.1.2 dev v2 ");
        ip("link set v0 up");
        assertThat(shown4()).contains("nexthop via 10.0.0.2 dev v0 weight 1");
    }

    @Test
    void aNextHopIsDeadAsWellWhileItsDeviceHasNoAddress() {
        ip("route add 10.9.0.0/16 " + BOTH_4);
        ip("addr del 10.0.0.1/24 dev v0");
        assertThat(shown4()).contains("nexthop via 10.0.0.2 dev v0 weight 1 dead linkdown");
        ip("addr add 10.0.0.9/24 dev v0");
        assertThat(shown4()).contains("nexthop via 10.0.0.2 dev v0 weight 1");
    }

    @Test
    void withoutANextHopThatIsAliveTheRouteGoesForGood() {
        ip("route add 10.9.0.0/16 " + BOTH_4);
        ip("link set v0 down");
        ip("link set v2 down");
        assertThat(shown4()).isEmpty();
        ip("link set v0 up");
        ip("link set v2 up");
        assertThat(shown4()).isEmpty();
    }

    @Test
    void aDeviceThatIsDeletedTakesTheWholeRouteWithIt() {
        ip("route add 10.9.0.0/16 " + BOTH_4);
        ip("link del v2");
        assertThat(shown4()).isEmpty();
    }

    @Test
    void aNextHopWithoutACarrierCarriesOn() {
        ip("route add 10.9.0.0/16 " + BOTH_4);
        ip("link set v1 down");
        ip("link set v3 down");
        assertThat(shown4())
                .containsExactly(
                        "10.9.0.0/16",
                        "nexthop via 10.0.0.2 dev v0 weight 1 linkdown",
                        "nexthop via 10.0.1.2 dev v2 weight 3 linkdown");
        assertThat(ip("route get 10.9.0.1")).startsWith("10.9.0.1 via ");
    }

    @Test
    void aRouteMadeWhereNoNextHopHasACarrierIsMarkedAsAWholeUntilOneHas() {
        ip("link set v1 down");
        ip("link set v3 down");
        ip("route add 10.9.0.0/16 " + BOTH_4);
        assertThat(shown4()).startsWith("10.9.0.0/16 linkdown");
        ip("link set v3 up");
        assertThat(shown4())
                .containsExactly(
                        "10.9.0.0/16",
                        "nexthop via 10.0.0.2 dev v0 weight 1 linkdown",
                        "nexthop via 10.0.1.2 dev v2 weight 3");
        ip("link set v3 down");
        assertThat(shown4()).startsWith("10.9.0.0/16");
    }

    @Test
    void deletionsByAGatewayMeanTheFirstNextHop() {
        ip("route add 10.9.0.0/16 " + BOTH_4);
        refused("route del 10.9.0.0/16 via 10.0.1.2", ABSENT);
        refused("route del 10.9.0.0/16 dev v2", ABSENT);
        assertThat(ip("route del 10.9.0.0/16 via 10.0.0.2")).isEmpty();
        assertThat(shown4()).isEmpty();
    }

    @Test
    void deletionsByNextHopsNameAllOfThemAndMayNameMore() {
        ip("route add 10.9.0.0/16 " + BOTH_4);
        refused("route del 10.9.0.0/16 nexthop via 10.0.0.2", ABSENT);
        assertThat(ip("route del 10.9.0.0/16 nexthop dev v0 nexthop dev v2 weight 200 nexthop dev v3"))
                .isEmpty();
        assertThat(shown4()).isEmpty();
    }

    @Test
    void routesThatDifferInAWeightOrAFlagAreTwo() {
        ip("route add 10.9.0.0/16 " + BOTH_4);
        refused("route append 10.9.0.0/16 " + BOTH_4, PRESENT);
        assertThat(ip("route append 10.9.0.0/16 nexthop via 10.0.0.2 nexthop via 10.0.1.2 weight 2"))
                .isEmpty();
        assertThat(ip("route append 10.9.0.0/16 nexthop via 10.0.0.2 nexthop via 10.0.1.2 dev v2 onlink weight 2"))
                .isEmpty();
        assertThat(ip("route append 10.9.0.0/16 onlink " + BOTH_4)).isEmpty();
        assertThat(shown4().stream().filter(l -> l.startsWith("10.9.0.0/16")))
                .containsExactly("10.9.0.0/16", "10.9.0.0/16", "10.9.0.0/16", "10.9.0.0/16 onlink");
    }

    @Test
    void whatIsSaidOfTheRouteMustFitItsFirstNextHop() {
        refused("route add 10.9.0.0/16 via 10.0.0.3 " + BOTH_4, "does not match RTA_GATEWAY or RTA_VIA");
        refused("route add 10.9.0.0/16 dev v0 " + BOTH_4, "Nexthop device index does not match RTA_OIF");
        assertThat(ip("route add 10.9.0.0/16 dev v0 nexthop via 10.0.0.2 dev v0 nexthop via 10.0.1.2"))
                .isEmpty();
    }

    @Test
    void whatCanNotBeIsRefusedWithTheKernelsWords() {
        refused(
                "route add blackhole 10.9.0.0/16 " + BOTH_4,
                "Error: Gateway, device and multipath can not be specified for this route type.");
        refused(
                "route add 10.9.0.0/16 nexthop dev v0 onlink",
                "Error: Invalid flags for nexthop - PERVASIVE and ONLINK can not be set.");
        refused(
                "route add 10.9.0.0/16 scope host nexthop dev v0 nexthop dev v2",
                "Error: Route with host scope can not have multiple nexthops.");
        refused("route add 10.9.0.0/16 nexthop via 1.2.3.4", "Error: Nexthop has invalid gateway.");
        refused("route add 10.9.0.0/16 nexthop weight 4", "The route needs a device or a gateway");
        assertThat(shown4()).isEmpty();
    }

    // ---- IPv6

    @Test
    void appendedNextHopsJoinThoseThatAreThere() {
        ip("-6 route add 2001:db8:9::/64 " + BOTH_6);
        ip("-6 route append 2001:db8:9::/64 nexthop via 2001:db8:1::4 weight 4 nexthop via 2001:db8:1::5");
        assertThat(shown6())
                .containsExactly(
                        "2001:db8:9::/64 metric 1024 pref medium",
                        "nexthop via 2001:db8::2 dev v0 weight 1",
                        "nexthop via 2001:db8:1::2 dev v2 weight 3",
                        "nexthop via 2001:db8:1::4 dev v2 weight 4",
                        "nexthop via 2001:db8:1::5 dev v2 weight 1");
    }

    @Test
    void allNextHopsComeOrNone() {
        ip("-6 route add 2001:db8:9::/64 " + BOTH_6);
        refused("-6 route append 2001:db8:9::/64 nexthop via 2001:db8:1::4 nexthop via 2001:db8:1::2", PRESENT);
        refused(
                "-6 route add 2001:db8:8::/64 nexthop via 2001:db8::2 nexthop via 2001:db8::2",
                "Two of the next hops are the same.");
        refused(
                "-6 route add 2001:db8:8::/64 nexthop via 2001:db8::2 nexthop via 2001:db8:77::1",
                "Nexthop has invalid gateway or device mismatch");
        assertThat(shown6()).hasSize(3);
        assertThat(ip("-6 route show 2001:db8:8::/64")).isEmpty();
    }

    @Test
    void aReplacementTakesThePlaceOfAllNextHops() {
        ip("-6 route add 2001:db8:9::/64 " + BOTH_6);
        ip("-6 route replace 2001:db8:9::/64 nexthop via 2001:db8::7 nexthop via 2001:db8:1::9");
        assertThat(shown6())
                .containsExactly(
                        "2001:db8:9::/64 metric 1024 pref medium",
                        "nexthop via 2001:db8::7 dev v0 weight 1",
                        "nexthop via 2001:db8:1::9 dev v2 weight 1");
    }

    @Test
    void eachNextHopThatIsNamedGoesByItself() {
        ip("-6 route add 2001:db8:9::/64 " + BOTH_6 + " nexthop via 2001:db8:1::3");
        refused("-6 route del 2001:db8:9::/64 nexthop via 2001:db8::2 nexthop via 2001:db8:1::44", ABSENT);
        assertThat(shown6())
                .containsExactly(
                        "2001:db8:9::/64 metric 1024 pref medium",
                        "nexthop via 2001:db8:1::2 dev v2 weight 3",
                        "nexthop via 2001:db8:1::3 dev v2 weight 1");
        assertThat(ip("-6 route del 2001:db8:9::/64 dev v2")).isEmpty();
        assertThat(shown6()).isEmpty();
    }

    @Test
    void nextHopsOfIp6HaveGateways() {
        refused(
                "-6 route add 2001:db8:9::/64 nexthop dev v0 nexthop dev v2",
                "Error: Device only routes can not be added for IPv6 using the multipath API.");
        refused(
                "-6 route add 2001:db8:9::/64 nexthop via 2001:db8::2 onlink nexthop via fe80::1 dev v2",
                "Error: Nexthop device required for onlink.");
    }

    @Test
    void anIp6NextHopIsDeadUntilItsDeviceIsUpAndHasACarrier() {
        ip("-6 route add 2001:db8:9::/64 nexthop via fe80::1 dev v0 nexthop via fe80::2 dev v2");
        ip("link set v0 down");
        ip("link set v1 down");
        ip("link set v0 up");
        assertThat(shown6())
                .containsExactly(
                        "2001:db8:9::/64 metric 1024 pref medium",
                        "nexthop via fe80::1 dev v0 weight 1 dead linkdown",
                        "nexthop via fe80::2 dev v2 weight 1");
        ip("link set v1 up");
        assertThat(shown6()).contains("nexthop via fe80::1 dev v0 weight 1");
    }

    @Test
    void anIp6RouteKeepsTheNextHopsOfOtherDevicesThanOneThatIsDeleted() {
        ip("-6 route add 2001:db8:9::/64 nexthop via fe80::1 dev v0 nexthop via fe80::2 dev v2");
        ip("link del v2");
        assertThat(shown6()).containsExactly("2001:db8:9::/64 via fe80::1 dev v0 metric 1024 pref medium");
    }
}
