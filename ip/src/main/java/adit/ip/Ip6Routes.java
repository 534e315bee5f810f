package adit.ip;

import adit.device.Device;
import adit.device.Errno;
import adit.port.Deadline;
import adit.wire.Ip6Prefix;
import adit.wire.IpAddress;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// How routes of IPv6 come and go, which is not as IPv4's do. Under the control lock, but for [#deadline].
///
/// Linux's IPv6 (`fib6_add_rt2node`) tells routes to one prefix apart by priority, device and gateway alone.
/// Those of one priority that all have gateways share packets between them, and are told as one route with
/// several next hops.
final class Ip6Routes implements Deadline {
    private static final String NEW = "RTM_NEWROUTE";
    private static final String DELETE = "RTM_DELROUTE";

    private final IpStack stack;
    private final Routes routes;
    private final Set<Route> ending = new HashSet<>();
    private volatile long next = NEVER;

    Ip6Routes(IpStack stack, Routes routes) {
        this.stack = stack;
        this.routes = routes;
    }

    // ---- Adding

    /// Adds or replaces a route of one next hop or several, of which each comes as a route of its own: what is
    /// there collides with the first or gives place to it, and the others join that. All of them come, or none.
    void add(List<Route> parts, Set<RouteRequest.Flag> flags) throws IpException {
        Set<RouteRequest.Flag> others = EnumSet.of(RouteRequest.Flag.CREATE);
        Route whole = null;
        int added = 0;
        try {
            for (Route part : parts) {
                whole = put(part, added == 0 ? flags : others);
                added++;
            }
            tell(whole, added, parts.size() > 1 && flags.contains(RouteRequest.Flag.APPEND));
        } catch (IpException e) {
            if (added > 0) {
                tell(whole, added, flags.contains(RouteRequest.Flag.APPEND));
                takeBack(whole, added);
            }
            throw e;
        }
    }

    /// Who hears of new next hops hears of the others as well. They stand in a ring, which is told from the
    /// first new one on, or all from the beginning.
    private void tell(Route whole, int added, boolean fromBeginning) {
        stack.tell(
                IpListener.Change.NEW,
                fromBeginning ? whole : whole.from(whole.hops().size() - added));
    }

    private void takeBack(Route whole, int added) {
        Route left = whole;
        for (int i = whole.hops().size() - added; i < whole.hops().size(); i++) {
            NextHop gone = whole.hops().get(i);
            Route rest = left.without(h -> h == gone);
            routes.replace(left, rest);
            stack.tell(IpListener.Change.GONE, whole.alone(i));
            left = rest;
        }
    }

    /// Puts a route of one next hop in its place, and answers what it is a part of now.
    private Route put(Route route, Set<RouteRequest.Flag> flags) throws IpException {
        RouteGroup group = routes.group(route.spec());
        boolean replaces = flags.contains(RouteRequest.Flag.REPLACE);
        Route found = null;
        Route fallback = null;
        Route sibling = null;
        for (Route r : rivals(group, route, flags)) {
            if (r.spec().priority() != route.spec().priority()) {
                continue;
            }
            if (flags.contains(RouteRequest.Flag.EXCLUSIVE)) {
                throw exists();
            }
            if (replaces) {
                boolean isAlike = r.sharesPackets() == route.sharesPackets();
                found = found == null && isAlike ? r : found;
                fallback = fallback == null ? r : fallback;
            } else if (r.hasHop(route.hop())) {
                renewRefused(r, route.spec().terms().end());
                throw exists();
            } else if (sibling == null && r.sharesPackets() && route.sharesPackets()) {
                sibling = r;
            }
        }
        found = found == null ? fallback : found;
        if (replaces && found == null && !flags.contains(RouteRequest.Flag.CREATE)) {
            throw new IpException(NEW, Errno.ENOENT, "Can not replace route - no match found");
        }
        if (found != null) {
            routes.put(new RouteInsertion(group.replace(found, route), found), route);
        } else if (sibling != null) {
            Route joined = sibling.with(route);
            routes.put(new RouteInsertion(group.replace(sibling, joined), sibling), joined);
            return joined;
        } else {
            routes.put(new RouteInsertion(group == null ? RouteGroup.of(route) : group.with(route), null), route);
        }
        return route;
    }

    /// The routes that a new one may collide with. Where each link has one to the same prefix, it asks those of
    /// its own link alone.
    private Iterable<Route> rivals(RouteGroup group, Route route, Set<RouteRequest.Flag> flags) {
        if (group == null) {
            return List.of();
        }
        IpInterface link = stack.of(route.hop().device());
        boolean decides = flags.contains(RouteRequest.Flag.EXCLUSIVE) || flags.contains(RouteRequest.Flag.REPLACE);
        if (decides || route.sharesPackets() || link == null) {
            return group;
        }
        return link.routes().stream().filter(r -> r.isBeside(route)).toList();
    }

    private static IpException exists() {
        return new IpException(NEW, Errno.EEXIST, "The route exists.");
    }

    /// Adds a route that the stack itself wants, unless there is one like it.
    void offer(Route route) {
        try {
            add(List.of(route), Set.of(RouteRequest.Flag.CREATE));
        } catch (IpException _) {
            // It is there.
        }
    }

    /// Who offers a route that is there makes it last at least as long as the offer, though it is refused.
    private void renewRefused(Route there, long end) {
        if (there.spec().terms().end() != NEVER) {
            renew(there, end);
        }
    }

    // ---- Taking away

