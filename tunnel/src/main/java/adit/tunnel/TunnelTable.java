package adit.tunnel;

import adit.wire.Ip4Address;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// Which tunnel a packet from the underlay belongs to. An immutable snapshot: a change makes a new table, and
/// whoever looks up keeps using the one he holds.
///
/// How a lookup goes is said at [TunnelLookup].
///
/// Tunnels are found by a hash of both addresses, so that a lookup takes four probes among any number of them.
///
/// @param <T> what a lookup answers: a [Tunnel], or what a worker keeps for one
public final class TunnelTable<T extends TunnelTable.Entry> extends TunnelLookup<T> {
    /// What stands in a table.
    public interface Entry extends TunnelLookup.Candidate {
        /// The tunnel that it stands for.
        Tunnel tunnel();

        @Override
        default int link() {
            return tunnel().spec().link();
        }

        @Override
        default boolean isUp() {
            return tunnel().isUp();
        }
    }

    private static final Object[] NONE = {};

    /// The golden ratio of 2^64: Fibonacci hashing, whose high bits depend on every bit of the key.
    private static final long MULTIPLIER = 0x9e37_79b9_7f4a_7c15L;

    /// Newest first, the fallback not among them.
    private final List<T> entries;
    private final T external;
    private final T fallback;

    /// Open addressing: the tunnels with these two addresses, newest first, stand in `groups` at the index of
    /// their key. A tunnel with a multicast remote stands where one with that local address and no remote
    /// would.
    private final long[] keys;

    private final Object[][] groups;
    private final int shift;

