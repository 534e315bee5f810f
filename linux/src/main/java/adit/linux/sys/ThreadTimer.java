package adit.linux.sys;

import java.lang.foreign.MemorySegment;

/// `struct sigevent` of a timer that signals one thread, `struct itimerspec`, and the numbers of the calls, which not
/// every libc has, or not in the library that every process has.
public final class ThreadTimer {
    /// Octets of a `struct sigevent`.
    public static final int EVENT_SIZE = 64;
    /// Octets of a `struct itimerspec`.
    public static final int TIME_SIZE = 2 * Poll.TIMESPEC_SIZE;

    private static final int SIGNAL_AT = 8;
    private static final int NOTIFY_AT = 12;
    private static final int THREAD_AT = 16;
    private static final int SIGEV_THREAD_ID = 4;

    private static final boolean AMD64 = "amd64".equals(System.getProperty("os.arch"));

    private ThreadTimer() {}

    /// Fills in that a timer sends `signal` to the thread with the kernel's number `thread`.
    public static void event(MemorySegment event, int signal, int thread) {
        event.fill((byte) 0);
        HostOrder.put32(event, SIGNAL_AT, signal);
        HostOrder.put32(event, NOTIFY_AT, SIGEV_THREAD_ID);
        HostOrder.put32(event, THREAD_AT, thread);
    }

    /// Fills in that a timer fires each `nanos` nanoseconds; 0 for never.
    public static void every(MemorySegment time, long nanos) {
        Poll.timespec(time, nanos);
        Poll.timespec(time.asSlice(Poll.TIMESPEC_SIZE), nanos);
    }

    static long createNumber() {
        return AMD64 ? 222 : 107;
    }

    static long setTimeNumber() {
        return AMD64 ? 223 : 110;
    }

    static long deleteNumber() {
        return AMD64 ? 226 : 111;
    }

    static long threadNumber() {
        return AMD64 ? 186 : 178;
    }

    static long maskNumber() {
        return AMD64 ? 14 : 135;
    }
}
