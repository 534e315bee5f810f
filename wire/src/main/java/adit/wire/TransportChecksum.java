package adit.wire;

import java.lang.foreign.MemorySegment;

/// The checksums of TCP, UDP, ICMP and ICMPv6 in whole IPv4 and IPv6 packets: verified, filled in, or left for
/// a later hop to complete.
///
/// `ip` is where the IP header starts; [Ipv4#fault] or [Ipv6#fault] must have let the packet through.
/// Fragments, other protocols and packets with a source route still to go (whose pseudo-header names another
/// destination) have no checksum that these methods know.
public final class TransportChecksum {
    /// What [#fillPartial] answers when there is no checksum to fill in.
    public static final int NONE = -1;

    private static final int ICMP_CHECKSUM = 2;

    private TransportChecksum() {}

    /// Where the checksum field of `protocol` stands, in octets from its header's start; [#NONE] for a protocol
    /// without one.
    public static int field(int protocol) {
        return switch (protocol) {
            case IpProtocol.TCP -> Tcp.CHECKSUM;
            case IpProtocol.UDP -> Udp.CHECKSUM;
            case IpProtocol.ICMP, IpProtocol.ICMP6 -> ICMP_CHECKSUM;
            default -> NONE;
        };
    }

    /// Verifies the packet. [WireFault#NONE] also when there is no checksum to verify, and when a UDP datagram
    /// over IPv4 carries none. [WireFault#BAD_CHECKSUM] also for UDP over IPv6 that carries none (RFC 8200
    /// section 8.1): a tunnel that accepts such (RFC 6935) asks [Udp#hasChecksum] first. [WireFault#TRUNCATED]
    /// and [WireFault#BAD_LENGTH] when the upper layer's header does not fit or lies.
    public static WireFault fault(MemorySegment s, long ip) {
        long layer = locate(s, ip);
        int protocol = protocol(layer);
        if (field(protocol) == NONE) {
            return WireFault.NONE;
        }
        long at = ip + start(layer);
        int length = length(layer);
        WireFault fault = headerFault(s, at, length, protocol);
        if (fault != WireFault.NONE) {
            return fault;
        }
        if (protocol == IpProtocol.UDP) {
            if (!Udp.hasChecksum(s, at)) {
                return Ipv4.version(s, ip) == 4 ? WireFault.NONE : WireFault.BAD_CHECKSUM;
            }
            length = Udp.length(s, at);
        }
        long sum = (long) InternetChecksum.sum(s, at, length) + pseudoHeader(s, ip, protocol, length);
        return InternetChecksum.fold(sum) == 0xffff ? WireFault.NONE : WireFault.BAD_CHECKSUM;
    }

    /// Computes the checksum and writes it. Answers false, and writes nothing, when there is none to write or
    /// the upper layer's header does not fit.
    public static boolean fill(MemorySegment s, long ip) {
        int start = fillPartial(s, ip);
        if (start == NONE) {
            return false;
        }
        long layer = locate(s, ip);
        int length = protocol(layer) == IpProtocol.UDP ? Udp.length(s, ip + start) : length(layer);
        complete(s, ip + start, length, field(protocol(layer)));
        return true;
    }

    /// Writes the sum of the pseudo-header into the checksum field, for a later hop to [#complete]. Answers
    /// where the upper layer starts, in octets from `ip`, which is the checksum start of a virtio-net header;
    /// [#field] is the offset. Answers [#NONE], and writes nothing, when there is none to write or the upper
    /// layer's header does not fit.
    public static int fillPartial(MemorySegment s, long ip) {
        long layer = locate(s, ip);
        int protocol = protocol(layer);
        long at = ip + start(layer);
        int length = length(layer);
        if (field(protocol) == NONE || headerFault(s, at, length, protocol) != WireFault.NONE) {
            return NONE;
        }
        int covered = protocol == IpProtocol.UDP ? Udp.length(s, at) : length;
        Octets.put16(s, at + field(protocol), pseudoHeader(s, ip, protocol, covered));
        return start(layer);
    }

