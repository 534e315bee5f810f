package adit.conformance.walk;

import static org.assertj.core.api.Assertions.assertThat;

import adit.conformance.world.KernelWorld;
import adit.conformance.world.MemoryWorld;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/// 100,000 random calls, in the running kernel and in memory. `-Dwalk.seed=N -Dwalk.count=1` goes one walk
/// again, and a larger count goes further.
class RandomWalkTest {
    private static final int STEPS = 250;
    private static final int WALKS = Integer.getInteger("walk.count", 400);
    private static final long SEED = Long.getLong("walk.seed", 20_260_000L);
    /// A walk that asks for the features.
    private static final long ASKING = 20_260_000L;

    private static final int AT_ONCE = 8;
    private static final int SHOWN = 3;

    @Test
    void hundredThousandRandomCallsAreAnsweredAsTheKernelAnswersThem() throws Exception {
        String missing = KernelWorld.missing();
        Assumptions.assumeTrue(missing.isEmpty(), missing);
        List<Future<String>> walks = new ArrayList<>();
        List<String> differences = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
            for (int i = 0; i < WALKS; i++) {
                Walk walk = Walk.of(SEED + i, STEPS);
                assertThat(walk.steps()).isGreaterThanOrEqualTo(STEPS);
                walks.add(threads.submit(() -> walk.difference(KernelWorld::create, MemoryWorld::create)));
            }
            for (Future<String> walk : walks) {
                String difference = walk.get();
                if (!difference.isEmpty()) {
                    differences.add(difference);
                }
                if (differences.size() == SHOWN) {
                    threads.shutdownNow();
                    break;
                }
            }
        }
        assertThat(differences).as("%s", String.join("\n", differences)).isEmpty();
    }

    @Test
    void aWalkThatDiffersIsMadeSmall() {
        String missing = KernelWorld.missing();
        Assumptions.assumeTrue(missing.isEmpty(), missing);
        // Two worlds that part wherever somebody asks for the features.
        String told =
                Walk.of(ASKING, STEPS).difference(KernelWorld::create, () -> new OtherFeatures(KernelWorld.create()));
        assertThat(told.lines()).hasSizeLessThan(8);
        assertThat(told).contains("TUNGETFEATURES -> 0 29043").contains("TUNGETFEATURES -> 0 1");
    }

    @Test
    void theSameSeedMakesTheSameWalk() {
        assertThat(Walk.of(5, STEPS)).isEqualTo(Walk.of(5, STEPS)).isNotEqualTo(Walk.of(6, STEPS));
    }
}
