package adit.ip;

import adit.device.Device;
import adit.wire.Ip6Address;
import adit.wire.Ip6Prefix;
import adit.wire.IpPrefix;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/// The routes of one family, as they are at one moment. Immutable; a change makes a new one.
///
/// A lookup asks the local and the main table, then the default one, as Linux does while nobody has made rules.
/// Other tables are kept and told, and nobody asks them.
final class Fib {
    static final Fib EMPTY_4 = new Fib(Order.LONGEST_FIRST, 0, new TreeMap<>());
    static final Fib EMPTY_6 = new Fib(Order.LOCAL_FIRST, 0, new TreeMap<>());

    /// How the local and the main table are asked.
    private enum Order {
        /// As one table: the longest prefix decides, and of two as long that of the local table. Linux's IPv4
        /// keeps both in one trie.
        LONGEST_FIRST,
        /// Anything in the local table comes before the main one. Linux's IPv6.
        LOCAL_FIRST
    }

    private static final int IP4_BITS = 32;
    private static final int IP6_BITS = 128;
    /// Linux tells tables as they stand in so many hash buckets.
    private static final int TABLE_BUCKETS = 256;
    /// Longer prefixes come before those that hold them.
    private static final Comparator<Route> AS_IP6_TELLS_THEM = (a, b) -> {
        int common = Math.min(a.length, b.length);
        Ip6Address first = Ip6Prefix.of((Ip6Address) a.spec().destination().address(), common)
                .address();
        Ip6Address second = Ip6Prefix.of((Ip6Address) b.spec().destination().address(), common)
                .address();
        int byHigh = Long.compareUnsigned(first.high(), second.high());
        int byAddress = byHigh != 0 ? byHigh : Long.compareUnsigned(first.low(), second.low());
        return byAddress != 0 ? byAddress : Integer.compare(b.length, a.length);
    };

    private static final Comparator<Route> AS_IP4_TELLS_THEM = Comparator.comparing(
                    (Route r) -> AddressBits.high(r.spec().destination().address()), Long::compareUnsigned)
            .thenComparing(r -> r.length, Comparator.reverseOrder());

    /// The order in which Linux walks through routes: IPv4 first, bucket by bucket, by prefix.
    static final Comparator<Route> AS_TOLD = Comparator.comparing((Route r) -> !r.isIp4())
            .thenComparingInt(r -> bucket(r.spec().table()))
            .thenComparingInt(r -> r.spec().table())
            .thenComparing((a, b) -> a.isIp4() ? AS_IP4_TELLS_THEM.compare(a, b) : AS_IP6_TELLS_THEM.compare(a, b))
            .thenComparing(Route::compareRank);

    /// How many changes have led to it.
    final long generation;

    private final Order order;
    private final Map<Integer, PrefixTrie<RouteGroup>> tables;
    private final PrefixTrie<RouteGroup> local;
    private final PrefixTrie<RouteGroup> main;
    private final PrefixTrie<RouteGroup> last;
    private final RouteGroup defaults;

    private Fib(Order order, long generation, Map<Integer, PrefixTrie<RouteGroup>> tables) {
        this.order = order;
        this.generation = generation;
        this.tables = tables;
        this.local = table(Route.TABLE_LOCAL);
        this.main = table(Route.TABLE_MAIN);
        this.last = table(Route.TABLE_DEFAULT);
        this.defaults = main.get(0, 0, 0);
    }

    private static int bucket(int table) {
        return table & TABLE_BUCKETS - 1;
    }

    PrefixTrie<RouteGroup> table(int number) {
        PrefixTrie<RouteGroup> table = tables.get(number);
        return table == null ? PrefixTrie.empty() : table;
    }

    /// The routes of the main table to everywhere, or null.
    RouteGroup defaults() {
        return defaults;
    }

    /// The route to an address: by `device` only, unless that is null. Null when there is none.
    Route lookup(long high, long low, int tos, Device device) {
        Route r = order == Order.LONGEST_FIRST
                ? findLongest(high, low, tos, device, InterfaceAddress.SCOPE_UNIVERSE)
                : findLocalFirst(high, low, tos, device);
        if (r != null && r.type == RouteType.THROW) {
            r = null;
        }
        return r == null && order == Order.LONGEST_FIRST && last.size() > 0 ? find(last, high, low, tos, device) : r;
    }

    private Route findLocalFirst(long high, long low, int tos, Device device) {
        Route r = find(local, high, low, tos, device);
        return r == null ? find(main, high, low, tos, device) : r;
    }

    /// The route of the local or the main table that is known at least as near as `leastScope` says; also one
    /// that throws.
    private Route findLongest(long high, long low, int tos, Device device, int leastScope) {
        RouteGroup own = local.lookup(high, low);
        if (own != null && own.first().length == IP4_BITS) {
            Route r = own.find(tos, device, leastScope);
            if (r != null) {
                return r;
            }
        }
        RouteGroup others = main.lookup(high, low);
        while (own != null || others != null) {
            boolean ownFirst = others == null || (own != null && own.first().length >= others.first().length);
            RouteGroup group = ownFirst ? own : others;
            Route r = group.find(tos, device, leastScope);
            if (r != null) {
                return r;
            }
            if (ownFirst) {
                own = shorter(local, group, high, low);
            } else {
                others = shorter(main, group, high, low);
            }
        }
        return null;
    }

