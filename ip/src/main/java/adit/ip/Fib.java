package adit.ip;

import adit.device.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The routes of one family, as they are at one moment. Immutable; a change makes a new one.
///
/// A lookup asks the local table, then the main one, then the default one, as Linux does while nobody has made
/// rules. Other tables are kept and told, and nobody asks them.
final class Fib {
    static final Fib EMPTY = new Fib(0, new TreeMap<>());

    /// How many changes have led to it.
    final long generation;

    private final Map<Integer, PrefixTrie<RouteGroup>> tables;
    private final PrefixTrie<RouteGroup> local;
    private final PrefixTrie<RouteGroup> main;
    private final PrefixTrie<RouteGroup> last;

    private Fib(long generation, Map<Integer, PrefixTrie<RouteGroup>> tables) {
        this.generation = generation;
        this.tables = tables;
        this.local = table(Route.TABLE_LOCAL);
        this.main = table(Route.TABLE_MAIN);
        this.last = table(Route.TABLE_DEFAULT);
    }

    PrefixTrie<RouteGroup> table(int number) {
        PrefixTrie<RouteGroup> table = tables.get(number);
        return table == null ? PrefixTrie.empty() : table;
    }

    /// The route to an address: by `device` only, unless that is null. Null when there is none.
    Route lookup(long high, long low, int tos, Device device) {
        Route r = find(local, high, low, tos, device);
        if (r == null) {
            r = find(main, high, low, tos, device);
        }
        return r == null && last.size() > 0 ? find(last, high, low, tos, device) : r;
    }

    /// The same without the local table: ways to others.
    Route lookupOthers(long high, long low, Device device) {
        return find(main, high, low, 0, device);
    }

    /// The route of the local table for exactly this address, or null.
    Route local(long high, long low, int length) {
        RouteGroup group = local.get(high, low, length);
        return group == null ? null : group.first();
    }

    /// The route that Linux asks for when it looks at a gateway: only those to what is at least as near as
    /// `scope` says count.
    Route lookupNear(long high, long low, Device device, int scope) {
        for (PrefixTrie<RouteGroup> table : List.of(local, main, last)) {
            RouteGroup group = table.lookup(high, low);
            while (group != null) {
                for (Route r : group) {
                    if (r.spec().scope() >= scope && r.takes(0, device)) {
                        return r;
                    }
                }
                int length = group.first().length;
                group = length == 0 ? null : table.lookup(high, low, length - 1);
            }
        }
        return null;
    }

    /// The route of the local table, or null.
    Route lookupLocal(long high, long low) {
        return find(local, high, low, 0, null);
    }

    private static Route find(PrefixTrie<RouteGroup> table, long high, long low, int tos, Device device) {
        RouteGroup group = table.lookup(high, low);
        while (group != null) {
            Route r = group.find(tos, device);
            if (r != null) {
                return r.type == RouteType.THROW ? null : r;
            }
            int length = group.first().length;
            group = length == 0 ? null : table.lookup(high, low, length - 1);
        }
        return null;
    }

    Fib with(int number, PrefixTrie<RouteGroup> table) {
        Map<Integer, PrefixTrie<RouteGroup>> changed = new TreeMap<>(tables);
        if (table.size() == 0) {
            changed.remove(number);
        } else {
            changed.put(number, table);
        }
        return new Fib(generation + 1, changed);
    }

    /// Every route, table by table.
    List<Route> routes() {
        List<Route> all = new ArrayList<>();
        for (Map.Entry<Integer, PrefixTrie<RouteGroup>> entry : tables.entrySet()) {
            entry.getValue().forEach((_, _, _, group) -> group.forEach(all::add));
        }
        return all;
    }
}
