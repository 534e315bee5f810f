package adit.ip;

import adit.device.Device;
import adit.device.Errno;
import adit.device.Frames;
import adit.offload.Checksums;
import adit.offload.Segmenter;
import adit.offload.Segmenters;
import adit.packet.Offload;
import adit.packet.PacketBuffer;
import adit.packet.PacketType;
import adit.packet.TunnelMetadata;
import adit.wire.EtherType;
import adit.wire.Ipv4;
import adit.wire.MacAddress;
import java.lang.foreign.MemorySegment;

/// The way out for IPv4 packets: chooses sources, cuts what is too long, finds the link address.
final class Ip4Output {
    /// No packet is longer, whatever the device's MTU.
    static final int MAX_MTU = 0xffff;
    /// The time to live of packets made here.
    static final int TIME_TO_LIVE = 64;

    /// The first three octets of the Ethernet addresses of IPv4 groups (RFC 1112 section 6.4).
    private static final long GROUP_MAC = 0x0100_5e00_0000L;

    /// The address of everybody on a link (RFC 919).
    static final int BROADCAST = -1;

    /// The first octet of addresses that never leave this host.
    private static final int LOOPBACK_NETWORK = 127;

    private final IpStack stack;
    private final DefaultRoutes defaults;

    Ip4Output(IpStack stack) {
        this.stack = stack;
        this.defaults = new DefaultRoutes(stack);
    }

    // ---- Sources

    /// A source for packets that leave by `link` for `destination` (0: anybody); 0 when there is none. Linux's
    /// `inet_select_addr`.
    int source(IpInterface link, int destination, int scope) {
        int found = link.source4(destination, scope);
        if (found != 0) {
            return found;
        }
        for (IpInterface other : stack.interfaces()) {
            for (InterfaceAddress a : other.addresses4) {
                if (a.scope() != InterfaceAddress.SCOPE_LINK
                        && a.scope() <= scope
                        && !a.has(InterfaceAddress.SECONDARY)) {
                    return a.bits();
                }
            }
        }
        return 0;
    }

    /// The source of packets that take `route` by `hop` to `destination`.
    int sourceOf(Route route, NextHop hop, int destination) {
        if (route.preferred4 != 0) {
            return route.preferred4;
        }
        if (route.type == RouteType.LOCAL) {
            return destination;
        }
        IpInterface link = stack.of(hop.device());
        return link == null ? 0 : source(link, hop.gateway4, route.spec().scope());
    }

    /// This host's address as `peer`, who sent something in by `link`, should know it.
    int sourceTowards(IpInterface link, int peer) {
        Route route = stack.fib4.lookup((long) peer << 32, 0, 0, null);
        if (route == null || route.type.rejects()) {
            return source(link, 0, InterfaceAddress.SCOPE_UNIVERSE);
        }
        return sourceOf(route, hop(route, 0, peer), peer);
    }

    /// Tells flows apart for routes of several hops: by addresses alone, so that fragments stay together.
    static int hash(MemorySegment s, long at) {
        return hash(Ipv4.source(s, at), Ipv4.destination(s, at));
    }

    /// The next hop of packets that are forwarded.
    static NextHop forwarding(Route route, int source, int destination) {
        return route.isSingle() ? route.hop() : route.hop(hash(source, destination));
    }

    private static int hash(int source, int destination) {
        return AddressBits.hash((long) source << 32 | (destination & 0xffff_ffffL), 0) << 8;
    }

    /// The next hop of packets made here from `source` (0: none yet): of several the one that their addresses
    /// fall to, but rather one whose link has that source (Linux's `fib_select_multipath`). Null where all are
    /// dead.
    NextHop hop(Route route, int source, int destination) {
        if (route.isSingle()) {
            return route.hop();
        }
        NextHop fallen = route.hop(hash(source, destination));
        if (source == 0 || isFrom(source, route, fallen)) {
            return fallen;
        }
        for (NextHop hop : route.hops()) {
            if (!hop.isDead() && isFrom(source, route, hop)) {
                return hop;
            }
        }
        return fallen;
    }

