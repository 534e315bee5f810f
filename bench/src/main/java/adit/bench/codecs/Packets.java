package adit.bench.codecs;

import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Octets;
import java.lang.foreign.MemorySegment;

/// Packets to measure with.
final class Packets {
    /// 10.9.0.1.
    static final int SOURCE = 0x0a090001;
    /// 10.9.0.2.
    static final int DESTINATION = 0x0a090002;

    private static final int TTL = 64;

    private Packets() {}

    /// Writes an IPv4 packet with the header of a TCP segment in it; the rest stays as it is.
    static void tcp(MemorySegment s, long at, int length) {
        Ipv4.emit(s, at, 0, length, 0x1234, Ipv4.DONT_FRAGMENT, 0, TTL, IpProtocol.TCP, SOURCE, DESTINATION);
        Octets.put16(s, at + Ipv4.MIN_HEADER_LENGTH, 40000);
        Octets.put16(s, at + Ipv4.MIN_HEADER_LENGTH + 2, 5201);
    }
}
