package adit.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// Waits for what the kernel does in its own time.
final class Await {
    private static final long LONGEST_NANOS = Duration.ofSeconds(20).toNanos();
    private static final long REST_NANOS = 200_000;

    private Await() {}

    /// Asks again and again until `condition` holds; fails after 20 s.
    static void until(BooleanSupplier condition) {
        long end = System.nanoTime() + LONGEST_NANOS;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - end).as("waited too long").isNegative();
            LockSupport.parkNanos(REST_NANOS);
        }
    }
}
