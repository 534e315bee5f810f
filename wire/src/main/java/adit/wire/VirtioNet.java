package adit.wire;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/// The virtio-net header in place, which stands in front of each packet on a TUN or TAP file that was opened
/// with `IFF_VNET_HDR`. Virtio 1.3 section 5.1.6.
///
/// ```
/// |     Flags     |   GSO type    |         Header length         |  10 octets: the default
/// |           GSO size            |        Checksum start         |
/// |        Checksum offset        |       Number of buffers       |  12 octets, up to here
/// |                           Hash value                          |
/// |          Hash report          |            Padding            |  20 octets, up to here
/// | Outer transport header offset | Inner network header offset   |  24 octets: tunnelled GSO, Linux 6.17
/// ```
///
/// Octets behind the form in use are padding. The fields of the first 12 octets are in the *host's* byte order,
/// unless `TUNSETVNETLE` or `TUNSETVNETBE` chose one, so each accessor takes the order; the later ones are
/// always little-endian. Offsets count from the first octet of the packet behind the header.
public final class VirtioNet {
    /// The length of the shortest form, and of a TUN file's header unless `TUNSETVNETHDRSZ` changed it, in
    /// octets.
    public static final int LENGTH = 10;
    /// The length of the form with the number of buffers, in octets.
    public static final int LENGTH_WITH_BUFFERS = 12;
    /// The length of the form with the packet's hash, in octets.
    public static final int LENGTH_WITH_HASH = 20;
    /// The length of the form that describes a tunnelled super-packet, in octets.
    public static final int LENGTH_WITH_TUNNEL = 24;

    /// Flag: the checksum field holds the sum of the pseudo-header; sum from [#checksumStart] on and write the
    /// complement.
    public static final int FLAG_NEEDS_CHECKSUM = 1;
    /// Flag: the checksum has been verified.
    public static final int FLAG_DATA_VALID = 2;
    /// Flag: checksum start and offset count coalesced segments and repeated acknowledgments instead.
    public static final int FLAG_SEGMENTATION_INFO = 4;
    /// Flag: the outer UDP header of a tunnelled super-packet wants a checksum too.
    public static final int FLAG_TUNNEL_CHECKSUM = 8;

    /// GSO type: an ordinary packet.
    public static final int GSO_NONE = 0;
    /// GSO type: TCP over IPv4.
    public static final int GSO_TCP4 = 1;
    /// GSO type: UDP, to be cut into IP fragments.
    public static final int GSO_UDP_FRAGMENT = 3;
    /// GSO type: TCP over IPv6.
    public static final int GSO_TCP6 = 4;
    /// GSO type: UDP, to be cut into datagrams.
    public static final int GSO_UDP = 5;
    /// GSO type, added to one of the others: inside UDP over IPv4.
    public static final int GSO_UDP_TUNNEL4 = 0x20;
    /// GSO type, added to one of the others: inside UDP over IPv6.
    public static final int GSO_UDP_TUNNEL6 = 0x40;
    /// GSO type, added to one of the others: the TCP segment carries CWR.
    public static final int GSO_ECN = 0x80;

    private static final int FLAGS = 0;
    private static final int GSO_TYPE = 1;
    private static final int HEADER_LENGTH = 2;
    private static final int GSO_SIZE = 4;
    private static final int CHECKSUM_START = 6;
    private static final int CHECKSUM_OFFSET = 8;
    private static final int NUMBER_OF_BUFFERS = 10;
    private static final int HASH_VALUE = 12;
    private static final int HASH_REPORT = 16;
    private static final int OUTER_TRANSPORT_OFFSET = 20;
    private static final int INNER_NETWORK_OFFSET = 22;

    private VirtioNet() {}

    /// Answers [WireFault#NONE] when `available` octets at `at` hold a header of `length` octets, and so every
    /// accessor of that form is safe. [WireFault#BAD_LENGTH] for a `length` below [#LENGTH].
    public static WireFault fault(MemorySegment s, long at, int available, int length) {
        if (length < LENGTH) {
            return WireFault.BAD_LENGTH;
        }
        return available < length ? WireFault.TRUNCATED : WireFault.NONE;
    }

