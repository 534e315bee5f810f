package adit.tunnel;

import adit.wire.Ip4Address;
import adit.wire.Ip4Prefix;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Next hops by longest prefix. Immutable; a lookup is a binary search.
///
/// The prefixes, of which any two are disjoint or nested, are cut into a sequence of disjoint ranges of
/// addresses, each with the next hop of its innermost prefix.
public final class NextHopTable implements NextHops {
    /// In `hops`: the destination is on the link.
    private static final int ON_LINK = 0;
    /// In `hops`: there is no route. 255.255.255.255 is nobody's gateway.
    private static final int NO_ROUTE = -1;

    /// Where each range starts, as unsigned numbers in ascending order; the first is 0.
    private final int[] starts;

    private final int[] hops;
    private int size;

    /// A route of the overlay.
    ///
    /// @param to the destinations
    /// @param via the gateway; 0.0.0.0 when the destinations are on the link
    public record Route(Ip4Prefix to, Ip4Address via) {
        /// Refuses what can't be a gateway.
        public Route {
            if (via.isMulticast() || via.isBroadcast()) {
                throw new IllegalArgumentException("via %s of the route to %s is not a host".formatted(via, to));
            }
        }

        private long first() {
            return to.address().bits() & 0xffff_ffffL;
        }

        private long last() {
            return first() + (1L << (Integer.SIZE - to.length())) - 1;
        }
    }

    /// A table of these routes, in any order.
    ///
    /// @throws IllegalArgumentException when two of them are to the same prefix
    public NextHopTable(List<Route> routes) {
        this.starts = new int[2 * routes.size() + 1];
        this.hops = new int[starts.length];
        Set<Ip4Prefix> seen = new HashSet<>();
        Deque<Route> open = new ArrayDeque<>();
        append(0, NO_ROUTE);
        // Outer prefixes come before those they contain.
        for (Route route : routes.stream()
                .sorted(Comparator.comparingLong(Route::first).thenComparingInt(r -> r.to().length()))
                .toList()) {
            if (!seen.add(route.to())) {
                throw new IllegalArgumentException("two routes to " + route.to());
            }
            closeBefore(route.first(), open);
            append(route.first(), route.via().bits());
            open.push(route);
        }
        closeBefore(1L << Integer.SIZE, open);
    }

    /// Ends the prefixes that end before `address`; what contains them goes on behind them.
    private void closeBefore(long address, Deque<Route> open) {
        while (!open.isEmpty() && open.peek().last() < address) {
            long next = open.pop().last() + 1;
            if (next < 1L << Integer.SIZE) {
                append(next, open.isEmpty() ? NO_ROUTE : open.peek().via().bits());
            }
        }
    }

    /// Of several ranges with one start the last counts; those before it are empty.
    private void append(long start, int hop) {
        starts[size] = (int) start;
        hops[size] = hop;
        size++;
    }

    @Override
    public int nextHop(int destination) {
        int low = 0;
        int high = size - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (Integer.compareUnsigned(starts[middle], destination) <= 0) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return switch (hops[low]) {
            case NO_ROUTE -> 0;
            case ON_LINK -> destination;
            default -> hops[low];
        };
    }
}
