package adit.ip;

import adit.packet.PacketBuffer;
import adit.packet.PacketType;
import adit.wire.Icmp4;
import adit.wire.Ipv4;
import adit.wire.Ipv4Words;
import java.lang.foreign.MemorySegment;

/// What becomes of an IPv4 packet that came in, in Linux's order:
///
/// 1. the header is looked at, and what the link padded is cut off;
/// 2. addresses that can't be are dropped as martians;
/// 3. the route says: for this host, for somebody else, or nowhere;
/// 4. options are checked and filled in.
///
/// Steps 2 and 3 are the same for all packets of a flow: what they lead to is remembered until a route changes.
final class Ip4Input {
    private final IpStack stack;
    private final IpCounters counters;
    private final Ip4Options options;
    private final Ip4Forwarding forwarding;
    private final Ip4Delivery delivery;
    /// Null before the first packet.
    private volatile RouteMemory memory;

    Ip4Input(IpStack stack) {
        this.stack = stack;
        this.counters = stack.counters;
        this.options = new Ip4Options(stack);
        this.forwarding = new Ip4Forwarding(stack);
        this.delivery = stack.delivery4;
    }

    void receive(IpInterface in, PacketBuffer p) {
        if (p.packetType() == PacketType.OTHERHOST) {
            stack.drop(p, IpDrop.OTHERHOST);
            return;
        }
        counters.count(IpCounter.IP_IN_RECEIVES);
        if (p.length() < Ipv4.MIN_HEADER_LENGTH) {
            stack.drop(p, IpDrop.IP_INHDR);
            return;
        }
        MemorySegment s = p.segment();
        long first = Ipv4Words.first(s, p.head());
        long second = Ipv4Words.second(s, p.head());
        int destination = Ipv4.destination(s, p.head());
        IpDrop fault = look(p, first, second, destination);
        if (fault != null) {
            stack.drop(p, fault);
            return;
        }
        route(in, p, Ipv4Words.source(second), destination, Ipv4Words.tos(first));
    }

    /// What is wrong with the packet, or null. Cuts off what stands behind its end.
    private IpDrop look(PacketBuffer p, long first, long second, int destination) {
        int available = p.length();
        if (Ipv4Words.version(first) != 4) {
            return IpDrop.IP_INHDR;
        }
        int header = Ipv4Words.headerLength(first);
        if (header < Ipv4.MIN_HEADER_LENGTH || header > available) {
            return IpDrop.IP_INHDR;
        }
        boolean isValid = header == Ipv4.MIN_HEADER_LENGTH
                ? Ipv4Words.checksumValid(first, second, destination)
                : Ipv4.checksumValid(p.segment(), p.head());
        if (!isValid) {
            counters.count(IpCounter.IP_IN_CSUM_ERRORS);
            return IpDrop.IP_CSUM;
        }
        int total = Ipv4Words.totalLength(first);
        if (total > available) {
            return IpDrop.PKT_TOO_SMALL;
        }
        if (total < header) {
            return IpDrop.IP_INHDR;
        }
        if (total < available && !p.offload().fits(total)) {
            return IpDrop.CHECKSUM_CUT;
        }
        p.trim(total);
        return null;
    }

    private void route(IpInterface in, PacketBuffer p, int source, int destination, int tos) {
        Fib fib = stack.fib4;
        RouteMemory remembered = memory;
        Route known =
                remembered == null || in.isLoopback() ? null : remembered.get(fib.generation, source, destination, tos);
        if (known != null) {
            pass(in, p, known);
            return;
        }
        if (isMulticast(destination)) {
            multicast(in, p, source, destination);
            return;
        }
        if (isMulticast(source) || source == -1) {
            stack.drop(p, IpDrop.IP_INVALID_SOURCE);
            return;
        }
        if (destination == -1 || (source | destination) == 0) {
            if (source != 0 && !isForeign(in, source)) {
                stack.drop(p, IpDrop.IP_INVALID_SOURCE);
            } else {
                accept(in, p, RouteType.BROADCAST);
            }
            return;
        }
        if (source == 0 || (source >>> 24 == 127 && !in.isLoopback())) {
            stack.drop(p, IpDrop.IP_INVALID_SOURCE);
            return;
        }
        if (destination == 0 || (destination >>> 24 == 127 && !in.isLoopback())) {
            stack.drop(p, IpDrop.IP_INVALID_DEST);
            return;
        }
        Route route = fib.lookup((long) destination << 32, 0, tos, null);
        if (route == null || route.type.rejects()) {
            reject(in, p, route);
            return;
        }
        if (!route.type.endsHere() && !stack.forwards4()) {
            stack.drop(p, IpDrop.IP_NOT_FORWARDING);
            return;
        }
        if (!isForeign(in, source)) {
            stack.drop(p, IpDrop.IP_INVALID_SOURCE);
            return;
        }
        if (!in.isLoopback()) {
            memory().put(fib.generation, source, destination, tos, route);
        }
        pass(in, p, route);
    }

