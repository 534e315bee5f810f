package adit.lab;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Rules by which Linux 6.18 keeps addresses and routes of IPv6, as its own `ip` shows them after the same commands.
class Ip6RulesTest extends RulesRig {
    @BeforeEach
    void addLinks() {
        ip("link add v0 address 02:00:00:00:00:10 type veth peer name v1 address 02:00:00:00:00:11");
    }

    @Test
    void aLinkGetsItsAddressWhenItGetsACarrier() {
        ip("link set v0 up");
        assertThat(ip("-6 addr show dev v0")).isEmpty();
        ip("link set v1 up");
        assertThat(ip("-6 addr show dev v0")).contains("inet6 fe80::ff:fe00:10/64 scope link");
    }

    @Test
    void theNewestAddressOfAScopeComesFirst() {
        ip("-6 addr add 2001:db8::1/64 dev v0");
        ip("-6 addr add 2001:db8::2/64 dev v0");
        assertThat(ip("-6 addr show dev v0")).containsSubsequence("2001:db8::2/64", "2001:db8::1/64");
    }

    @Test
    void anAddressOfALinkThatIsDownHasItsOwnRouteAlone() {
        ip("-6 addr add 2001:db8::1/64 dev v0");
        assertThat(lines("-6 route show table all dev v0"))
                .containsExactly("local 2001:db8::1 table local proto kernel metric 0 pref medium");
    }

    @Test
    void thePrefixOfAnAddressWithAPeerIsItsOwn() {
        ip("link set v0 up");
        ip("-6 addr add 2001:db8:1::1 peer 2001:db8:2::1/64 dev v0");
        assertThat(lines("-6 route show"))
                .containsExactly(
                        "2001:db8:1::/64 dev v0 proto kernel metric 256 linkdown pref medium",
                        "2001:db8:2::1 dev v0 proto kernel metric 256 linkdown pref medium");
    }

    @Test
    void aRouteThatRejectsLeadsByTheLoopback() {
        ip("-6 route add unreachable 2001:db8::/64 pref high");
        assertThat(lines("-6 route show")).containsExactly("unreachable 2001:db8::/64 dev lo metric 1024 pref medium");
        ip("link set lo down");
        assertThat(lines("-6 route show")).isEmpty();
    }

    @Test
    void routesWithGatewaysShareTheirPriority() {
        ip("link set v0 up");
        ip("-6 addr add 2001:db8::1/64 dev v0");
        ip("-6 route add 2001:db8:1::/64 via 2001:db8::2");
        ip("-6 route append 2001:db8:1::/64 via 2001:db8::3");
        assertThat(lines("-6 route show 2001:db8:1::/64"))
                .containsExactly(
                        "2001:db8:1::/64 metric 1024 pref medium",
                        "nexthop via 2001:db8::2 dev v0 weight 1 linkdown",
                        "nexthop via 2001:db8::3 dev v0 weight 1 linkdown");
        ip("-6 route del 2001:db8:1::/64 via 2001:db8::2");
        assertThat(lines("-6 route show 2001:db8:1::/64"))
                .containsExactly("2001:db8:1::/64 via 2001:db8::3 dev v0 metric 1024 linkdown pref medium");
    }

    @Test
    void longerPrefixesAreToldBeforeThoseThatHoldThem() {
        ip("-6 route add unreachable default");
        ip("-6 route add unreachable 2001:db8::/32");
        ip("-6 route add unreachable 2001:db8:1::/64");
        assertThat(lines("-6 route show"))
                .containsExactly(
                        "unreachable 2001:db8:1::/64 dev lo metric 1024 pref medium",
                        "unreachable 2001:db8::/32 dev lo metric 1024 pref medium",
                        "unreachable default dev lo metric 1024 pref medium");
    }

    @Test
    void aLinkOfLessThan1280OctetsHasNoIp6() {
        ip("link set v0 up");
        ip("-6 addr add 2001:db8::1/64 dev v0");
        ip("link set v0 mtu 1279");
        assertThat(ip("-6 addr show dev v0")).isEmpty();
        assertThat(ip("-6 addr add 2001:db8::1/64 dev v0")).contains("IPv6 is disabled on this device");
        assertThat(ip("-6 neigh add 2001:db8::2 lladdr 02:00:00:00:00:01 dev v0"))
                .contains("IPv6 is disabled on this device");
        ip("link set v0 mtu 1280");
        assertThat(ip("-6 addr add 2001:db8::1/64 dev v0")).isEmpty();
    }

