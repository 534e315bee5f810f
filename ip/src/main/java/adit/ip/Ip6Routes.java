package adit.ip;

import adit.device.Device;
import adit.device.Errno;
import adit.port.Deadline;
import adit.wire.Ip6Address;
import adit.wire.Ip6Prefix;
import adit.wire.IpAddress;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// How routes of IPv6 come and go, which is not as IPv4's do. Under the control lock.
///
/// Linux's IPv6 (`fib6_add_rt2node`) tells routes to one prefix apart by priority, device and gateway alone.
/// Those of one priority that all have gateways share packets between them, and are told as one route with
/// several next hops.
final class Ip6Routes {
    private static final String NEW = "RTM_NEWROUTE";
    private static final String DELETE = "RTM_DELROUTE";

    private final IpStack stack;
    private final RouteTables tables;
    private final NextHops nextHops;
    private long lastPlace;

    Ip6Routes(IpStack stack, RouteTables tables, NextHops nextHops) {
        this.stack = stack;
        this.tables = tables;
        this.nextHops = nextHops;
    }

    // ---- Adding

    /// Adds or replaces a route of one next hop or several, of which each comes as a route of its own: what is
    /// there collides with the first or gives place to it, and the others join that. All of them come, or none.
    void add(RouteRequest request, Set<RouteRequest.Flag> flags) throws IpException {
        add(parts(request), request.form(), flags);
    }

    /// What is asked for as a route for each next hop.
    private List<Route> parts(RouteRequest request) throws IpException {
        List<Route> parts = new ArrayList<>();
        List<RouteRequest.Hop> hops = request.hops();
        for (int i = 0; i == 0 || i < hops.size(); i++) {
            List<RouteRequest.Hop> one = hops.isEmpty() ? hops : List.of(hops.get(i));
            Route part = part(new RouteRequest(request.spec(), one));
            if (parts.stream().anyMatch(p -> p.hasHop(part.hop()))) {
                throw new IpException(NEW, Errno.EEXIST, "Two of the next hops are the same.");
            }
            parts.add(part);
        }
        return parts;
    }

    private Route part(RouteRequest request) throws IpException {
        Route route = new Route(request.spec(), nextHops.check(request));
        Optional<IpAddress> source = request.spec().preferredSource();
        if (source.filter(s -> !isOwn(s, route.hop().device())).isPresent()) {
            throw new IpException(NEW, Errno.EINVAL, "Invalid source address");
        }
        return route.rejects ? route.onUsualTerms() : route;
    }

    /// Whether packets by a device can be from an address.
    private boolean isOwn(IpAddress source, Device device) {
        return source instanceof Ip6Address ip6 && nextHops.isOwn6(ip6, device);
    }

