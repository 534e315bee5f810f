package adit.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adit.wire.Ip4Address;
import adit.wire.Ip4Prefix;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Longest prefix match.
class NextHopTableTest {
    private static NextHopTable.Route route(String to, String via) {
        return new NextHopTable.Route(Ip4Prefix.parse(to), Ip4Address.parse(via));
    }

    private static String nextHop(NextHopTable table, String destination) {
        return Ip4Address.text(table.nextHop(Ip4Address.parse(destination).bits()));
    }

    @Test
    void takesTheLongestPrefix() {
        NextHopTable table = new NextHopTable(List.of(
                route("10.0.0.0/8", "192.0.2.8"),
                route("10.1.0.0/16", "192.0.2.16"),
                route("10.1.2.0/24", "0.0.0.0"),
                route("10.1.2.3/32", "192.0.2.32"),
                route("255.255.255.0/24", "192.0.2.255")));
        assertThat(nextHop(table, "9.255.255.255")).isEqualTo("0.0.0.0");
        assertThat(nextHop(table, "10.0.0.0")).isEqualTo("192.0.2.8");
        assertThat(nextHop(table, "10.1.1.255")).isEqualTo("192.0.2.16");
        assertThat(nextHop(table, "10.1.2.2")).isEqualTo("10.1.2.2");
        assertThat(nextHop(table, "10.1.2.3")).isEqualTo("192.0.2.32");
        assertThat(nextHop(table, "10.1.2.4")).isEqualTo("10.1.2.4");
        assertThat(nextHop(table, "10.1.3.0")).isEqualTo("192.0.2.16");
        assertThat(nextHop(table, "10.2.0.0")).isEqualTo("192.0.2.8");
        assertThat(nextHop(table, "11.0.0.0")).isEqualTo("0.0.0.0");
        assertThat(nextHop(table, "255.255.255.255")).isEqualTo("192.0.2.255");
    }

    @Test
    void hasADefaultRouteOrNone() {
        assertThat(nextHop(new NextHopTable(List.of()), "10.0.0.1")).isEqualTo("0.0.0.0");
        NextHopTable table = new NextHopTable(List.of(route("0.0.0.0/0", "192.0.2.1")));
        assertThat(nextHop(table, "0.0.0.0")).isEqualTo("192.0.2.1");
        assertThat(nextHop(table, "255.255.255.255")).isEqualTo("192.0.2.1");
    }

    @Test
    void refusesTwoRoutesToOnePrefixAndAGatewayThatIsNoHost() {
        assertThatThrownBy(() ->
                        new NextHopTable(List.of(route("10.0.0.0/8", "192.0.2.1"), route("10.0.0.0/8", "192.0.2.2"))))
                .hasMessageContaining("10.0.0.0/8");
        assertThatThrownBy(() -> route("10.0.0.0/8", "255.255.255.255")).hasMessageContaining("255.255.255.255");
        assertThatThrownBy(() -> route("10.0.0.0/8", "224.0.0.1")).hasMessageContaining("224.0.0.1");
    }

    @Test
    void agreesWithAWalkThroughAllRoutesOnRandomTables() {
        long seed = 20260102;
        Random random = new Random(seed);
        for (int round = 0; round < 1000; round++) {
            List<NextHopTable.Route> routes = new ArrayList<>();
            Set<Ip4Prefix> seen = new HashSet<>();
            for (int i = random.nextInt(12); i > 0; i--) {
                // Few distinct bits, so that prefixes nest and touch, at both ends of the address space.
                int bits = random.nextBoolean() ? random.nextInt(64) << 26 : -1 << random.nextInt(32);
                Ip4Prefix to = Ip4Prefix.of(new Ip4Address(bits), random.nextInt(33));
                if (seen.add(to)) {
                    routes.add(new NextHopTable.Route(
                            to, random.nextInt(4) == 0 ? Ip4Address.ANY : new Ip4Address(0x0a000000 + i)));
                }
            }
            NextHopTable table = new NextHopTable(routes);
            for (int i = 0; i < 100; i++) {
                int destination = random.nextBoolean() ? random.nextInt(256) << 24 : -1 << random.nextInt(32);
                destination -= random.nextInt(2);
                assertThat(table.nextHop(destination))
                        .as("seed %d, round %d: %s of %s", seed, round, Ip4Address.text(destination), routes)
                        .isEqualTo(walk(routes, destination));
            }
        }
    }

    private static int walk(List<NextHopTable.Route> routes, int destination) {
        NextHopTable.Route best = null;
        for (NextHopTable.Route route : routes) {
            int length = route.to().length();
            boolean inside = length == 0 || (route.to().address().bits() ^ destination) >>> (32 - length) == 0;
            if (inside && (best == null || length > best.to().length())) {
                best = route;
            }
        }
        if (best == null) {
            return 0;
        }
        return best.via().isUnspecified() ? destination : best.via().bits();
    }
}
