package adit.port;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TurnThreadTest {
    private static void noFailure(Throwable t) {
        throw new AssertionError("the thread failed", t);
    }

    /// Rests until it is woken, and notes what it is told.
    private static final class Bed implements Idle {
        final List<Integer> told = Collections.synchronizedList(new ArrayList<>());
        final Semaphore wakes = new Semaphore(0);
        final CompletableFuture<Thread> closedBy = new CompletableFuture<>();

        @Override
        public void idle(int moved) {
            told.add(moved);
            if (moved == 0) {
                wakes.acquireUninterruptibly();
            }
        }

        @Override
        public void wake() {
            wakes.release();
        }

        @Override
        public void close() {
            closedBy.complete(Thread.currentThread());
        }
    }

    /// Moves what its script says, then nothing; done when the script is.
    private static final class Script implements Turn {
        final CountDownLatch done;
        private final int[] moves;
        private int next;

        Script(int... moves) {
            this.moves = moves;
            this.done = new CountDownLatch(moves.length);
        }

        @Override
        public int turn(long nowNanos) {
            int moved = next < moves.length ? moves[next++] : 0;
            done.countDown();
            return moved;
        }
    }

    @Test
    void givesEachTurnOneStepARoundAndTellsHowMuchTheyMovedTogether() throws Exception {
        Bed bed = new Bed();
        Script first = new Script(1, 2, 0);
        Script second = new Script(10, 0, 0);
        try (TurnThread thread = TurnThread.start("turns", bed, TurnThreadTest::noFailure, first, second)) {
            assertThat(second.done.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(thread.running()).isTrue();
        }
        assertThat(bed.told.subList(0, 3)).containsExactly(11, 2, 0);
    }

    @Test
    void runsOnADaemonPlatformThreadOfTheGivenName() throws Exception {
        CompletableFuture<Thread> self = new CompletableFuture<>();
        try (TurnThread _ = TurnThread.start("lane 1", new Bed(), TurnThreadTest::noFailure, _ -> {
            self.complete(Thread.currentThread());
            return 0;
        })) {
            Thread thread = self.get(30, TimeUnit.SECONDS);
            assertThat(thread.getName()).isEqualTo("lane 1");
            assertThat(thread.isDaemon()).isTrue();
            assertThat(thread.isVirtual()).isFalse();
        }
    }

    @Test
    void endsItsRestWhenItIsClosedAndClosesItsIdleItself() throws Exception {
        Bed bed = new Bed();
        Script script = new Script(0);
        TurnThread thread = TurnThread.start("resting", bed, TurnThreadTest::noFailure, script);
        assertThat(script.done.await(30, TimeUnit.SECONDS)).isTrue();
        thread.close();
        assertThat(thread.running()).as("close waits for the end").isFalse();
        assertThat(bed.closedBy.get(0, TimeUnit.SECONDS).getName()).isEqualTo("resting");
        thread.close();
    }

    @Test
    void handsOnWhatATurnThrowsAndEnds() throws Exception {
        Bed bed = new Bed();
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        IllegalStateException thrown = new IllegalStateException("a defect");
        TurnThread thread = TurnThread.start("failing", bed, failure::complete, _ -> {
            throw thrown;
        });
        assertThat(failure.get(30, TimeUnit.SECONDS)).isSameAs(thrown);
        assertThat(bed.closedBy.get(30, TimeUnit.SECONDS)).isNotNull();
        thread.close();
        assertThat(thread.running()).isFalse();
    }

    @Test
    void canBeClosedByATurnOfItsOwn() throws Exception {
        AtomicReference<TurnThread> self = new AtomicReference<>();
        CountDownLatch known = new CountDownLatch(1);
        Bed bed = new Bed();
        TurnThread thread = TurnThread.start("own end", bed, TurnThreadTest::noFailure, _ -> {
            try {
                known.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            self.get().close();
            return 1;
        });
        self.set(thread);
        known.countDown();
        assertThat(bed.closedBy.get(30, TimeUnit.SECONDS)).isNotNull();
        assertThat(bed.told).as("the round went to its end").containsExactly(1);
        thread.close();
    }

    @Test
    void waitsForTheEndAlsoWhenItsCloserIsInterruptedAndSaysSo() throws Exception {
        Semaphore mayGoOn = new Semaphore(0);
        CountDownLatch inTurn = new CountDownLatch(1);
        TurnThread thread = TurnThread.start("slow", new Bed(), TurnThreadTest::noFailure, _ -> {
            inTurn.countDown();
            mayGoOn.acquireUninterruptibly();
            return 1;
        });
        assertThat(inTurn.await(30, TimeUnit.SECONDS)).isTrue();
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        Thread closer = Thread.ofPlatform().daemon().start(() -> {
            Thread.currentThread().interrupt();
            thread.close();
            interrupted.complete(Thread.currentThread().isInterrupted());
        });
        while (closer.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        mayGoOn.release();
        assertThat(interrupted.get(30, TimeUnit.SECONDS)).isTrue();
        closer.join();
        assertThat(thread.running()).isFalse();
    }
}
