package adit.ip;

import adit.packet.Offload;
import adit.packet.PacketBuffer;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Ipv6;
import adit.wire.Ipv6Chain;
import adit.wire.Tcp;
import adit.wire.Udp;
import java.lang.foreign.MemorySegment;

/// How long the packets are that a super-packet stands for.
final class SuperPackets {
    private SuperPackets() {}

    /// The length in octets, with the network header, of each packet but the last (Linux's
    /// `skb_gso_network_seglen`).
    static int networkLength(PacketBuffer p) {
        MemorySegment s = p.segment();
        int at = p.head();
        int transport;
        int protocol;
        if (Ipv4.version(s, at) == 4) {
            transport = Ipv4.headerLength(s, at);
            protocol = Ipv4.protocol(s, at);
        } else {
            long chain = Ipv6Chain.walk(s, at, p.length());
            transport = Ipv6Chain.offset(chain);
            protocol = Ipv6Chain.protocol(chain);
        }
        int header = 0;
        if (p.offload().segmentation == Offload.Segmentation.UDP) {
            header = Udp.HEADER_LENGTH;
        } else if (protocol == IpProtocol.TCP && p.length() >= transport + Tcp.MIN_HEADER_LENGTH) {
            header = Tcp.headerLength(s, at + transport);
        }
        return transport + header + p.offload().segmentSize;
    }

    /// The MTU that every link carries IPv6 packets of.
    static int ip6Minimum(int mtu) {
        return Math.max(mtu, Ipv6.MIN_MTU);
    }
}
