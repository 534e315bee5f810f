package adit.program.host;

import adit.packet.PacketBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// A run of octets that looks random and needs no memory: any part of it can be made at any time, again and
/// again.
///
/// The octets are those of 64-bit words, low octet first; word `i` is the finalizer of SplitMix64 over the seed
/// and `i` (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
///
/// @param length how many octets it has
/// @param seed which run it is
public record TestData(long length, long seed) {
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final long GOLDEN_GAMMA = 0x9e37_79b9_7f4a_7c15L;
    private static final int CHUNK = 1 << 16;

    /// Refuses a negative length.
    public TestData {
        if (length < 0) {
            throw new IllegalArgumentException("length " + length);
        }
    }

    private long word(long index) {
        long z = seed + index * GOLDEN_GAMMA;
        z = (z ^ z >>> 30) * 0xbf58_476d_1ce4_e5b9L;
        z = (z ^ z >>> 27) * 0x94d0_49bb_1331_11ebL;
        return z ^ z >>> 31;
    }

    private byte octet(long position) {
        return (byte) (word(position >>> 3) >>> ((position & 7) << 3));
    }

    /// Writes the `count` octets from `position` on to `at` in `s`.
    void write(long position, MemorySegment s, long at, int count) {
        long from = position;
        long to = at;
        long end = position + count;
        for (; from < end && (from & 7) != 0; from++, to++) {
            s.set(ValueLayout.JAVA_BYTE, to, octet(from));
        }
        for (; end - from >= Long.BYTES; from += Long.BYTES, to += Long.BYTES) {
            s.set(WORD, to, word(from >>> 3));
        }
        for (; from < end; from++, to++) {
            s.set(ValueLayout.JAVA_BYTE, to, octet(from));
        }
    }

    /// Whether `p` holds, from its octet `offset` to its end, exactly the `count` octets from `position` on.
    boolean matches(long position, PacketBuffer p, int offset, int count) {
        if (p.length() - offset != count) {
            return false;
        }
        for (int i = 0; i < count; i++) {
            if (p.segment().get(ValueLayout.JAVA_BYTE, (long) p.head() + offset + i) != octet(position + i)) {
                return false;
            }
        }
        return true;
    }

    /// The SHA-256 digest of all of it.
    public byte[] digest() {
        MessageDigest digest = newDigest();
        byte[] chunk = new byte[CHUNK];
        MemorySegment s = MemorySegment.ofBuffer(ByteBuffer.wrap(chunk));
        for (long position = 0; position < length; position += CHUNK) {
            int count = (int) Math.min(CHUNK, length - position);
            write(position, s, 0, count);
            digest.update(chunk, 0, count);
        }
        return digest.digest();
    }

    static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
