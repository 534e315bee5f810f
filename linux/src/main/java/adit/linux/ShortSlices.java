package adit.linux;

import adit.linux.sys.LibcProcess;
import adit.linux.sys.SchedAttr;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Asks the scheduler for short slices of time for the calling thread (sched_setattr(2), Linux 6.12 and later).
///
/// A thread that wants little at a time is let in at once when it is woken, and one that computes is not: a packet
/// need not wait for the 3 ms that the JVM's compiler, or any other program, may have a processor for. It gets no more
/// of the processor for it, and needs no privilege. Older kernels take the call and do as before. Under load it finds
/// fewer packets each time it is woken, so it is for those who would rather have one packet soon than many.
final class ShortSlices {
    /// The least that the scheduler takes.
    private static final long SLICE_NANOS = 100_000;

    private ShortSlices() {}

    /// Asks. Whether the kernel agrees makes no difference to anything but latency, so nobody is told.
    static void ask(MemorySegment errno) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = arena.allocate(SchedAttr.SIZE, 8);
            // Whoever chose another policy for this thread knows better.
            if (LibcProcess.schedGetattr(errno, attributes) >= 0
                    && SchedAttr.policy(attributes) == SchedAttr.SCHED_OTHER) {
                SchedAttr.runtime(attributes, SLICE_NANOS);
                LibcProcess.schedSetattr(errno, attributes);
            }
        }
    }
}
