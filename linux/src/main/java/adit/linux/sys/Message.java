package adit.linux.sys;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// `struct msghdr`, 56 octets, and `struct mmsghdr`, which is one with the moved length behind it, 64 octets;
/// and the control messages that a `msghdr` points to.
///
/// ```
/// msghdr: name 0, name length 8, iovecs 16, count 24, control 32, control length 40, flags 48; mmsghdr: length 56
/// cmsghdr: length 0 (with this header), level 8, type 12, data 16; the next one starts on a multiple of 8
/// ```
public final class Message {
    /// The size of a `msghdr` in octets.
    public static final int SIZE = 56;
    /// The size of a `mmsghdr` in octets, and so from one element to the next.
    public static final int MULTI_SIZE = 64;
    /// The size of a control message's header in octets.
    public static final int CONTROL_HEADER = 16;

    private static final int NAME = 0;
    private static final int NAME_LENGTH = 8;
    private static final int VECTORS = 16;
    private static final int VECTOR_COUNT = 24;
    private static final int CONTROL = 32;
    private static final int CONTROL_LENGTH = 40;
    private static final int FLAGS = 48;
    private static final int MOVED = 56;
    private static final int CONTROL_LEVEL = 8;
    private static final int CONTROL_TYPE = 12;

    private Message() {}

    /// Lets the message at `at` take its peer's address from, or leave it in, `address`, a native segment or
    /// NULL.
    public static void name(MemorySegment s, long at, MemorySegment address) {
        HostOrder.put64(s, at + NAME, address.address());
        nameLength(s, at, Math.toIntExact(address.byteSize()));
    }

    /// The room for the address, which a receiving call overwrites with the address's length.
    public static void nameLength(MemorySegment s, long at, int length) {
        HostOrder.put32(s, at + NAME_LENGTH, length);
    }

    /// The length of the address that a receiving call left.
    public static int nameLength(MemorySegment s, long at) {
        return HostOrder.i32(s, at + NAME_LENGTH);
    }

    /// Lets the message at `at` use `count` elements of `vectors`, as [Iovec] lays them out.
    public static void vectors(MemorySegment s, long at, MemorySegment vectors, int count) {
        Iovec.check(vectors, count);
        HostOrder.put64(s, at + VECTORS, vectors.address());
        HostOrder.put64(s, at + VECTOR_COUNT, count);
    }

    /// Lets the message at `at` take control messages from, or leave them in, `control`, a native segment or
    /// NULL.
    public static void control(MemorySegment s, long at, MemorySegment control) {
        HostOrder.put64(s, at + CONTROL, control.address());
        controlLength(s, at, control.byteSize());
    }

    /// The room for control messages, which a receiving call overwrites with what it used.
    public static void controlLength(MemorySegment s, long at, long length) {
        HostOrder.put64(s, at + CONTROL_LENGTH, length);
    }

    /// How many octets of control messages a receiving call left.
    public static int controlLength(MemorySegment s, long at) {
        return (int) HostOrder.i64(s, at + CONTROL_LENGTH);
    }

    /// The flags that a receiving call left, such as that the octets were cut.
    public static int flags(MemorySegment s, long at) {
        return HostOrder.i32(s, at + FLAGS);
    }

    /// How many octets sendmmsg(2) or recvmmsg(2) moved by the element at `at`.
    public static int moved(MemorySegment s, long at) {
        return HostOrder.i32(s, at + MOVED);
    }

    /// Writes a control message's header at `at` and answers where its `length` octets of data start.
    public static long putControl(MemorySegment s, long at, int level, int type, int length) {
        HostOrder.put64(s, at, CONTROL_HEADER + length);
        HostOrder.put32(s, at + CONTROL_LEVEL, level);
        HostOrder.put32(s, at + CONTROL_TYPE, type);
        return at + CONTROL_HEADER;
    }

    /// Where the first whole control message between `at` and `end` begins, -1 when there is none. [#nextControl]
    /// goes on from there.
    public static long firstControl(MemorySegment s, long at, long end) {
        return at + CONTROL_HEADER <= end && controlMessageLength(s, at) >= CONTROL_HEADER ? at : -1;
    }

    /// Where the control message behind the one at `at` begins, -1 when that was the last.
    public static long nextControl(MemorySegment s, long at, long end) {
        return firstControl(s, at + controlSpace(controlMessageLength(s, at) - CONTROL_HEADER), end);
    }

    /// Where the first control message of this level and type between `at` and `end` has its data, -1 when there is
    /// none.
    public static long findControl(MemorySegment s, long at, long end, int level, int type) {
        for (long c = firstControl(s, at, end); c >= 0; c = nextControl(s, c, end)) {
            if (controlLevel(s, c) == level && controlType(s, c) == type) {
                return c + CONTROL_HEADER;
            }
        }
        return -1;
    }

    private static int controlMessageLength(MemorySegment s, long at) {
        return (int) HostOrder.i64(s, at);
    }

    /// The level of the control message at `at`.
    public static int controlLevel(MemorySegment s, long at) {
        return HostOrder.i32(s, at + CONTROL_LEVEL);
    }

    /// The type of the control message at `at`.
    public static int controlType(MemorySegment s, long at) {
        return HostOrder.i32(s, at + CONTROL_TYPE);
    }

    /// Octets that a control message with `length` octets of data takes, its padding included.
    public static int controlSpace(int length) {
        return CONTROL_HEADER + (length + 7 & ~7);
    }

    static void check(MemorySegment messages, int count) {
        Objects.checkFromIndexSize(0, (long) count * MULTI_SIZE, messages.byteSize());
    }
}
