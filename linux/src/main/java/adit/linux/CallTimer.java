package adit.linux;

import adit.linux.sys.HostOrder;
import adit.linux.sys.Libc;
import adit.linux.sys.LibcSignal;
import adit.linux.sys.ThreadTimer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Ends the calls that one thread waits in, again and again while it runs: a timer of the kernel's that sends
/// [WakeSignal] to that thread.
///
/// One signal may come just before the thread begins to wait, and is lost then; the next one is not. A call
/// that is ended so answers EINTR. One that does not wait never does.
///
/// For the thread that opened it.
final class CallTimer implements AutoCloseable {
    private final MemorySegment errno;
    private final MemorySegment every;
    private final MemorySegment never;
    private final int timer;
    private final Thread owner = Thread.currentThread();
    private boolean runs;

    private CallTimer(Arena arena, MemorySegment errno, int timer, long nanos) {
        this.errno = errno;
        this.timer = timer;
        every = arena.allocate(ThreadTimer.TIME_SIZE, Long.BYTES);
        never = arena.allocate(ThreadTimer.TIME_SIZE, Long.BYTES);
        ThreadTimer.every(every, nanos);
        ThreadTimer.every(never, 0);
    }

    /// One for the calling thread that fires each `nanos` nanoseconds once it is started; null where `signal` is
    /// [WakeSignal#NONE] or the kernel refuses.
    static CallTimer open(int signal, long nanos) {
        if (signal == WakeSignal.NONE) {
            return null;
        }
        Arena arena = Arena.ofAuto();
        MemorySegment errno = Libc.newErrnoState(arena);
        MemorySegment event = arena.allocate(ThreadTimer.EVENT_SIZE, Long.BYTES);
        MemorySegment number = arena.allocate(Long.BYTES, Long.BYTES);
        ThreadTimer.event(event, signal, LibcSignal.thread(errno));
        if (LibcSignal.unblock(errno, signal, number) < 0 || LibcSignal.timerCreate(errno, event, number) < 0) {
            return null;
        }
        return new CallTimer(arena, errno, HostOrder.i32(number, 0), nanos);
    }

    /// Lets it run, and answers whether it does. Costs nothing when it does already.
    boolean start() {
        if (!runs) {
            runs = LibcSignal.timerSetTime(errno, timer, every) == 0;
        }
        return runs;
    }

    /// Lets it stand still.
    void stop() {
        if (runs) {
            LibcSignal.timerSetTime(errno, timer, never);
            runs = false;
        }
    }

    /// Whether nothing that the calling thread does can take the timer from a thread that waits.
    boolean mayClose() {
        return Thread.currentThread().equals(owner) || !owner.isAlive();
    }

    /// Gives the timer back to the kernel. Once.
    @Override
    public void close() {
        LibcSignal.timerDelete(errno, timer);
    }
}
