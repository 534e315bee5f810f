package adit.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The limit on ICMP messages.
class RateLimitTest {
    private static int taken(RateLimit limit, int asked, long now) {
        int taken = 0;
        for (int i = 0; i < asked; i++) {
            taken += limit.take(now) ? 1 : 0;
        }
        return taken;
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Long.MIN_VALUE, -5, Long.MAX_VALUE - 10, 1_000_000_000_000L})
    void allowsABurstThenTheRateWhateverTheTimeStartsAt(long start) {
        RateLimit limit = new RateLimit(10, 3);
        assertThat(taken(limit, 10, start)).isEqualTo(3);
        assertThat(taken(limit, 10, start + 99_999_999)).isZero();
        assertThat(taken(limit, 10, start + 100_000_000)).isEqualTo(1);
        assertThat(taken(limit, 10, start + 350_000_000)).isEqualTo(2);
        assertThat(taken(limit, 10, start + 10_000_000_000L)).isEqualTo(3);
    }

    @Test
    void allowsTheRateInTheLongRun() {
        RateLimit limit = new RateLimit(1000, 50);
        int taken = 0;
        for (long now = 0; now < 10_000_000_000L; now += 100_000) {
            taken += limit.take(now) ? 1 : 0;
        }
        assertThat(taken).isBetween(10_000, 10_050);
    }

    @Test
    void refusesNonsense() {
        assertThatThrownBy(() -> new RateLimit(0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new RateLimit(1, 0)).isInstanceOf(IllegalArgumentException.class);
    }
}
