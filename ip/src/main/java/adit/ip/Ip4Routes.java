package adit.ip;

import adit.device.Device;
import adit.device.Errno;
import adit.wire.Ip4Address;
import java.util.List;
import java.util.Set;

/// How routes of IPv4 come and go, which is not as IPv6's do. Under the control lock.
///
/// Linux's IPv4 (`fib_table_insert`) tells routes to one prefix apart by all that they are made of, and a route has
/// the next hops that it was made with until it goes.
final class Ip4Routes {
    private static final String NEW = "RTM_NEWROUTE";
    private static final String DELETE = "RTM_DELROUTE";

    private final IpStack stack;
    private final RouteTables tables;
    private final NextHops nextHops;
    private volatile boolean hasForeignLocal;

    Ip4Routes(IpStack stack, RouteTables tables, NextHops nextHops) {
        this.stack = stack;
        this.tables = tables;
        this.nextHops = nextHops;
    }

    // ---- What is asked for

    /// Adds or replaces a route.
    void add(RouteRequest request, Set<RouteRequest.Flag> flags) throws IpException {
        Route route = checked(request);
        tables.put(RouteInsertion.of(tables.group(route.spec()), route, flags), route);
        stack.listeners.route(IpListener.Change.NEW, route);
        hasForeignLocal |= route.type == RouteType.LOCAL;
    }

    /// Whether somebody has ever said of destinations that they are this host, beside its own addresses. For any
    /// thread.
    boolean hasForeignLocal() {
        return hasForeignLocal;
    }

    /// What is asked for as a route, if it can be one.
    private Route checked(RouteRequest request) throws IpException {
        Route.Spec spec = request.spec();
        if (leastScope(spec.type()) > spec.scope() || spec.scope() > InterfaceAddress.SCOPE_HOST) {
            throw new IpException(NEW, Errno.EINVAL, "Invalid scope");
        }
        Route route = new Route(spec, nextHops.check(request), request.marks());
        if (!spec.type().rejects() && !hasUsableSource(route)) {
            throw new IpException(NEW, Errno.EINVAL, "Invalid prefsrc address");
        }
        boolean isLinkDown = route.hops().size() > 1 && route.hops().stream().allMatch(route::isLinkDown);
        return isLinkDown ? route.marked(Route.Mark.LINK_DOWN) : route;
    }

    /// The widest scope that a route of the type can have (Linux's `fib_props`).
    private static int leastScope(RouteType type) {
        return switch (type) {
            case LOCAL -> InterfaceAddress.SCOPE_HOST;
            case BROADCAST -> InterfaceAddress.SCOPE_LINK;
            default -> InterfaceAddress.SCOPE_UNIVERSE;
        };
    }

    /// Whether the source that the route prefers is this host's (Linux's `fib_valid_prefsrc`): another link may
    /// have it as its broadcast address.
    private boolean hasUsableSource(Route route) {
        if (route.preferred4 == 0) {
            return true;
        }
        Ip4Address source = new Ip4Address(route.preferred4);
        boolean leadsToIt = route.type == RouteType.LOCAL
                && route.spec().destination().address().equals(source);
        Route owner = leadsToIt ? null : stack.fib4.lookupOwner(AddressBits.high(source), 0);
        return leadsToIt || (owner != null && owner.type == RouteType.LOCAL);
    }

    /// Deletes the first route that fits.
    void delete(RouteMatch match) throws IpException {
        RouteGroup group = tables.group(match.destination(), match.table());
        for (Route r : group == null ? List.<Route>of() : group) {
            if (match.fits4(r)) {
                tables.remove(r);
                return;
            }
        }
        throw new IpException(DELETE, Errno.ESRCH, "There is no such route.");
    }

    // ---- What addresses bring and take

    /// Adds a route that an address brings, unless it is there or its source is not this host's yet.
    void bring(Route route) {
        RouteGroup group = tables.group(route.spec());
        boolean isThere = group != null && group.like(route) != null;
        if (!isThere && hasUsableSource(route)) {
            tables.put(new RouteInsertion(group == null ? RouteGroup.of(route) : group.with(route), null), route);
            stack.listeners.route(IpListener.Change.NEW, route);
        }
    }

    /// Takes away a route that an address has brought, if it is there.
    void take(Route route) {
        RouteGroup group = tables.group(route.spec());
        Route there = group == null ? null : group.like(route);
        if (there != null) {
            tables.remove(there);
        }
    }

    /// A link has an address no more: takes away the routes of the main table whose preferred source it is, unless
    /// packets to it are for this host still, by whichever device (Linux's `fib_del_ifaddr`).
    void sourceGone(Ip4Address address) {
        if (!tables.isPreferred(address) || stack.own.isLocal4(address.bits())) {
            return;
        }
        for (Route route : stack.fib4.routes()) {
            if (route.spec().table() == Route.TABLE_MAIN && route.preferred4 == address.bits()) {
                tables.remove(route);
            }
        }
    }

    // ---- What devices take and give back

    /// A device goes or goes down, or has no address any more. Its next hops among several stay, dead, as long as
    /// there are others, but for a device that is gone: then the whole route goes (Linux's `fib_sync_down_dev`).
    void flush(Route route, Device device, FlushReason why) {
        Route left = route.with(device, NextHop.State.DEAD);
        boolean staysHere = route.hops().getFirst().scope() == InterfaceAddress.SCOPE_NOWHERE;
        if (why == FlushReason.DOWN && staysHere) {
            return;
        }
        // Linux tells nobody: who listens hears of the device.
        tables.replace(route, why == FlushReason.GONE || left.isAllDead() ? null : left);
    }

    /// A link is up, or has got an address again: next hops there are alive (Linux's `fib_sync_up`).
    void revive(IpInterface link) {
        if (!link.device().isUp()) {
            return;
        }
        for (Route route : link.routes()) {
            if (route.isIp4() && route.hops().size() > 1) {
                tables.replace(route, route.with(link.device(), NextHop.State.ALIVE));
            }
        }
        carrierChanged(link);
    }

    /// Routes with several next hops are marked where none of these has a carrier any more, as far as one link can
    /// tell: those of others count where they are dead.
    void carrierChanged(IpInterface link) {
        for (Route route : link.routes()) {
            if (!route.isIp4() || route.hops().size() < 2) {
                continue;
            }
            if (link.device().hasCarrier()) {
                tables.replace(route, route.unmarked(Route.Mark.LINK_DOWN));
            } else if (route.hops().stream()
                    .allMatch(h -> h.isDead() || h.device().equals(link.device()))) {
                tables.replace(route, route.marked(Route.Mark.LINK_DOWN));
            }
        }
    }
}
