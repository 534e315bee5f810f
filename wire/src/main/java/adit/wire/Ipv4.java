package adit.wire;

import java.lang.foreign.MemorySegment;

/// The IPv4 header in place. RFC 791 section 3.1, with the DS field of RFC 2474 and ECN of RFC 3168.
///
/// ```
///  0                   1                   2                   3
/// |Version|  IHL  |    DSCP   |ECN|          Total Length         |
/// |         Identification        |Flags|     Fragment Offset     |
/// |  Time to Live |    Protocol   |        Header Checksum        |
/// |                         Source Address                        |
/// |                      Destination Address                      |
/// |                    Options, 0 to 40 octets                    |
/// ```
public final class Ipv4 {
    /// The length of a header without options, in octets.
    public static final int MIN_HEADER_LENGTH = 20;
    /// The length of a header with the most options, in octets.
    public static final int MAX_HEADER_LENGTH = 60;
    /// The flag that forbids fragmentation, as it stands in [#flags].
    public static final int DONT_FRAGMENT = 0b010;
    /// The flag that announces further fragments, as it stands in [#flags].
    public static final int MORE_FRAGMENTS = 0b001;

    /// Where the source address stands, in octets from the header's start. The destination follows it directly.
    public static final int SOURCE = 12;

    private static final int VERSION_IHL = 0;
    private static final int TOS = 1;
    private static final int TOTAL_LENGTH = 2;
    private static final int IDENTIFICATION = 4;
    private static final int FLAGS_OFFSET = 6;
    private static final int TIME_TO_LIVE = 8;
    private static final int PROTOCOL = 9;
    private static final int HEADER_CHECKSUM = 10;

    private static final int DESTINATION = 16;

    private Ipv4() {}

    /// Answers [WireFault#NONE] when every accessor is safe on `available` octets at `at`. Does not look at the
    /// checksum; see [#checksumValid]. Octets beyond the total length are allowed: links pad.
    public static WireFault fault(MemorySegment s, long at, int available) {
        if (available < MIN_HEADER_LENGTH) {
            return WireFault.TRUNCATED;
        }
        if (version(s, at) != 4) {
            return WireFault.BAD_VERSION;
        }
        int header = headerLength(s, at);
        int total = totalLength(s, at);
        if (header < MIN_HEADER_LENGTH || header > total) {
            return WireFault.BAD_LENGTH;
        }
        return total > available ? WireFault.TRUNCATED : WireFault.NONE;
    }

    /// The version field, 4 in any packet that [#fault] lets through.
    public static int version(MemorySegment s, long at) {
        return Octets.u8(s, at + VERSION_IHL) >> 4;
    }

    /// The header's length in octets: four times the IHL field.
    public static int headerLength(MemorySegment s, long at) {
        return (Octets.u8(s, at + VERSION_IHL) & 0xf) << 2;
    }

    /// Writes the header's length in octets, a multiple of four; the header checksum is left as it is.
    public static void headerLength(MemorySegment s, long at, int octets) {
        Octets.put8(s, at + VERSION_IHL, 4 << 4 | octets >> 2);
    }

    /// The whole former type-of-service octet: DSCP and ECN.
    public static int tos(MemorySegment s, long at) {
        return Octets.u8(s, at + TOS);
    }

    /// Header and payload together, in octets.
    public static int totalLength(MemorySegment s, long at) {
        return Octets.u16(s, at + TOTAL_LENGTH);
    }

    /// The identification field.
    public static int identification(MemorySegment s, long at) {
        return Octets.u16(s, at + IDENTIFICATION);
    }

    /// The three flag bits: reserved, [#DONT_FRAGMENT], [#MORE_FRAGMENTS].
    public static int flags(MemorySegment s, long at) {
        return Octets.u8(s, at + FLAGS_OFFSET) >> 5;
    }

    /// Whether the packet must not be fragmented.
    public static boolean dontFragment(MemorySegment s, long at) {
        return (flags(s, at) & DONT_FRAGMENT) != 0;
    }

    /// Where this fragment's payload stands in the whole, in octets.
    public static int fragmentOffset(MemorySegment s, long at) {
        return (Octets.u16(s, at + FLAGS_OFFSET) & 0x1fff) << 3;
    }

    /// Whether this is a piece of a packet and not a whole one.
    public static boolean isFragment(MemorySegment s, long at) {
        return (Octets.u16(s, at + FLAGS_OFFSET) & 0x3fff) != 0;
    }

    /// The time to live in hops.
    public static int timeToLive(MemorySegment s, long at) {
        return Octets.u8(s, at + TIME_TO_LIVE);
    }

    /// The protocol number of what follows the header.
    public static int protocol(MemorySegment s, long at) {
        return Octets.u8(s, at + PROTOCOL);
    }

