package adit.program.ip;

import java.util.ArrayList;
import java.util.List;

/// A short walk to where a namespace in memory was once told from the kernel's.
///
/// @param about what it is about
/// @param lines the words behind `ip`
record Findings(String about, List<String> lines) {
    private static final String FIRST_CABLE =
            "link add v0 address 02:00:00:00:00:10 type veth peer name v1 address 02:00:00:00:00:11";
    private static final String SECOND_CABLE =
            "link add v2 address 02:00:00:00:00:12 type veth peer name v3 address 02:00:00:00:00:13";
    private static final String ROUTES = "-6 route show table all";

    private static Findings onOneCable(String about, List<String> lines) {
        return on(List.of("link set lo up", FIRST_CABLE, "link set v0 up", "link set v1 up"), about, lines);
    }

    private static Findings onTwoCables(String about, List<String> lines) {
        List<String> cables = List.of(
                "link set lo up",
                FIRST_CABLE,
                SECOND_CABLE,
                "link set v0 up",
                "link set v1 up",
                "link set v2 up",
                "link set v3 up");
        return on(cables, about, lines);
    }

    private static Findings on(List<String> cables, String about, List<String> lines) {
        List<String> all = new ArrayList<>(cables);
        all.addAll(lines);
        return new Findings(about, List.copyOf(all));
    }

    static List<Findings> all() {
        return List.of(
                onTwoCables(
                        "routes by any device forget a source that is gone",
                        List.of(
                                "-6 addr add 2001:db8:1::1/64 dev v0 nodad",
                                "-6 route add prohibit 2001:db8:10::/48 src 2001:db8:1::1",
                                "-6 route add 2001:db8:11::/48 dev v1 src 2001:db8:1::1",
                                "-6 route add 2001:db8:12::/48 dev v0 src 2001:db8:1::1",
                                "-6 route add 2001:db8:13::/48 dev v1 src 2001:db8:1::1 table 100",
                                "-6 route add 2001:db8:14::/48 src 2001:db8:1::1"
                                        + " nexthop via fe80::2 dev v2 nexthop via fe80::3 dev v1",
                                "-6 addr add fe80::99/64 dev v0 nodad",
                                "-6 addr add fe80::99/64 dev v2 nodad",
                                "-6 route add 2001:db8:15::/48 dev v0 src fe80::99",
                                "-6 route add 2001:db8:16::/48 dev v2 src fe80::99",
                                "-6 addr del fe80::99/64 dev v0",
                                ROUTES,
                                "-6 addr add 2001:db8:1::1/64 dev v2 nodad",
                                "-6 addr del 2001:db8:1::1/64 dev v0",
                                ROUTES,
                                "-6 addr del 2001:db8:1::1/64 dev v2",
                                ROUTES)),
                onTwoCables(
                        "routes keep a source whose link goes down",
                        List.of(
                                "-6 addr add 2001:db8:1::1/64 dev v0 nodad",
                                "-6 route add prohibit 2001:db8:10::/48 src 2001:db8:1::1",
                                "-6 route add 2001:db8:11::/48 dev v2 src 2001:db8:1::1",
                                "-6 route add 2001:db8:12::/48 dev v0 src 2001:db8:1::1",
                                "link set v0 down",
                                ROUTES)),
                onOneCable(
                        "who deletes a route by its next hops means none that rejects",
                        List.of(
                                "addr add 10.0.0.1/24 dev v0",
                                "route add unreachable default",
                                "route del default nexthop dev v0 weight 2",
                                "route del default nexthop via 10.0.0.9",
                                "route del default dev v0",
                                "route del default via 10.0.0.9",
                                "route del default nexthop weight 3",
                                "route show")),
                onOneCable(
                        "the loopback's address is a source by the loopback alone",
                        List.of(
                                "-6 route add 2001:db8:1::/48 dev v0 src ::1",
                                "-6 route add default via fe80::9 dev v0 src ::1",
                                "-6 route add unreachable 2001:db8:2::/48 src ::1",
                                "-6 route add 2001:db8:3::/48 dev lo src ::1",
                                ROUTES)),
                onTwoCables(
                        "of routes behind those of the first priority the best one is taken, whatever its own",
                        List.of(
                                "-6 addr add fe80::3:1/64 dev v0 nodad",
                                "-6 route add unreachable fe80::/64 metric 1",
                                "-6 route get fe80::1:77 oif v0",
                                "-6 route add fe80::/64 pref high via fe80::77 dev v0",
                                "-6 route add fe80::/64 pref low via fe80::78 dev v2 metric 1025",
                                "-6 route get fe80::1:77 oif v0",
                                "-6 route get fe80::1:77 oif v2",
                                "-6 addr add 2001:db8::1/64 dev v0 nodad",
                                "-6 route add 2001:db8:1::/64 dev v0 pref low",
                                "-6 route add 2001:db8:1::/64 dev v1",
                                "-6 route add 2001:db8:1::/64 dev v2 pref high",
                                "-6 route add 2001:db8:1::/64 dev v3 pref high metric 512",
                                "-6 route get 2001:db8:1::7",
                                "-6 route get 2001:db8:1::7 oif v0",
                                "-6 route get 2001:db8:1::7 from 2001:db8::1 oif v0",
                                "-6 route get 2001:db8:1::7 from 2001:db8::1 oif v2",
                                "-6 route get 2001:db8:1::7 from 2001:db8::1 oif v3",
                                "-6 route del 2001:db8:1::/64 dev v3",
                                "-6 route get 2001:db8:1::7",
                                "-6 route get 2001:db8:1::7 from 2001:db8::1 oif v0",
                                "-6 route get 2001:db8:1::7 from 2001:db8::1 oif v1",
                                "-6 route del 2001:db8:1::/64 dev v2",
                                "-6 route get 2001:db8:1::7",
                                "-6 route get 2001:db8:1::7 from 2001:db8::1 oif v0",
                                ROUTES)),
                onTwoCables(
                        "hosts go past routers that do not answer",
                        List.of(
                                "-6 addr add 2001:db8::1/64 dev v0 nodad",
                                "-6 route add 2001:db8:1::/48 via fe80::5 dev v0",
                                "-6 route add 2001:db8:1::/48 dev v2 metric 2000",
                                "-6 route get 2001:db8:1::7",
                                "-6 neigh add fe80::5 dev v0 nud failed",
                                "-6 route get 2001:db8:1::7",
                                "-6 route get 2001:db8:1::7 from 2001:db8::1 oif v0",
                                "-6 route get 2001:db8:1::7 iif v3",
                                "-6 route del 2001:db8:1::/48 dev v2",
                                "-6 route get 2001:db8:1::7",
                                "-6 route add 2001:db8::/32 dev v2",
                                "-6 route get 2001:db8:1::7",
                                "-6 route add 2001:db8:1::/48 via fe80::6 dev v2",
                                "-6 route get 2001:db8:1::7 fibmatch",
                                "-6 route get 2001:db8:1::8 oif v2",
                                "sysctl net.ipv6.conf.all.forwarding=1",
                                "-6 route get 2001:db8:1::7 fibmatch",
                                "-6 route del 2001:db8:1::/48 via fe80::6 dev v2",
                                "-6 route get 2001:db8:1::7 fibmatch",
                                "sysctl net.ipv6.conf.all.forwarding=0",
                                "-6 neigh replace fe80::5 lladdr 02:00:00:00:00:55 dev v0 nud stale",
                                "-6 route get 2001:db8:1::7 fibmatch",
                                "-6 neigh replace fe80::5 dev v0 nud failed",
                                "-6 route get 2001:db8:1::7 fibmatch",
                                "-6 neigh del fe80::5 dev v0",
                                "-6 route get 2001:db8:1::7 fibmatch")),
                onTwoCables("of default routes one is taken whose gateway answers", defaults()));
    }

