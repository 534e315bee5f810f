package adit.tun;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MemoryTunPollerTest {
    private static final String IP4 = "45000014 00010000 40010000 0a000001 0a000002";
    private static final int ROUNDS = 5_000;
    /// The end of it on a machine with one processor, which four threads that never rest take turns at.
    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(15);
    /// Long enough for the other one to tell of the same.
    private static final long SETTLE_NANOS = 20_000;

    private final Rig rig = new Rig();

    @AfterEach
    void close() {
        rig.close();
    }

    /// As epoll_ctl(2) has EPOLLONESHOT: each time it is asked for, one of those who wait is told, whatever arrives.
    @Test
    void tellsOneOfSeveralWhoWaitWhereItIsToTellOnce() throws Exception {
        MemoryTunFile file = rig.attached("t0", Rig.TUN);
        AtomicInteger told = new AtomicInteger();
        AtomicBoolean ended = new AtomicBoolean();
        List<Thread> threads = new ArrayList<>();
        try (TunPoller poller = new MemoryTunPoller()) {
            assertThat(poller.add(file, PollEvents.ONE_SHOT, null)).isZero();
            rig.send(file.device(), 0x0800, IP4);
            for (int i = 0; i < 2; i++) {
                threads.add(Thread.ofPlatform().start(() -> {
                    ReadyFiles ready = new ReadyFiles(4);
                    while (!ended.get()) {
                        int count = poller.await(ready, 0);
                        if (count > 0) {
                            told.addAndGet(count);
                        }
                    }
                }));
            }
            threads.add(Thread.ofPlatform().start(() -> {
                while (!ended.get()) {
                    file.waitQueue().wake(PollEvents.IN);
                }
            }));
            long end = System.nanoTime() + LONGEST_NANOS;
            for (int round = 0; round < ROUNDS && System.nanoTime() - end < 0; round++) {
                told.set(0);
                assertThat(poller.change(file, PollEvents.IN | PollEvents.ONE_SHOT))
                        .isZero();
                while (told.get() == 0) {
                    Thread.onSpinWait();
                }
                long later = System.nanoTime() + SETTLE_NANOS;
                while (System.nanoTime() - later < 0) {
                    Thread.onSpinWait();
                }
                assertThat(told.get()).as("round %d", round).isOne();
            }
        } finally {
            ended.set(true);
            for (Thread thread : threads) {
                thread.join();
            }
        }
    }
}