    private TunnelTable(LookupProfile profile, List<T> entries, T fallback) {
        super(profile);
        this.entries = entries;
        this.fallback = fallback;
        this.external =
                entries.stream().filter(TunnelTable::isExternal).findFirst().orElse(null);
        Map<Long, List<T>> grouped = new HashMap<>();
        for (T entry : entries) {
            grouped.computeIfAbsent(key(entry.tunnel().spec()), k -> new ArrayList<>(1))
                    .add(entry);
        }
        if (fallback != null) {
            // The oldest of all, hence the last.
            grouped.computeIfAbsent(key(0, 0), k -> new ArrayList<>(1)).add(fallback);
        }
        // At least twice as many slots as keys, so that runs stay short and an empty slot ends each.
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(1, 2 * grouped.size()));
        this.shift = Long.SIZE - bits;
        this.keys = new long[1 << bits];
        this.groups = new Object[1 << bits][];
        grouped.forEach((key, group) -> {
            int slot = slot(key);
            keys[slot] = key;
            groups[slot] = group.toArray();
        });
    }

    /// A table without tunnels.
    public static <T extends Entry> TunnelTable<T> empty(LookupProfile profile) {
        return new TunnelTable<>(profile, List.of(), null);
    }

    /// A table of these, added in their order, looked up as the current Linux does.
    ///
    /// @throws IllegalArgumentException when two of them can't be told apart
    public static <T extends Entry> TunnelTable<T> of(Collection<? extends T> entries) {
        return TunnelTable.<T>empty(LookupProfile.CURRENT).with(entries);
    }

    /// This table with `added`, one after the other.
    ///
    /// @throws IllegalArgumentException when one of them can't be told from another: the same local and remote
    ///     address and the same link, or a second external one
    public TunnelTable<T> with(Collection<? extends T> added) {
        Map<Ends, T> known = new HashMap<>();
        for (T entry : entries()) {
            known.putIfAbsent(Ends.of(entry), entry);
        }
        T theExternal = external;
        List<T> all = new ArrayList<>(entries.reversed());
        for (T entry : added) {
            boolean isExternal = isExternal(entry);
            T like = isExternal ? theExternal : known.get(Ends.of(entry));
            if (like != null) {
                throw new IllegalArgumentException("tunnels '%s' and '%s' can't be told apart: %s"
                        .formatted(
                                like.tunnel(),
                                entry.tunnel(),
                                isExternal ? "both are external" : "they have the same " + Ends.of(entry)));
            }
            theExternal = isExternal ? entry : theExternal;
            known.put(Ends.of(entry), entry);
            all.add(entry);
        }
        return new TunnelTable<>(profile(), List.copyOf(all.reversed()), fallback);
    }

    /// This table without `removed`; what is not in it is ignored.
    public TunnelTable<T> without(T removed) {
        List<T> rest = new ArrayList<>(entries);
        rest.remove(removed);
        return new TunnelTable<>(profile(), List.copyOf(rest), fallback);
    }

    /// This table with a tunnel for whatever no other is for, in the place of any such.
    public TunnelTable<T> withFallback(T fallback) {
        return new TunnelTable<>(profile(), entries, fallback);
    }

    /// A table of the same tunnels in the same order that answers something else for each.
    public <R extends Entry> TunnelTable<R> map(Function<? super T, R> answer) {
        List<R> answers = entries.stream().<R>map(answer).toList();
        return new TunnelTable<>(profile(), answers, fallback == null ? null : answer.apply(fallback));
    }

    /// All of them, newest first, the fallback last.
    public List<T> entries() {
        List<T> all = new ArrayList<>(entries);
        if (fallback != null) {
            all.add(fallback);
        }
        return all;
    }

    /// The tunnel with exactly these addresses and this link, up or down, or null: what keeps a second one out.
    public T find(Ip4Address local, Ip4Address remote, int link) {
        for (Object o : group(key(local.bits(), remote.bits()))) {
            T entry = entry(o);
            if (Ends.of(entry).equals(new Ends(local, remote, link))) {
                return entry;
            }
        }
        return null;
    }

    /// How many slots the worst lookup looks at, which is what keeps one short however many tunnels there are.
    int longestProbe() {
        int longest = 0;
        int run = 0;
        // Twice round, for the run that goes on from the last slot to the first.
        for (int i = 0; i < 2 * groups.length; i++) {
            run = groups[i % groups.length] == null ? 0 : run + 1;
            longest = Math.max(longest, run);
        }
        return longest + 1;
    }

    @Override
    protected T bound(long key, int link) {
        for (Object o : group(key)) {
            T entry = entry(o);
            if (entry.link() == link && entry.isUp()) {
                return entry;
            }
        }
        return null;
    }

    @Override
    protected T any(long key, Age age) {
        T found = null;
        for (Object o : group(key)) {
            if ((found == null || age == Age.OLDEST) && entry(o).isUp()) {
                found = entry(o);
            }
        }
        return found;
    }

    private Object[] group(long key) {
        Object[] group = groups[slot(key)];
        return group == null ? NONE : group;
    }

    /// What stands in a group.
    @SuppressWarnings("unchecked") // an array of T can't be made; nothing but T is put into one
    private T entry(Object o) {
        return (T) o;
    }

    /// Where `key` stands, or the empty slot where it would.
    private int slot(long key) {
        int slot = (int) ((key * MULTIPLIER) >>> shift);
        while (groups[slot] != null && keys[slot] != key) {
            slot = slot + 1 & groups.length - 1;
        }
        return slot;
    }

    @Override
    protected T external() {
        return external;
    }

    @Override
    protected T fallback() {
        return fallback;
    }

    private static long key(TunnelSpec spec) {
        return key(spec.local().bits(), spec.remote().bits());
    }

    private static boolean isExternal(Entry entry) {
        return entry.tunnel().spec().steering() == Steering.EXTERNAL;
    }

    /// What tells tunnels apart.
    private record Ends(Ip4Address local, Ip4Address remote, int link) {
        static Ends of(Entry entry) {
            TunnelSpec spec = entry.tunnel().spec();
            return new Ends(spec.local(), spec.remote(), spec.link());
        }

        @Override
        public String toString() {
            return "local %s, remote %s and link %s".formatted(local, remote, link);
        }
    }
}