    /// Three default routes, and all that may be known of the first two gateways.
    private static List<String> defaults() {
        List<String> lines = new ArrayList<>(List.of(
                "addr add 10.0.0.1/24 dev v0",
                "addr add 10.0.1.1/24 dev v2",
                "route add default via 10.0.0.5",
                "route append default via 10.0.1.5",
                "route append default via 10.0.1.6",
                "route append default via 10.0.1.7 metric 9"));
        List<String> states = List.of("failed", "stale", "reachable", "incomplete", "permanent");
        for (String one : states) {
            lines.add(neighbour("10.0.0.5 dev v0", one));
            for (String other : states) {
                lines.add(neighbour("10.0.1.5 dev v2", other));
                for (int i = 0; i < 4; i++) {
                    lines.add("-4 route get 1.2.3.4");
                }
                lines.add("-4 route get 1.2.3.4 oif v2");
            }
            lines.add("neigh del 10.0.1.5 dev v2");
            lines.add("-4 route get 1.2.3.4");
        }
        return lines;
    }

    private static String neighbour(String whose, String state) {
        boolean isKnown = !state.equals("failed") && !state.equals("incomplete");
        return "neigh replace " + whose + (isKnown ? " lladdr 02:00:00:00:00:55" : "") + " nud " + state;
    }

    @Override
    public String toString() {
        return about;
    }
}
