package adit.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;

class CountersTest {
    private static final int THREADS = 24;
    private static final int TIMES = 50_000;

    /// More threads than there are stripes, so that some have one of their own and some share one.
    private static void addFromManyThreads(Counters counters) throws InterruptedException {
        addFromManyThreads(k -> counters.add(k & 1, 3));
    }

    private static void addFromManyThreads(IntConsumer add) throws InterruptedException {
        CountDownLatch begin = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                try {
                    begin.await();
                } catch (InterruptedException e) {
                    return;
                }
                for (int k = 0; k < TIMES; k++) {
                    add.accept(k);
                }
            }));
        }
        begin.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
    }

    @Test
    void losesNothingOfWhatManyThreadsAddAtOnce() throws Exception {
        Counters counters = new Counters(2);
        addFromManyThreads(counters);
        assertThat(counters.sum(0)).isEqualTo(3L * THREADS * TIMES / 2);
        assertThat(counters.sum(1)).isEqualTo(3L * THREADS * TIMES / 2);
    }

    @Test
    void losesNothingOfWhatManyThreadsAddToTwoKindsAtOnce() throws Exception {
        Counters counters = new Counters(3);
        addFromManyThreads(k -> counters.add(2, 1, 0, k & 7));
        assertThat(counters.sum(2)).isEqualTo((long) THREADS * TIMES);
        assertThat(counters.sum(0)).isEqualTo((long) THREADS * TIMES / 8 * 28);
        assertThat(counters.sum(1)).isZero();
    }

    @Test
    void goesOnWhereThreadsThatHaveEndedStopped() throws Exception {
        Counters counters = new Counters(2);
        addFromManyThreads(counters);
        addFromManyThreads(counters);
        counters.add(1, 1);
        assertThat(counters.sum(0)).isEqualTo(3L * THREADS * TIMES);
        assertThat(counters.sum(1)).isEqualTo(3L * THREADS * TIMES + 1);
    }

    @Test
    void beginsAtNothing() {
        assertThat(new Counters(3).sum(2)).isZero();
    }
}
