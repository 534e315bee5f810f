package adit.linux;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class PollIdleTest {
    private static CompletableFuture<Void> resting(PollIdle idle) {
        return CompletableFuture.runAsync(() -> idle.idle(0));
    }

    private static void assertRests(CompletableFuture<Void> rest) throws Exception {
        Thread.sleep(30);
        assertThat(rest).isNotDone();
    }

    @Test
    void restsUntilADescriptorIsReadable() throws Exception {
        try (EventFd first = EventFd.open();
                EventFd second = EventFd.open();
                PollIdle idle = new PollIdle(IdleStrategy.POLL, List.of(first.fd(), second.fd()))) {
            CompletableFuture<Void> rest = resting(idle);
            assertRests(rest);
            second.signal();
            rest.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void isWokenByAnyThreadOnceForEachRest() throws Exception {
        try (PollIdle idle = new PollIdle(IdleStrategy.POLL, List.of())) {
            idle.wake();
            idle.wake();
            idle.idle(0);
            CompletableFuture<Void> rest = resting(idle);
            assertRests(rest);
            idle.wake();
            rest.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void isWokenWhenADescriptorIsClosed() throws Exception {
        EventFd event = EventFd.open();
        try (PollIdle idle = new PollIdle(IdleStrategy.POLL, List.of(event.fd()))) {
            CompletableFuture<Void> rest = resting(idle);
            assertRests(rest);
            event.fd().closeAndWait();
            rest.get(10, TimeUnit.SECONDS);
            // It rests on what is left.
            CompletableFuture<Void> again = resting(idle);
            assertRests(again);
            idle.wake();
            again.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void whilePacketsAreRareRestsAgainAfterARoundThatMovedOne() throws Exception {
        try (EventFd event = EventFd.open();
                PollIdle idle = new PollIdle(IdleStrategy.POLL, List.of(event.fd()))) {
            CompletableFuture<Void> rest = resting(idle);
            assertRests(rest);
            idle.wake();
            rest.get(10, TimeUnit.SECONDS);
            CompletableFuture<Void> again = CompletableFuture.runAsync(() -> idle.idle(1));
            assertRests(again);
            event.signal();
            again.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void doesNotRestAfterARoundThatMayHaveLeftPacketsBehind() throws Exception {
        try (PollIdle idle = new PollIdle(IdleStrategy.POLL, List.of())) {
            CompletableFuture<Void> rest = resting(idle);
            assertRests(rest);
            idle.wake();
            rest.get(10, TimeUnit.SECONDS);
            // Would hang, for nobody wakes it.
            idle.idle(32);
        }
    }

    @Test
    void endsARestWhenItIsClosed() throws Exception {
        PollIdle idle = new PollIdle(IdleStrategy.POLL, List.of());
        CompletableFuture<Void> rest = resting(idle);
        assertRests(rest);
        idle.close();
        idle.close();
        rest.get(10, TimeUnit.SECONDS);
        idle.idle(0);
        idle.wake();
    }

    @Test
    void doesNotRestAfterARoundThatMovedSomething() throws Exception {
        try (PollIdle idle = new PollIdle(IdleStrategy.POLL, List.of())) {
            for (int i = 0; i < 1000; i++) {
                idle.idle(1);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(IdleStrategy.class)
    void restsAsSoonAsItsStrategySays(IdleStrategy strategy) throws Exception {
        try (PollIdle idle = new PollIdle(strategy, List.of())) {
            AtomicBoolean stop = new AtomicBoolean();
            CompletableFuture<Integer> rounds = new CompletableFuture<>();
            Thread thread = Thread.ofPlatform().daemon().start(() -> {
                int n = 0;
                while (n < 1_000_000 && !stop.get()) {
                    idle.idle(0);
                    n++;
                }
                rounds.complete(n);
            });
            Thread.sleep(50);
            if (strategy == IdleStrategy.BUSY) {
                assertThat(rounds.get(10, TimeUnit.SECONDS)).isEqualTo(1_000_000);
            } else {
                assertThat(rounds).isNotDone();
                stop.set(true);
                idle.wake();
            }
            thread.join(10_000);
        }
    }

    /// A descriptor that is always ready and never moves anything, as a TUN file is whose device was deleted.
    @Test
    void doesNotSpinOnADescriptorThatIsReadyForNothing() throws Exception {
        try (EventFd stuck = EventFd.open();
                EventFd alive = EventFd.open();
                PollIdle idle = new PollIdle(IdleStrategy.POLL, List.of(stuck.fd(), alive.fd()))) {
            stuck.signal();
            // 16 at once, then two each 10 ms: one for the end of the pause, one that is fruitless again.
            long start = System.nanoTime();
            for (int round = 0; round < 16 + 2 * 20; round++) {
                idle.idle(0);
            }
            assertThat(System.nanoTime() - start).isGreaterThan(19 * 10_000_000L);
            CompletableFuture<Void> rest = resting(idle);
            alive.signal();
            rest.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void allocatesNothing() throws Exception {
        try (EventFd ready = EventFd.open();
                PollIdle idle = new PollIdle(IdleStrategy.POLL, List.of(ready.fd()))) {
            ready.signal();
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long self = Thread.currentThread().threadId();
            long allocated;
            // Until the compilers have seen that nothing escapes, which takes them seconds where others compute.
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(40);
            do {
                long before = threads.getThreadAllocatedBytes(self);
                for (int i = 0; i < 5_000; i++) {
                    idle.idle(0);
                    idle.idle(1);
                }
                allocated = threads.getThreadAllocatedBytes(self) - before;
            } while (allocated != 0 && System.nanoTime() - end < 0);
            assertThat(allocated).isZero();
        }
    }
}
