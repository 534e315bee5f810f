package adit.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The error count that inbound and outbound share.
class TunnelStateTest {
    private static final long SECOND = 1_000_000_000L;

    @ParameterizedTest
    @ValueSource(longs = {0, -3, Long.MAX_VALUE - 5 * SECOND, Long.MIN_VALUE, 1_000_000_000_000L})
    void remembersFor30SecondsWhateverTheTimeStartsAt(long start) {
        Tunnel tunnel = new Tunnel(Rig.spec());
        assertThat(tunnel.errors().take(start)).isFalse();
        tunnel.errors().note(start);
        tunnel.errors().note(start + SECOND);
        assertThat(tunnel.errors().count()).isEqualTo(2);
        assertThat(tunnel.errors().take(start + 2 * SECOND)).isTrue();
        // Telling does not renew the memory.
        assertThat(tunnel.errors().take(start + 32 * SECOND)).isFalse();
        assertThat(tunnel.errors().count()).isZero();
    }

    @Test
    void doesNotOverflowIntoTheTime() {
        Tunnel tunnel = new Tunnel(Rig.spec());
        for (int i = 0; i < 70_000; i++) {
            tunnel.errors().note(SECOND);
        }
        assertThat(tunnel.errors().count()).isEqualTo(65_535);
        assertThat(tunnel.errors().take(2 * SECOND)).isTrue();
        assertThat(tunnel.errors().count()).isEqualTo(65_534);
    }

    @Test
    void losesAndInventsNothingBetweenTwoThreads() throws Exception {
        int noted = 60_000;
        Tunnel tunnel = new Tunnel(Rig.spec());
        CountDownLatch start = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            Future<Integer> taker = threads.submit(() -> {
                start.await();
                int taken = 0;
                for (int i = 0; i < 200_000; i++) {
                    taken += tunnel.errors().take(SECOND) ? 1 : 0;
                }
                return taken;
            });
            Future<?> noter = threads.submit(() -> {
                start.await();
                for (int i = 0; i < noted; i++) {
                    tunnel.errors().note(SECOND);
                }
                return null;
            });
            start.countDown();
            noter.get(20, TimeUnit.SECONDS);
            int taken = taker.get(20, TimeUnit.SECONDS);
            assertThat(taken + tunnel.errors().count()).isEqualTo(noted);
        }
    }
}
