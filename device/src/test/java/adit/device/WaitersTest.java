package adit.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WaitersTest {
    private final Waiters waiters = new Waiters();

    @Test
    void answersWhatIsThereAtOnceWithoutWaiting() {
        assertThat(waiters.await(() -> 5, -1)).isEqualTo(5);
        assertThat(waiters.await(() -> -9, 0)).isEqualTo(-9);
    }

    @Test
    void answersNothingWhenTheTimeHasPassed() {
        AtomicInteger looks = new AtomicInteger();
        assertThat(waiters.await(() -> looks.incrementAndGet() * 0, 0)).isZero();
        assertThat(looks).hasValue(1);
        assertThat(waiters.await(() -> 0, 1_000_000)).isZero();
    }

    @Test
    void looksBeforeItSaysThatItWasInterrupted() {
        Thread.currentThread().interrupt();
        assertThat(waiters.await(() -> 3, -1)).isEqualTo(3);
        assertThat(waiters.await(() -> 0, -1)).isEqualTo(-Errno.EINTR);
        assertThat(Thread.interrupted()).as("which stays so").isTrue();
    }

    @Test
    void wakesAllWhoWait() throws Exception {
        AtomicInteger there = new AtomicInteger();
        CompletableFuture<Integer> one = CompletableFuture.supplyAsync(() -> waiters.await(there::get, -1));
        CompletableFuture<Integer> other =
                CompletableFuture.supplyAsync(() -> waiters.await(there::get, 50_000_000_000L));
        there.set(7);
        waiters.wake();
        assertThat(one.get(50, TimeUnit.SECONDS)).isEqualTo(7);
        assertThat(other.get(50, TimeUnit.SECONDS)).isEqualTo(7);
    }
}
