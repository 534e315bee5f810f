package adit.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class DeviceStatisticsTest {
    private static final int THREADS = 12;
    private static final int EACH = 50_000;

    @Test
    void countsNothingAtFirst() {
        DeviceStatistics statistics = new DeviceStatistics();
        assertThat(statistics.counters()).isEmpty();
        assertThat(statistics.drops()).isEmpty();
        assertThat(statistics.get(Drop.NOMEM)).isZero();
    }

    @Test
    void aDropRaisesItsStatisticToo() {
        DeviceStatistics statistics = new DeviceStatistics();
        statistics.drop(Drop.NOMEM);
        assertThat(statistics.drops()).isEqualTo(Map.of(Drop.NOMEM, 1L));
        assertThat(statistics.get(Drop.NOMEM.counter())).isOne();
    }

    /// More threads than there are rows, the one that counted first among them.
    @Test
    @Timeout(120)
    void sumsWhatManyThreadsCountAtOnce() throws InterruptedException {
        DeviceStatistics statistics = new DeviceStatistics();
        CountDownLatch start = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                await(start);
                for (int n = 0; n < EACH; n++) {
                    statistics.received(3);
                    statistics.drop(Drop.NOMEM);
                }
            }));
        }
        start.countDown();
        for (int n = 0; n < EACH; n++) {
            statistics.received(3);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(statistics.get(Counter.RX_PACKETS)).isEqualTo((THREADS + 1L) * EACH);
        assertThat(statistics.get(Counter.RX_BYTES)).isEqualTo((THREADS + 1L) * EACH * 3);
        assertThat(statistics.get(Drop.NOMEM)).isEqualTo((long) THREADS * EACH);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
