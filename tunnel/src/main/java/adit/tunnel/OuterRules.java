package adit.tunnel;

import adit.packet.Addressing;
import adit.packet.PacketBuffer;
import adit.packet.TunnelMetadata;
import adit.underlay.Path;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Ipv6;

/// What a tunnel's outer headers say, and whether a packet may go out at all. Linux's `ip_tunnel_xmit`, and
/// `ip_md_tunnel_xmit` for external tunnels, from the destination to the time to live.
///
/// For each packet, in this order:
///
/// 1. the destination: the remote address, or the packet's next hop, or its metadata;
/// 2. the way there: none, or one that leads into the tunnel itself, ends here;
/// 3. DF and path MTU: a packet that is too large ends here, and its sender is told if he can do something
///    about it;
/// 4. the error count: the sender is told that the peer was unreachable, and the packet goes on;
/// 5. ECN, TOS and TTL.
///
/// Immutable: an engine that takes turns and a device that packets enter from any thread use the same rules,
/// each with [Surroundings] of its own.
///
/// @param steering where the outer parameters come from
/// @param local the outer source as the bits of an int, 0 for any
/// @param remote the outer destination as the bits of an int, 0 for any
/// @param link the index of the underlay interface that it is bound to, 0 for none
/// @param ttl the outer time to live, 0 to inherit
/// @param tos the outer DSCP, an odd value to inherit
/// @param pathMtu what it does about the path MTU
/// @param overhead octets that the outer headers take
/// @param profile as which Linux it does step 3
public record OuterRules(
        Steering steering,
        int local,
        int remote,
        int link,
        int ttl,
        int tos,
        PathMtu pathMtu,
        int overhead,
        PathMtuProfile profile) {
    /// What a tunnel asks of the place where it stands.
    public interface Surroundings {
        /// The way to `destination` from `source` (0: any) for outer packets of this `tos`; [Path#NONE] when
        /// there is none.
        Path path(int source, int destination, int tos);

        /// The IPv4 next hop of an inner packet that has none beside it, from its destination; 0 when there is
        /// none.
        int nextHop(int destination);

        /// The MTU of the tunnel's own device, in octets.
        int overlayMtu();

        /// The interface index of the tunnel's own device as [Path#device] would have it, 0 when it is not
        /// there.
        int device();

        /// Whether the sender of the present packet is to be told that the peer can't be reached.
        boolean takeError(long nowNanos);

        /// Tells the sender of an inner packet that it is larger than `mtu` octets.
        void tooBig(PacketBuffer p, int protocol, int mtu);

        /// Tells the sender of an inner packet that its peer can't be reached.
        void unreachable(PacketBuffer p, int protocol, long nowNanos);
    }

    /// The rules of a tunnel that is specified so.
    public static OuterRules of(TunnelSpec spec) {
        return new OuterRules(
                spec.steering(),
                spec.local().bits(),
                spec.remote().bits(),
                spec.link(),
                spec.ttl().value(),
                spec.tos().value(),
                spec.pathMtu(),
                spec.carrier().overhead(),
                PathMtuProfile.CURRENT);
    }

    /// Fills in the addressing of `p`, an inner packet announced by `protocol`, or answers why it ends here.
    /// `largest` is its length, or that of the largest packet that it stands for. The packet stays the
    /// caller's.
    public Drop steer(PacketBuffer p, int protocol, int largest, long nowNanos, Surroundings around) {
        return steering == Steering.EXTERNAL
                ? byMetadata(p, protocol, largest, around)
                : byConfiguration(p, protocol, largest, nowNanos, around);
    }

    private boolean isTosInherited() {
        return (tos & 1) != 0;
    }

    private Drop byConfiguration(PacketBuffer p, int protocol, int largest, long nowNanos, Surroundings around) {
        int destination = remote != 0 ? remote : nextHop(p, protocol, around);
        if (destination == 0) {
            return noNextHop(p, protocol, nowNanos, around);
        }
        int outerTos = isTosInherited() ? InnerPacket.tos(p, protocol, tos) : tos;
        Path path = around.path(local, destination, outerTos);
        boolean discovers = pathMtu == PathMtu.DISCOVER;
        boolean forbids = discovers || InnerPacket.dontFragment(p, protocol);
        boolean heeds = profile == PathMtuProfile.CURRENT ? forbids : discovers;
        Drop reason = follow(path, p, protocol, largest, heeds, around);
        if (reason != null) {
            return reason;
        }
        if (around.takeError(nowNanos)) {
            around.unreachable(p, protocol, nowNanos);
        }
        Addressing a = p.addressing();
        a.source = local;
        a.destination = destination;
        a.link = link;
        a.tos = outerTos;
        a.timeToLive = ttl;
        a.dontFragment = forbids && mayForbidFragments(path, protocol);
        inherit(a, p, protocol);
        return null;
    }

    /// There is no step 4: errors are not kept by peer.
    private Drop byMetadata(PacketBuffer p, int protocol, int largest, Surroundings around) {
        TunnelMetadata m = p.metadata();
        if (m.direction != TunnelMetadata.Direction.TRANSMIT) {
            return Drop.NO_METADATA;
        }
        int outerTos = m.tos == Tos.INHERIT.value() ? InnerPacket.tos(p, protocol, 0) : m.tos;
        Path path = around.path(m.source, m.destination, outerTos);
        Drop reason = follow(path, p, protocol, largest, m.dontFragment, around);
        if (reason != null) {
            return reason;
        }
        Addressing a = p.addressing();
        a.source = m.source;
        a.destination = m.destination;
        a.link = 0;
        a.tos = outerTos;
        a.timeToLive = m.timeToLive;
        a.dontFragment = m.dontFragment && mayForbidFragments(path, protocol);
        inherit(a, p, protocol);
        return null;
    }

    /// The peer of a packet when no remote is set; 0 when there is none.
    private static int nextHop(PacketBuffer p, int protocol, Surroundings around) {
        TunnelMetadata m = p.metadata();
        if (m.direction == TunnelMetadata.Direction.TRANSMIT && m.destination != 0) {
            return m.destination;
        }
        return switch (protocol) {
            case IpProtocol.IPIP ->
                p.nextHop() != 0 ? p.nextHop() : around.nextHop(Ipv4.destination(p.segment(), p.head()));
            case IpProtocol.IPV6 -> p.nextHop() != 0 ? p.nextHop() : compatible(p);
            default -> 0;
        };
    }

    /// The IPv4 address in an IPv6 destination such as `::192.0.2.1` (RFC 4291 section 2.5.5.1), 0 when it is
    /// another kind of address.
    private static int compatible(PacketBuffer p) {
        long low = Ipv6.destinationLow(p.segment(), p.head());
        boolean compatible = Ipv6.destinationHigh(p.segment(), p.head()) == 0 && low >>> Integer.SIZE == 0 && low != 1;
        return compatible ? (int) low : 0;
    }

    private static Drop noNextHop(PacketBuffer p, int protocol, long nowNanos, Surroundings around) {
        if (protocol == IpProtocol.IPIP) {
            return Drop.NO_NEXT_HOP;
        }
        if (protocol == IpProtocol.IPV6) {
            around.unreachable(p, protocol, nowNanos);
        }
        return Drop.NO_IPV4_NEXT_HOP;
    }

    /// Steps 2 and 3. `discovers` says whether the outer packet may be as large as the path takes, and no
    /// larger.
    private Drop follow(Path path, PacketBuffer p, int protocol, int largest, boolean discovers, Surroundings around) {
        if (!path.exists()) {
            return Drop.NO_PATH;
        }
        if (path.device() == around.device() && path.device() != 0) {
            return Drop.LOOP;
        }
        return fit(path, p, protocol, largest, discovers, around);
    }

    /// Step 3, which is done again when the underlay has found a packet too large for a path that has become
    /// narrower.
    Drop fit(Path path, PacketBuffer p, int protocol, int largest, boolean discovers, Surroundings around) {
        int mtu = discovers ? path.mtu() - overhead : around.overlayMtu();
        boolean ipv6 = protocol == IpProtocol.IPV6;
        if (ipv6) {
            // No IPv6 sender can be told to send less than this; see mayForbidFragments.
            mtu = Math.max(mtu, Ipv6.MIN_MTU);
        }
        if (largest <= mtu) {
            return null;
        }
        if (ipv6 || InnerPacket.dontFragment(p, protocol)) {
            around.tooBig(p, protocol, mtu);
            return Drop.TOO_BIG;
        }
        return discovers && mayForbidFragments(path, protocol) ? Drop.TOO_BIG_OUTSIDE : null;
    }

    /// Whether outer packets may carry DF at all: not on a path with a locked MTU, and not where the smallest
    /// IPv6 packet that every link carries would not fit (RFC 4213 section 3.2.2).
    private boolean mayForbidFragments(Path path, int protocol) {
        return path.pinned() == Path.Pinned.NO
                && (protocol != IpProtocol.IPV6 || path.mtu() - overhead >= Ipv6.MIN_MTU);
    }

    /// Step 5: what the inner packet has a say in.
    private static void inherit(Addressing a, PacketBuffer p, int protocol) {
        a.tos = Ecn.encapsulate(a.tos, InnerPacket.tos(p, protocol, 0));
        if (a.timeToLive == 0) {
            a.timeToLive = InnerPacket.timeToLive(p, protocol);
        }
    }
}
