package adit.linux.sys;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Reads and writes in the machine's own byte order, as the kernel's structs have it. What travels on the wire
/// goes through [adit.wire.Octets] instead.
public final class HostOrder {
    private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED;

    private HostOrder() {}

    /// The 16 bits at `at`, 0 to 65535.
    public static int u16(MemorySegment s, long at) {
        return Short.toUnsignedInt(s.get(I16, at));
    }

    /// The 32 bits at `at`.
    public static int i32(MemorySegment s, long at) {
        return s.get(I32, at);
    }

    /// The 64 bits at `at`.
    public static long i64(MemorySegment s, long at) {
        return s.get(I64, at);
    }

    /// Writes the low 16 bits of `value`.
    public static void put16(MemorySegment s, long at, int value) {
        s.set(I16, at, (short) value);
    }

    /// Writes 32 bits.
    public static void put32(MemorySegment s, long at, int value) {
        s.set(I32, at, value);
    }

    /// Writes 64 bits; also a `size_t` or a pointer.
    public static void put64(MemorySegment s, long at, long value) {
        s.set(I64, at, value);
    }
}
