package adit.netns;

import adit.device.Errno;
import adit.ip.IpException;
import adit.ip.RouteRequest;
import adit.netlink.AttributeTable;
import adit.netlink.MessageReader;
import adit.netlink.Netlink;
import adit.netlink.RouteHop;
import adit.netlink.RouteMessage;
import adit.netlink.Rtnetlink;
import adit.wire.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// RTA_MULTIPATH in requests: several next hops, with the errors of Linux's `fib_get_nhs` and
/// `ip6_route_multipath_add`.
final class Multipath {
    private static final int NEVER_ASKED = Rtnetlink.RTNH_F_DEAD | Rtnetlink.RTNH_F_LINKDOWN;

    private final RouteRequests routes;
    private final String call;
    private final RouteMessage wanted;
    private final List<RouteHop> hops;
    private final boolean ip4;

    private Multipath(RouteRequests routes, String call, RouteMessage wanted, List<RouteHop> hops) {
        this.routes = routes;
        this.call = call;
        this.wanted = wanted;
        this.hops = hops;
        this.ip4 = wanted.family() == Netlink.AF_INET;
    }

    /// The next hops that a request names, empty where it has no such attribute.
    static Optional<Multipath> of(RouteRequests routes, MessageReader m, RouteMessage wanted, String call)
            throws IpException {
        AttributeTable attributes = AttributeTable.read(m.attributes(RouteRequests.FIXED_LENGTH));
        if (!attributes.has(Rtnetlink.RTA_MULTIPATH)) {
            return Optional.empty();
        }
        byte[] octets = attributes.octets(Rtnetlink.RTA_MULTIPATH);
        if (octets.length < RouteHop.FIXED_LENGTH) {
            throw new IpException(call, Errno.ERANGE, "Attribute failed policy validation");
        }
        List<RouteHop> hops = RouteHop.read(octets);
        boolean ip4 = wanted.family() == Netlink.AF_INET;
        if (hops.isEmpty() && !ip4) {
            throw invalid(call, "Invalid nexthop configuration - no valid nexthops");
        }
        if (ip4 && call.equals(RouteRequests.NEW) && !RouteHop.areWhole(octets)) {
            throw invalid(call, "Invalid nexthop configuration - extra data after nexthop");
        }
        return Optional.of(new Multipath(routes, call, wanted, hops));
    }

    /// The next hops of a route that is to be there.
    List<RouteRequest.Hop> wanted() throws IpException {
        return ip4 ? wanted4() : wanted6();
    }

    private List<RouteRequest.Hop> wanted4() throws IpException {
        List<RouteRequest.Hop> all = new ArrayList<>();
        for (RouteHop hop : hops) {
            if ((hop.flags() & NEVER_ASKED) != 0) {
                throw invalid(call, "Invalid flags for nexthop - can not contain DEAD or LINKDOWN");
            }
            all.add(read(hop, hop.flags()));
        }
        RouteHop first = hops.getFirst();
        OptionalInt device = wanted.device();
        if (device.isPresent() && device.getAsInt() != 0 && device.getAsInt() != first.index()) {
            throw invalid(call, "Nexthop device index does not match RTA_OIF");
        }
        if (wanted.gateway().isPresent()
                && !wanted.gateway().equals(all.getFirst().gateway())) {
            throw invalid(call, "Nexthop gateway does not match RTA_GATEWAY or RTA_VIA");
        }
        return all;
    }

    /// Each has what the route itself has, and what it says on its own.
    private List<RouteRequest.Hop> wanted6() throws IpException {
        for (RouteHop hop : hops) {
            if (wanted.gateway().isEmpty() && !hop.attributes().has(Rtnetlink.RTA_GATEWAY)) {
                throw invalid(call, "Device only routes can not be added for IPv6 using the multipath API.");
            }
        }
        List<RouteRequest.Hop> all = new ArrayList<>();
        for (RouteHop hop : hops) {
            RouteRequest.Hop said = read(hop, hop.flags() | wanted.flags());
            all.add(new RouteRequest.Hop(
                    said.device().isPresent() ? said.device() : routes.device(wanted.device(), call, Errno.ENODEV),
                    said.gateway().or(wanted::gateway),
                    said.weight(),
                    said.reach(),
                    said.encapsulation()));
        }
        return all;
    }

    /// The next hops of routes that are to go.
    List<RouteRequest.Hop> unwanted() throws IpException {
        List<RouteRequest.Hop> all = new ArrayList<>();
        for (RouteHop hop : hops) {
            all.add(read(hop, hop.flags()));
        }
        return all;
    }

    private RouteRequest.Hop read(RouteHop hop, int flags) throws IpException {
        boolean onLink = (flags & Rtnetlink.RTNH_F_ONLINK) != 0;
        Optional<IpAddress> gateway = gateway(hop);
        int missing = call.equals(RouteRequests.DELETE)
                ? Errno.ESRCH
                : ip4 && gateway.isPresent() && !onLink ? Errno.ENETUNREACH : Errno.ENODEV;
        return new RouteRequest.Hop(
                routes.device(hop.index() == 0 ? OptionalInt.empty() : OptionalInt.of(hop.index()), call, missing),
                gateway,
                hop.weight(),
                onLink ? RouteRequest.Reach.ON_LINK : RouteRequest.Reach.ROUTED,
                EncapAttributes.read(hop.attributes(), call));
    }

    private Optional<IpAddress> gateway(RouteHop hop) throws IpException {
        AttributeTable said = hop.attributes();
        if (ip4 && said.has(Rtnetlink.RTA_GATEWAY) && said.has(Rtnetlink.RTA_VIA)) {
            throw invalid(call, "Nexthop configuration can not contain both GATEWAY and VIA");
        }
        if (!ip4 && !said.has(Rtnetlink.RTA_GATEWAY)) {
            return Optional.empty();
        }
        return hop.gateway().filter(g -> !ip4 || !g.isUnspecified());
    }

    private static IpException invalid(String call, String reason) {
        return new IpException(call, Errno.EINVAL, reason);
    }
}
