package adit.wire;

import java.lang.foreign.MemorySegment;

/// The UDP header in place. RFC 768.
///
/// ```
///  0                   1                   2                   3
/// |          Source Port          |       Destination Port        |
/// |            Length             |           Checksum            |
/// ```
///
/// A checksum field of 0 means that the sender computed none. IPv4 allows that always (RFC 768), IPv6 only to
/// tunnels that chose it (RFC 6935), so the choice is the caller's: see [#hasChecksum]. A computed checksum of
/// 0 is sent as ffff, which is the same number to a receiver.
///
/// `pseudoHeader` is a sum from [InternetChecksum#pseudoHeader4] or [InternetChecksum#pseudoHeader6].
public final class Udp {
    /// The length of the header, in octets.
    public static final int HEADER_LENGTH = 8;
    /// Where the checksum field stands, in octets from the header's start.
    public static final int CHECKSUM = 6;

    private static final int SOURCE_PORT = 0;
    private static final int DESTINATION_PORT = 2;
    private static final int LENGTH = 4;

    private Udp() {}

    /// Answers [WireFault#NONE] when every accessor is safe on `available` octets at `at`. Does not look at the
    /// checksum. Octets beyond the length are allowed.
    public static WireFault fault(MemorySegment s, long at, int available) {
        if (available < HEADER_LENGTH) {
            return WireFault.TRUNCATED;
        }
        int length = length(s, at);
        if (length < HEADER_LENGTH) {
            return WireFault.BAD_LENGTH;
        }
        return length > available ? WireFault.TRUNCATED : WireFault.NONE;
    }

    /// The source port, 0 when no answer is wanted.
    public static int sourcePort(MemorySegment s, long at) {
        return Octets.u16(s, at + SOURCE_PORT);
    }

    /// The destination port.
    public static int destinationPort(MemorySegment s, long at) {
        return Octets.u16(s, at + DESTINATION_PORT);
    }

    /// Header and payload together, in octets.
    public static int length(MemorySegment s, long at) {
        return Octets.u16(s, at + LENGTH);
    }

    /// The checksum as it stands in the header.
    public static int checksum(MemorySegment s, long at) {
        return Octets.u16(s, at + CHECKSUM);
    }

    /// Whether the sender computed a checksum.
    public static boolean hasChecksum(MemorySegment s, long at) {
        return checksum(s, at) != 0;
    }

    /// Whether the datagram, as long as it says it is, and its pseudo-header sum to all ones. Call it only when
    /// [#hasChecksum].
    public static boolean checksumValid(MemorySegment s, long at, int pseudoHeader) {
        return checksumValid(s, at, length(s, at), pseudoHeader);
    }

    /// The same for a datagram of so many octets, whatever it says.
    public static boolean checksumValid(MemorySegment s, long at, int length, int pseudoHeader) {
        return InternetChecksum.fold((long) InternetChecksum.sum(s, at, length) + pseudoHeader) == 0xffff;
    }

    /// Writes the header. `length` counts header and payload; `checksum` 0 says that there is none.
    public static void emit(MemorySegment s, long at, int sourcePort, int destinationPort, int length, int checksum) {
        Octets.put16(s, at + SOURCE_PORT, sourcePort);
        Octets.put16(s, at + DESTINATION_PORT, destinationPort);
        Octets.put16(s, at + LENGTH, length);
        Octets.put16(s, at + CHECKSUM, checksum);
    }

    /// Writes the length of header and payload in octets. The checksum is left as it is.
    public static void length(MemorySegment s, long at, int length) {
        Octets.put16(s, at + LENGTH, length);
    }

    /// Computes the checksum of the datagram, as long as it says it is, anew and writes it.
    public static void fillChecksum(MemorySegment s, long at, int pseudoHeader) {
        Octets.put16(s, at + CHECKSUM, 0);
        int sum = InternetChecksum.fold((long) InternetChecksum.sum(s, at, length(s, at)) + pseudoHeader);
        int checksum = InternetChecksum.complement(sum);
        Octets.put16(s, at + CHECKSUM, checksum == 0 ? 0xffff : checksum);
    }
}
