package adit.linux.sys;

import java.lang.foreign.MemorySegment;

/// `struct sigaction` as libc has it, and which numbers are free for programs.
public final class Signal {
    /// Octets of a `struct sigaction`.
    public static final int ACTION_SIZE = 152;
    /// What a signal has that nobody has asked for: its handler is 0.
    public static final long SIG_DFL = 0;
    /// The lowest real-time signal that neither glibc nor musl keeps for itself.
    public static final int LOWEST = 35;
    /// The highest one.
    public static final int HIGHEST = 64;
    /// Ends calls of the JDK's own channels when they are closed, from the first such channel on.
    public static final int OF_JDK = HIGHEST - 2;

    private static final int HANDLER_AT = 0;

    private Signal() {}

    /// sa_handler: the function's address, or [#SIG_DFL].
    public static long handler(MemorySegment action) {
        return HostOrder.i64(action, HANDLER_AT);
    }

    /// Fills in an action that calls `handler`, with no signal blocked meanwhile. A call that waits is not begun again
    /// afterwards but answers EINTR.
    public static void action(MemorySegment action, long handler) {
        action.fill((byte) 0);
        HostOrder.put64(action, HANDLER_AT, handler);
    }
}
