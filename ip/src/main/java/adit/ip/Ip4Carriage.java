package adit.ip;

import adit.device.Device;
import adit.device.Errno;
import adit.packet.Addressing;
import adit.packet.Offload;
import adit.packet.PacketBuffer;
import adit.wire.Ipv4;

/// The way out for what tunnels put into IPv4: routes it, writes the outer header and sends it as this host's
/// own. Linux's `ip_route_output_tunnel` and `iptunnel_xmit`.
///
/// A tunnel keeps the [Way] to its peer and asks only whether it is still the one, until a route changes. For
/// any threads; nothing but [#way] allocates.
public final class Ip4Carriage {
    private final IpStack stack;

    Ip4Carriage(IpStack stack) {
        this.stack = stack;
    }

    /// How outer packets to one destination go, as the routes were at one moment.
    public static final class Way {
        private final Fib fib;
        private final Route route;
        private final NextHop hop;
        private final int source;
        private final int destination;
        private final Device device;
        private final int linkHeader;
        private final int redirects;

        private Way(int redirects, Fib fib, Route route, NextHop hop, int source, int destination, Device device) {
            this.redirects = redirects;
            this.fib = fib;
            this.route = route;
            this.hop = hop;
            this.source = source;
            this.destination = destination;
            this.device = device;
            this.linkHeader = device.headerLength();
        }

        /// The device that packets leave by; the loopback for one that ends here.
        public Device device() {
            return device;
        }

        /// Octets of the link header of that device.
        public int linkHeader() {
            return linkHeader;
        }

        /// The outer source, chosen by the route unless it was given.
        public int source() {
            return source;
        }
    }

    /// The way from `source` (0: whichever the route prefers) to `destination` for packets of this `tos` that
    /// have to leave by the interface of index `link` (0: any); null when there is none, or `source` is no
    /// address of this host. Addresses are the bits of an int.
    public Way way(int source, int destination, int tos, int link) {
        if (destination == 0 || (source != 0 && !stack.own.isLocal4(source))) {
            return null;
        }
        Fib fib = stack.fib4;
        int redirects = stack.redirects.version();
        Device bound = null;
        if (link != 0) {
            bound = stack.table.byIndex(link);
            if (bound == null || !bound.isUp()) {
                return null;
            }
        }
        Route route = bound == null
                ? stack.output4.lookup(destination, tos)
                : fib.lookup((long) destination << 32, 0, tos, bound);
        if (bound != null && (route == null || route.type.rejects())) {
            // The routes know no way by this link: then the destination must be on it.
            route = Route.onLink(bound);
        }
        if (route == null || route.type.rejects()) {
            return null;
        }
        NextHop hop = bound == null ? stack.output4.hop(route, source, destination) : route.hop(bound);
        int chosen = source != 0 ? source : stack.output4.sourceOf(route, hop, destination);
        Device device = route.type == RouteType.LOCAL ? stack.loopback() : hop.device();
        return device == null
                ? null
                : new Way(redirects, fib, route, stack.redirects.nearer(destination, hop), chosen, destination, device);
    }

    /// Whether no route has changed since, nor a gateway named another.
    public boolean isCurrent(Way way) {
        return way.fib == stack.fib4 && way.redirects == stack.redirects.version();
    }

    /// How long packets may be, in octets, as far as is known by now.
    public int mtu(Way way) {
        return stack.output4.mtu(way.route, way.hop, way.destination);
    }

    /// Whether that is a locked number: then outer packets are not to carry DF.
    public boolean isLocked(Way way) {
        return way.route.spec().metrics().mtuLocked() || stack.paths.isLocked4(way.destination);
    }

    /// How long `p` is, or the largest of the packets that it stands for, in octets from its IPv4 header.
    public static int largest(PacketBuffer p) {
        return SuperPackets.largest(p);
    }

    /// How many packets `p` stands for.
    public static int count(PacketBuffer p) {
        return SuperPackets.count(p);
    }

    /// Puts the outer header in front of `p` and sends it by `way`, as its addressing says: DSCP and ECN, time
    /// to live, DF, protocol. A super-packet stands for `count` packets, each of which gets an identification
    /// of its own, and its [Offload] says what stands in front of the inner packet by now. Answers 0 or a
    /// negative errno; the packet is gone either way.
    public int send(PacketBuffer p, Way way, int count) {
        Addressing a = p.addressing();
        Offload o = p.offload();
        boolean isSuper = o.segmentation != Offload.Segmentation.NONE;
        int total = Ipv4.MIN_HEADER_LENGTH + p.length();
        int largest = isSuper ? Ipv4.MIN_HEADER_LENGTH + SuperPackets.tunnelledLength(p) : total;
        int mtu = mtu(way);
        if (largest > Ip4Output.MAX_MTU || (a.dontFragment && largest > mtu)) {
            stack.drop(p, IpDrop.IP_TOO_BIG);
            return -Errno.EMSGSIZE;
        }
        if (isSuper) {
            o.shift(Ipv4.MIN_HEADER_LENGTH);
            o.networkStart = 0;
            o.outerTransport = Ipv4.MIN_HEADER_LENGTH;
        } else {
            o.clear();
        }
        Ipv4.emit(
                p.segment(),
                p.push(Ipv4.MIN_HEADER_LENGTH),
                a.tos,
                // Of what is longer the packets that it stands for have a length.
                total <= Ip4Output.MAX_MTU ? total : 0,
                stack.identifications.next(way.source, way.destination, a.protocol, count, stack.coarseNow()),
                a.dontFragment ? Ipv4.DONT_FRAGMENT : 0,
                0,
                a.timeToLive,
                a.protocol,
                way.source,
                way.destination);
        // What was known beside the inner packet says nothing of the outer one.
        p.metadata().clear();
        return stack.output4.sendWhole(p, way.route, way.hop, mtu);
    }
}