    /// The header checksum as it stands in the header.
    public static int headerChecksum(MemorySegment s, long at) {
        return Octets.u16(s, at + HEADER_CHECKSUM);
    }

    /// The source address.
    public static int source(MemorySegment s, long at) {
        return Octets.i32(s, at + SOURCE);
    }

    /// The destination address.
    public static int destination(MemorySegment s, long at) {
        return Octets.i32(s, at + DESTINATION);
    }

    /// The first option that is not padding, [Options#END] or [Options#MALFORMED]. Go on with [#nextOption].
    public static long firstOption(MemorySegment s, long at) {
        return Options.at(s, at + MIN_HEADER_LENGTH, at + headerLength(s, at));
    }

    /// The option behind `option` that is not padding, [Options#END] or [Options#MALFORMED].
    public static long nextOption(MemorySegment s, long at, long option) {
        return Options.next(s, option, at + headerLength(s, at));
    }

    /// Whether the header sums to all ones, options included.
    public static boolean checksumValid(MemorySegment s, long at) {
        return headerSum(s, at) == 0xffff;
    }

    private static int headerSum(MemorySegment s, long at) {
        int length = headerLength(s, at);
        return length == MIN_HEADER_LENGTH ? InternetChecksum.sum20(s, at) : InternetChecksum.sum(s, at, length);
    }

    /// Writes the DSCP and ECN octet and amends the header checksum.
    public static void tos(MemorySegment s, long at, int tos) {
        amend(s, at, VERSION_IHL, tos & 0xff, 0xff00);
    }

    /// Writes the time to live and amends the header checksum.
    public static void timeToLive(MemorySegment s, long at, int ttl) {
        amend(s, at, TIME_TO_LIVE, (ttl & 0xff) << 8, 0x00ff);
    }

    /// Writes all that fragmentation and reassembly change, and the header checksum anew. `totalLength` and
    /// `fragmentOffset` are in octets; the offset must be a multiple of eight.
    public static void fragment(MemorySegment s, long at, int totalLength, int flags, int fragmentOffset) {
        Octets.put16(s, at + TOTAL_LENGTH, totalLength);
        Octets.put16(s, at + FLAGS_OFFSET, flags << 13 | fragmentOffset >> 3);
        fillChecksum(s, at);
    }

    /// Writes the total length in octets. The header checksum is left as it is: see [#fillChecksum].
    public static void totalLength(MemorySegment s, long at, int totalLength) {
        Octets.put16(s, at + TOTAL_LENGTH, totalLength);
    }

    /// Writes the low 16 bits of the identification. The header checksum is left as it is: see [#fillChecksum].
    public static void identification(MemorySegment s, long at, int identification) {
        Octets.put16(s, at + IDENTIFICATION, identification);
    }

    /// Replaces all of the word at `field` but the bits in `kept`, and amends the header checksum. Nothing is read
    /// back that was just written in another width: processors wait for that until it is in their cache.
    private static void amend(MemorySegment s, long at, int field, int bits, int kept) {
        int before = Octets.u16(s, at + field);
        int after = (before & kept) | bits;
        Octets.put16(s, at + field, after);
        Octets.put16(s, at + HEADER_CHECKSUM, InternetChecksum.update(headerChecksum(s, at), before, after));
    }

    /// Computes the header checksum anew and writes it.
    public static void fillChecksum(MemorySegment s, long at) {
        Octets.put16(s, at + HEADER_CHECKSUM, 0);
        Octets.put16(s, at + HEADER_CHECKSUM, InternetChecksum.complement(headerSum(s, at)));
    }

    /// Writes a header of 20 octets with a valid checksum. `totalLength` and `fragmentOffset` are in octets;
    /// the offset must be a multiple of eight.
    public static void emit(
            MemorySegment s,
            long at,
            int tos,
            int totalLength,
            int identification,
            int flags,
            int fragmentOffset,
            int timeToLive,
            int protocol,
            int source,
            int destination) {
        // Whole words: what is written field by field keeps whoever reads it in words, as sums are, waiting.
        int lengths = 0x45 << 24 | (tos & 0xff) << 16 | (totalLength & 0xffff);
        int fragment = identification << 16 | ((flags << 13 | fragmentOffset >> 3) & 0xffff);
        int life = timeToLive << 24 | (protocol & 0xff) << 16;
        int sum = InternetChecksum.fold(word(lengths) + word(fragment) + word(life) + word(source) + word(destination));
        life |= InternetChecksum.complement(sum);
        Octets.put64(s, at + VERSION_IHL, word(lengths) << 32 | word(fragment));
        Octets.put64(s, at + TIME_TO_LIVE, word(life) << 32 | word(source));
        Octets.put32(s, at + DESTINATION, destination);
    }

    private static long word(int bits) {
        return bits & 0xffff_ffffL;
    }
}
