package adit.ip;

import adit.device.Device;
import adit.device.Errno;
import adit.device.Frames;
import adit.packet.PacketBuffer;
import adit.packet.PacketType;
import adit.wire.EtherType;
import adit.wire.InternetChecksum;
import adit.wire.Ip6Address;
import adit.wire.IpProtocol;
import adit.wire.Ipv6;
import adit.wire.Ipv6Chain;
import adit.wire.Octets;
import java.lang.foreign.MemorySegment;
import java.util.function.Predicate;

/// The way out for IPv6 packets: chooses sources, cuts what is too long and made here, finds the link address.
final class Ip6Output {
    /// The hop limit of packets made here.
    static final int HOP_LIMIT = 64;
    /// The longest packet without a jumbo payload, in octets.
    static final int MAX_LENGTH = Ipv6.HEADER_LENGTH + 0xffff;

    /// The first two octets of the Ethernet addresses of IPv6 groups (RFC 2464 section 7).
    static final long GROUP_MAC = 0x3333_0000_0000L;

    private final IpStack stack;
    private final Predicate<NextHop> lost = this::isLost;

    Ip6Output(IpStack stack) {
        this.stack = stack;
    }

    /// What the header of a packet made here says.
    ///
    /// @param source the source address
    /// @param destination the destination address
    /// @param nextHeader the protocol number
    /// @param trafficClass DSCP and ECN
    /// @param hopLimit in hops, 0 for the usual
    /// @param dontFragment whether it must not be cut
    record Header(
            Ip6Address source,
            Ip6Address destination,
            int nextHeader,
            int trafficClass,
            int hopLimit,
            boolean dontFragment) {}

    static int hash(MemorySegment s, long at) {
        long source = Ipv6.sourceHigh(s, at) ^ Long.rotateLeft(Ipv6.sourceLow(s, at), 17);
        long destination = Ipv6.destinationHigh(s, at) ^ Long.rotateLeft(Ipv6.destinationLow(s, at), 17);
        return AddressBits.hash(source, destination) << 8;
    }

    /// The next hop of packets made here: of several the one that their addresses fall to, or the first that answers
    /// (Linux's `fib6_select_path`).
    NextHop hop(Route route, Ip6Address from, Ip6Address to) {
        if (route.isSingle()) {
            return route.hop();
        }
        long source = from.high() ^ Long.rotateLeft(from.low(), 17);
        long destination = to.high() ^ Long.rotateLeft(to.low(), 17);
        NextHop fallen = route.hop(AddressBits.hash(source, destination) << 8);
        NextHop other = fallen != null && !stack.forwards6() && isLost(fallen) ? route.hopBut(lost) : null;
        return other == null ? fallen : other;
    }

    private boolean isLost(NextHop hop) {
        IpInterface link = hop.hasGateway() ? stack.of(hop.device()) : null;
        return link != null && link.neighbours6.isLost(hop.gatewayHigh, hop.gatewayLow);
    }

    /// The route for packets that would take `found`, unless this is a host and the routers there do not answer: then
    /// the best one past these, if there is any. By `device` alone, or of several as good by it.
    Route pastLost(Route found, long high, long low, Device device, boolean alone) {
        return found == null || stack.forwards6() || !found.isLost(lost)
                ? found
                : stack.fib6.lookupPast(lost, high, low, device, alone);
    }

    /// The route of packets made here, or null. `link` bounds the ways to addresses that mean nothing
    /// elsewhere; it may be null for others.
    Route route(Ip6Address destination, IpInterface link) {
        Route route = anyRoute(destination, link);
        return route == null || route.rejects ? null : route;
    }

    /// Why nothing made here goes to `destination`, as an errno; 0 if there is a route.
    int refusal(Ip6Address destination, IpInterface link) {
        Route route = anyRoute(destination, link);
        return route == null ? Errno.ENETUNREACH : route.type.refusal();
    }

