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
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final boolean LITTLE = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    private InternetChecksum() {}

    /// The folded sum of `length` octets. An odd last octet counts as the high half of a word.
    public static int sum(MemorySegment s, long at, long length) {
        long low = 0;
        long high = 0;
        // Two sums of 32-bit halves over an int counter: the form that C2 turns into vector adds.
        int words = (int) (length >>> 3);
        for (int i = 0; i < words; i++) {
            long word = s.get(LONG, at + ((long) i << 3));
            low += word & 0xffff_ffffL;
            high += word >>> 32;
        }
        long sum = low + high;
        long rest = at + ((long) words << 3);
        if ((length & 4) != 0) {
            sum += s.get(INT, rest) & 0xffff_ffffL;
            rest += 4;
        }
        if ((length & 2) != 0) {
            sum += s.get(SHORT, rest) & 0xffff;
            rest += 2;
        }
        if ((length & 1) != 0) {
            int last = s.get(ValueLayout.JAVA_BYTE, rest) & 0xff;
            sum += LITTLE ? last : last << 8;
        }
        return toNetworkOrder(fold(sum));
    }

    /// The folded sum of the 20 octets of an IPv4 header without options, without a loop.
    static int sum20(MemorySegment s, long at) {
        long one = s.get(LONG, at);
        long two = s.get(LONG, at + 8);
        long sum = (one & 0xffff_ffffL) + (one >>> 32) + (two & 0xffff_ffffL) + (two >>> 32);
        return toNetworkOrder(fold(sum + (s.get(INT, at + 16) & 0xffff_ffffL)));
    }

    private static int toNetworkOrder(int folded) {
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
