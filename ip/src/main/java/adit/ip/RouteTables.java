package adit.ip;

import adit.port.Deadline;
import adit.wire.Ip4Address;
import adit.wire.Ip4Prefix;
import adit.wire.IpAddress;
import adit.wire.IpPrefix;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Where the routes of both families stand: in tables, beside the links that they lead by, and under the times at
/// which they end. It puts in and takes out what it is told to; what may come and what has to go is the business
/// of [Ip4Routes] and [Ip6Routes].
///
/// Changes are made under the control lock, and packets see the old routes until one is complete. [#has] and
/// [#expiry] are for any thread.
final class RouteTables {
    private final IpStack stack;
    private final Set<Integer> numbers4 = ConcurrentHashMap.newKeySet();
    private final Set<Integer> numbers6 = ConcurrentHashMap.newKeySet();
    /// How many routes, or next hops of several that share packets, have which preferred source.
    private final Map<IpAddress, Integer> preferred = new HashMap<>();
    /// The routes that end at some time.
    private final Set<Route> ending = new HashSet<>();
    private final Expiry expiry;

    RouteTables(IpStack stack) {
        this.stack = stack;
        this.expiry = new Expiry(stack, this::expire);
        numbers6.addAll(List.of(Route.TABLE_LOCAL, Route.TABLE_MAIN));
    }

    /// Every route: IPv4, then IPv6, table by table.
    List<Route> all() {
        List<Route> all = new ArrayList<>(stack.fib4.routes());
        all.addAll(stack.fib6.routes());
        return all;
    }

    Fib fib(IpAddress address) {
        return address instanceof Ip4Address ? stack.fib4 : stack.fib6;
    }

    /// The routes to the prefix of another one in its table, or null.
    RouteGroup group(Route.Spec of) {
        return group(of.destination(), of.table());
    }

    /// The routes to a prefix in a table, or null.
    RouteGroup group(IpPrefix to, int table) {
        return fib(to.address()).group(table, to);
    }

    /// Whether any route prefers this source.
    boolean isPreferred(IpAddress source) {
        return preferred.containsKey(source);
    }

    // ---- Which tables there are

    /// Whether somebody has ever asked for a route in a table of this number.
    boolean has(boolean ip4, int number) {
        return (ip4 ? numbers4 : numbers6).contains(number);
    }

    /// Somebody asks for a route in a table. The local and the main one come together.
    void know(Route.Spec of) {
        boolean isUsual = of.table() == Route.TABLE_LOCAL || of.table() == Route.TABLE_MAIN;
        Set<Integer> known = of.destination() instanceof Ip4Prefix ? numbers4 : numbers6;
        known.addAll(isUsual ? List.of(Route.TABLE_LOCAL, Route.TABLE_MAIN) : List.of(of.table()));
    }

    // ---- Changes

    /// Puts a route where it comes.
    void put(RouteInsertion inserted, Route route) {
        set(route.spec(), inserted.group());
        if (inserted.gone() != null) {
            detach(inserted.gone());
        }
        attach(route);
    }

    /// Takes a route out, and says so.
    void remove(Route gone) {
        replace(gone, null);
        stack.listeners.route(IpListener.Change.GONE, gone);
    }

    /// Puts `with` in the place of `gone`, or nothing when it is null. Tells nobody.
    void replace(Route gone, Route with) {
        if (gone == with) {
            return;
        }
        RouteGroup group = group(gone.spec());
        boolean hasMoved = with != null && with.place() != gone.place();
        set(gone.spec(), hasMoved ? group.move(gone, with) : group.replace(gone, with));
        detach(gone);
        if (with != null) {
            attach(with);
        }
    }

    /// Puts these routes, or none where they are null, to the prefix of one of them in its table.
    private void set(Route.Spec of, RouteGroup group) {
        know(of);
        if (of.destination() instanceof Ip4Prefix) {
            stack.fib4 = stack.fib4.with(of.table(), of.destination(), group);
        } else {
            stack.fib6 = stack.fib6.with(of.table(), of.destination(), group);
        }
    }

    // ---- By links, sources and times

    private void attach(Route route) {
        for (IpInterface link : links(route)) {
            link.add(route);
        }
        for (Route.Spec spec : route.specs()) {
            spec.preferredSource().ifPresent(source -> preferred.merge(source, 1, Integer::sum));
        }
        if (route.spec().terms().end() != Deadline.NEVER) {
            ending.add(route);
            expiry.include(route.spec().terms().end());
        }
    }

    private void detach(Route route) {
        for (IpInterface link : links(route)) {
            link.remove(route);
        }
        for (Route.Spec spec : route.specs()) {
            spec.preferredSource()
                    .ifPresent(
                            source -> preferred.computeIfPresent(source, (_, count) -> count == 1 ? null : count - 1));
        }
        ending.remove(route);
    }

    private Set<IpInterface> links(Route route) {
        Set<IpInterface> links = new LinkedHashSet<>();
        for (NextHop hop : route.hops()) {
            IpInterface link = stack.of(hop.device());
            if (link != null) {
                links.add(link);
            }
        }
        return links;
    }

    /// When the next route ends.
    Expiry expiry() {
        return expiry;
    }

    private long expire(long now) {
        for (Route route : new ArrayList<>(ending)) {
            if (route.spec().terms().end() <= now) {
                remove(route);
            }
        }
        return ending.stream().mapToLong(r -> r.spec().terms().end()).min().orElse(Deadline.NEVER);
    }
}
