package adit.ip;

import adit.device.Device;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Predicate;

/// The routes of one table to one prefix, in the order in which packets look at them. Immutable; a change makes
/// another.
///
/// Most prefixes have one route. But each link has one to all IPv6 groups and one to all link-local addresses, so
/// that among a hundred thousand links these are as long: they stand in chunks, of which a change copies one, and
/// packets that leave by a certain link ask that link for its routes instead of looking at all of them.
final class RouteGroup implements Iterable<Route> {
    private static final int CHUNK = 256;
    /// From so many routes on it is quicker to ask the link.
    private static final int MANY = 16;

    /// No hop.
    static final Predicate<NextHop> NONE = _ -> false;

    private final Route first;
    private final Route[][] chunks;
    private final int size;
    /// Whether all routers are as good as others. Also false where one was better or worse that is gone.
    private final boolean isPlain;

    private RouteGroup(Route[][] chunks, int size, boolean isPlain) {
        this.first = chunks[0][0];
        this.chunks = chunks;
        this.size = size;
        this.isPlain = isPlain;
    }

    static RouteGroup of(Route route) {
        return new RouteGroup(new Route[][] {{route}}, 1, route.isPlain());
    }

    /// These routes, of which there is one at least, in this order.
    private static RouteGroup of(Collection<Route> routes) {
        Route[] all = routes.toArray(Route[]::new);
        Route[][] chunks = new Route[(all.length + CHUNK - 1) / CHUNK][];
        for (int i = 0; i < chunks.length; i++) {
            chunks[i] = Arrays.copyOfRange(all, i * CHUNK, Math.min(all.length, (i + 1) * CHUNK));
        }
        return new RouteGroup(chunks, all.length, routes.stream().allMatch(Route::isPlain));
    }

    int size() {
        return size;
    }

    /// All of them, for packets: who walks through these makes no iterator.
    Route[][] chunks() {
        return chunks;
    }

    /// The one that comes before all others.
    Route first() {
        return first;
    }

    /// The first one for packets of this type of service that are to leave by `device`, null for any, and that is
    /// known at least as near as `leastScope` says; null when there is none.
    Route find(int tos, Device device, int leastScope) {
        if (leastScope == InterfaceAddress.SCOPE_UNIVERSE) {
            return find(tos, device);
        }
        for (Route route : this) {
            if (route.spec().scope() >= leastScope && route.takes(tos, device)) {
                return route;
            }
        }
        return null;
    }

    /// The first one for packets of this type of service that are to leave by `device`, null for any; null when
    /// there is none.
    Route find(int tos, Device device) {
        if (!isPlain) {
            return best(device, true, NONE);
        }
        if (first.takes(tos, device)) {
            return first;
        }
        if (size == 1) {
            return null;
        }
        if (size >= MANY && device != null && device.above() instanceof IpInterface link) {
            return link.route(first, tos);
        }
        for (Route[] chunk : chunks) {
            for (Route route : chunk) {
                if (route.takes(tos, device)) {
                    return route;
                }
            }
        }
        return null;
    }

    /// The first of IPv6 that is alive, of several of its priority one by `device` if there is one, which may be
    /// null; null when there is none.
    Route findPreferring(Device device) {
        if (!isPlain) {
            return best(device, false, NONE);
        }
        Route by = find(0, device);
        boolean isFirst = by != null && by.spec().priority() == first.spec().priority();
        return isFirst || device == null ? by : find(0, null);
    }

    /// The one that Linux's IPv6 takes where some routers are better than others (RFC 4191): of those of the first
    /// priority the best, and if none of them will do, of all others, whatever their priority (`find_rr_leaf`). By
    /// `device` alone, or of those that are as good otherwise; by no hop that is lost.
    Route best(Device device, boolean alone, Predicate<NextHop> lost) {
        Route best = null;
        int highest = -1;
        boolean isBehind = false;
        for (Route[] chunk : chunks) {
            for (Route route : chunk) {
                if (!isBehind && route.spec().priority() != first.spec().priority()) {
                    if (best != null) {
                        return best;
                    }
                    isBehind = true;
                }
                int score = route.score(device, alone, lost);
                if (score > highest) {
                    highest = score;
                    best = route;
                }
            }
        }
        return best;
    }

