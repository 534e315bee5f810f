package adit.linux;

import adit.linux.sys.LibcProcess;
import adit.linux.sys.Poll;
import adit.linux.sys.SchedAttr;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Asks the scheduler for short slices of time for the calling thread while that has little to do, and for its usual
/// ones under load (sched_setattr(2), Linux 6.12 and later).
///
/// A thread that wants little at a time is let in at once when it is woken, and one that computes is not: a packet
/// need not wait for the 3 ms that the JVM's compiler, or any other program, may have a processor for. It gets no more
/// of the processor for it, and needs no privilege. Under load it would interrupt the sender and find one packet where
/// there would soon have been forty, which costs a stream half of its rate. Older kernels take the call and do as
/// before.
///
/// Load is the thread's own time on a processor. Who is awake may also be waiting for one, so the kernel is asked
/// before it counts as work; who sleeps does not work for sure. For one thread.
final class SlicesByLoad {
    /// The least that the scheduler takes.
    private static final long SHORT_NANOS = 100_000;
    /// The scheduler's word for what it gives to those who do not ask.
    private static final long USUAL = 0;
    private static final long WINDOW_NANOS = 5_000_000;

    private final MemorySegment errno;
    private final MemorySegment attributes;
    private final MemorySegment time;
    private long since = System.nanoTime();
    private long slept;
    // At the end of the window before, if that was measured.
    private long usedBefore;
    private boolean isMeasured;
    private boolean isShort;

    SlicesByLoad(MemorySegment errno) {
        Arena arena = Arena.ofAuto();
        this.errno = errno;
        this.attributes = arena.allocate(SchedAttr.SIZE, 8);
        this.time = arena.allocate(Poll.TIMESPEC_SIZE, 8);
    }

    /// Tells that the thread was asleep for so long.
    void slept(long nanos) {
        slept += nanos;
    }

    /// Looks, once in 5 ms, what the thread did since the last look. Whether the kernel agrees to what is asked makes
    /// no difference to anything but latency, so nobody is told.
    void turn() {
        long now = System.nanoTime();
        long window = now - since;
        if (window < WINDOW_NANOS) {
            return;
        }
        long awake = window - slept;
        since = now;
        slept = 0;
        // The limits are far apart, so that they do not take turns.
        if (!isShort && awake < window / 16) {
            ask(SHORT_NANOS);
            isShort = true;
        } else if (isShort && awake > window / 4) {
            long used = used();
            if (isMeasured && used - usedBefore > window / 4) {
                ask(USUAL);
                isShort = false;
            }
            usedBefore = used;
            isMeasured = true;
            return;
        }
        isMeasured = false;
    }

    /// For how long the thread has had a processor, in nanoseconds.
    private long used() {
        return LibcProcess.threadTime(errno, time) < 0 ? 0 : Poll.nanos(time);
    }

    private void ask(long nanos) {
        // Whoever chose another policy for this thread knows better.
        if (LibcProcess.schedGetattr(errno, attributes) >= 0 && SchedAttr.policy(attributes) == SchedAttr.SCHED_OTHER) {
            SchedAttr.runtime(attributes, nanos);
            LibcProcess.schedSetattr(errno, attributes);
        }
    }
}
