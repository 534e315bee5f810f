package adit.wire;

import java.lang.foreign.MemorySegment;

/// The TCP header in place. RFC 9293 section 3.1.
///
/// ```
///  0                   1                   2                   3
/// |          Source Port          |       Destination Port        |
/// |                        Sequence Number                        |
/// |                    Acknowledgment Number                      |
/// | Data  |     |A|C|E|U|A|P|R|S|F|                               |
/// | Offset| Rsrv|E|W|C|R|C|S|S|Y|I|            Window             |
/// |       |     | |R|E|G|K|H|T|N|N|                               |
/// |           Checksum            |         Urgent Pointer        |
/// |                    Options, 0 to 40 octets                    |
/// ```
///
/// `pseudoHeader` is a sum from [InternetChecksum#pseudoHeader4] or [InternetChecksum#pseudoHeader6].
public final class Tcp {
    /// The length of a header without options, in octets.
    public static final int MIN_HEADER_LENGTH = 20;
    /// The length of a header with the most options, in octets.
    public static final int MAX_HEADER_LENGTH = 60;
    /// Where the checksum field stands, in octets from the header's start.
    public static final int CHECKSUM = 16;

    /// Flag: no more data from the sender.
    public static final int FIN = 0x001;
    /// Flag: synchronize sequence numbers.
    public static final int SYN = 0x002;
    /// Flag: reset the connection.
    public static final int RST = 0x004;
    /// Flag: push.
    public static final int PSH = 0x008;
    /// Flag: the acknowledgment number means something.
    public static final int ACK = 0x010;
    /// Flag: the urgent pointer means something.
    public static final int URG = 0x020;
    /// Flag: congestion was experienced, RFC 3168.
    public static final int ECE = 0x040;
    /// Flag: the congestion window was reduced, RFC 3168.
    public static final int CWR = 0x080;
    /// Flag: accurate ECN (formerly the nonce sum), RFC 9768.
    public static final int AE = 0x100;

    /// Option kind: the end of the options.
    public static final int OPTION_END = Options.END_OF_LIST;
    /// Option kind: one octet of padding.
    public static final int OPTION_NOP = Options.NO_OPERATION;
    /// Option kind: the largest segment the sender takes, 2 octets.
    public static final int OPTION_MAXIMUM_SEGMENT_SIZE = 2;
    /// Option kind: how far to shift windows, 1 octet, RFC 7323.
    public static final int OPTION_WINDOW_SCALE = 3;
    /// Option kind: selective acknowledgments are understood, RFC 2018.
    public static final int OPTION_SACK_PERMITTED = 4;
    /// Option kind: blocks that have arrived, pairs of 4 octets, RFC 2018.
    public static final int OPTION_SACK = 5;
    /// Option kind: timestamp value and echo, 4 octets each, RFC 7323.
    public static final int OPTION_TIMESTAMPS = 8;

    private static final int SOURCE_PORT = 0;
    private static final int DESTINATION_PORT = 2;
    private static final int SEQUENCE_NUMBER = 4;
    private static final int ACKNOWLEDGMENT_NUMBER = 8;
    private static final int OFFSET_FLAGS = 12;
    private static final int WINDOW = 14;
    private static final int URGENT_POINTER = 18;

    private static final int FLAGS_MASK = 0x1ff;

    private Tcp() {}

    /// Answers [WireFault#NONE] when every accessor is safe on `available` octets at `at`. Does not look at the
    /// checksum or into the options.
    public static WireFault fault(MemorySegment s, long at, int available) {
        if (available < MIN_HEADER_LENGTH) {
            return WireFault.TRUNCATED;
        }
        int header = headerLength(s, at);
        if (header < MIN_HEADER_LENGTH) {
            return WireFault.BAD_LENGTH;
        }
        return header > available ? WireFault.TRUNCATED : WireFault.NONE;
    }

    /// The source port.
    public static int sourcePort(MemorySegment s, long at) {
        return Octets.u16(s, at + SOURCE_PORT);
    }

    /// The destination port.
    public static int destinationPort(MemorySegment s, long at) {
        return Octets.u16(s, at + DESTINATION_PORT);
    }