    @Test
    void theWayToAnAddressHereIsTheLoopback() {
        ip("link set v0 up");
        ip("-6 addr add 2001:db8::1/64 dev v0");
        assertThat(lines("-6 route get 2001:db8::1"))
                .containsExactly("local 2001:db8::1 from :: dev lo table local proto kernel src 2001:db8::1"
                        + " metric 0 pref medium");
    }

    @Test
    void aGroupHasItsLinkAddressByItself() {
        ip("link set v0 up");
        ip("-6 neigh add ff05::2 dev v0 nud noarp");
        assertThat(ip("-6 neigh show nud noarp")).contains("ff05::2 dev v0 lladdr 33:33:00:00:00:02 NOARP");
    }

    @Test
    void noRouteIsDeletedByATypeOfService() {
        ip("-6 route add unreachable 2001:db8::/64");
        assertThat(ip("-6 route del unreachable 2001:db8::/64 tos 0x10"))
                .contains("Invalid dsfield (tos): option not available for IPv6.");
        assertThat(lines("-6 route show")).containsExactly("unreachable 2001:db8::/64 dev lo metric 1024 pref medium");
    }

    @Test
    void anAddressBringsTheRouteToItsPeerOnceMoreWhenItsLinkAsksOtherwise() {
        String peer = "2001:db8:2::1 dev v0 proto kernel metric 256 pref medium";
        ip("-6 addr add 2001:db8:1::1 peer 2001:db8:2::1/64 dev v0");
        ip("link set v0 up");
        ip("link set v1 up");
        assertThat(lines("-6 route show")).doesNotContain(peer);
        ip("link set v0 arp off");
        assertThat(lines("-6 route show")).contains(peer);
    }

    @Test
    void aHostThatForwardsNoMoreHasNoAddressOfAllRouters() {
        ip("-6 addr add 2001:db8::1/64 dev v0");
        ip("-6 addr add 2001:db8::2/64 dev v0");
        set("net.ipv6.conf.all.forwarding", 1);
        assertThat(lines("-6 route show table local type anycast"))
                .containsExactly("anycast 2001:db8:: dev v0 proto kernel metric 0 pref medium");
        ip("-6 addr del 2001:db8::1/64 dev v0");
        assertThat(lines("-6 route show table local type anycast")).hasSize(1);
        ip("-6 addr add 2001:db8::1/64 dev v0");
        set("net.ipv6.conf.all.forwarding", 0);
        assertThat(lines("-6 route show table local type anycast")).isEmpty();
    }

    @Test
    void aRouteThatPrefersNoAddressPrefersNothing() {
        ip("link set v0 up");
        assertThat(ip("-6 route add 2001:db8:1::/64 dev v0 src ::")).isEmpty();
        assertThat(lines("-6 route show")).containsExactly("2001:db8:1::/64 dev v0 metric 1024 linkdown pref medium");
    }

    @Test
    void addressesOfAllRoutersAreJoinedOnceMoreWhereALinkAsksOtherwise() {
        ip("link set v0 up");
        ip("link set v1 up");
        ip("-6 addr add 2001:db8::1/64 dev v0");
        set("net.ipv6.conf.all.forwarding", 1);
        ip("link set v0 arp off");
        set("net.ipv6.conf.all.forwarding", 0);
        assertThat(lines("-6 route show table local type anycast"))
                .containsExactly(
                        "anycast 2001:db8:: dev v0 proto kernel metric 0 pref medium",
                        "anycast fe80:: dev v0 proto kernel metric 0 pref medium");
        ip("link set v0 down");
        ip("link set v0 up");
        set("net.ipv6.conf.all.forwarding", 1);
        assertThat(lines("-6 route show table local type anycast"))
                .containsExactly("anycast fe80:: dev v1 proto kernel metric 0 pref medium");
    }

    @Test
    void aLocalRouteOfTheMainTableIsShownAmongAllTablesAlone() {
        ip("link set v0 up");
        ip("-6 route add local 2001:db8::/64 table main dev v0");
        ip("-6 route add local 2001:db8::/64 table 100 dev v0");
        assertThat(lines("-6 route show")).isEmpty();
        assertThat(ip("-6 route show table 100")).contains("local 2001:db8::/64 dev v0 metric 1024");
        assertThat(ip("-6 route show table all")).contains("local 2001:db8::/64 dev v0 metric 1024");
    }

    @Test
    void aLinkThatIp6HasLeftJoinsItsAddressesOfAllRoutersAnew() {
        ip("link set v0 up");
        ip("link set v1 up");
        set("net.ipv6.conf.all.forwarding", 1);
        ip("link set v0 arp off");
        ip("link set v0 mtu 1279");
        ip("link set v0 mtu 1500");
        assertThat(ip("-6 route show table local type anycast")).contains("anycast fe80:: dev v0");
    }
}
