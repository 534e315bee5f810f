package adit.ip;

import adit.packet.PacketBuffer;
import adit.wire.Ip4Address;
import adit.wire.Ip6Address;
import adit.wire.IpAddress;
import adit.wire.Ipv4;
import adit.wire.Ipv6;
import adit.wire.Udp;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// What the headers of a packet said that a socket received. The octets of the packet start behind them, and
/// they still stand in front.
public final class Datagrams {
    private Datagrams() {}

    /// The host that sent it.
    public static IpAddress source(PacketBuffer p) {
        MemorySegment s = p.segment();
        long ip = ip(p);
        return Ipv4.version(s, ip) == 4 ? new Ip4Address(Ipv4.source(s, ip)) : Ip6Address.read(s, ip + Ipv6.SOURCE);
    }

    /// Its time to live, or hop limit, as it came in.
    public static int timeToLive(PacketBuffer p) {
        MemorySegment s = p.segment();
        return Ipv4.version(s, ip(p)) == 4 ? Ipv4.timeToLive(s, ip(p)) : Ipv6.hopLimit(s, ip(p));
    }

    /// Copies as many of its octets as there is room for, and moves the buffer's position behind them.
    static void copy(PacketBuffer p, ByteBuffer into) {
        int length = Math.min(p.length(), into.remaining());
        MemorySegment.copy(p.segment(), p.head(), MemorySegment.ofBuffer(into), 0, length);
        into.position(into.position() + length);
    }

    /// Of a UDP datagram: the port that it came from.
    public static int sourcePort(PacketBuffer p) {
        return Udp.sourcePort(p.segment(), (long) p.head() - Udp.HEADER_LENGTH);
    }

    /// Of a UDP datagram: who sent it.
    public static Endpoint sender(PacketBuffer p) {
        return new Endpoint(source(p), sourcePort(p));
    }

    static void mark(PacketBuffer p, int headerLength) {
        p.addressing().outerHeaderLength = headerLength;
    }

    private static long ip(PacketBuffer p) {
        return (long) p.head() - p.addressing().outerHeaderLength;
    }
}
