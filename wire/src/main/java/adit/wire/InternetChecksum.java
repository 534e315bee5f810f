package adit.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The Internet checksum of RFC 1071, its incremental update of RFC 1624 and the pseudo-headers of RFC 768 and
/// RFC 8200.
///
/// A *sum* is a one's complement sum in the low 16 bits of an int, in network order as a number, not yet
/// complemented. Sums may be added and then folded. The checksum field holds the complement of the sum.
///
/// Words are loaded in native order and swapped once at the end (RFC 1071 section 2 B), which the compiler
/// turns into vector instructions.
public final class InternetChecksum {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final boolean LITTLE = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    private InternetChecksum() {}

    /// The folded sum of `length` octets. An odd last octet counts as the high half of a word.
    public static int sum(MemorySegment s, long at, long length) {
        long sum = 0;
        long end = at + length;
        long i = at;
        for (long quads = at + (length & ~3L); i < quads; i += 4) {
            sum += s.get(INT, i) & 0xffff_ffffL;
        }
        if (end - i >= 2) {
            sum += s.get(SHORT, i) & 0xffff;
            i += 2;
        }
        if (i < end) {
            int last = s.get(ValueLayout.JAVA_BYTE, i) & 0xff;
            sum += LITTLE ? last : last << 8;
        }
        int folded = fold(sum);
        return LITTLE ? Short.reverseBytes((short) folded) & 0xffff : folded;
    }

    /// Folds carries until 16 bits remain.
    public static int fold(long sum) {
        long folded = (sum & 0xffff_ffffL) + (sum >>> 32);
        folded = (folded & 0xffff) + (folded >>> 16);
        folded = (folded & 0xffff) + (folded >>> 16);
        return (int) ((folded & 0xffff) + (folded >>> 16));
    }

    /// The value for a checksum field whose octets counted as zero in `sum`.
    public static int complement(int sum) {
        return ~sum & 0xffff;
    }

    /// The checksum after one 16-bit word changed from `before` to `after`, by RFC 1624 equation 3.
    public static int update(int checksum, int before, int after) {
        return complement(fold((~checksum & 0xffffL) + (~before & 0xffffL) + after));
    }

    /// The sum of the IPv4 pseudo-header (RFC 768): addresses, protocol and upper-layer length in octets.
    public static int pseudoHeader4(int source, int destination, int protocol, int length) {
        return fold((source & 0xffff_ffffL) + (destination & 0xffff_ffffL) + protocol + length);
    }

    /// The sum of the IPv6 pseudo-header (RFC 8200 section 8.1) over the two addresses that stand at
    /// `addresses`.
    public static int pseudoHeader6(MemorySegment s, long addresses, int nextHeader, int length) {
        return fold((long) sum(s, addresses, 32) + nextHeader + (length & 0xffff_ffffL));
    }
}
