package adit.tunnel;

import adit.packet.PacketBuffer;
import adit.wire.Icmp4;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Udp;
import adit.wire.WireFault;
import java.lang.foreign.MemorySegment;

/// What ICMP errors of the underlay mean for a tunnel.
///
/// A router quotes the outer header and often no more than eight octets behind it, too little to tell the
/// sender of the inner packet. So the error is counted, and the sender of the next inner packet is told that
/// the peer is unreachable; see [Tunnel]. As Linux's `ipip_err` does it:
///
/// | type and code | effect |
/// |---|---|
/// | 3/0 to 3/3, 3/6 to 3/15 | counted |
/// | 3/4 fragmentation needed | none here: the underlay knows the path MTU |
/// | 3/5 source route failed | none |
/// | 5 redirect | none here: the underlay knows the next hop |
/// | 11/0 TTL exceeded | counted when the tunnel's TTL is fixed; an inherited one is the inner sender's own doing |
/// | others | none |
///
/// Nothing is counted for a tunnel without a remote address: the next packet may go elsewhere.
public final class IcmpErrors {
    private static final int QUOTE = Icmp4.HEADER_LENGTH;
    /// What must be quoted behind the outer IP header, in octets.
    private static final int MIN_QUOTED_PAYLOAD = 8;

    private static final int MAX_UNREACHABLE_CODE = 15;

    private IcmpErrors() {}

    /// Answers [WireFault#NONE] when the message quotes enough of an outer packet for the methods below. The
    /// quote may be cut short, so its total length is not looked at, and neither is any checksum: that was the
    /// underlay's to do.
    static WireFault fault(PacketBuffer p) {
        MemorySegment s = p.segment();
        int quote = p.head() + QUOTE;
        int available = p.length() - QUOTE;
        if (available < Ipv4.MIN_HEADER_LENGTH) {
            return WireFault.TRUNCATED;
        }
        if (Ipv4.version(s, quote) != 4) {
            return WireFault.BAD_VERSION;
        }
        int header = Ipv4.headerLength(s, quote);
        if (header < Ipv4.MIN_HEADER_LENGTH) {
            return WireFault.BAD_LENGTH;
        }
        return available < header + MIN_QUOTED_PAYLOAD ? WireFault.TRUNCATED : WireFault.NONE;
    }

    /// Where the packet in question went: the tunnel's remote address.
    static int quotedDestination(PacketBuffer p) {
        return Ipv4.destination(p.segment(), p.head() + QUOTE);
    }

    /// Where it came from: the tunnel's local address.
    static int quotedSource(PacketBuffer p) {
        return Ipv4.source(p.segment(), p.head() + QUOTE);
    }

    /// Whether the error is about a packet of this tunnel and counts.
    static boolean concerns(PacketBuffer p, TunnelSpec spec) {
        return !spec.remote().isUnspecified() && isCarried(p, spec.carrier()) && counts(p, spec.ttl());
    }

    private static boolean counts(PacketBuffer p, Ttl ttl) {
        return counts(Icmp4.type(p.segment(), p.head()), Icmp4.code(p.segment(), p.head()), ttl);
    }

    /// Whether an error of this type and code counts for a tunnel with this outer time to live and a remote
    /// address.
    public static boolean counts(int type, int code, Ttl ttl) {
        return switch (type) {
            case Icmp4.DESTINATION_UNREACHABLE ->
                code != Icmp4.FRAGMENTATION_NEEDED && code != Icmp4.SOURCE_ROUTE_FAILED && code <= MAX_UNREACHABLE_CODE;
            case Icmp4.TIME_EXCEEDED -> code == Icmp4.TTL_EXCEEDED && !ttl.inherited();
            default -> false;
        };
    }

    /// Whether the quoted packet is one that a tunnel with this carrier sends. Other traffic to the same host
    /// is none of its business.
    private static boolean isCarried(PacketBuffer p, Carrier carrier) {
        MemorySegment s = p.segment();
        int quote = p.head() + QUOTE;
        int protocol = Ipv4.protocol(s, quote);
        return switch (carrier) {
            case Carrier.Direct() -> InnerPacket.etherType(protocol) != 0;
            case Carrier.Fou fou -> protocol == IpProtocol.UDP && fou.peerPort() == quotedPort(s, quote);
            case Carrier.Gue gue -> protocol == IpProtocol.UDP && gue.peerPort() == quotedPort(s, quote);
        };
    }

    private static int quotedPort(MemorySegment s, int quote) {
        return Udp.destinationPort(s, quote + Ipv4.headerLength(s, quote));
    }
}