    /// Where the upper layer starts, in octets from `ip`, when its checksum field holds the sum of the pseudo-header
    /// alone; [#NONE] otherwise, and for anything but TCP and UDP. One finished checksum in 65536 looks the same;
    /// to [#complete] that one changes nothing.
    public static int partialStart(MemorySegment s, long ip) {
        long layer = locate(s, ip);
        int protocol = protocol(layer);
        long at = ip + start(layer);
        int length = length(layer);
        boolean known = protocol == IpProtocol.TCP || protocol == IpProtocol.UDP;
        if (!known || headerFault(s, at, length, protocol) != WireFault.NONE) {
            return NONE;
        }
        int covered = protocol == IpProtocol.UDP ? Udp.length(s, at) : length;
        boolean partial = Octets.u16(s, at + field(protocol)) == pseudoHeader(s, ip, protocol, covered);
        return partial ? start(layer) : NONE;
    }

    /// Completes a partial checksum: sums `length` octets from `start` on and writes the complement into the
    /// field `offset` octets behind `start`, which until then counts in the sum. A checksum of 0 becomes ffff,
    /// so that UDP does not take it for none; to other protocols both are the same number.
    public static void complete(MemorySegment s, long start, int length, int offset) {
        int checksum = InternetChecksum.complement(InternetChecksum.sum(s, start, length));
        Octets.put16(s, start + offset, checksum == 0 ? 0xffff : checksum);
    }

    /// The sum of the pseudo-header for `length` octets of `protocol` in the packet at `ip`. 0 for ICMP over
    /// IPv4, which has none.
    public static int pseudoHeader(MemorySegment s, long ip, int protocol, int length) {
        if (Ipv4.version(s, ip) == 6) {
            return InternetChecksum.pseudoHeader6(s, ip + Ipv6.SOURCE, protocol, length);
        }
        return protocol == IpProtocol.ICMP
                ? 0
                : InternetChecksum.pseudoHeader4(Ipv4.source(s, ip), Ipv4.destination(s, ip), protocol, length);
    }

    private static WireFault headerFault(MemorySegment s, long at, int length, int protocol) {
        return switch (protocol) {
            case IpProtocol.TCP -> Tcp.fault(s, at, length);
            case IpProtocol.UDP -> Udp.fault(s, at, length);
            default -> Icmp4.fault(s, at, length);
        };
    }

    // Where the upper layer is: protocol in bits 48 up, its length in bits 24 to 47, its start in bits 0 to 23. The
    // protocol of a packet without a checksum that can be known is NO_NEXT_HEADER.
    private static long locate(MemorySegment s, long ip) {
        if (Ipv4.version(s, ip) == 4) {
            int start = Ipv4.headerLength(s, ip);
            int protocol = Ipv4.isFragment(s, ip) ? IpProtocol.NO_NEXT_HEADER : Ipv4.protocol(s, ip);
            // IPv4's ICMP and IPv6's are not at home in each other.
            return pack(
                    protocol == IpProtocol.ICMP6 ? IpProtocol.NO_NEXT_HEADER : protocol,
                    start,
                    Ipv4.totalLength(s, ip) - start);
        }
        long walk = Ipv6Chain.walk(s, ip);
        int start = Ipv6Chain.offset(walk);
        boolean known = Ipv6Chain.fault(walk) == WireFault.NONE
                && !Ipv6Chain.isFragment(walk)
                && !Ipv6Chain.isSourceRouted(walk)
                && Ipv6Chain.protocol(walk) != IpProtocol.ICMP;
        return pack(
                known ? Ipv6Chain.protocol(walk) : IpProtocol.NO_NEXT_HEADER, start, Ipv6.totalLength(s, ip) - start);
    }

    private static long pack(int protocol, int start, int length) {
        return (long) protocol << 48 | (long) length << 24 | start;
    }

    private static int protocol(long layer) {
        return (int) (layer >>> 48);
    }

    private static int length(long layer) {
        return (int) (layer >>> 24) & 0xff_ffff;
    }

    private static int start(long layer) {
        return (int) layer & 0xff_ffff;
    }
}
