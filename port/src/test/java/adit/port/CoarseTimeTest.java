package adit.port;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class CoarseTimeTest {
    private final CoarseTime time = CoarseTime.INSTANCE;

    @Test
    void liesBetweenTheClockBeforeAndNowForWhoAsksSeldom() {
        for (int i = 0; i < 5; i++) {
            // Longer than the thread goes on without questions, so that the clock itself is asked.
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(300));
            long before = System.nanoTime();
            long asked = time.getAsLong();
            assertThat(asked - System.nanoTime()).isLessThanOrEqualTo(0);
            // The thread may still be awake for other tests: then it is a tick old, or more on a busy machine.
            assertThat(before - asked).isLessThan(TimeUnit.SECONDS.toNanos(10));
        }
    }

    @Test
    void movesOnWhileItIsAskedAllTheTime() {
        long first = time.getAsLong();
        long began = System.nanoTime();
        long asked = first;
        while (asked - first < 20 * CoarseTime.TICK_NANOS && System.nanoTime() - began < 60_000_000_000L) {
            asked = time.getAsLong();
        }
        assertThat(asked - first).isGreaterThanOrEqualTo(20 * CoarseTime.TICK_NANOS);
        assertThat(asked - System.nanoTime()).isLessThanOrEqualTo(0);
    }

    @Test
    void neverGoesBackForAnyOfSeveralThreads() throws InterruptedException {
        AtomicReference<String> fault = new AtomicReference<>();
        Thread[] threads = new Thread[4];
        for (int t = 0; t < threads.length; t++) {
            threads[t] = Thread.ofPlatform().start(() -> {
                long last = time.getAsLong();
                for (int i = 0; i < 200_000; i++) {
                    long now = time.getAsLong();
                    if (now - last < 0) {
                        fault.set(last + " then " + now);
                    }
                    last = now;
                    if (i % 50_000 == 0) {
                        // Lets the thread that keeps it go to sleep and be woken now and then.
                        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(150));
                    }
                }
            });
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(fault).hasNullValue();
    }
}