    private void add(List<Route> parts, RouteRequest.Form form, Set<RouteRequest.Flag> flags) throws IpException {
        Set<RouteRequest.Flag> others = EnumSet.of(RouteRequest.Flag.CREATE);
        Route whole = null;
        int added = 0;
        try {
            for (Route part : parts) {
                whole = put(part, added == 0 ? flags : others);
                added++;
            }
            tell(whole, added, form == RouteRequest.Form.LIST && flags.contains(RouteRequest.Flag.APPEND));
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
        stack.listeners.route(
                IpListener.Change.NEW,
                fromBeginning ? whole : whole.from(whole.hops().size() - added));
    }

    private void takeBack(Route whole, int added) {
        Route left = whole;
        for (int i = whole.hops().size() - added; i < whole.hops().size(); i++) {
            NextHop gone = whole.hops().get(i);
            Route rest = left.without(h -> h == gone);
            tables.replace(left, rest);
            stack.listeners.route(IpListener.Change.GONE, whole.alone(i));
            left = rest;
        }
    }

    /// Puts a route of one next hop in its place, and answers what it is a part of now.
    private Route put(Route route, Set<RouteRequest.Flag> flags) throws IpException {
        RouteGroup group = tables.group(route.spec());
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
            Route placed = route.at(found.place());
            tables.put(new RouteInsertion(group.replace(found, placed), found), placed);
            return placed;
        }
        lastPlace++;
        Route placed = route.at(lastPlace);
        if (sibling != null) {
            Route joined = sibling.with(placed);
            tables.put(new RouteInsertion(group.replace(sibling, joined), sibling), joined);
            return joined;
        }
        tables.put(new RouteInsertion(group == null ? RouteGroup.of(placed) : group.with(placed), null), placed);
        return placed;
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
            add(List.of(route), RouteRequest.Form.SINGLE, Set.of(RouteRequest.Flag.CREATE));
        } catch (IpException _) {
            // It is there.
        }
    }

    /// Who offers a route that is there makes it last at least as long as the offer, though it is refused.
    private void renewRefused(Route there, long end) {
        if (there.spec().terms().end() != Deadline.NEVER) {
            renew(there, end);
        }
    }

    // ---- Taking away

    /// Deletes the first route that fits, or of several next hops the one that leads by the gateway named.
    /// Where the request names several, each goes by itself, and the last one that is not there is told.
    void delete(RouteMatch match) throws IpException {
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

    private void delete(RouteMatch match, Extent extent) throws IpException {
        RouteGroup group = tables.group(match.destination(), match.table());
        Route first = null;
        int at = -1;
        for (Route r : group == null ? List.<Route>of() : group) {
            int hop = match.hop6(r);
            boolean fits = hop >= 0 && (first == null || r.compareRank(first) == 0);
            if (fits
                    && (first == null
                            || r.hops().get(hop).place() < first.hops().get(at).place())) {
                first = r;
                at = hop;
            }
        }
        if (first == null) {
            throw new IpException(DELETE, Errno.ESRCH, "There is no such route.");
        }
        NextHop gone = first.hops().get(at);
        tables.replace(first, extent == Extent.HOP ? first.without(h -> h == gone) : null);
        stack.listeners.route(IpListener.Change.GONE, extent == Extent.HOP ? first.alone(at) : first.from(at));
    }

    /// Takes away a route.
    void remove(Route gone) {
        tables.remove(gone);
    }

    /// Takes away this host's own route to an address by a link.
    void removeOwn(IpInterface link, RouteType type, Ip6Prefix to) {
        for (Route r : link.routes()) {
            Route.Spec s = r.spec();
            boolean isOwn = s.table() == Route.TABLE_LOCAL && s.type() == type && s.protocol() == Route.PROTOCOL_KERNEL;
            if (isOwn && s.destination().equals(to)) {
                tables.remove(r);
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

    /// An address is gone from a link: routes prefer it no more, but for those by a device that it is an address for
    /// still (Linux's `rt6_remove_prefsrc`).
    void forgetSource(Ip6Address source) {
        if (!tables.isPreferred(source)) {
            return;
        }
        for (Route r : stack.fib6.routes()) {
            if (r.prefers(source)) {
                tables.replace(r, r.withoutSource(source, device -> !isOwn(source, device)));
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
                tables.replace(r, r.withMtu(now));
            }
        }
    }

    /// A device goes or goes down, and its next hops with it; but of several those of a device that is down
    /// stay, dead, as long as another is alive.
    void flush(Route route, Device device, FlushReason why) {
        if (why == FlushReason.DOWN) {
            Route left = route.with(device, NextHop.State.DEAD);
            if (!left.isAllDead()) {
                tables.replace(route, left);
                return;
            }
        }
        tables.replace(
                route, route.without(h -> why == FlushReason.DOWN || h.device().equals(device)));
        for (int i = 0; i < route.hops().size(); i++) {
            if (why == FlushReason.DOWN || route.hops().get(i).device().equals(device)) {
                stack.listeners.route(IpListener.Change.GONE, route.alone(i));
            }
        }
    }

    /// IPv6 works on a link again: its next hops there are alive.
    void revive(IpInterface link) {
        for (Route route : link.routes()) {
            if (!route.isIp4()) {
                tables.replace(route, route.with(link.device(), NextHop.State.ALIVE));
            }
        }
    }

    // ---- Time

    /// Has a route end at another time.
    void renew(Route route, long end) {
        if (route.spec().terms().end() != end) {
            tables.replace(route, route.ending(end));
        }
    }
}
