package adit.wire;

import java.lang.foreign.MemorySegment;

/// An ICMP message for IPv4 in place. RFC 792, with the next-hop MTU of RFC 1191 and the length of RFC 4884.
///
/// ```
///  0                   1                   2                   3
/// |     Type      |     Code      |           Checksum            |
/// |        Rest of header: identifier and sequence number,        |
/// |           unused | length | next-hop MTU, gateway ...         |
/// |   Data: what an echo carries, or the packet an error quotes   |
/// ```
public final class Icmp4 {
    /// The length of the header, in octets. What follows is an echo's data or an error's quote.
    public static final int HEADER_LENGTH = 8;

    /// Type: an answer to an echo request.
    public static final int ECHO_REPLY = 0;
    /// Type: the packet could not be delivered; the codes that end in `UNREACHABLE` and some more say why.
    public static final int DESTINATION_UNREACHABLE = 3;
    /// Type: slow down. Deprecated by RFC 6633.
    public static final int SOURCE_QUENCH = 4;
    /// Type: a better gateway is known.
    public static final int REDIRECT = 5;
    /// Type: answer this.
    public static final int ECHO_REQUEST = 8;
    /// Type: a router announces itself, RFC 1256.
    public static final int ROUTER_ADVERTISEMENT = 9;
    /// Type: routers, announce yourselves, RFC 1256.
    public static final int ROUTER_SOLICITATION = 10;
    /// Type: the time to live ran out, or the time for reassembly did.
    public static final int TIME_EXCEEDED = 11;
    /// Type: the octet at [#pointer] is wrong.
    public static final int PARAMETER_PROBLEM = 12;
    /// Type: tell the time.
    public static final int TIMESTAMP_REQUEST = 13;
    /// Type: the answer to a timestamp request.
    public static final int TIMESTAMP_REPLY = 14;

    /// Code of [#DESTINATION_UNREACHABLE]: no route to the network.
    public static final int NETWORK_UNREACHABLE = 0;
    /// Code of [#DESTINATION_UNREACHABLE]: the host does not answer.
    public static final int HOST_UNREACHABLE = 1;
    /// Code of [#DESTINATION_UNREACHABLE]: the host does not speak the protocol.
    public static final int PROTOCOL_UNREACHABLE = 2;
    /// Code of [#DESTINATION_UNREACHABLE]: nobody listens on the port.
    public static final int PORT_UNREACHABLE = 3;
    /// Code of [#DESTINATION_UNREACHABLE]: too long for the next hop, and DF is set; see [#nextHopMtu].
    public static final int FRAGMENTATION_NEEDED = 4;
    /// Code of [#DESTINATION_UNREACHABLE]: the source route failed.
    public static final int SOURCE_ROUTE_FAILED = 5;
    /// Code of [#DESTINATION_UNREACHABLE]: administratively prohibited, RFC 1812.
    public static final int ADMINISTRATIVELY_PROHIBITED = 13;
    /// Code of [#TIME_EXCEEDED]: the time to live ran out on the way.
    public static final int TTL_EXCEEDED = 0;
    /// Code of [#TIME_EXCEEDED]: not all fragments came in time.
    public static final int REASSEMBLY_TIME_EXCEEDED = 1;

    private static final int TYPE = 0;
    private static final int CODE = 1;
    private static final int CHECKSUM = 2;
    private static final int REST = 4;
    private static final int IDENTIFIER = 4;
    private static final int POINTER = 4;
    private static final int LENGTH = 5;
    private static final int SEQUENCE_NUMBER = 6;
    private static final int NEXT_HOP_MTU = 6;
    private static final int MIN_QUOTED_PAYLOAD = 8;

    private Icmp4() {}

    /// Answers [WireFault#NONE] when every accessor is safe on `available` octets at `at`. Does not look at the
    /// checksum; see [#checksumValid].
    public static WireFault fault(MemorySegment s, long at, int available) {
        return available < HEADER_LENGTH ? WireFault.TRUNCATED : WireFault.NONE;
    }

    /// Whether messages of `type` report an error and so quote a packet behind the header. No error may ever be
    /// sent about such a message (RFC 1122 section 3.2.2).
    public static boolean isError(int type) {
        return switch (type) {
            case DESTINATION_UNREACHABLE, SOURCE_QUENCH, REDIRECT, TIME_EXCEEDED, PARAMETER_PROBLEM -> true;
            default -> false;
        };
    }

    /// Whether the `available` octets at `at` are what an error must quote of a packet at least (RFC 792): its
    /// IPv4 header and eight octets behind it. Routers change what they quote, and cut it off, so nothing more
    /// can be asked of it.
    public static boolean isQuote(MemorySegment s, long at, int available) {
        return available >= Ipv4.MIN_HEADER_LENGTH + MIN_QUOTED_PAYLOAD
                && Ipv4.version(s, at) == 4
                && Ipv4.headerLength(s, at) >= Ipv4.MIN_HEADER_LENGTH
                && Ipv4.headerLength(s, at) + MIN_QUOTED_PAYLOAD <= available;
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

    /// Which run of echoes this one belongs to.
    public static int identifier(MemorySegment s, long at) {
        return Octets.u16(s, at + IDENTIFIER);
    }

    /// The number of an echo in its run.
    public static int sequenceNumber(MemorySegment s, long at) {
        return Octets.u16(s, at + SEQUENCE_NUMBER);
    }

    /// Of [#FRAGMENTATION_NEEDED]: the longest packet the next hop takes, in octets. 0 from routers older than
    /// RFC 1191.
    public static int nextHopMtu(MemorySegment s, long at) {
        return Octets.u16(s, at + NEXT_HOP_MTU);
    }

    /// Of [#REDIRECT]: the better gateway's address.
    public static int gateway(MemorySegment s, long at) {
        return Octets.i32(s, at + REST);
    }

    /// Of [#PARAMETER_PROBLEM]: the number of the octet in the quoted packet that is wrong.
    public static int pointer(MemorySegment s, long at) {
        return Octets.u8(s, at + POINTER);
    }

    /// Of an error that RFC 4884 extends: the length of the quote in octets, padding included. 0 when the
    /// message has no extensions; then the quote goes on to the end.
    public static int quoteLength(MemorySegment s, long at) {
        return Octets.u8(s, at + LENGTH) << 2;
    }

    /// Whether a message of `length` octets sums to all ones.
    public static boolean checksumValid(MemorySegment s, long at, int length) {
        return InternetChecksum.sum(s, at, length) == 0xffff;
    }

    /// Writes the header of a message of `length` octets whose data already stands behind it, with a valid
    /// checksum.
    public static void emit(MemorySegment s, long at, int length, int type, int code, int restOfHeader) {
        Octets.put8(s, at + TYPE, type);
        Octets.put8(s, at + CODE, code);
        Octets.put32(s, at + REST, restOfHeader);
        fillChecksum(s, at, length);
    }

    /// Computes the checksum of a message of `length` octets anew and writes it.
    public static void fillChecksum(MemorySegment s, long at, int length) {
        Octets.put16(s, at + CHECKSUM, 0);
        Octets.put16(s, at + CHECKSUM, InternetChecksum.complement(InternetChecksum.sum(s, at, length)));
    }
}