    /// The flags.
    public static int flags(MemorySegment s, long at) {
        return Octets.u8(s, at + FLAGS);
    }

    /// How the packet is to be segmented: one of the `GSO_` types, with [#GSO_ECN] and a tunnel bit added.
    public static int gsoType(MemorySegment s, long at) {
        return Octets.u8(s, at + GSO_TYPE);
    }

    /// The octets of all headers that each segment repeats. Linux gives the length of its linear buffer here,
    /// which can reach into the payload: a hint, never a fact.
    public static int headerLength(MemorySegment s, long at, ByteOrder order) {
        return Octets.u16(s, at + HEADER_LENGTH, order);
    }

    /// Payload octets of each segment but the last.
    public static int gsoSize(MemorySegment s, long at, ByteOrder order) {
        return Octets.u16(s, at + GSO_SIZE, order);
    }

    /// Where summing starts.
    public static int checksumStart(MemorySegment s, long at, ByteOrder order) {
        return Octets.u16(s, at + CHECKSUM_START, order);
    }

    /// Where the checksum field stands, in octets from [#checksumStart].
    public static int checksumOffset(MemorySegment s, long at, ByteOrder order) {
        return Octets.u16(s, at + CHECKSUM_OFFSET, order);
    }

    /// Of [#LENGTH_WITH_BUFFERS] and longer: how many receive buffers the packet was spread over.
    public static int numberOfBuffers(MemorySegment s, long at, ByteOrder order) {
        return Octets.u16(s, at + NUMBER_OF_BUFFERS, order);
    }

    /// Of [#LENGTH_WITH_HASH] and longer: the packet's hash.
    public static int hashValue(MemorySegment s, long at) {
        return Integer.reverseBytes(Octets.i32(s, at + HASH_VALUE));
    }

    /// Of [#LENGTH_WITH_HASH] and longer: what the hash covers; 0 when there is none.
    public static int hashReport(MemorySegment s, long at) {
        return Octets.u16(s, at + HASH_REPORT, ByteOrder.LITTLE_ENDIAN);
    }

    /// Of [#LENGTH_WITH_TUNNEL]: where the outer UDP header starts.
    public static int outerTransportOffset(MemorySegment s, long at) {
        return Octets.u16(s, at + OUTER_TRANSPORT_OFFSET, ByteOrder.LITTLE_ENDIAN);
    }

    /// Of [#LENGTH_WITH_TUNNEL]: where the inner IP header starts.
    public static int innerNetworkOffset(MemorySegment s, long at) {
        return Octets.u16(s, at + INNER_NETWORK_OFFSET, ByteOrder.LITTLE_ENDIAN);
    }

    /// Writes a header of `length` octets, at least [#LENGTH]; what lies behind the first ten becomes 0.
    public static void emit(
            MemorySegment s,
            long at,
            int length,
            ByteOrder order,
            int flags,
            int gsoType,
            int headerLength,
            int gsoSize,
            int checksumStart,
            int checksumOffset) {
        Octets.put8(s, at + FLAGS, flags);
        Octets.put8(s, at + GSO_TYPE, gsoType);
        Octets.put16(s, at + HEADER_LENGTH, headerLength, order);
        Octets.put16(s, at + GSO_SIZE, gsoSize, order);
        Octets.put16(s, at + CHECKSUM_START, checksumStart, order);
        Octets.put16(s, at + CHECKSUM_OFFSET, checksumOffset, order);
        for (int i = LENGTH; i < length; i++) {
            Octets.put8(s, at + i, 0);
        }
    }

    /// Writes the two offsets of [#LENGTH_WITH_TUNNEL] into a header that [#emit] wrote at that length.
    public static void tunnel(MemorySegment s, long at, int outerTransportOffset, int innerNetworkOffset) {
        Octets.put16(s, at + OUTER_TRANSPORT_OFFSET, outerTransportOffset, ByteOrder.LITTLE_ENDIAN);
        Octets.put16(s, at + INNER_NETWORK_OFFSET, innerNetworkOffset, ByteOrder.LITTLE_ENDIAN);
    }
}
