package adit.linux.sys;

import java.lang.foreign.MemorySegment;

/// `struct pollfd`: descriptor, wanted events, present events; 8 octets. And `struct timespec`, 16 octets.
public final class Poll {
    /// The size of one element in octets.
    public static final int SIZE = 8;
    /// The size of a `timespec` in octets.
    public static final int TIMESPEC_SIZE = 16;
    /// There is something to read.
    public static final int POLLIN = 0x1;
    /// Writing would not block.
    public static final int POLLOUT = 0x4;
    /// An error stands; always reported.
    public static final int POLLERR = 0x8;

    private static final int FD = 0;
    private static final int EVENTS = 4;
    private static final int REVENTS = 6;
    private static final int SECONDS = 0;
    private static final int NANOS = 8;

    private Poll() {}

    /// Fills element `index` of `descriptors`. A negative `fd` makes the kernel pass over it.
    public static void set(MemorySegment descriptors, int index, int fd, int events) {
        long at = (long) index * SIZE;
        HostOrder.put32(descriptors, at + FD, fd);
        HostOrder.put16(descriptors, at + EVENTS, events);
        HostOrder.put16(descriptors, at + REVENTS, 0);
    }

    /// The events that stand at element `index` after a call.
    public static int ready(MemorySegment descriptors, int index) {
        return HostOrder.u16(descriptors, (long) index * SIZE + REVENTS);
    }

    /// Writes a `timespec` of `nanos` nanoseconds.
    public static void timespec(MemorySegment s, long nanos) {
        HostOrder.put64(s, SECONDS, nanos / 1_000_000_000);
        HostOrder.put64(s, NANOS, nanos % 1_000_000_000);
    }

    /// The nanoseconds that a `timespec` says.
    public static long nanos(MemorySegment s) {
        return HostOrder.i64(s, SECONDS) * 1_000_000_000 + HostOrder.i64(s, NANOS);
    }
}