    /// The same, but a route that rejects what takes it is answered too.
    Route anyRoute(Ip6Address destination, IpInterface link) {
        boolean bound = destination.isLinkLocal() || destination.isMulticast();
        if (bound && link == null) {
            return null;
        }
        Device device = link == null || link.isLoopback() ? null : link.device();
        Device alone = bound ? device : null;
        Route found = stack.fib6.lookup(destination.high(), destination.low(), 0, alone);
        return pastLost(found, destination.high(), destination.low(), alone, true);
    }

    /// The source of packets that take `route` to `destination`, or null.
    Ip6Address source(Route route, Ip6Address destination) {
        if (route.spec().preferredSource().orElse(null) instanceof Ip6Address preferred) {
            return preferred;
        }
        return SourceSelection.choose(
                stack.interfaces(),
                stack.of(hop(route, Ip6Address.ANY, destination).device()),
                destination);
    }

    int mtu(Route route, NextHop hop, Ip6Address destination) {
        if (route.type == RouteType.LOCAL) {
            return MAX_LENGTH;
        }
        int device = SuperPackets.ip6Minimum(
                route.mtu != 0 ? route.mtu : hop.device().mtu());
        int learned = stack.paths.mtu6(destination.high(), destination.low());
        return learned == 0 ? device : Math.min(device, learned);
    }

    /// Puts a header in front of the payload `p` and sends it, in pieces if need be. Answers 0, or a negative
    /// errno; the packet is gone either way.
    int send(PacketBuffer p, Route route, Header h) {
        NextHop hop = hop(route, h.source, h.destination);
        int mtu = mtu(route, hop, h.destination);
        int total = Ipv6.HEADER_LENGTH + p.length();
        if (total > MAX_LENGTH || (total > mtu && h.dontFragment)) {
            stack.drop(p, IpDrop.IP6_TOO_BIG);
            return -Errno.EMSGSIZE;
        }
        stack.counters.count(IpCounter.IP6_OUT_REQUESTS);
        if (total > mtu) {
            return fragment(p, route, hop, h, mtu);
        }
        push(p, h, h.nextHeader, route);
        leave(p, route, hop);
        return 0;
    }

    private static void push(PacketBuffer p, Header h, int nextHeader, Route route) {
        int length = p.length();
        int usual = route.spec().metrics().hopLimit();
        Ipv6.emit(
                p.segment(),
                p.push(Ipv6.HEADER_LENGTH),
                h.trafficClass,
                0,
                length,
                nextHeader,
                h.hopLimit != 0 ? h.hopLimit : usual != 0 ? usual : HOP_LIMIT,
                h.source,
                h.destination);
    }

    private void leave(PacketBuffer p, Route route, NextHop hop) {
        p.protocol(EtherType.IPV6);
        if (route.type == RouteType.LOCAL) {
            stack.loop(p);
        } else {
            stack.ownCopies.take6(p, hop.device());
            transmit(p, hop);
        }
    }

    /// RFC 8200 section 4.5.
    private int fragment(PacketBuffer p, Route route, NextHop hop, Header h, int mtu) {
        int most = (mtu - Ipv6.HEADER_LENGTH - Ipv6Chain.FRAGMENT_LENGTH) & ~7;
        int identification = stack.identifications.next(
                h.source.high() ^ Long.rotateLeft(h.source.low(), 17),
                h.destination.high() ^ Long.rotateLeft(h.destination.low(), 17));
        int total = p.length();
        int from = p.head();
        for (int offset = 0; offset < total; offset += most) {
            int length = Math.min(most, total - offset);
            PacketBuffer piece = stack.lend(mtu);
            if (piece == null) {
                stack.drop(p, IpDrop.NOMEM);
                return -Errno.ENOBUFS;
            }
            int to = piece.put(Ipv6Chain.FRAGMENT_LENGTH + length);
            Ipv6Chain.emitFragment(piece.segment(), to, h.nextHeader, offset, offset + length < total, identification);
            MemorySegment.copy(p.segment(), from + offset, piece.segment(), to + Ipv6Chain.FRAGMENT_LENGTH, length);
            push(piece, h, IpProtocol.FRAGMENT, route);
            stack.counters.count(IpCounter.IP6_FRAG_CREATES);
            leave(piece, route, hop);
        }
        stack.counters.count(IpCounter.IP6_FRAG_OKS);
        p.release();
        return 0;
    }