    private boolean isFrom(int source, Route route, NextHop hop) {
        IpInterface link = hop == null ? null : stack.of(hop.device());
        return link != null && source(link, hop.gateway4, route.spec().scope()) == source;
    }

    // ---- Packets made here

    /// What the header of a packet made here says.
    ///
    /// @param source the source address, 0 to have one chosen
    /// @param destination the destination address
    /// @param protocol the protocol number
    /// @param tos DSCP and ECN
    /// @param timeToLive in hops, 0 for the usual
    /// @param dontFragment whether it must not be cut
    record Header(int source, int destination, int protocol, int tos, int timeToLive, boolean dontFragment) {}

    /// The route of packets made here, or null.
    Route route(int destination, int tos, Device device) {
        Route found = stack.fib4.lookup((long) destination << 32, 0, tos, device);
        Route route = device == null ? defaults.choose(found, tos) : found;
        return route == null || route.type.rejects() ? null : route;
    }

    /// The route of packets made here from `source` (0: none yet), or null: [#refusal] says why.
    Route routeFrom(int source, int destination, int tos) {
        Route route = anyRouteFrom(source, destination, tos);
        return route == null || route.rejects ? null : route;
    }

    /// Packets from an address to a group or to everybody leave by the device that has it, whatever the routes say
    /// (Linux's `ip_route_output_key_hash_rcu`).
    private Route anyRouteFrom(int source, int destination, int tos) {
        if (source != 0) {
            Route own = stack.fib4.lookupOwner((long) source << 32, 0);
            if (own == null || own.type != RouteType.LOCAL) {
                return null;
            }
            if (destination == BROADCAST || Ip4Input.isMulticast(destination)) {
                IpInterface link = stack.of(own.hop().device());
                return link == null ? null : link.onLink4();
            }
        }
        return lookup(destination, tos);
    }

    /// The route of packets made here that leave by any device, be it one that rejects them, or null.
    Route lookup(int destination, int tos) {
        return defaults.choose(stack.fib4.lookup((long) destination << 32, 0, tos, null), tos);
    }

    /// Why nothing made here goes from `source` (0: none yet) to `destination`, as an errno; 0 if it may.
    int refusal(int source, int destination, int tos) {
        Route route = anyRouteFrom(source, destination, tos);
        if (route == null) {
            return Errno.ENETUNREACH;
        }
        return route.rejects
                ? route.type.refusal()
                : isStray(route, hop(route, source, destination), source) ? Errno.EINVAL : 0;
    }

    /// Whether packets would leave this host from an address that means the host itself.
    boolean isStray(Route route, NextHop hop, int source) {
        return source >>> 24 == LOOPBACK_NETWORK
                && route.type != RouteType.LOCAL
                && !hop.device().equals(stack.loopback());
    }

    /// How long packets to `destination` by this route may be.
    int mtu(Route route, NextHop hop, int destination) {
        if (route.type == RouteType.LOCAL) {
            return MAX_MTU;
        }
        int device = Math.min(route.mtu != 0 ? route.mtu : hop.device().mtu(), MAX_MTU) - hop.encapsulationOctets();
        int learned = stack.paths.mtu4(destination);
        return learned == 0 ? device : Math.min(device, learned);
    }

    /// Puts a header in front of the payload `p` and sends it. Answers 0, or a negative errno; the packet is
    /// gone either way.
    int send(PacketBuffer p, Route route, Header h) {
        return send(p, route, h, 0);
    }

