package adit.ip;

import adit.packet.Offload;
import adit.packet.Offload.Tunnel;
import adit.packet.PacketBuffer;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Ipv6;
import adit.wire.Ipv6Chain;
import adit.wire.Octets;
import adit.wire.Tcp;
import adit.wire.Udp;
import java.lang.foreign.MemorySegment;

/// How long the packets are that a super-packet stands for.
final class SuperPackets {
    private static final int TCP_OFFSET = 12;

    private SuperPackets() {}

    /// The length in octets, with the network header, of each packet but the last, as Linux estimates it
    /// (`skb_gso_network_seglen`). It looks for the transport header right behind the IPv6 header, or behind
    /// the options for every host on the way, whatever else stands there; and in a tunnel it leaves out the
    /// inner header of UDP.
    static int networkLength(PacketBuffer p) {
        Offload o = p.offload();
        int transport = transport(p);
        if (o.tunnel != Tunnel.NONE) {
            return tunnelledLength(p);
        }
        int header = switch (o.segmentation) {
            case TCP4, TCP6 -> tcpLength(p, transport, together(p, transport));
            case UDP -> Udp.HEADER_LENGTH;
            case UDP_FRAGMENT, NONE -> 0;
        };
        return transport + header + o.segmentSize;
    }

    /// How long `p` is, or the largest of the packets that it stands for, in octets, with the network header.
    static int largest(PacketBuffer p) {
        return p.offload().segmentation == Offload.Segmentation.NONE ? p.length() : networkLength(p);
    }

    /// How many packets a super-packet stands for that is in no tunnel; 1 for any other packet.
    static int count(PacketBuffer p) {
        Offload o = p.offload();
        if (o.segmentation == Offload.Segmentation.NONE || o.segmentSize <= 0) {
            return 1;
        }
        int payload = p.length() - (networkLength(p) - o.segmentSize);
        return Math.max(1, (payload + o.segmentSize - 1) / o.segmentSize);
    }

    /// The same of one in a tunnel, from its first octet, wherever that stands.
    static int tunnelledLength(PacketBuffer p) {
        Offload o = p.offload();
        return o.checksumStart + (isTcp(o) ? tcpLength(p, o.checksumStart, p.length()) : 0) + o.segmentSize;
    }

    private static boolean isTcp(Offload o) {
        return o.segmentation == Offload.Segmentation.TCP4 || o.segmentation == Offload.Segmentation.TCP6;
    }

    private static int transport(PacketBuffer p) {
        MemorySegment s = p.segment();
        int at = p.head();
        if (Ipv4.version(s, at) == 4) {
            return Ipv4.headerLength(s, at);
        }
        int hops = Ipv6.HEADER_LENGTH;
        if (Ipv6.nextHeader(s, at) == IpProtocol.HOP_BY_HOP && p.length() > hops + 1) {
            hops += Ipv6Chain.length(s, at + (long) hops, IpProtocol.HOP_BY_HOP);
        }
        return hops;
    }

    /// How many octets of `p` Linux has in one piece when it looks how long it is: [Offload#headerLength] of them
    /// and the network header, and as much of TCP as it needs to look for a socket early.
    private static int together(PacketBuffer p, int transport) {
        MemorySegment s = p.segment();
        int at = p.head();
        boolean isTcp = Ipv4.version(s, at) == 4
                ? Ipv4.protocol(s, at) == IpProtocol.TCP && !Ipv4.isFragment(s, at)
                : Ipv6.nextHeader(s, at) == IpProtocol.TCP;
        int headers = p.offload().headerLength;
        return headers == 0 || (isTcp && transport + Tcp.MIN_HEADER_LENGTH <= p.length()) ? p.length() : headers;
    }

    /// The length in octets of the TCP header, or of what is said to be one. Behind what it has in one piece, where
    /// it stands in some super-packets that lie about themselves, Linux reads what an earlier packet has left in
    /// that memory, and this 0.
    private static int tcpLength(PacketBuffer p, int transport, int together) {
        if (transport + TCP_OFFSET >= together) {
            return 0;
        }
        return Octets.u8(p.segment(), p.head() + (long) transport + TCP_OFFSET) >> 4 << 2;
    }

    /// The MTU that every link carries IPv6 packets of.
    static int ip6Minimum(int mtu) {
        return Math.max(mtu, Ipv6.MIN_MTU);
    }
}
