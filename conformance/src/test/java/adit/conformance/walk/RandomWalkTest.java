package adit.conformance.walk;

import static org.assertj.core.api.Assertions.assertThat;

import adit.conformance.world.KernelWorld;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/// 100,000 random calls, in the running kernel and in memory. `-Dwalk.seed=N -Dwalk.count=1` goes one walk
/// again, and a larger count goes further.
class RandomWalkTest {
    private static final int STEPS = 250;
    private static final long SEED = Long.getLong("walk.seed", 20_260_000L);

    @Test
    void aWalkThatDiffersIsMadeSmall() {
        String missing = KernelWorld.missing();
        Assumptions.assumeTrue(missing.isEmpty(), missing);
        // Two worlds that part wherever somebody asks for the features.
        String told =
                Walk.of(SEED, STEPS).difference(KernelWorld::create, () -> new OtherFeatures(KernelWorld.create()));
        assertThat(told.lines()).hasSizeLessThan(8);
        assertThat(told).contains("TUNGETFEATURES -> 0 29043").contains("TUNGETFEATURES -> 0 1");
    }

    @Test
    void theSameSeedMakesTheSameWalk() {
        assertThat(Walk.of(5, STEPS)).isEqualTo(Walk.of(5, STEPS)).isNotEqualTo(Walk.of(6, STEPS));
    }
}
