package adit.ip;

import adit.packet.Offload;
import adit.packet.PacketBuffer;
import adit.packet.PacketType;
import adit.wire.Icmp4;
import adit.wire.Ipv4;
import adit.wire.Ipv4Words;
import java.lang.foreign.MemorySegment;

/// Hands IPv4 packets on that are for others. RFC 1812 section 5.3, as Linux's `ip_forward` does it.
final class Ip4Forwarding {
    private final IpStack stack;

    Ip4Forwarding(IpStack stack) {
        this.stack = stack;
    }

    /// Forwards a sound packet by `route`. `options` are what [Ip4Options#take] found.
    void forward(IpInterface in, PacketBuffer p, Route route, long options) {
        if (p.packetType() != PacketType.HOST) {
            stack.drop(p, IpDrop.OTHERHOST);
            return;
        }
        MemorySegment s = p.segment();
        int at = p.head();
        long second = Ipv4Words.second(s, at);
        int ttl = Ipv4Words.timeToLive(second);
        if (ttl <= 1) {
            stack.icmp4.error(in, p, RouteType.UNICAST, Icmp4.TIME_EXCEEDED, Icmp4.TTL_EXCEEDED, 0);
            stack.drop(p, IpDrop.IP_TTL);
            return;
        }
        stack.counters.count(IpCounter.IP_FORW_DATAGRAMS);
        NextHop hop = route.isSingle() ? route.hop() : route.hop(Ip4Output.hash(s, at));
        int mtu = route.mtu != 0
                ? route.mtu
                : Math.min(hop.device().mtu(), Ip4Output.MAX_MTU) - hop.encapsulationOctets();
        if (exceeds(p, mtu)) {
            stack.icmp4.error(in, p, RouteType.UNICAST, Icmp4.DESTINATION_UNREACHABLE, Icmp4.FRAGMENTATION_NEEDED, mtu);
            stack.drop(p, IpDrop.IP_TOO_BIG);
            return;
        }
        Ipv4Words.timeToLive(s, at, second, ttl - 1);
        if (hop.device().equals(in.device()) && in.sendsRedirects4()) {
            redirect(in, p, hop);
        }
        if (options != 0) {
            Ip4Options.leave(s, at, options, stack.output4.sourceOf(route, hop, Ipv4.destination(s, at)));
        }
        stack.output4.transmit(p, hop, RouteType.UNICAST, mtu);
    }

    private static boolean exceeds(PacketBuffer p, int mtu) {
        if (p.length() <= mtu || !Ipv4.dontFragment(p.segment(), p.head())) {
            return false;
        }
        boolean isSuper = p.offload().segmentation != Offload.Segmentation.NONE;
        return !isSuper || SuperPackets.networkLength(p) > mtu;
    }

    /// Tells the sender of a packet that goes back out of where it came in that its next hop is nearer, if the
    /// sender is on that link itself; whatever the link is, as in Linux, and wherever the next hop is
    /// (`shared_media`).
    private void redirect(IpInterface in, PacketBuffer p, NextHop hop) {
        MemorySegment s = p.segment();
        int source = Ipv4.source(s, p.head());
        int gateway = hop.hasGateway() ? hop.gateway4 : Ipv4.destination(s, p.head());
        if (isNear(in, source, Ipv4.tos(s, p.head()))
                && stack.redirectLimits.take(AddressBits.hash((long) source << 32, 0))) {
            stack.icmp4.error(in, p, RouteType.UNICAST, Icmp4.REDIRECT, 1, gateway);
        }
    }

    /// Whether the way back to `source` leads over no gateway on the link where it came from.
    private boolean isNear(IpInterface in, int source, int tos) {
        long from = (long) source << 32;
        Route back = stack.fib4.lookup(from, 0, tos, null);
        if (back == null || back.type != RouteType.UNICAST) {
            return false;
        }
        if (back.hop(in.device()) != null) {
            return back.hop().scope() >= InterfaceAddress.SCOPE_HOST;
        }
        Route byLink = stack.fib4.lookup(from, 0, tos, in.device());
        return byLink != null
                && byLink.type == RouteType.UNICAST
                && byLink.hop(in.device()).scope() >= InterfaceAddress.SCOPE_HOST;
    }
}