    /// The sequence number, 0 to 4294967295.
    public static long sequenceNumber(MemorySegment s, long at) {
        return Octets.u32(s, at + SEQUENCE_NUMBER);
    }

    /// The acknowledgment number, 0 to 4294967295.
    public static long acknowledgmentNumber(MemorySegment s, long at) {
        return Octets.u32(s, at + ACKNOWLEDGMENT_NUMBER);
    }

    /// The header's length in octets: four times the data offset field.
    public static int headerLength(MemorySegment s, long at) {
        return (Octets.u8(s, at + OFFSET_FLAGS) >> 4) << 2;
    }

    /// The nine flag bits, [#AE] down to [#FIN].
    public static int flags(MemorySegment s, long at) {
        return Octets.u16(s, at + OFFSET_FLAGS) & FLAGS_MASK;
    }

    /// How many octets the sender takes from the acknowledgment number on, not yet scaled.
    public static int window(MemorySegment s, long at) {
        return Octets.u16(s, at + WINDOW);
    }

    /// The checksum as it stands in the header.
    public static int checksum(MemorySegment s, long at) {
        return Octets.u16(s, at + CHECKSUM);
    }

    /// Where urgent data ends, in octets from the sequence number.
    public static int urgentPointer(MemorySegment s, long at) {
        return Octets.u16(s, at + URGENT_POINTER);
    }

    /// The first option that is not padding, [Options#END] or [Options#MALFORMED]. Go on with [#nextOption].
    public static long firstOption(MemorySegment s, long at) {
        return Options.at(s, at + MIN_HEADER_LENGTH, at + headerLength(s, at));
    }

    /// The option behind `option` that is not padding, [Options#END] or [Options#MALFORMED].
    public static long nextOption(MemorySegment s, long at, long option) {
        return Options.next(s, option, at + headerLength(s, at));
    }

    /// Whether a segment of `length` octets, header included, and its pseudo-header sum to all ones.
    public static boolean checksumValid(MemorySegment s, long at, int length, int pseudoHeader) {
        return InternetChecksum.fold((long) InternetChecksum.sum(s, at, length) + pseudoHeader) == 0xffff;
    }

    /// Writes the sequence number: the low 32 bits of `sequenceNumber`. The checksum is left as it is.
    public static void sequenceNumber(MemorySegment s, long at, long sequenceNumber) {
        Octets.put32(s, at + SEQUENCE_NUMBER, (int) sequenceNumber);
    }

    /// Writes the nine flag bits. The checksum is left as it is.
    public static void flags(MemorySegment s, long at, int flags) {
        int kept = Octets.u16(s, at + OFFSET_FLAGS) & ~FLAGS_MASK;
        Octets.put16(s, at + OFFSET_FLAGS, kept | (flags & FLAGS_MASK));
    }

    /// Writes a header of `headerLength` octets, a multiple of 4 from 20 to 60, with a checksum of 0 and no
    /// urgent pointer. Options and [#fillChecksum] are the caller's.
    public static void emit(
            MemorySegment s,
            long at,
            int sourcePort,
            int destinationPort,
            long sequenceNumber,
            long acknowledgmentNumber,
            int headerLength,
            int flags,
            int window) {
        Octets.put16(s, at + SOURCE_PORT, sourcePort);
        Octets.put16(s, at + DESTINATION_PORT, destinationPort);
        Octets.put32(s, at + SEQUENCE_NUMBER, (int) sequenceNumber);
        Octets.put32(s, at + ACKNOWLEDGMENT_NUMBER, (int) acknowledgmentNumber);
        Octets.put16(s, at + OFFSET_FLAGS, headerLength >> 2 << 12 | (flags & FLAGS_MASK));
        Octets.put16(s, at + WINDOW, window);
        Octets.put16(s, at + CHECKSUM, 0);
        Octets.put16(s, at + URGENT_POINTER, 0);
    }

    /// Computes the checksum of a segment of `length` octets, header included, anew and writes it.
    public static void fillChecksum(MemorySegment s, long at, int length, int pseudoHeader) {
        Octets.put16(s, at + CHECKSUM, 0);
        int sum = InternetChecksum.fold((long) InternetChecksum.sum(s, at, length) + pseudoHeader);
        Octets.put16(s, at + CHECKSUM, InternetChecksum.complement(sum));
    }
}
