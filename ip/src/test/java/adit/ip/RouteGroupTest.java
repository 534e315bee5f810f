package adit.ip;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.Device;
import adit.wire.Ip6Address;
import adit.wire.IpAddress;
import adit.wire.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Many routes to one prefix.
class RouteGroupTest {
    private static final int LINKS = 700;
    private static final IpAddress ALL_NODES = Ip6Address.parse("ff02::1");

    private static Route route(Device device, int tos, int priority) {
        Route.Spec spec = new Route.Spec(
                IpPrefix.parse("2001:db8::/32"),
                Route.TABLE_MAIN,
                RouteType.UNICAST,
                0,
                4,
                tos,
                priority,
                Optional.empty(),
                Route.Metrics.NONE);
        return new Route(spec, List.of(new NextHop(device, null, InterfaceAddress.SCOPE_LINK, 1, false)));
    }

    /// By rank, and among equals the one that came first.
    private static int place(List<Route> all, Route route) {
        int at = all.size();
        while (at > 0 && route.isBefore(all.get(at - 1))) {
            at--;
        }
        return at;
    }

    @Test
    void holdsWhatAListHoldsInItsOrder() {
        Random random = new Random(3);
        TestLink device = new TestLink();
        Route first = route(device, 0, 100);
        RouteGroup group = RouteGroup.of(first);
        List<Route> list = new ArrayList<>(List.of(first));
        for (int step = 0; step < 3_000; step++) {
            Route route = route(device, 4 * random.nextInt(3), random.nextInt(4));
            int what = random.nextInt(10);
            int at = random.nextInt(list.size());
            if (what < 6) {
                group = group.with(route);
                list.add(place(list, route), route);
            } else if (what < 8) {
                Route other = route(
                        device, list.get(at).spec().tos(), list.get(at).spec().priority());
                group = group.replace(list.get(at), other);
                list.set(at, other);
            } else if (list.size() > 1) {
                group = group.replace(list.get(at), null);
                list.remove(at);
            }
            assertThat(group.size()).isEqualTo(list.size());
            assertThat(group.first()).isSameAs(list.getFirst());
        }
        assertThat(list).hasSizeGreaterThan(LINKS);
        assertThat(group).containsExactlyElementsOf(list);
        for (Route route : list.subList(1, list.size())) {
            group = group.replace(route, null);
        }
        assertThat(group.replace(list.getFirst(), null)).isNull();
    }

    @Test
    void eachOfManyLinksHasItsOwnRouteToAllGroups() {
        try (TestHost host = new TestHost()) {
            List<Device> links = new ArrayList<>();
            for (int i = 0; i < LINKS; i++) {
                links.add(host.link("l" + i));
            }
            Routes routes = host.stack.configuration().routes();
            for (Device link : links) {
                assertThat(routes.lookup(ALL_NODES, Optional.of(link))
                                .orElseThrow()
                                .hop()
                                .device())
                        .isSameAs(link);
            }
            assertThat(routes.lookup(ALL_NODES, Optional.empty())
                            .orElseThrow()
                            .hop()
                            .device())
                    .as("the oldest")
                    .isSameAs(links.getFirst());
            // Every other one goes down, the first among them.
            for (int i = 0; i < LINKS; i += 2) {
                links.get(i).down();
            }
            for (int i = 0; i < LINKS; i++) {
                assertThat(routes.lookup(ALL_NODES, Optional.of(links.get(i))).isPresent())
                        .as("link " + i)
                        .isEqualTo(i % 2 == 1);
            }
            assertThat(routes.lookup(ALL_NODES, Optional.empty())
                            .orElseThrow()
                            .hop()
                            .device())
                    .isSameAs(links.get(1));
            assertThat(routes.all())
                    .noneMatch(r -> r.hops().stream().anyMatch(h -> !h.device().isUp()));
        }
    }
}
