package adit.wire;

import java.lang.foreign.MemorySegment;

/// An ICMPv6 message in place. RFC 4443 section 2.1.
///
/// ```
///  0                   1                   2                   3
/// |     Type      |     Code      |           Checksum            |
/// |  Rest of header: MTU, pointer, identifier, sequence number    |
/// |   Data: what an echo carries, or the packet an error quotes   |
/// ```
///
/// The checksum covers a pseudo-header too; `pseudoHeader` is its sum, from [InternetChecksum#pseudoHeader6].
public final class Icmp6 {
    /// The length of the header, in octets. What follows is an echo's data or an error's quote.
    public static final int HEADER_LENGTH = 8;

    /// Type: the packet could not be delivered.
    public static final int DESTINATION_UNREACHABLE = 1;
    /// Type: too long for the next hop; see [#mtu].
    public static final int PACKET_TOO_BIG = 2;
    /// Type: the hop limit ran out, or the time for reassembly did.
    public static final int TIME_EXCEEDED = 3;
    /// Type: the octet at [#pointer] is wrong.
    public static final int PARAMETER_PROBLEM = 4;
    /// Type: answer this.
    public static final int ECHO_REQUEST = 128;
    /// Type: an answer to an echo request.
    public static final int ECHO_REPLY = 129;
    /// Type: routers, announce yourselves, RFC 4861.
    public static final int ROUTER_SOLICITATION = 133;
    /// Type: a router announces itself, RFC 4861.
    public static final int ROUTER_ADVERTISEMENT = 134;
    /// Type: who has this address, RFC 4861.
    public static final int NEIGHBOR_SOLICITATION = 135;
    /// Type: I have this address, RFC 4861.
    public static final int NEIGHBOR_ADVERTISEMENT = 136;
    /// Type: a better next hop is known, RFC 4861.
    public static final int REDIRECT = 137;
    /// Type: the multicast groups a host listens to, RFC 9777.
    public static final int MULTICAST_LISTENER_REPORT = 143;

    /// Code of [#DESTINATION_UNREACHABLE]: no route.
    public static final int NO_ROUTE = 0;
    /// Code of [#DESTINATION_UNREACHABLE]: administratively prohibited.
    public static final int ADMINISTRATIVELY_PROHIBITED = 1;
    /// Code of [#DESTINATION_UNREACHABLE]: the host does not answer.
    public static final int ADDRESS_UNREACHABLE = 3;
    /// Code of [#DESTINATION_UNREACHABLE]: nobody listens on the port.
    public static final int PORT_UNREACHABLE = 4;
    /// Code of [#TIME_EXCEEDED]: the hop limit ran out on the way.
    public static final int HOP_LIMIT_EXCEEDED = 0;

    private static final int TYPE = 0;
    private static final int CODE = 1;
    private static final int CHECKSUM = 2;
    private static final int REST = 4;
    private static final int IDENTIFIER = 4;
    private static final int SEQUENCE_NUMBER = 6;

    /// Types below this one report errors, RFC 4443 section 2.1.
    private static final int FIRST_INFORMATIONAL = 128;

    private Icmp6() {}

    /// Answers [WireFault#NONE] when every accessor is safe on `available` octets at `at`. Does not look at the
    /// checksum; see [#checksumValid].
    public static WireFault fault(MemorySegment s, long at, int available) {
        return available < HEADER_LENGTH ? WireFault.TRUNCATED : WireFault.NONE;
    }

    /// Whether messages of `type` report an error. No error may ever be sent about such a message (RFC 4443
    /// section 2.4 e).
    public static boolean isError(int type) {
        return type < FIRST_INFORMATIONAL;
    }

    /// The kind of message.
    public static int type(MemorySegment s, long at) {
        return Octets.u8(s, at + TYPE);
    }

    /// The kind of message within its type.
    public static int code(MemorySegment s, long at) {
        return Octets.u8(s, at + CODE);
    }

    /// The checksum as it stands in the message.
    public static int checksum(MemorySegment s, long at) {
        return Octets.u16(s, at + CHECKSUM);
    }

    /// The four octets behind the checksum, whose meaning the type decides.
    public static int restOfHeader(MemorySegment s, long at) {
        return Octets.i32(s, at + REST);
    }

    /// Of [#PACKET_TOO_BIG]: the longest packet the next hop takes, in octets, 0 to 4294967295.
    public static long mtu(MemorySegment s, long at) {
        return Octets.u32(s, at + REST);
    }

    /// Of [#PARAMETER_PROBLEM]: the number of the octet in the quoted packet that is wrong, 0 to 4294967295.
    public static long pointer(MemorySegment s, long at) {
        return Octets.u32(s, at + REST);
    }

    /// Which run of echoes this one belongs to.
    public static int identifier(MemorySegment s, long at) {
        return Octets.u16(s, at + IDENTIFIER);
    }

    /// The number of an echo in its run.
    public static int sequenceNumber(MemorySegment s, long at) {
        return Octets.u16(s, at + SEQUENCE_NUMBER);
    }

    /// Whether a message of `length` octets and its pseudo-header sum to all ones.
    public static boolean checksumValid(MemorySegment s, long at, int length, int pseudoHeader) {
        return InternetChecksum.fold((long) InternetChecksum.sum(s, at, length) + pseudoHeader) == 0xffff;
    }

    /// Writes the header of a message of `length` octets whose data already stands behind it, with a valid
    /// checksum.
    public static void emit(
            MemorySegment s, long at, int length, int type, int code, int restOfHeader, int pseudoHeader) {
        Octets.put8(s, at + TYPE, type);
        Octets.put8(s, at + CODE, code);
        Octets.put32(s, at + REST, restOfHeader);
        fillChecksum(s, at, length, pseudoHeader);
    }

    /// Computes the checksum of a message of `length` octets anew and writes it.
    public static void fillChecksum(MemorySegment s, long at, int length, int pseudoHeader) {
        Octets.put16(s, at + CHECKSUM, 0);
        int sum = InternetChecksum.fold((long) InternetChecksum.sum(s, at, length) + pseudoHeader);
        Octets.put16(s, at + CHECKSUM, InternetChecksum.complement(sum));
    }
}