    /// One that leads as `wanted` does and is the same in all else; null when there is none.
    Route like(Route wanted) {
        // Of many routes to one prefix most differ by their devices, whose own routes are few.
        if (size >= MANY && wanted.hops().size() == 1 && wanted.hop().device().above() instanceof IpInterface link) {
            return link.route(wanted);
        }
        for (Route route : this) {
            if (route.isSame(wanted)) {
                return route;
            }
        }
        return null;
    }

    /// All but those that another one hides when Linux tells of them.
    List<Route> told() {
        if (size == 1) {
            return List.of(first);
        }
        List<Route> all = all();
        List<Route> several = all.stream().filter(r -> r.hops().size() > 1).toList();
        all.removeIf(r -> several.stream().anyMatch(s -> s.hides(r)));
        return all;
    }

    // ---- Changes

    /// With `route` behind all that come before it or rank as it does.
    RouteGroup with(Route route) {
        Route[] last = chunks[chunks.length - 1];
        if (!route.isBefore(last[last.length - 1])) {
            return append(route);
        }
        List<Route> all = all();
        int at = 0;
        while (!route.isBefore(all.get(at))) {
            at++;
        }
        all.add(at, route);
        return of(all);
    }

    private RouteGroup append(Route route) {
        int n = chunks.length;
        Route[] last = chunks[n - 1];
        if (last.length == CHUNK) {
            Route[][] more = Arrays.copyOf(chunks, n + 1);
            more[n] = new Route[] {route};
            return new RouteGroup(more, size + 1, isPlain && route.isPlain());
        }
        Route[][] changed = chunks.clone();
        changed[n - 1] = Arrays.copyOf(last, last.length + 1);
        changed[n - 1][last.length] = route;
        return new RouteGroup(changed, size + 1, isPlain && route.isPlain());
    }

    /// With `route` at this place, from 0.
    RouteGroup with(Route route, int place) {
        List<Route> all = all();
        all.add(place, route);
        return of(all);
    }

    /// With `with`, unless it is null, in the place of `gone`; null when nothing is left.
    RouteGroup replace(Route gone, Route with) {
        int in = 0;
        int at = place(gone, 0);
        while (at < 0) {
            in++;
            at = place(gone, in);
        }
        if (with == null && size == 1) {
            return null;
        }
        Route[] chunk = chunks[in];
        Route[][] changed = chunks.clone();
        if (with != null) {
            changed[in] = chunk.clone();
            changed[in][at] = with;
            return new RouteGroup(changed, size, isPlain && with.isPlain());
        }
        if (chunk.length == 1) {
            changed = new Route[chunks.length - 1][];
            System.arraycopy(chunks, 0, changed, 0, in);
            System.arraycopy(chunks, in + 1, changed, in, changed.length - in);
        } else {
            changed[in] = new Route[chunk.length - 1];
            System.arraycopy(chunk, 0, changed[in], 0, at);
            System.arraycopy(chunk, at + 1, changed[in], at, chunk.length - at - 1);
        }
        return new RouteGroup(changed, size - 1, isPlain);
    }

    /// With `with` where its place is now, without `gone`.
    RouteGroup move(Route gone, Route with) {
        List<Route> all = all();
        all.remove(gone);
        int at = 0;
        while (at < all.size() && !comesBefore(with, all.get(at))) {
            at++;
        }
        all.add(at, with);
        return of(all);
    }

    private static boolean comesBefore(Route one, Route other) {
        int byRank = one.compareRank(other);
        return byRank < 0 || (byRank == 0 && one.place() < other.place());
    }

    private int place(Route route, int chunk) {
        for (int i = 0; i < chunks[chunk].length; i++) {
            if (chunks[chunk][i] == route) {
                return i;
            }
        }
        return -1;
    }

    private List<Route> all() {
        List<Route> all = new ArrayList<>(size + 1);
        for (Route[] chunk : chunks) {
            all.addAll(Arrays.asList(chunk));
        }
        return all;
    }

    @Override
    public Iterator<Route> iterator() {
        return new Iterator<>() {
            private int chunk;
            private int at;

            @Override
            public boolean hasNext() {
                return chunk < chunks.length;
            }

            @Override
            public Route next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                Route next = chunks[chunk][at++];
                if (at == chunks[chunk].length) {
                    chunk++;
                    at = 0;
                }
                return next;
            }
        };
    }
}
