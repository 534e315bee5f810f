package adit.wire;

import java.lang.foreign.MemorySegment;

/// The IPv4 header of at least 20 octets in two words of 64 bits and the destination: for who looks at many of its
/// fields in the same place, as a host does with each packet that comes in. Every read of a segment costs its checks;
/// taken apart are the words in registers.
///
/// ```
///        |Version|  IHL  |    DSCP   |ECN|          Total Length         |
/// first  |         Identification        |Flags|     Fragment Offset     |
///        |  Time to Live |    Protocol   |        Header Checksum        |
/// second |                         Source Address                        |
///        |                      Destination Address                      |
/// ```
public final class Ipv4Words {
    private static final int SECOND = 8;
    private static final long WORD = 0xffff_ffffL;
    private static final int TIME_TO_LIVE_SHIFT = 56;
    private static final int LIFE_SHIFT = 48;
    private static final int CHECKSUM_SHIFT = 32;

    private Ipv4Words() {}

    /// The first eight octets of the header at `at`.
    public static long first(MemorySegment s, long at) {
        return Octets.i64(s, at);
    }

    /// The second eight octets of the header at `at`.
    public static long second(MemorySegment s, long at) {
        return Octets.i64(s, at + SECOND);
    }

    /// The version field.
    public static int version(long first) {
        return (int) (first >>> 60);
    }

    /// The header's length in octets: four times the IHL field.
    public static int headerLength(long first) {
        return (int) (first >>> 54) & 0x3c;
    }

    /// DSCP and ECN.
    public static int tos(long first) {
        return (int) (first >>> 48) & 0xff;
    }

    /// Header and payload together, in octets.
    public static int totalLength(long first) {
        return (int) (first >>> 32) & 0xffff;
    }

    /// Whether this is a piece of a packet and not a whole one.
    public static boolean isFragment(long first) {
        return (first & 0x3fff) != 0;
    }

    /// The protocol number of what follows the header.
    public static int protocol(long second) {
        return (int) (second >>> LIFE_SHIFT) & 0xff;
    }

    /// The time to live in hops.
    public static int timeToLive(long second) {
        return (int) (second >>> TIME_TO_LIVE_SHIFT);
    }

    /// The source address.
    public static int source(long second) {
        return (int) second;
    }

    /// Whether a header without options sums to all ones.
    public static boolean checksumValid(long first, long second, int destination) {
        long sum = (first >>> 32) + (first & WORD) + (second >>> 32) + (second & WORD) + (destination & WORD);
        return InternetChecksum.fold(sum) == 0xffff;
    }

    /// Writes the header at `at`, whose second word is known, with another time to live, and amends its checksum.
    public static void timeToLive(MemorySegment s, long at, long second, int ttl) {
        int before = (int) (second >>> LIFE_SHIFT) & 0xffff;
        int after = (ttl & 0xff) << 8 | (before & 0xff);
        int checksum = InternetChecksum.update((int) (second >>> CHECKSUM_SHIFT) & 0xffff, before, after);
        Octets.put64(s, at + SECOND, (long) after << LIFE_SHIFT | (long) checksum << CHECKSUM_SHIFT | (second & WORD));
    }
}
