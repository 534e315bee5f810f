package adit.linux.sys;

import static adit.linux.sys.Linkage.INT;
import static adit.linux.sys.Linkage.LONG;
import static adit.linux.sys.Linkage.POINTER;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// Calls on signals and timers, in the shape of [Libc]: each answers what the call answered, or the negative errno.
public final class LibcSignal {
    private static final int CLOCK_MONOTONIC = 1;
    private static final int SIG_UNBLOCK = 1;

    private LibcSignal() {}

    /// sigaction(2): installs `action`, unless that is [MemorySegment#NULL], and writes what stood there into
    /// `former`, unless that is. Both are `struct sigaction`s ([Signal]).
    public static int sigaction(MemorySegment errno, int number, MemorySegment action, MemorySegment former) {
        try {
            return Linkage.answer(errno, (int) Sigaction.HANDLE.invokeExact(errno, number, action, former));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    private static final class Sigaction {
        static final MethodHandle HANDLE = Linkage.link("sigaction", FunctionDescriptor.of(INT, INT, POINTER, POINTER));
    }

    /// The address of a function of libc that takes an int and has no effect at all: a handler that may interrupt any
    /// code, and needs none of Java's.
    public static long harmlessHandler() {
        return Linkage.address("abs");
    }

    /// Lets the calling thread get the signal `number`. `set` are 8 octets of the caller's.
    public static int unblock(MemorySegment errno, int number, MemorySegment set) {
        HostOrder.put64(set, 0, 1L << (number - 1));
        return call(errno, ThreadTimer.maskNumber(), SIG_UNBLOCK, set.asSlice(0, Long.BYTES), MemorySegment.NULL, 8);
    }

    /// The kernel's number of the calling thread.
    public static int thread(MemorySegment errno) {
        return call(errno, ThreadTimer.threadNumber(), 0, MemorySegment.NULL, MemorySegment.NULL, 0);
    }

    /// timer_create(2) by the monotonic clock. `event` says what happens when it fires ([ThreadTimer]); the timer's
    /// number is written into `timer`, 4 octets. It stands still.
    public static int timerCreate(MemorySegment errno, MemorySegment event, MemorySegment timer) {
        return call(
                errno,
                ThreadTimer.createNumber(),
                CLOCK_MONOTONIC,
                event.asSlice(0, ThreadTimer.EVENT_SIZE),
                timer.asSlice(0, Integer.BYTES),
                0);
    }

    /// timer_settime(2) as `time` says ([ThreadTimer]).
    public static int timerSetTime(MemorySegment errno, int timer, MemorySegment time) {
        try {
            return Linkage.answer(errno, (long) SetTime.HANDLE.invokeExact(
                    errno,
                    ThreadTimer.setTimeNumber(),
                    timer,
                    0,
                    time.asSlice(0, ThreadTimer.TIME_SIZE),
                    MemorySegment.NULL));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    private static final class SetTime {
        static final MethodHandle HANDLE =
                Linkage.linkVariadic("syscall", 1, FunctionDescriptor.of(LONG, LONG, INT, INT, POINTER, POINTER));
    }

    /// timer_delete(2).
    public static int timerDelete(MemorySegment errno, int timer) {
        return call(errno, ThreadTimer.deleteNumber(), timer, MemorySegment.NULL, MemorySegment.NULL, 0);
    }

    /// A call that takes an int, two pointers and a size at most. It does not look at those that it does not take.
    private static int call(
            MemorySegment errno, long number, int first, MemorySegment second, MemorySegment third, long fourth) {
        try {
            return Linkage.answer(
                    errno, (long) Syscall.HANDLE.invokeExact(errno, number, first, second, third, fourth));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    private static final class Syscall {
        static final MethodHandle HANDLE =
                Linkage.linkVariadic("syscall", 1, FunctionDescriptor.of(LONG, LONG, INT, POINTER, POINTER, LONG));
    }
}
