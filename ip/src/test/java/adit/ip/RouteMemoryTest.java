package adit.ip;

import static org.assertj.core.api.Assertions.assertThat;

import adit.wire.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RouteMemoryTest {
    private static final int SOURCE = 0x0a010009;
    private static final int DESTINATION = 0x0a020009;

    private final RouteMemory memory = new RouteMemory();

    /// A route that leads nowhere; its priority tells it from others.
    private static Route route(int priority) {
        return new Route(
                new Route.Spec(
                        IpPrefix.parse("10.0.0.0/8"),
                        Route.TABLE_MAIN,
                        RouteType.UNICAST,
                        0,
                        4,
                        0,
                        priority,
                        Optional.empty(),
                        Route.Metrics.NONE),
                List.of());
    }

    @Test
    void knowsNothingAtFirst() {
        assertThat(memory.get(0, 0, 0, 0)).isNull();
        assertThat(memory.get(1, SOURCE, DESTINATION, 0)).isNull();
    }

    @Test
    void answersOnlyTheFlowAndTheGenerationThatItWasTold() {
        Route route = route(1);
        memory.put(7, SOURCE, DESTINATION, 0x10, route);
        assertThat(memory.get(7, SOURCE, DESTINATION, 0x10)).isSameAs(route);
        assertThat(memory.get(7, SOURCE, DESTINATION, 0x10)).isSameAs(route);
        assertThat(memory.get(8, SOURCE, DESTINATION, 0x10)).isNull();
        assertThat(memory.get(7, SOURCE, DESTINATION, 0x11)).isNull();
        assertThat(memory.get(7, SOURCE + 1, DESTINATION, 0x10)).isNull();
        assertThat(memory.get(7, SOURCE, DESTINATION + 1, 0x10)).isNull();
        assertThat(memory.get(7, DESTINATION, SOURCE, 0x10)).isNull();
    }

    @Test
    void answersTheLastThatItWasToldOfAFlow() {
        Route later = route(2);
        memory.put(7, SOURCE, DESTINATION, 0, route(1));
        memory.put(8, SOURCE, DESTINATION, 0, later);
        assertThat(memory.get(8, SOURCE, DESTINATION, 0)).isSameAs(later);
        assertThat(memory.get(7, SOURCE, DESTINATION, 0)).isNull();
    }

    @Test
    void remembersSomeOfMoreFlowsThanItHasPlacesForAndConfusesNone() {
        List<Route> routes =
                IntStream.range(0, 10_000).mapToObj(RouteMemoryTest::route).toList();
        for (int i = 0; i < routes.size(); i++) {
            memory.put(3, SOURCE, DESTINATION + i, 0, routes.get(i));
        }
        int known = 0;
        for (int i = 0; i < routes.size(); i++) {
            Route found = memory.get(3, SOURCE, DESTINATION + i, 0);
            assertThat(found).isIn(null, routes.get(i));
            known += found == null ? 0 : 1;
        }
        assertThat(known).isBetween(100, 1024);
    }

    @Test
    void confusesNoFlowsWhileThreadsTakePlacesFromEachOther() throws InterruptedException {
        int flows = 4096;
        List<Route> routes =
                IntStream.range(0, flows).mapToObj(RouteMemoryTest::route).toList();
        AtomicReference<String> fault = new AtomicReference<>();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            int first = t * 37;
            threads.add(Thread.ofPlatform().start(() -> {
                for (int k = 0; k < 400_000; k++) {
                    int i = (first + k * 13) % flows;
                    Route found = memory.get(1, SOURCE, i, 0);
                    if (found == null) {
                        memory.put(1, SOURCE, i, 0, routes.get(i));
                    } else if (found != routes.get(i)) {
                        fault.set("flow " + i + " got " + found);
                    }
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(fault).hasNullValue();
    }
}
