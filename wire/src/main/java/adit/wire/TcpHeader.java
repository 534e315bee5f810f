package adit.wire;

import java.lang.foreign.MemorySegment;

/// A TCP header without options as a value, for logs, tests and configuration, not for the packet path. An
/// instance can always be emitted.
///
/// @param sourcePort the source port, 0 to 65535
/// @param destinationPort the destination port, 0 to 65535
/// @param sequenceNumber the sequence number, 0 to 4294967295
/// @param acknowledgmentNumber the acknowledgment number, 0 to 4294967295
/// @param flags the nine flag bits, [Tcp#AE] down to [Tcp#FIN]
/// @param window the window, not yet scaled, 0 to 65535
public record TcpHeader(
        int sourcePort, int destinationPort, long sequenceNumber, long acknowledgmentNumber, int flags, int window) {
    /// Refuses numbers that their fields can't hold.
    public TcpHeader {
        Fields.require("source port", sourcePort, Fields.U16);
        Fields.require("destination port", destinationPort, Fields.U16);
        Fields.require("sequence number", sequenceNumber, Fields.U32);
        Fields.require("acknowledgment number", acknowledgmentNumber, Fields.U32);
        Fields.require("flags", flags, 0x1ff);
        Fields.require("window", window, Fields.U16);
    }

    /// The header at `at`, which [Tcp#fault] let through, without its options, checksum and urgent pointer.
    public static TcpHeader read(MemorySegment s, long at) {
        return new TcpHeader(
                Tcp.sourcePort(s, at),
                Tcp.destinationPort(s, at),
                Tcp.sequenceNumber(s, at),
                Tcp.acknowledgmentNumber(s, at),
                Tcp.flags(s, at),
                Tcp.window(s, at));
    }

    /// Writes the header, [Tcp#MIN_HEADER_LENGTH] octets, with a checksum of 0: [TransportChecksum#fill]
    /// computes it.
    public void emit(MemorySegment s, long at) {
        Tcp.emit(
                s,
                at,
                sourcePort,
                destinationPort,
                sequenceNumber,
                acknowledgmentNumber,
                Tcp.MIN_HEADER_LENGTH,
                flags,
                window);
    }
}
