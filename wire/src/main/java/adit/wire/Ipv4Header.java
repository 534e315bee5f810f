package adit.wire;

import java.lang.foreign.MemorySegment;

/// An IPv4 header without options as a value, for logs, tests and configuration, not for the packet path. An
/// instance can always be emitted.
///
/// @param source the source address
/// @param destination the destination address
/// @param protocol the protocol number of the payload, 0 to 255
/// @param timeToLive the time to live in hops, 0 to 255
/// @param tos DSCP and ECN, 0 to 255
/// @param identification which packet a fragment belongs to, 0 to 65535
/// @param flags the three flag bits: reserved, [Ipv4#DONT_FRAGMENT], [Ipv4#MORE_FRAGMENTS]
/// @param fragmentOffset where the payload stands in the whole, in octets: a multiple of 8
/// @param payloadLength what follows the header, in octets, 0 to 65515
public record Ipv4Header(
        Ip4Address source,
        Ip4Address destination,
        int protocol,
        int timeToLive,
        int tos,
        int identification,
        int flags,
        int fragmentOffset,
        int payloadLength) {
    /// The most octets that can follow a header without options.
    public static final int MAX_PAYLOAD_LENGTH = 65515;

    private static final int DEFAULT_TIME_TO_LIVE = 64;
    private static final int MAX_FRAGMENT_OFFSET = 0x1fff << 3;

    /// Refuses numbers that their fields can't hold.
    public Ipv4Header {
        Fields.require("protocol", protocol, Fields.U8);
        Fields.require("time to live", timeToLive, Fields.U8);
        Fields.require("tos", tos, Fields.U8);
        Fields.require("identification", identification, Fields.U16);
        Fields.require("flags", flags, 0b111);
        Fields.require("fragment offset", fragmentOffset, MAX_FRAGMENT_OFFSET);
        Fields.require("payload length", payloadLength, MAX_PAYLOAD_LENGTH);
        if (fragmentOffset % 8 != 0) {
            throw new IllegalArgumentException("fragment offset " + fragmentOffset + " is not a multiple of 8");
        }
    }

    /// A header with a time to live of 64 and all else 0.
    public static Ipv4Header of(Ip4Address source, Ip4Address destination, int protocol, int payloadLength) {
        return new Ipv4Header(source, destination, protocol, DEFAULT_TIME_TO_LIVE, 0, 0, 0, 0, payloadLength);
    }

    /// The header at `at`, which [Ipv4#fault] let through, without its options.
    public static Ipv4Header read(MemorySegment s, long at) {
        return new Ipv4Header(
                new Ip4Address(Ipv4.source(s, at)),
                new Ip4Address(Ipv4.destination(s, at)),
                Ipv4.protocol(s, at),
                Ipv4.timeToLive(s, at),
                Ipv4.tos(s, at),
                Ipv4.identification(s, at),
                Ipv4.flags(s, at),
                Ipv4.fragmentOffset(s, at),
                Ipv4.totalLength(s, at) - Ipv4.headerLength(s, at));
    }

    /// Writes the header, [Ipv4#MIN_HEADER_LENGTH] octets, with a valid checksum.
    public void emit(MemorySegment s, long at) {
        Ipv4.emit(
                s,
                at,
                tos,
                Ipv4.MIN_HEADER_LENGTH + payloadLength,
                identification,
                flags,
                fragmentOffset,
                timeToLive,
                protocol,
                source.bits(),
                destination.bits());
    }

    /// The same header with another time to live.
    public Ipv4Header withTimeToLive(int other) {
        return new Ipv4Header(
                source, destination, protocol, other, tos, identification, flags, fragmentOffset, payloadLength);
    }

    /// The same header with other DSCP and ECN bits.
    public Ipv4Header withTos(int other) {
        return new Ipv4Header(
                source, destination, protocol, timeToLive, other, identification, flags, fragmentOffset, payloadLength);
    }

    /// The same header with another identification.
    public Ipv4Header withIdentification(int other) {
        return new Ipv4Header(
                source, destination, protocol, timeToLive, tos, other, flags, fragmentOffset, payloadLength);
    }

    /// The same header with other flags.
    public Ipv4Header withFlags(int other) {
        return new Ipv4Header(
                source, destination, protocol, timeToLive, tos, identification, other, fragmentOffset, payloadLength);
    }
}
