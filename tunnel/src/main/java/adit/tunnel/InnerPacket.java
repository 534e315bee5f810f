package adit.tunnel;

import adit.packet.PacketBuffer;
import adit.wire.EtherType;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Ipv6;
import adit.wire.Mpls;
import adit.wire.Octets;
import java.lang.foreign.MemorySegment;

/// What a tunnel looks at in the packets it carries. An inner packet is known by the IP protocol number that
/// announces it in the outer header: 4, 41 or 137.
///
/// The header is read where its fields stand and not checked any further, as the Linux drivers do: whether an
/// inner packet is sound is for its destination to say.
public final class InnerPacket {
    /// The outer TTL for what has none of its own.
    private static final int DEFAULT_TTL = 64;

    private InnerPacket() {}

    /// The IP protocol number that announces packets of this EtherType, 0 when a tunnel knows none.
    public static int protocol(int etherType) {
        return switch (etherType) {
            case EtherType.IPV4 -> IpProtocol.IPIP;
            case EtherType.IPV6 -> IpProtocol.IPV6;
            case EtherType.MPLS -> IpProtocol.MPLS;
            default -> 0;
        };
    }

    /// The EtherType of packets that this IP protocol number announces, 0 when a tunnel knows none.
    public static int etherType(int protocol) {
        return switch (protocol) {
            case IpProtocol.IPIP -> EtherType.IPV4;
            case IpProtocol.IPV6 -> EtherType.IPV6;
            case IpProtocol.MPLS -> EtherType.MPLS;
            default -> 0;
        };
    }

    /// The IP protocol number that announces a packet of at least one octet, by its version field; 0 when it is
    /// neither IPv4 nor IPv6.
    public static int protocolByVersion(PacketBuffer p) {
        return switch (Octets.u8(p.segment(), p.head()) >> 4) {
            case 4 -> IpProtocol.IPIP;
            case 6 -> IpProtocol.IPV6;
            default -> 0;
        };
    }

    /// The shortest packet that is looked at, in octets.
    public static int minimumLength(int protocol) {
        return switch (protocol) {
            case IpProtocol.IPIP -> Ipv4.MIN_HEADER_LENGTH;
            case IpProtocol.IPV6 -> Ipv6.HEADER_LENGTH;
            default -> Mpls.ENTRY_LENGTH;
        };
    }

    /// The DSCP and ECN octet; `none` where there is none.
    public static int tos(PacketBuffer p, int protocol, int none) {
        return switch (protocol) {
            case IpProtocol.IPIP -> Ipv4.tos(p.segment(), p.head());
            case IpProtocol.IPV6 -> Ipv6.trafficClass(p.segment(), p.head());
            default -> none;
        };
    }

    /// Writes the ECN bits alone.
    public static void ecn(PacketBuffer p, int protocol, int ecn) {
        int tos = (tos(p, protocol, 0) & ~Ecn.MASK) | ecn;
        if (protocol == IpProtocol.IPIP) {
            Ipv4.tos(p.segment(), p.head(), tos);
        } else {
            Ipv6.trafficClass(p.segment(), p.head(), tos);
        }
    }

    /// The time to live or hop limit that an outer header inherits.
    public static int timeToLive(PacketBuffer p, int protocol) {
        return switch (protocol) {
            case IpProtocol.IPIP -> Ipv4.timeToLive(p.segment(), p.head());
            case IpProtocol.IPV6 -> Ipv6.hopLimit(p.segment(), p.head());
            default -> DEFAULT_TTL;
        };
    }

    /// Whether routers must not fragment it; IPv6 says so by being IPv6, and not with this bit.
    public static boolean dontFragment(PacketBuffer p, int protocol) {
        return protocol == IpProtocol.IPIP && Ipv4.dontFragment(p.segment(), p.head());
    }

    /// A number that is the same for all packets of a flow and hardly ever for two flows.
    public static int flowHash(PacketBuffer p, int protocol) {
        MemorySegment s = p.segment();
        long at = p.head();
        int hash = protocol;
        switch (protocol) {
            case IpProtocol.IPIP -> {
                hash = mix(mix(mix(hash, Ipv4.source(s, at)), Ipv4.destination(s, at)), Ipv4.protocol(s, at));
                if (!Ipv4.isFragment(s, at)) {
                    hash = mix(hash, ports(p, Ipv4.protocol(s, at), Ipv4.headerLength(s, at)));
                }
            }
            case IpProtocol.IPV6 -> {
                hash = mix(mix(hash, Ipv6.sourceHigh(s, at)), Ipv6.sourceLow(s, at));
                hash = mix(mix(hash, Ipv6.destinationHigh(s, at)), Ipv6.destinationLow(s, at));
                hash = mix(mix(hash, Ipv6.flowLabel(s, at)), Ipv6.nextHeader(s, at));
                hash = mix(hash, ports(p, Ipv6.nextHeader(s, at), Ipv6.HEADER_LENGTH));
            }
            default -> hash = mix(hash, Mpls.label(s, at));
        }
        return hash;
    }

    /// Both ports of TCP and UDP as one number, 0 for anything else.
    private static int ports(PacketBuffer p, int transport, int offset) {
        boolean has = (transport == IpProtocol.TCP || transport == IpProtocol.UDP) && offset + 4 <= p.length();
        return has ? Octets.i32(p.segment(), p.head() + offset) : 0;
    }

    private static int mix(int hash, long value) {
        long h = (hash ^ value) * 0x9e37_79b9_7f4a_7c15L;
        return (int) (h ^ h >>> 32);
    }
}
