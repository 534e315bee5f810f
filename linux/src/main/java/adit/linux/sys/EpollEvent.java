package adit.linux.sys;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// `struct epoll_event`: the events, and 64 bits of the caller's. 12 octets on x86-64, where it is packed, and
/// 16 elsewhere.
public final class EpollEvent {
    /// Add a descriptor.
    public static final int EPOLL_CTL_ADD = 1;
    /// Remove a descriptor.
    public static final int EPOLL_CTL_DEL = 2;
    /// Change what a descriptor is watched for.
    public static final int EPOLL_CTL_MOD = 3;

    private static final boolean PACKED = "amd64".equals(System.getProperty("os.arch"));
    private static final int DATA = PACKED ? 4 : 8;

    /// The size of one element in octets.
    public static final int SIZE = DATA + Long.BYTES;

    private EpollEvent() {}

    /// Fills element `index`.
    public static void set(MemorySegment s, int index, int events, long data) {
        long at = (long) index * SIZE;
        HostOrder.put32(s, at, events);
        HostOrder.put64(s, at + DATA, data);
    }

    /// The events of element `index`.
    public static int events(MemorySegment s, int index) {
        return HostOrder.i32(s, (long) index * SIZE);
    }

    /// The caller's bits of element `index`.
    public static long data(MemorySegment s, int index) {
        return HostOrder.i64(s, (long) index * SIZE + DATA);
    }

    static void check(MemorySegment events, int count) {
        Objects.checkFromIndexSize(0, (long) count * SIZE, events.byteSize());
    }
}
