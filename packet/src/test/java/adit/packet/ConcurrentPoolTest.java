package adit.packet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

class ConcurrentPoolTest {
    @Test
    void lendsEachBufferOnceAndThenNone() {
        try (PacketPool pool = PacketPool.concurrent(3, 16, 100)) {
            Set<PacketBuffer> out = new HashSet<>();
            for (int i = 0; i < 3; i++) {
                PacketBuffer p = pool.lend();
                assertThat(p.headroom()).isEqualTo(16);
                assertThat(p.tailroom()).isEqualTo(100);
                out.add(p);
            }
            assertThat(out).hasSize(3).doesNotContainNull();
            assertThat(pool.lend()).isNull();
            assertThat(pool.lent()).isEqualTo(3);
            out.forEach(PacketBuffer::release);
            assertThat(pool.lent()).isZero();
        }
    }

    @Test
    void refusesASecondReleaseAndKeepsItsCount() {
        try (PacketPool pool = PacketPool.concurrent(2, 0, 100)) {
            PacketBuffer a = pool.lend();
            a.release();
            assertThatIllegalStateException().isThrownBy(a::release).withMessage("released twice");
            assertThat(pool.lent()).isZero();
            PacketBuffer b = pool.lend();
            PacketBuffer c = pool.lend();
            assertThat(b).isNotNull().isNotSameAs(c);
            assertThat(c).isNotNull();
            assertThat(pool.lend()).isNull();
            b.release();
            c.release();
        }
    }

    @Test
    void refusesToCloseWhilePacketsAreOutAndLendsNothingAfterwards() {
        PacketPool pool = PacketPool.concurrent(2, 0, 100);
        PacketBuffer a = pool.lend();
        assertThatIllegalStateException().isThrownBy(pool::close).withMessage("1 packets are still out");
        a.release();
        pool.close();
        assertThat(pool.lend()).isNull();
        assertThat(pool.lent()).isZero();
        pool.close();
    }

    @Test
    void neverLendsOneBufferToTwoThreads() throws Exception {
        int threads = 4;
        int buffers = 7;
        AtomicIntegerArray holders = new AtomicIntegerArray(buffers);
        try (PacketPool pool = PacketPool.concurrent(buffers, 0, 64);
                ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            List<Future<Integer>> ends = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                ends.add(executor.submit((Callable<Integer>) () -> {
                    int lent = 0;
                    for (int i = 0; i < 100_000; i++) {
                        PacketBuffer a = pool.lend();
                        PacketBuffer b = pool.lend();
                        lent += hold(holders, a) + hold(holders, b);
                        letGo(holders, a);
                        letGo(holders, b);
                    }
                    return lent;
                }));
            }
            int lent = 0;
            for (Future<Integer> end : ends) {
                lent += end.get();
            }
            assertThat(lent).isPositive();
            assertThat(pool.lent()).isZero();
        }
    }

    /// Two threads lend and two others release, so that buffers wander between the stacks; never are more than half
    /// of them out or on their way.
    @Test
    void lendsAsLongAsThereAreBuffersAtHomeWhereverTheyWander() throws Exception {
        int each = 500_000;
        int out = 64;
        AtomicInteger lenders = new AtomicInteger(2);
        Semaphore permits = new Semaphore(out);
        Queue<PacketBuffer> handedOver = new ConcurrentLinkedQueue<>();
        List<Callable<Integer>> tasks = new ArrayList<>();
        try (PacketPool pool = PacketPool.concurrent(2 * (out + 4 * 31), 0, 64);
                ExecutorService executor = Executors.newFixedThreadPool(4)) {
            for (int t = 0; t < 2; t++) {
                tasks.add(() -> {
                    int refused = 0;
                    for (int i = 0; i < each; i++) {
                        permits.acquire();
                        PacketBuffer p = pool.lend();
                        if (p == null) {
                            refused++;
                            permits.release();
                        } else {
                            handedOver.add(p);
                        }
                    }
                    lenders.decrementAndGet();
                    return refused;
                });
                tasks.add(() -> {
                    while (lenders.get() > 0 || !handedOver.isEmpty()) {
                        PacketBuffer p = handedOver.poll();
                        if (p != null) {
                            p.release();
                            permits.release();
                        }
                    }
                    return 0;
                });
            }
            int refused = 0;
            for (Future<Integer> end : executor.invokeAll(tasks)) {
                refused += end.get();
            }
            assertThat(refused).isZero();
            assertThat(pool.lent()).isZero();
        }
    }

    private static int hold(AtomicIntegerArray holders, PacketBuffer p) {
        if (p == null) {
            return 0;
        }
        assertThat(holders.getAndIncrement(p.index)).isZero();
        return 1;
    }

    private static void letGo(AtomicIntegerArray holders, PacketBuffer p) {
        if (p != null) {
            assertThat(holders.decrementAndGet(p.index)).isZero();
            p.release();
        }
    }
}
