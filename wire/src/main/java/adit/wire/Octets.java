package adit.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Unsigned big-endian reads and writes at any offset. The only class that knows byte order and sign extension.
///
/// All offsets and lengths are in octets. Every access is bounds-checked by the segment.
public final class Octets {
    private static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private Octets() {}

    /// The octet at `at`, 0 to 255.
    public static int u8(MemorySegment s, long at) {
        return s.get(U8, at) & 0xff;
    }

    /// The two octets at `at`, 0 to 65535.
    public static int u16(MemorySegment s, long at) {
        return s.get(U16, at) & 0xffff;
    }

    /// The two octets at `at` in byte order `order`, 0 to 65535: for what a kernel hands over in its own order.
    public static int u16(MemorySegment s, long at, ByteOrder order) {
        short value = s.get(U16, at);
        return (order == ByteOrder.BIG_ENDIAN ? value : Short.reverseBytes(value)) & 0xffff;
    }

    /// The four octets at `at` as the bits of an int, which is how IPv4 addresses travel in this code.
    public static int i32(MemorySegment s, long at) {
        return s.get(U32, at);
    }

    /// The four octets at `at` in byte order `order`, as the bits of an int.
    public static int i32(MemorySegment s, long at, ByteOrder order) {
        int value = s.get(U32, at);
        return order == ByteOrder.BIG_ENDIAN ? value : Integer.reverseBytes(value);
    }

    /// The four octets at `at`, 0 to 4294967295.
    public static long u32(MemorySegment s, long at) {
        return s.get(U32, at) & 0xffff_ffffL;
    }

    /// The six octets at `at`, which is how Ethernet addresses travel in this code.
    public static long u48(MemorySegment s, long at) {
        return (long) u16(s, at) << 32 | u32(s, at + 2);
    }

    /// The eight octets at `at` as the bits of a long.
    public static long i64(MemorySegment s, long at) {
        return s.get(U64, at);
    }

    /// Writes the low 8 bits of `value`.
    public static void put8(MemorySegment s, long at, int value) {
        s.set(U8, at, (byte) value);
    }

    /// Writes the low 16 bits of `value`.
    public static void put16(MemorySegment s, long at, int value) {
        s.set(U16, at, (short) value);
    }

    /// Writes the low 16 bits of `value` in byte order `order`.
    public static void put16(MemorySegment s, long at, int value, ByteOrder order) {
        short bits = (short) value;
        s.set(U16, at, order == ByteOrder.BIG_ENDIAN ? bits : Short.reverseBytes(bits));
    }

    /// Writes `value` as four octets.
    public static void put32(MemorySegment s, long at, int value) {
        s.set(U32, at, value);
    }

    /// Writes `value` as four octets in byte order `order`.
    public static void put32(MemorySegment s, long at, int value, ByteOrder order) {
        s.set(U32, at, order == ByteOrder.BIG_ENDIAN ? value : Integer.reverseBytes(value));
    }

    /// Writes the low 48 bits of `value` as six octets.
    public static void put48(MemorySegment s, long at, long value) {
        put16(s, at, (int) (value >>> 32));
        put32(s, at + 2, (int) value);
    }

    /// Writes `value` as eight octets.
    public static void put64(MemorySegment s, long at, long value) {
        s.set(U64, at, value);
    }
}
