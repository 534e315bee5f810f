package adit.wire;

import java.lang.foreign.MemorySegment;

/// A UDP header as a value, for logs, tests and configuration, not for the packet path. An instance can always
/// be emitted.
///
/// @param sourcePort the source port, 0 to 65535
/// @param destinationPort the destination port, 0 to 65535
/// @param payloadLength what follows the header, in octets, 0 to 65527
/// @param checksum the checksum field, 0 to 65535; 0 for none. [TransportChecksum#fill] computes it
public record UdpHeader(int sourcePort, int destinationPort, int payloadLength, int checksum) {
    /// The most octets that can follow a header.
    public static final int MAX_PAYLOAD_LENGTH = 65527;

    /// Refuses numbers that their fields can't hold.
    public UdpHeader {
        Fields.require("source port", sourcePort, Fields.U16);
        Fields.require("destination port", destinationPort, Fields.U16);
        Fields.require("payload length", payloadLength, MAX_PAYLOAD_LENGTH);
        Fields.require("checksum", checksum, Fields.U16);
    }

    /// A header without a checksum.
    public static UdpHeader of(int sourcePort, int destinationPort, int payloadLength) {
        return new UdpHeader(sourcePort, destinationPort, payloadLength, 0);
    }

    /// The header at `at`, which [Udp#fault] let through.
    public static UdpHeader read(MemorySegment s, long at) {
        return new UdpHeader(
                Udp.sourcePort(s, at),
                Udp.destinationPort(s, at),
                Udp.length(s, at) - Udp.HEADER_LENGTH,
                Udp.checksum(s, at));
    }

    /// Writes the header, [Udp#HEADER_LENGTH] octets.
    public void emit(MemorySegment s, long at) {
        Udp.emit(s, at, sourcePort, destinationPort, Udp.HEADER_LENGTH + payloadLength, checksum);
    }
}
