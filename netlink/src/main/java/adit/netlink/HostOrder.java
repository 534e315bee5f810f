package adit.netlink;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Reads and writes in the machine's own byte order, which netlink uses because it never leaves the machine.
final class HostOrder {
    private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED;

    private HostOrder() {}

    static int u16(MemorySegment s, long at) {
        return Short.toUnsignedInt(s.get(I16, at));
    }

    static int i32(MemorySegment s, long at) {
        return s.get(I32, at);
    }

    static long i64(MemorySegment s, long at) {
        return s.get(I64, at);
    }

    static void put16(MemorySegment s, long at, int value) {
        s.set(I16, at, (short) value);
    }

    static void put32(MemorySegment s, long at, int value) {
        s.set(I32, at, value);
    }

    static void put64(MemorySegment s, long at, long value) {
        s.set(I64, at, value);
    }
}