    /// The same for a payload behind so many octets of options, a multiple of four.
    int send(PacketBuffer p, Route route, Header h, int options) {
        MemorySegment s = p.segment();
        NextHop hop = hop(route, h.source, h.destination);
        int source = h.source != 0 ? h.source : sourceOf(route, hop, h.destination);
        if (isStray(route, hop, source)) {
            stack.drop(p, IpDrop.IP_INVALID_SOURCE);
            return -Errno.EINVAL;
        }
        int total = Ipv4.MIN_HEADER_LENGTH + p.length();
        int mtu = mtu(route, hop, h.destination);
        if (total > MAX_MTU || (h.dontFragment && total > mtu)) {
            stack.drop(p, IpDrop.IP_TOO_BIG);
            return -Errno.EMSGSIZE;
        }
        int hopLimit = route.spec().metrics().hopLimit();
        int identification =
                h.dontFragment ? 0 : stack.identifications.next(source, h.destination, h.protocol, stack.coarseNow());
        int at = p.push(Ipv4.MIN_HEADER_LENGTH);
        Ipv4.emit(
                s,
                at,
                h.tos,
                total,
                identification,
                h.dontFragment ? Ipv4.DONT_FRAGMENT : 0,
                0,
                h.timeToLive != 0 ? h.timeToLive : hopLimit != 0 ? hopLimit : TIME_TO_LIVE,
                h.protocol,
                source,
                h.destination);
        if (options > 0) {
            Ipv4.headerLength(s, at, Ipv4.MIN_HEADER_LENGTH + options);
            Ipv4.fillChecksum(s, at);
        }
        return sendWhole(p, route, hop, mtu);
    }

    /// Sends a packet whose header is complete.
    int sendWhole(PacketBuffer p, Route route, NextHop hop, int mtu) {
        stack.counters.count(IpCounter.IP_OUT_REQUESTS);
        p.protocol(EtherType.IPV4);
        if (route.type == RouteType.LOCAL) {
            stack.loop(p);
            return 0;
        }
        stack.ownCopies.take4(p, hop.device(), route.type);
        transmit(p, stack.redirects.nearer(Ipv4.destination(p.segment(), p.head()), hop), route.type, mtu);
        return 0;
    }

    // ---- All packets

    /// Sends a packet on by `hop`, in pieces if it is longer than `mtu`.
    void transmit(PacketBuffer p, NextHop hop, RouteType type, int mtu) {
        p.packetType(PacketType.HOST);
        p.vlan(0);
        boolean isSuper = p.offload().segmentation != Offload.Segmentation.NONE;
        if (isSuper && (hop.encapsulationOctets() > 0 || SuperPackets.networkLength(p) > mtu)) {
            // Labels go in front of each packet, not in front of what stands for many.
            segment(p, hop, type, mtu);
        } else if (isSuper || p.length() <= mtu) {
            out(p, hop, type);
        } else {
            fragment(p, hop, type, mtu);
        }
    }

    /// Cuts a super-packet whose packets are too long themselves, and those after it. Linux fragments all of
    /// them, the last one too, which may become a single piece.
    private void segment(PacketBuffer p, NextHop hop, RouteType type, int mtu) {
        Segmenter segmenter = Segmenters.take();
        try {
            segment(p, hop, type, mtu, segmenter);
        } finally {
            Segmenters.rest(segmenter);
        }
    }

    private void segment(PacketBuffer p, NextHop hop, RouteType type, int mtu, Segmenter segmenter) {
        int count = segmenter.begin(p, Offload.Checksum.UNKNOWN);
        for (int i = 0; i < count && count > 1; i++) {
            PacketBuffer piece = stack.lend(segmenter.largest());
            if (piece == null) {
                stack.counters.drop(IpDrop.NOMEM, count - i);
                break;
            }
            segmenter.next(piece);
            if (hop.encapsulationOctets() > 0) {
                transmit(piece, hop, type, mtu);
            } else {
                fragment(piece, hop, type, mtu);
            }
        }
        if (count <= 1) {
            stack.drop(p, IpDrop.SEGMENTATION);
        } else {
            p.release();
        }
    }

