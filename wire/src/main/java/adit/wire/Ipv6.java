package adit.wire;

import java.lang.foreign.MemorySegment;

/// The IPv6 header in place. RFC 8200 section 3, with the DS field of RFC 2474 and ECN of RFC 3168 in the
/// traffic class. Extension headers: see [Ipv6Chain].
///
/// ```
///  0                   1                   2                   3
/// |Version| Traffic Class |             Flow Label                |
/// |         Payload Length        |  Next Header  |   Hop Limit   |
/// |                    Source Address, 16 octets                  |
/// |                 Destination Address, 16 octets                |
/// ```
public final class Ipv6 {
    /// The length of the header, in octets. Extension headers follow it and count as payload.
    public static final int HEADER_LENGTH = 40;
    /// The longest packet that every link carries whole, in octets (RFC 8200 section 5).
    public static final int MIN_MTU = 1280;

    /// Where the source address stands, in octets from the header's start. The destination follows it directly.
    public static final int SOURCE = 8;
    /// Where the number of the header behind this one stands, in octets from the start.
    public static final int NEXT_HEADER = 6;
    /// Where the destination address stands, in octets from the header's start.
    public static final int DESTINATION = 24;

    private static final int VERSION_CLASS_LABEL = 0;
    private static final int PAYLOAD_LENGTH = 4;
    private static final int HOP_LIMIT = 7;
    private static final int LOW_HALF = 8;

    private Ipv6() {}

    /// Answers [WireFault#NONE] when every accessor is safe on `available` octets at `at`. Octets beyond the
    /// payload length are allowed: links pad. A jumbogram (RFC 2675) reads as a packet without payload.
    public static WireFault fault(MemorySegment s, long at, int available) {
        if (available < HEADER_LENGTH) {
            return WireFault.TRUNCATED;
        }
        if (version(s, at) != 6) {
            return WireFault.BAD_VERSION;
        }
        return totalLength(s, at) > available ? WireFault.TRUNCATED : WireFault.NONE;
    }

    /// The version field, 6 in any packet that [#fault] lets through.
    public static int version(MemorySegment s, long at) {
        return Octets.u8(s, at + VERSION_CLASS_LABEL) >> 4;
    }

    /// The traffic class: DSCP and ECN.
    public static int trafficClass(MemorySegment s, long at) {
        return Octets.u16(s, at + VERSION_CLASS_LABEL) >> 4 & 0xff;
    }

    /// The flow label, 20 bits.
    public static int flowLabel(MemorySegment s, long at) {
        return Octets.i32(s, at + VERSION_CLASS_LABEL) & 0xf_ffff;
    }

    /// What follows the header, extension headers included, in octets.
    public static int payloadLength(MemorySegment s, long at) {
        return Octets.u16(s, at + PAYLOAD_LENGTH);
    }

    /// Header and payload together, in octets.
    public static int totalLength(MemorySegment s, long at) {
        return HEADER_LENGTH + payloadLength(s, at);
    }

    /// The protocol number of what follows the header: an extension header or the upper layer.
    public static int nextHeader(MemorySegment s, long at) {
        return Octets.u8(s, at + NEXT_HEADER);
    }

    /// The hop limit.
    public static int hopLimit(MemorySegment s, long at) {
        return Octets.u8(s, at + HOP_LIMIT);
    }

    /// The first eight octets of the source address.
    public static long sourceHigh(MemorySegment s, long at) {
        return Octets.i64(s, at + SOURCE);
    }

    /// The last eight octets of the source address.
    public static long sourceLow(MemorySegment s, long at) {
        return Octets.i64(s, at + SOURCE + LOW_HALF);
    }

    /// The first eight octets of the destination address.
    public static long destinationHigh(MemorySegment s, long at) {
        return Octets.i64(s, at + DESTINATION);
    }

    /// The last eight octets of the destination address.
    public static long destinationLow(MemorySegment s, long at) {
        return Octets.i64(s, at + DESTINATION + LOW_HALF);
    }

    /// Writes the traffic class: DSCP and ECN.
    public static void trafficClass(MemorySegment s, long at, int trafficClass) {
        int kept = Octets.u16(s, at + VERSION_CLASS_LABEL) & 0xf00f;
        Octets.put16(s, at + VERSION_CLASS_LABEL, kept | ((trafficClass & 0xff) << 4));
    }

    /// Writes the payload length in octets.
    public static void payloadLength(MemorySegment s, long at, int payloadLength) {
        Octets.put16(s, at + PAYLOAD_LENGTH, payloadLength);
    }

    /// Writes the hop limit.
    public static void hopLimit(MemorySegment s, long at, int hopLimit) {
        Octets.put8(s, at + HOP_LIMIT, hopLimit);
    }

    /// Writes a header; `flowLabel` has 20 bits, `payloadLength` is in octets.
    public static void emit(
            MemorySegment s,
            long at,
            int trafficClass,
            int flowLabel,
            int payloadLength,
            int nextHeader,
            int hopLimit,
            Ip6Address source,
            Ip6Address destination) {
        Octets.put32(s, at + VERSION_CLASS_LABEL, 6 << 28 | (trafficClass & 0xff) << 20 | (flowLabel & 0xf_ffff));
        Octets.put16(s, at + PAYLOAD_LENGTH, payloadLength);
        Octets.put8(s, at + NEXT_HEADER, nextHeader);
        Octets.put8(s, at + HOP_LIMIT, hopLimit);
        source.emit(s, at + SOURCE);
        destination.emit(s, at + DESTINATION);
    }
}
