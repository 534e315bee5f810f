package adit.ip;

import adit.packet.PacketBuffer;
import adit.packet.PacketType;
import adit.wire.Icmp6;
import adit.wire.IpProtocol;
import adit.wire.Ipv6;
import adit.wire.Octets;
import java.lang.foreign.MemorySegment;

/// What becomes of an IPv6 packet that came in, in Linux's order:
///
/// 1. the header is looked at, addresses that can't be are dropped, and what the link padded is cut off;
/// 2. hop-by-hop options are checked, because they are for every host on the way;
/// 3. the route says: for this host, for somebody else, or nowhere.
final class Ip6Input {
    private final IpStack stack;
    private final IpCounters counters;
    private final Ip6Forwarding forwarding;

    Ip6Input(IpStack stack) {
        this.stack = stack;
        this.counters = stack.counters;
        this.forwarding = new Ip6Forwarding(stack);
    }

    void receive(IpInterface in, PacketBuffer p) {
        if (p.packetType() == PacketType.OTHERHOST) {
            stack.drop(p, IpDrop.OTHERHOST);
            return;
        }
        counters.count(IpCounter.IP6_IN_RECEIVES);
        IpDrop fault = in.ip6 || in.isLoopback() ? look(in, p) : IpDrop.IP6_DISABLED;
        if (fault != null) {
            stack.drop(p, fault);
            return;
        }
        MemorySegment s = p.segment();
        int at = p.head();
        if (Ipv6.nextHeader(s, at) == IpProtocol.HOP_BY_HOP
                && !Ip6Options.take(stack, in, p, Ipv6.HEADER_LENGTH, Ip6Options.Kind.HOP_BY_HOP)) {
            stack.drop(p, IpDrop.IP6_EXTENSION);
            return;
        }
        route(in, p);
    }

    /// What is wrong with the packet, or null. Cuts off what stands behind its end.
    private static IpDrop look(IpInterface in, PacketBuffer p) {
        MemorySegment s = p.segment();
        int at = p.head();
        int available = p.length();
        if (available < Ipv6.HEADER_LENGTH || Ipv6.version(s, at) != 6 || !addressesFit(in, s, at)) {
            return IpDrop.IP6_INHDR;
        }
        int payload = Ipv6.payloadLength(s, at);
        if (payload == 0 && Ipv6.nextHeader(s, at) == IpProtocol.HOP_BY_HOP) {
            // A jumbogram, if it were taken; its option is refused.
            return null;
        }
        if (payload + Ipv6.HEADER_LENGTH > available) {
            return IpDrop.IP6_TOO_SMALL;
        }
        int total = payload + Ipv6.HEADER_LENGTH;
        if (total < available && !p.offload().fits(total)) {
            return IpDrop.IP6_INHDR;
        }
        p.trim(total);
        return null;
    }

    /// RFC 4291 sections 2.5.3 and 2.7: the loopback address stays inside a host, groups of scope 0 are
    /// nobody's, those of scope 1 stay inside an interface, and no packet comes from a group.
    private static boolean addressesFit(IpInterface in, MemorySegment s, int at) {
        long sourceHigh = Ipv6.sourceHigh(s, at);
        long sourceLow = Ipv6.sourceLow(s, at);
        long high = Ipv6.destinationHigh(s, at);
        long low = Ipv6.destinationLow(s, at);
        if (isMulticast(sourceHigh)) {
            return false;
        }
        int scope = isMulticast(high) ? (int) (high >>> 48) & 0xf : -1;
        if (scope == 0) {
            return false;
        }
        boolean inside = (sourceHigh == 0 && sourceLow == 1) || (high == 0 && low == 1) || scope == 1;
        return !inside || in.isLoopback();
    }

    private void route(IpInterface in, PacketBuffer p) {
        MemorySegment s = p.segment();
        int at = p.head();
        long high = Ipv6.destinationHigh(s, at);
        long low = Ipv6.destinationLow(s, at);
        if (isMulticast(high)) {
            counters.count(IpCounter.IP6_IN_MCAST_PKTS);
            if (stack.own.isJoined6(in, high, low)) {
                stack.delivery6.deliver(in, p, RouteType.MULTICAST);
            } else {
                stack.drop(p, IpDrop.NOT_JOINED);
            }
            return;
        }
        boolean bound = isLinkLocal(high);
        Route route = stack.fib6.lookup(high, low, 0, bound && !in.isLoopback() ? in.device() : null);
        if (route == null || route.rejects) {
            reject(in, p, route);
            return;
        }
        switch (route.type) {
            case LOCAL, ANYCAST -> stack.delivery6.deliver(in, p, route.type);
            case MULTICAST, BROADCAST -> stack.drop(p, IpDrop.NOT_JOINED);
            default -> forwarding.forward(in, p, route);
        }
    }

    private void reject(IpInterface in, PacketBuffer p, Route route) {
        if (route != null && route.type == RouteType.BLACKHOLE) {
            stack.drop(p, IpDrop.IP_REJECTED);
            return;
        }
        int code =
                route != null && route.type == RouteType.PROHIBIT ? Icmp6.ADMINISTRATIVELY_PROHIBITED : Icmp6.NO_ROUTE;
        stack.icmp6.error(in, p, RouteType.UNICAST, Icmp6.DESTINATION_UNREACHABLE, code, 0);
        stack.drop(p, IpDrop.IP6_INNOROUTES);
    }

    static boolean isMulticast(long high) {
        return high >>> 56 == 0xff;
    }

    static boolean isLinkLocal(long high) {
        return high >>> 54 == 0xfe80 >>> 6;
    }

    static boolean isUnspecified(MemorySegment s, long address) {
        return (Octets.i64(s, address) | Octets.i64(s, address + 8)) == 0;
    }
}