    /// RFC 791 section 3.2. Every fragment but the last carries a multiple of eight octets; options that are
    /// not to be copied are padding in all but the first.
    private void fragment(PacketBuffer p, NextHop hop, RouteType type, int mtu) {
        MemorySegment s = p.segment();
        int at = p.head();
        int header = Ipv4.headerLength(s, at);
        int most = mtu - header;
        if (most < 8 || !Checksums.finish(p)) {
            stack.drop(p, IpDrop.IP_TOO_BIG);
            return;
        }
        int offset = Ipv4.fragmentOffset(s, at);
        // The reserved bit goes, as in Linux.
        int flags = Ipv4.flags(s, at) & (Ipv4.DONT_FRAGMENT | Ipv4.MORE_FRAGMENTS);
        int left = p.length() - header;
        int from = at + header;
        while (left > 0) {
            int length = left <= most ? left : (most & ~7);
            left -= length;
            PacketBuffer piece = stack.lend(header + length);
            if (piece == null) {
                stack.drop(p, IpDrop.NOMEM);
                return;
            }
            int to = piece.put(header + length);
            MemorySegment.copy(s, at, piece.segment(), to, header);
            MemorySegment.copy(s, from, piece.segment(), to + header, length);
            piece.describeAs(p);
            piece.offload().clear();
            Ipv4.fragment(piece.segment(), to, header + length, left > 0 ? flags | Ipv4.MORE_FRAGMENTS : flags, offset);
            if (from == at + header && offset == 0 && header > Ipv4.MIN_HEADER_LENGTH) {
                Ip4Options.keepCopied(s, at);
            }
            from += length;
            offset += length;
            stack.counters.count(IpCounter.IP_FRAG_CREATES);
            out(piece, hop, type);
        }
        stack.counters.count(IpCounter.IP_FRAG_OKS);
        p.release();
    }

    private void out(PacketBuffer p, NextHop hop, RouteType type) {
        Device device = hop.device();
        if (hop.around() != null && wrap(p, hop)) {
            return;
        }
        if (!hop.isFramed()) {
            // A tunnel without a peer of its own goes by it.
            p.nextHop(hop.hasGateway() ? hop.gateway4 : Ipv4.destination(p.segment(), p.head()));
            device.send(p);
            return;
        }
        IpInterface link = stack.of(device);
        int destination = Ipv4.destination(p.segment(), p.head());
        if (link == null) {
            stack.drop(p, IpDrop.NEIGH_FAILED);
        } else if (Ip4Input.isMulticast(destination)) {
            frame(p, device, GROUP_MAC | (destination & 0x7f_ffff));
        } else if (type == RouteType.BROADCAST || destination == BROADCAST) {
            frame(p, device, MacAddress.BROADCAST.bits());
        } else if (link.resolves()) {
            int next = hop.hasGateway() ? hop.gateway4 : destination;
            link.neighbours4.send(p, (long) next << 32, 0);
        } else {
            frame(p, device, device.address());
        }
    }

    /// Puts around the packet what its route says, and answers whether it has gone another way by that.
    private boolean wrap(PacketBuffer p, NextHop hop) {
        switch (hop.around()) {
            case RouteEncapsulation.Outer outer -> {
                TunnelMetadata m = p.metadata();
                m.direction = TunnelMetadata.Direction.TRANSMIT;
                m.id = outer.id();
                m.source = outer.source();
                m.destination = outer.destination();
                m.tos = outer.tos();
                m.timeToLive = outer.timeToLive();
                m.dontFragment = false;
                return false;
            }
            case RouteEncapsulation.Labels labels -> {
                stack.mpls.push(p, labels, hop);
                return true;
            }
        }
    }

    private static void frame(PacketBuffer p, Device device, long mac) {
        Frames.push(p, mac, device.address(), EtherType.IPV4);
        device.send(p);
    }
}