    /// Sends `q`, whose octets are a transport header with payload, back to where `p` came from, and finishes
    /// its checksum `checksum` octets behind its start.
    void reply(IpInterface in, PacketBuffer p, PacketBuffer q, int protocol, int checksum) {
        MemorySegment s = p.segment();
        int at = p.head();
        Ip6Address peer = Ip6Address.read(s, at + Ipv6.SOURCE);
        Ip6Address own = Ip6Address.read(s, at + Ipv6.DESTINATION);
        Route route = route(peer, in);
        if (route != null && !stack.own.isLocal6(own.high(), own.low())) {
            own = source(route, peer);
        }
        if (route == null || own == null) {
            stack.drop(q, IpDrop.IP6_OUT_NO_ROUTE);
            return;
        }
        fillChecksum(q, own, peer, protocol, checksum);
        // A reset of TCP is not ECN-capable (RFC 3168 section 6.1).
        int kept = protocol == IpProtocol.TCP ? ~3 : ~0;
        send(q, route, new Header(own, peer, protocol, Ipv6.trafficClass(s, at) & kept, 0, false));
    }

    /// Computes the transport checksum of `q`, whose octets start at the transport header.
    static void fillChecksum(PacketBuffer q, Ip6Address source, Ip6Address destination, int protocol, int at) {
        MemorySegment s = q.segment();
        int to = q.head();
        Octets.put16(s, to + at, 0);
        long sum = InternetChecksum.sum(s, to, q.length())
                + addressSum(source)
                + addressSum(destination)
                + protocol
                + (q.length() & 0xffff)
                + (q.length() >>> 16);
        int value = InternetChecksum.complement(InternetChecksum.fold(sum));
        Octets.put16(s, to + at, value == 0 && protocol == IpProtocol.UDP ? 0xffff : value);
    }

    private static long addressSum(Ip6Address a) {
        long sum = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 16) {
            sum += (a.high() >>> shift & 0xffff) + (a.low() >>> shift & 0xffff);
        }
        return sum;
    }

    /// Sends a packet on by `hop`, whole.
    void transmit(PacketBuffer p, NextHop hop) {
        p.packetType(PacketType.HOST);
        p.vlan(0);
        Device device = hop.device();
        if (device.headerLength() == 0) {
            device.send(p);
            return;
        }
        IpInterface link = stack.of(device);
        long high = Ipv6.destinationHigh(p.segment(), p.head());
        long low = Ipv6.destinationLow(p.segment(), p.head());
        if (link == null) {
            stack.drop(p, IpDrop.NEIGH_FAILED);
        } else if (Ip6Input.isMulticast(high)) {
            frame(p, device, GROUP_MAC | (low & 0xffff_ffffL));
        } else if (!link.resolves()) {
            frame(p, device, device.address());
        } else if (hop.hasGateway()) {
            link.neighbours6.send(p, hop.gatewayHigh, hop.gatewayLow);
        } else {
            link.neighbours6.send(p, high, low);
        }
    }

    private static void frame(PacketBuffer p, Device device, long mac) {
        Frames.push(p, mac, device.address(), EtherType.IPV6);
        device.send(p);
    }

    /// Sends a message of neighbour discovery: within the link, with the hop limit that proves it.
    void sendOnLink(IpInterface link, PacketBuffer p, Ip6Address source, Ip6Address destination, long mac) {
        fillChecksum(p, source, destination, IpProtocol.ICMP6, 2);
        int length = p.length();
        Ipv6.emit(p.segment(), p.push(Ipv6.HEADER_LENGTH), 0, 0, length, IpProtocol.ICMP6, 255, source, destination);
        p.protocol(EtherType.IPV6);
        stack.counters.count(IpCounter.IP6_OUT_REQUESTS);
        stack.counters.count(IpCounter.ICMP6_OUT_MSGS);
        frame(p, link.device(), mac >= 0 ? mac : GROUP_MAC | (destination.low() & 0xffff_ffffL));
    }
}
