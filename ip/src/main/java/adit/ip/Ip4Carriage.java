package adit.ip;

import adit.device.Device;
import adit.device.Errno;
import adit.packet.Addressing;
import adit.packet.PacketBuffer;
import adit.wire.Ip4Address;
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
        private final int redirects;

        private Way(int redirects, Fib fib, Route route, NextHop hop, int source, int destination, Device device) {
            this.redirects = redirects;
            this.fib = fib;
            this.route = route;
            this.hop = hop;
            this.source = source;
            this.destination = destination;
            this.device = device;
        }

        /// The device that packets leave by; the loopback for one that ends here.
        public Device device() {
            return device;
        }

        /// The outer source, chosen by the route unless it was given.
        public int source() {
            return source;
        }

        /// The outer destination.
        public int destination() {
            return destination;
        }
    }

    /// The way from `source` (0: whichever the route prefers) to `destination` for packets of this `tos` that
    /// have to leave by the interface of index `link` (0: any); null when there is none, or `source` is no
    /// address of this host. Addresses are the bits of an int.
    public Way way(int source, int destination, int tos, int link) {
        if (destination == 0 || (source != 0 && !stack.isLocal4(source))) {
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
        Route route = fib.lookup((long) destination << 32, 0, tos, bound);
        if (route == null && bound != null) {
            // The routes say nothing of this link: then the destination must be on it.
            route = Route.onLink(bound);
        }
        if (route == null || route.type.rejects()) {
            return null;
        }
        NextHop hop = bound == null ? route.hop(destination) : route.hop(bound);
        int nearer = hop.hasGateway() ? stack.redirects.nearer(destination, hop.gateway4) : 0;
        if (nearer != 0) {
            hop = new NextHop(hop.device(), new Ip4Address(nearer), hop.scope(), hop.weight(), false);
        }
        int chosen = source != 0 ? source : stack.output4.sourceOf(route, hop, destination);
        Device device = route.type == RouteType.LOCAL ? stack.loopback() : hop.device();
        return device == null ? null : new Way(redirects, fib, route, hop, chosen, destination, device);
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

    /// Puts the outer header in front of `p` and sends it by `way`, as its addressing says: DSCP and ECN, time
    /// to live, DF, protocol. Answers 0 or a negative errno; the packet is gone either way.
    public int send(PacketBuffer p, Way way) {
        Addressing a = p.addressing();
        int total = Ipv4.MIN_HEADER_LENGTH + p.length();
        int mtu = mtu(way);
        if (total > Ip4Output.MAX_MTU || (a.dontFragment && total > mtu)) {
            stack.drop(p, IpDrop.IP_TOO_BIG);
            return -Errno.EMSGSIZE;
        }
        Ipv4.emit(
                p.segment(),
                p.push(Ipv4.MIN_HEADER_LENGTH),
                a.tos,
                total,
                stack.identifications.next(way.source, way.destination, a.protocol, stack.coarseNow()),
                a.dontFragment ? Ipv4.DONT_FRAGMENT : 0,
                0,
                a.timeToLive,
                a.protocol,
                way.source,
                way.destination);
        // What was known beside the inner packet says nothing of the outer one.
        p.metadata().clear();
        p.offload().clear();
        return stack.output4.sendWhole(p, way.route, way.hop, mtu);
    }
}