    private RouteMemory memory() {
        RouteMemory present = memory;
        if (present == null) {
            present = new RouteMemory();
            memory = present;
        }
        return present;
    }

    /// Whether packets from `source` may come in here: not from this host itself, unless it is its own
    /// loopback.
    private boolean isForeign(IpInterface in, int source) {
        return in.isLoopback() || !stack.own.isLocal4(source);
    }

    /// A packet whose addresses may be, and its route.
    private void pass(IpInterface in, PacketBuffer p, Route route) {
        if (route.type.endsHere()) {
            accept(in, p, route.type);
            return;
        }
        if (!stack.forwards4()) {
            stack.drop(p, IpDrop.IP_NOT_FORWARDING);
            return;
        }
        long found = options(in, p, RouteType.UNICAST);
        if (found >= 0) {
            forwarding.forward(in, p, route, found);
        }
    }

    private void multicast(IpInterface in, PacketBuffer p, int source, int destination) {
        counters.count(IpCounter.IP_IN_MCAST_PKTS);
        boolean isLinkLocal = destination >>> 8 == 0xe0_0000;
        boolean sourceFits = !isMulticast(source)
                && source != -1
                && (source >>> 24 != 127 || in.isLoopback())
                && (source != 0 || isLinkLocal)
                && (source == 0 || isForeign(in, source));
        if (!stack.own.isJoined4(in, destination)) {
            stack.drop(p, IpDrop.NOT_JOINED);
        } else if (!sourceFits) {
            stack.drop(p, IpDrop.IP_INVALID_SOURCE);
        } else {
            accept(in, p, RouteType.MULTICAST);
        }
    }

    /// Takes the copy of a packet that this host has sent to many.
    void acceptOwn(IpInterface in, PacketBuffer copy, RouteType type) {
        counters.count(IpCounter.IP_IN_RECEIVES);
        if (type == RouteType.MULTICAST) {
            counters.count(IpCounter.IP_IN_MCAST_PKTS);
        }
        accept(in, copy, type);
    }

    private void accept(IpInterface in, PacketBuffer p, RouteType type) {
        if (type == RouteType.BROADCAST) {
            counters.count(IpCounter.IP_IN_BCAST_PKTS);
        }
        if (options(in, p, type) >= 0) {
            delivery.deliver(in, p, type);
        }
    }

    /// The packet's options, or a negative number when it is gone because of them.
    private long options(IpInterface in, PacketBuffer p, RouteType type) {
        MemorySegment s = p.segment();
        int at = p.head();
        if (Ipv4.headerLength(s, at) == Ipv4.MIN_HEADER_LENGTH) {
            return 0;
        }
        int here =
                type == RouteType.LOCAL ? Ipv4.destination(s, at) : stack.output4.sourceTowards(in, Ipv4.source(s, at));
        long found = options.take(s, at, here);
        if (Ip4Options.isFault(found)) {
            stack.icmp4.parameterProblem(in, p, type, Ip4Options.faultPointer(found));
            stack.drop(p, IpDrop.IP_OPTIONS);
            return -1;
        }
        if (Ip4Options.isSourceRouted(found)) {
            stack.drop(p, IpDrop.SOURCE_ROUTED);
            return -1;
        }
        return found;
    }

    /// There is no way to where the packet wants to go.
    private void reject(IpInterface in, PacketBuffer p, Route route) {
        if (!stack.forwards4()) {
            stack.drop(p, IpDrop.IP_NOT_FORWARDING);
            return;
        }
        if (options(in, p, RouteType.UNICAST) < 0) {
            return;
        }
        if (route != null && route.type == RouteType.BLACKHOLE) {
            stack.drop(p, IpDrop.IP_REJECTED);
            return;
        }
        int code = route == null
                ? Icmp4.NETWORK_UNREACHABLE
                : route.type == RouteType.PROHIBIT ? Icmp4.ADMINISTRATIVELY_PROHIBITED : Icmp4.HOST_UNREACHABLE;
        int source = Ipv4.source(p.segment(), p.head());
        if (stack.limits.takeUnroutable(AddressBits.hash((long) source << 32, 0))) {
            stack.icmp4.error(in, p, RouteType.UNICAST, Icmp4.DESTINATION_UNREACHABLE, code, 0);
        }
        stack.drop(p, route == null ? IpDrop.IP_INNOROUTES : IpDrop.IP_REJECTED);
    }

    static boolean isMulticast(int address) {
        return address >>> 28 == 0xe;
    }
}
