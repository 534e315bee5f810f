package adit.device;

import static org.assertj.core.api.Assertions.assertThat;

import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PacketQueueTest {
    private final PacketPool pool = PacketPool.concurrent(2000, 0, 16);

    @AfterEach
    void nothingStaysOut() {
        assertThat(pool.lent()).isZero();
        pool.close();
    }

    private PacketBuffer numbered(int mark) {
        PacketBuffer p = pool.lend();
        p.mark(mark);
        return p;
    }

    private static List<Integer> drain(PacketQueue queue) {
        List<Integer> marks = new ArrayList<>();
        for (PacketBuffer p = queue.poll(); p != null; p = queue.poll()) {
            marks.add(p.mark());
            p.release();
        }
        return marks;
    }

    /// Fills a queue with as many as it takes, at most 600, and answers how many.
    private int fill(PacketQueue queue) {
        for (int i = 0; i < 600; i++) {
            PacketBuffer p = numbered(i);
            if (!queue.offer(p)) {
                p.release();
                return i;
            }
        }
        return 600;
    }

    @Test
    void holdsExactlyAsManyAsItsCapacitySaysInOrder() {
        for (int capacity : new int[] {0, 1, 2, 3, 4, 5, 10, 63, 64, 65, 500}) {
            PacketQueue queue = new PacketQueue(capacity);
            for (int round = 0; round < 3; round++) {
                assertThat(fill(queue)).isEqualTo(capacity);
                assertThat(queue.size()).isEqualTo(capacity);
                List<Integer> drained = drain(queue);
                assertThat(drained).hasSize(capacity).isSorted();
                assertThat(queue.isEmpty()).isTrue();
            }
        }
    }

    @Test
    void keepsTheOldestInOrderWhenItShrinksAndAllWhenItGrows() {
        PacketQueue queue = new PacketQueue(5);
        fill(queue);
        List<Integer> surplus = new ArrayList<>();
        queue.capacity(3, p -> {
            surplus.add(p.mark());
            p.release();
        });
        assertThat(surplus).containsExactly(3, 4);
        queue.capacity(4, p -> surplus.add(-1));
        assertThat(queue.offer(numbered(7))).isTrue();
        PacketBuffer tooMuch = numbered(8);
        assertThat(queue.offer(tooMuch)).isFalse();
        tooMuch.release();
        assertThat(drain(queue)).containsExactly(0, 1, 2, 7);
        assertThat(surplus).hasSize(2);
    }

    @Test
    void losesNothingAndKeepsEachProducersOrderWhileItIsResized() throws Exception {
        int producers = 2;
        int each = 100_000;
        PacketQueue queue = new PacketQueue(64);
        AtomicInteger open = new AtomicInteger(producers);
        AtomicInteger lost = new AtomicInteger();
        try (ExecutorService executor = Executors.newFixedThreadPool(2 * producers + 1)) {
            List<Future<Integer>> writers = new ArrayList<>();
            List<Future<int[]>> readers = new ArrayList<>();
            for (int w = 0; w < producers; w++) {
                int writer = w;
                writers.add(executor.submit((Callable<Integer>) () -> {
                    try {
                        return write(queue, writer, each);
                    } finally {
                        open.decrementAndGet();
                    }
                }));
                readers.add(executor.submit((Callable<int[]>) () -> {
                    int[] last = {-1, -1};
                    int count = 0;
                    while (true) {
                        boolean ended = open.get() == 0;
                        PacketBuffer p = queue.poll();
                        if (p != null) {
                            int from = p.mark() & 1;
                            assertThat(p.mark() >> 1).isGreaterThan(last[from]);
                            last[from] = p.mark() >> 1;
                            count++;
                            p.release();
                        } else if (ended && queue.isEmpty()) {
                            return new int[] {count};
                        } else {
                            Thread.onSpinWait();
                        }
                    }
                }));
            }
            Future<?> resizer = executor.submit(() -> {
                for (int i = 0; open.get() > 0; i++) {
                    queue.capacity(20 + i % 100, p -> {
                        lost.incrementAndGet();
                        p.release();
                    });
                }
            });
            int refused = 0;
            for (Future<Integer> writer : writers) {
                refused += writer.get();
            }
            resizer.get();
            int read = 0;
            for (Future<int[]> reader : readers) {
                read += reader.get()[0];
            }
            assertThat(read + refused + lost.get()).isEqualTo(producers * each);
            assertThat(read).isPositive();
        }
    }

    /// Answers how many packets of `each` the queue refused.
    private int write(PacketQueue queue, int writer, int each) {
        int refused = 0;
        for (int i = 0; i < each; i++) {
            PacketBuffer p = numbered(i << 1 | writer);
            if (!queue.offer(p)) {
                p.release();
                refused++;
            }
        }
        return refused;
    }

    @Test
    void tellsTheLengthOfTheOldestPacketAlsoWhenTheCapacityChanges() {
        PacketQueue queue = new PacketQueue(3);
        assertThat(queue.firstLength()).isEqualTo(-1);
        for (int length : new int[] {5, 0, 9}) {
            PacketBuffer p = numbered(length);
            p.put(length);
            assertThat(queue.offer(p)).isTrue();
        }
        List<Integer> lengths = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            lengths.add(queue.firstLength());
            queue.capacity(10 + i, PacketBuffer::release);
            lengths.add(queue.firstLength());
            queue.poll().release();
        }
        assertThat(lengths).containsExactly(5, 5, 0, 0, 9, 9);
        assertThat(queue.firstLength()).isEqualTo(-1);
    }

    /// Buffers are emptied when they are lent again, so a length of 0 would be that of a packet that is not queued.
    @Test
    void tellsNoLengthOfAPacketThatWasTaken() throws Exception {
        PacketQueue queue = new PacketQueue(2);
        try (ExecutorService threads = Executors.newFixedThreadPool(1)) {
            Future<Boolean> looker = threads.submit(() -> {
                boolean right = true;
                while (!Thread.currentThread().isInterrupted()) {
                    int length = queue.firstLength();
                    right &= length == -1 || length == 7;
                }
                return right;
            });
            try {
                for (int i = 0; i < 200_000; i++) {
                    PacketBuffer p = pool.lend();
                    p.put(7);
                    assertThat(queue.offer(p)).isTrue();
                    queue.poll().release();
                }
            } finally {
                threads.shutdownNow();
            }
            assertThat(looker.get()).isTrue();
        }
    }
}
