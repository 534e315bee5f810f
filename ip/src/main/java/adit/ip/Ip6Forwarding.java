package adit.ip;

import adit.packet.Offload;
import adit.packet.PacketBuffer;
import adit.packet.PacketType;
import adit.wire.Icmp6;
import adit.wire.Ipv6;
import java.lang.foreign.MemorySegment;

/// Hands IPv6 packets on that are for others, as Linux's `ip6_forward` does it. Nobody but their sender cuts
/// them.
final class Ip6Forwarding {
    /// RFC 4443 section 3.1: beyond the scope of the source address.
    private static final int BEYOND_SCOPE = 2;

    private final IpStack stack;

    Ip6Forwarding(IpStack stack) {
        this.stack = stack;
    }

    void forward(IpInterface in, PacketBuffer p, Route route) {
        if (!stack.forwards6()) {
            stack.drop(p, IpDrop.IP6_ADDRESS);
            return;
        }
        if (p.packetType() != PacketType.HOST) {
            stack.drop(p, IpDrop.OTHERHOST);
            return;
        }
        MemorySegment s = p.segment();
        int at = p.head();
        int hopLimit = Ipv6.hopLimit(s, at);
        if (hopLimit <= 1) {
            stack.icmp6.error(in, p, RouteType.UNICAST, Icmp6.TIME_EXCEEDED, Icmp6.HOP_LIMIT_EXCEEDED, 0);
            stack.drop(p, IpDrop.IP6_HOP_LIMIT);
            return;
        }
        NextHop hop = route.hop(Ip6Output.hash(s, at));
        if (!hop.device().equals(in.device()) && !sourceMayLeave(in, p)) {
            stack.drop(p, IpDrop.IP6_ADDRESS);
            return;
        }
        stack.counters.count(IpCounter.IP6_OUT_FORW_DATAGRAMS);
        int mtu = SuperPackets.ip6Minimum(
                route.mtu != 0 ? route.mtu : hop.device().mtu());
        if (p.length() > mtu && !isSuperOf(p, mtu)) {
            stack.counters.count(IpCounter.IP6_FRAG_FAILS);
            stack.icmp6.error(in, p, RouteType.UNICAST, Icmp6.PACKET_TOO_BIG, 0, mtu);
            stack.drop(p, IpDrop.IP6_TOO_BIG);
            return;
        }
        if (p.length() <= mtu && p.offload().segmentation != Offload.Segmentation.NONE && !isSuperOf(p, mtu)) {
            // Said to stand for packets longer than itself: Linux tries to cut it, and says nothing when it can't.
            stack.drop(p, IpDrop.SEGMENTATION);
            return;
        }
        Ipv6.hopLimit(s, at, hopLimit - 1);
        stack.output6.transmit(p, hop);
    }

    private static boolean isSuperOf(PacketBuffer p, int mtu) {
        return p.offload().segmentation != Offload.Segmentation.NONE && SuperPackets.networkLength(p) <= mtu;
    }

    private boolean sourceMayLeave(IpInterface in, PacketBuffer p) {
        MemorySegment s = p.segment();
        long high = Ipv6.sourceHigh(s, p.head());
        long low = Ipv6.sourceLow(s, p.head());
        if (high == 0 && (low == 0 || low == 1)) {
            return false;
        }
        if (Ip6Input.isLinkLocal(high)) {
            stack.icmp6.error(in, p, RouteType.UNICAST, Icmp6.DESTINATION_UNREACHABLE, BEYOND_SCOPE, 0);
            return false;
        }
        return true;
    }
}
