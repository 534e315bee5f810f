package adit.ip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RedirectLimitsTest {
    /// When Linux 6.18 told a host that sent a packet every 5 ms for 12 s, in milliseconds after the first time.
    private static final List<Long> RECORDED = List.of(0L, 45L, 130L, 293L, 616L, 1260L, 2545L, 5109L, 10_232L);

    private static final long MILLI = 1_000_000;

    private long now = 1_000_000 * MILLI;
    private final RedirectLimits limits = new RedirectLimits(() -> now);

    @Test
    void tellsAHostThatDoesNotListenWhenLinuxDoes() {
        long start = now;
        List<Long> told = new ArrayList<>();
        for (; now <= start + 12_000 * MILLI; now += 5 * MILLI) {
            if (limits.take(7)) {
                told.add((now - start) / MILLI);
            }
        }
        assertThat(told).hasSameSizeAs(RECORDED);
        for (int i = 0; i < told.size(); i++) {
            assertThat(told.get(i)).isCloseTo(RECORDED.get(i), within(10L));
        }
        assertThat(limits.take(8)).as("another host").isTrue();
        now += 20_000 * MILLI;
        assertThat(limits.take(7)).as("not silent for long enough").isFalse();
        now += 20_481 * MILLI;
        assertThat(limits.take(7)).isTrue();
    }
}
