package adit.wire;

import java.lang.foreign.MemorySegment;

/// An IPv6 header as a value, for logs, tests and configuration, not for the packet path. An instance can
/// always be emitted.
///
/// @param source the source address
/// @param destination the destination address
/// @param nextHeader the protocol number of what follows, 0 to 255
/// @param hopLimit the hop limit, 0 to 255
/// @param trafficClass DSCP and ECN, 0 to 255
/// @param flowLabel the flow label, 20 bits
/// @param payloadLength what follows the header, in octets, 0 to 65535
public record Ipv6Header(
        Ip6Address source,
        Ip6Address destination,
        int nextHeader,
        int hopLimit,
        int trafficClass,
        int flowLabel,
        int payloadLength) {
    private static final int DEFAULT_HOP_LIMIT = 64;

    /// Refuses numbers that their fields can't hold.
    public Ipv6Header {
        Fields.require("next header", nextHeader, Fields.U8);
        Fields.require("hop limit", hopLimit, Fields.U8);
        Fields.require("traffic class", trafficClass, Fields.U8);
        Fields.require("flow label", flowLabel, 0xf_ffff);
        Fields.require("payload length", payloadLength, Fields.U16);
    }

    /// A header with a hop limit of 64 and all else 0.
    public static Ipv6Header of(Ip6Address source, Ip6Address destination, int nextHeader, int payloadLength) {
        return new Ipv6Header(source, destination, nextHeader, DEFAULT_HOP_LIMIT, 0, 0, payloadLength);
    }

    /// The header at `at`, which [Ipv6#fault] let through.
    public static Ipv6Header read(MemorySegment s, long at) {
        return new Ipv6Header(
                Ip6Address.read(s, at + Ipv6.SOURCE),
                Ip6Address.read(s, at + Ipv6.DESTINATION),
                Ipv6.nextHeader(s, at),
                Ipv6.hopLimit(s, at),
                Ipv6.trafficClass(s, at),
                Ipv6.flowLabel(s, at),
                Ipv6.payloadLength(s, at));
    }

    /// Writes the header, [Ipv6#HEADER_LENGTH] octets.
    public void emit(MemorySegment s, long at) {
        Ipv6.emit(s, at, trafficClass, flowLabel, payloadLength, nextHeader, hopLimit, source, destination);
    }
}
