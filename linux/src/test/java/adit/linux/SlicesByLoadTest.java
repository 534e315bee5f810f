package adit.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adit.linux.sys.Libc;
import adit.linux.sys.LibcProcess;
import adit.linux.sys.SchedAttr;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class SlicesByLoadTest {
    private static final int ENOUGH = 2_000;

    private final Arena arena = Arena.ofAuto();
    private final MemorySegment errno = Libc.newErrnoState(arena);
    private final MemorySegment attributes = arena.allocate(SchedAttr.SIZE, 8);

    /// The slice of the calling thread in nanoseconds.
    private long slice() {
        assertThat(LibcProcess.schedGetattr(errno, attributes)).isNotNegative();
        return SchedAttr.runtime(attributes);
    }

    /// Does something again and again until the slice is what is wanted, and answers what it is then.
    private long sliceAfter(SlicesByLoad slices, Consumer<SlicesByLoad> something, long wanted) {
        for (int i = 0; i < ENOUGH && slice() != wanted; i++) {
            something.accept(slices);
            slices.turn();
        }
        return slice();
    }

    private static void sleep(SlicesByLoad slices) {
        long begun = System.nanoTime();
        try {
            TimeUnit.MILLISECONDS.sleep(6);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        slices.slept(System.nanoTime() - begun);
    }

    private static void compute(SlicesByLoad slices) {
        // It gives itself out for asleep a little, as who waits for a packet now and then.
        slices.slept(500_000);
        long end = System.nanoTime() + 6_000_000;
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }

    @Test
    void asksForShortSlicesOfAThreadThatMostlySleepsAndForTheUsualOnesWhenItComputes() {
        long usual = slice();
        assumeTrue(usual != 0, "needs Linux 6.12: this kernel tells no slices");
        SlicesByLoad slices = new SlicesByLoad(errno);
        for (int round = 0; round < 2; round++) {
            assertThat(sliceAfter(slices, SlicesByLoadTest::sleep, 100_000)).isEqualTo(100_000);
            assertThat(sliceAfter(slices, SlicesByLoadTest::compute, usual)).isEqualTo(usual);
        }
    }

    /// A thread that was woken and does not get a processor is awake, and does nothing.
    @Test
    void leavesTheSlicesShortWhileTheThreadWaitsForAProcessor() {
        long usual = slice();
        assumeTrue(usual != 0, "needs Linux 6.12: this kernel tells no slices");
        SlicesByLoad slices = new SlicesByLoad(errno);
        assertThat(sliceAfter(slices, SlicesByLoadTest::sleep, 100_000)).isEqualTo(100_000);
        for (int i = 0; i < 20; i++) {
            sleep(new SlicesByLoad(errno));
            slices.turn();
            assertThat(slice()).isEqualTo(100_000);
        }
        assertThat(sliceAfter(slices, SlicesByLoadTest::compute, usual)).isEqualTo(usual);
    }
}