    private static RouteGroup shorter(PrefixTrie<RouteGroup> table, RouteGroup group, long high, long low) {
        int length = group.first().length;
        return length == 0 ? null : table.lookup(high, low, length - 1);
    }

    /// The route of IPv6 to an address, of several as good the one by `device` if there is one.
    Route lookupPreferring(long high, long low, Device device) {
        for (PrefixTrie<RouteGroup> table : List.of(local, main)) {
            RouteGroup group = table.lookup(high, low);
            Route best = null;
            while (group != null && best == null) {
                best = group.findPreferring(device);
                group = shorter(table, group, high, low);
            }
            if (best != null && best.type != RouteType.THROW) {
                return best;
            }
        }
        return null;
    }

    /// The route of IPv6 to an address by hops that are not lost, by all if there is none: by `device` alone unless
    /// that is null, or of several as good by it.
    Route lookupPast(Predicate<NextHop> lost, long high, long low, Device device, boolean alone) {
        Route r = bestPast(lost, local, high, low, device, alone);
        if (r == null || r.type == RouteType.THROW) {
            r = bestPast(lost, main, high, low, device, alone);
        }
        return r == null || r.type == RouteType.THROW ? null : r;
    }

    private static Route bestPast(
            Predicate<NextHop> lost, PrefixTrie<RouteGroup> table, long high, long low, Device device, boolean alone) {
        Route r = best(table, high, low, device, alone, lost);
        return r != null ? r : best(table, high, low, device, alone, RouteGroup.NONE);
    }

    private static Route best(
            PrefixTrie<RouteGroup> table, long high, long low, Device device, boolean alone, Predicate<NextHop> lost) {
        RouteGroup group = table.lookup(high, low);
        Route best = null;
        while (group != null && best == null) {
            best = group.best(device, alone, lost);
            group = shorter(table, group, high, low);
        }
        return best;
    }

    /// The route that one table knows to an address, by `device` unless that is null; null when there is none.
    Route lookupIn(int number, long high, long low, Device device) {
        return find(table(number), high, low, 0, device);
    }

    /// The route of the local table for exactly this IPv6 address, or null.
    Route local6(long high, long low) {
        RouteGroup group = local.get(high, low, IP6_BITS);
        return group == null ? null : group.first();
    }

    /// The route of IPv4 that Linux asks for when it looks at a gateway: only those to what is at least as near as
    /// `scope` says count.
    Route lookupNear(long high, long low, Device device, int scope) {
        Route r = findLongest(high, low, 0, device, scope);
        if (r == null) {
            RouteGroup group = last.lookup(high, low);
            while (group != null && r == null) {
                r = group.find(0, device, scope);
                group = shorter(last, group, high, low);
            }
        }
        return r;
    }

    /// The route of IPv4 that says whose an address is, or null. Linux asks the local table; that has the main one's
    /// routes too, so that a longer prefix of the main one hides it.
    Route lookupOwner(long high, long low) {
        return findLongest(high, low, 0, null, InterfaceAddress.SCOPE_UNIVERSE);
    }

    private static Route find(PrefixTrie<RouteGroup> table, long high, long low, int tos, Device device) {
        RouteGroup group = table.lookup(high, low);
        while (group != null) {
            Route r = group.find(tos, device);
            if (r != null) {
                return r.type == RouteType.THROW ? null : r;
            }
            group = shorter(table, group, high, low);
        }
        return null;
    }

    /// The routes to a prefix in a table, or null.
    RouteGroup group(int number, IpPrefix to) {
        return table(number).get(AddressBits.high(to.address()), AddressBits.low(to.address()), to.length());
    }

    /// With these routes to a prefix in a table, with none where they are null.
    Fib with(int number, IpPrefix to, RouteGroup group) {
        long high = AddressBits.high(to.address());
        long low = AddressBits.low(to.address());
        PrefixTrie<RouteGroup> table = table(number);
        return with(
                number,
                group == null ? table.without(high, low, to.length()) : table.with(high, low, to.length(), group));
    }

    private Fib with(int number, PrefixTrie<RouteGroup> table) {
        Map<Integer, PrefixTrie<RouteGroup>> changed = new TreeMap<>(tables);
        if (table.size() == 0) {
            changed.remove(number);
        } else {
            changed.put(number, table);
        }
        return new Fib(order, generation + 1, changed);
    }

    /// Every route that Linux tells, table by table, in its order.
    List<Route> routes() {
        List<Route> all = new ArrayList<>();
        List<Map.Entry<Integer, PrefixTrie<RouteGroup>>> told = new ArrayList<>(tables.entrySet());
        told.sort(Comparator.comparingInt(e -> bucket(e.getKey())));
        for (Map.Entry<Integer, PrefixTrie<RouteGroup>> entry : told) {
            List<Route> table = new ArrayList<>();
            entry.getValue().forEach((_, _, _, group) -> table.addAll(group.told()));
            table.sort(order == Order.LONGEST_FIRST ? AS_IP4_TELLS_THEM : AS_IP6_TELLS_THEM);
            all.addAll(table);
        }
        return all;
    }
}