    /// Deletes the first route that fits, or of several next hops the one that leads by the gateway named.
    /// Where the request names several, each goes by itself, and the last one that is not there is told.
    void delete(Routes.Match match) throws IpException {
        if (match.hops().isEmpty()) {
            delete(match, match.gateway().isPresent() ? Extent.HOP : Extent.ROUTE);
            return;
        }
        IpException missing = null;
        for (RouteRequest.Hop hop : match.hops()) {
            try {
                delete(match.by(hop), Extent.HOP);
            } catch (IpException e) {
                missing = e;
            }
        }
        if (missing != null) {
            throw missing;
        }
    }

    /// What goes where one next hop fits.
    private enum Extent {
        /// That one.
        HOP,
        /// All of its route.
        ROUTE
    }

    private void delete(Routes.Match match, Extent extent) throws IpException {
        RouteGroup group = routes.group(match.destination(), match.table());
        for (Route r : group == null ? List.<Route>of() : group) {
            int hop = fitting(match, r);
            if (hop < 0) {
                continue;
            }
            if (extent == Extent.HOP) {
                NextHop gone = r.hops().get(hop);
                routes.replace(r, r.without(h -> h == gone));
                stack.tell(IpListener.Change.GONE, r.alone(hop));
            } else {
                routes.replace(r, null);
                stack.tell(IpListener.Change.GONE, r.from(hop));
            }
            return;
        }
        throw new IpException(DELETE, Errno.ESRCH, "There is no such route.");
    }

    private static int fitting(Routes.Match match, Route r) {
        List<NextHop> hops = r.hops();
        for (int i = 0; i < hops.size(); i++) {
            NextHop hop = hops.get(i);
            Route.Spec spec = r.spec(i);
            boolean leads = match.device().filter(d -> !d.equals(hop.device())).isEmpty()
                    && (match.gateway().isEmpty() || match.gateway().equals(hop.gateway()));
            boolean isMeant = (match.priority() == 0 || match.priority() == spec.priority())
                    && (match.protocol() == 0 || match.protocol() == spec.protocol());
            if (leads && isMeant) {
                return i;
            }
        }
        return -1;
    }

    /// Takes away this host's own route to an address by a link.
    void removeOwn(IpInterface link, RouteType type, Ip6Prefix to) {
        for (Route r : link.routes()) {
            Route.Spec s = r.spec();
            boolean isOwn =
                    s.table() == Route.TABLE_LOCAL && s.type() == type && s.protocol() == Routes.PROTOCOL_KERNEL;
            if (isOwn && s.destination().equals(to)) {
                routes.remove(r);
                return;
            }
        }
    }

    /// The first route of the main table to a prefix that leads to the neighbours of a link; null without one.
    Route prefixRoute(IpInterface link, Ip6Prefix to) {
        Route first = null;
        for (Route r : link.routes()) {
            boolean isOne = r.spec().table() == Route.TABLE_MAIN
                    && r.spec().destination().equals(to)
                    && !r.hops().getFirst().hasGateway();
            if (isOne && (first == null || r.isBefore(first))) {
                first = r;
            }
        }
        return first;
    }

    /// An address is gone: routes by its link prefer it no more.
    void forgetSource(IpInterface link, IpAddress source) {
        for (Route r : link.routes()) {
            if (r.spec().preferredSource().filter(source::equals).isPresent()) {
                routes.replace(r, r.withoutSource());
            }
        }
    }

    /// A link has another MTU than `before`: routes that knew that one, or a larger one than there is now,
    /// follow it unless theirs is locked (Linux's `rt6_mtu_change`).
    void mtu(IpInterface link, int before) {
        int now = link.device().mtu();
        for (Route r : link.routes()) {
            Route.Metrics m = r.spec().metrics();
            boolean follows = !r.isIp4() && m.mtu() != 0 && !m.mtuLocked() && (m.mtu() >= now || m.mtu() == before);
            if (follows) {
                routes.replace(r, r.withMtu(now));
            }
        }
    }

    /// A device goes or goes down, and its next hops with it; but of several those of a device that is down
    /// stay, dead, as long as another is alive.
    void flush(Route route, Device device, Routes.Flush why) {
        if (why == Routes.Flush.DOWN) {
            Route left = route.with(device, NextHop.State.DEAD);
            if (!left.isAllDead()) {
                routes.replace(route, left);
                return;
            }
        }
        routes.replace(
                route, route.without(h -> why == Routes.Flush.DOWN || h.device().equals(device)));
        for (int i = 0; i < route.hops().size(); i++) {
            if (why == Routes.Flush.DOWN || route.hops().get(i).device().equals(device)) {
                stack.tell(IpListener.Change.GONE, route.alone(i));
            }
        }
    }

    // ---- Time

    /// Has a route end at another time.
    void renew(Route route, long end) {
        if (route.spec().terms().end() != end) {
            routes.replace(route, route.ending(end));
        }
    }

    void attached(Route route) {
        long end = route.spec().terms().end();
        if (end != NEVER) {
            ending.add(route);
            if (end < next) {
                next = end;
                stack.armed();
            }
        }
    }

    void detached(Route route) {
        ending.remove(route);
    }

    @Override
    public long deadline() {
        return next;
    }

    void expire(long now) {
        if (next > now) {
            return;
        }
        stack.table.lock().lock();
        try {
            for (Route route : new ArrayList<>(ending)) {
                if (route.spec().terms().end() <= now) {
                    routes.remove(route);
                }
            }
            next = ending.stream().mapToLong(r -> r.spec().terms().end()).min().orElse(NEVER);
        } finally {
            stack.table.lock().unlock();
        }
    }
}
