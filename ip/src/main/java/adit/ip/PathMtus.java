package adit.ip;

import adit.wire.Ip4Address;
import adit.wire.Ip6Address;
import adit.wire.IpAddress;
import java.util.Optional;
import java.util.function.LongSupplier;

/// What "too big" messages have taught about the ways to destinations. RFC 1191, RFC 8201, with Linux's limits:
/// nothing below 552 octets is believed for IPv4 and below 1280 for IPv6, and all is forgotten after ten
/// minutes.
///
/// An immutable trie behind one volatile reference, at most [#MOST] entries: when there are more, all are
/// forgotten, which costs one more message for each.
final class PathMtus {
    static final int MIN_MTU_4 = 552;
    static final long LIFETIME_NANOS = 600_000_000_000L;

    private static final int MOST = 4096;
    private static final int MIN_MTU_6 = 1280;

    /// A locked number is one that was not believed: packets may be so long, and be cut on the way.
    private record Learned(int mtu, long expiry, boolean locked) {
        LearnedMtu until(long nowNanos) {
            return new LearnedMtu(mtu, locked, expiry - nowNanos);
        }
    }

    private final LongSupplier time;
    private volatile PrefixTrie<Learned> paths4 = PrefixTrie.empty();
    private volatile PrefixTrie<Learned> paths6 = PrefixTrie.empty();

    PathMtus(LongSupplier time) {
        this.time = time;
    }

    /// The path MTU to a destination in octets, 0 when nothing was learned.
    int mtu4(int destination) {
        PrefixTrie<Learned> paths = paths4;
        return paths.size() == 0 ? 0 : alive(paths.lookup((long) destination << 32, 0));
    }

    /// Whether that is a number that was not believed.
    boolean isLocked4(int destination) {
        PrefixTrie<Learned> paths = paths4;
        if (paths.size() == 0) {
            return false;
        }
        Learned learned = paths.lookup((long) destination << 32, 0);
        return learned != null && learned.locked && alive(learned) != 0;
    }

    int mtu6(long high, long low) {
        PrefixTrie<Learned> paths = paths6;
        return paths.size() == 0 ? 0 : alive(paths.lookup(high, low));
    }

    /// All that was learned of the path to a destination and is not forgotten yet.
    Optional<LearnedMtu> learned(IpAddress destination) {
        Learned learned = switch (destination) {
            case Ip4Address ip4 -> paths4.lookup((long) ip4.bits() << 32, 0);
            case Ip6Address ip6 -> paths6.lookup(ip6.high(), ip6.low());
        };
        return alive(learned) == 0 ? Optional.empty() : Optional.of(learned.until(time.getAsLong()));
    }

    private int alive(Learned learned) {
        return learned == null || learned.expiry - time.getAsLong() <= 0 ? 0 : learned.mtu;
    }

    synchronized void learn4(int destination, int mtu) {
        long key = (long) destination << 32;
        int known = alive(paths4.lookup(key, 0));
        int believed = Math.max(mtu, MIN_MTU_4);
        if (known == 0 || believed < known) {
            boolean locked = mtu < MIN_MTU_4;
            paths4 = room(paths4).with(key, 0, 32, new Learned(believed, time.getAsLong() + LIFETIME_NANOS, locked));
        }
    }

    synchronized void learn6(long high, long low, int mtu) {
        int known = alive(paths6.lookup(high, low));
        int believed = Math.max(mtu, MIN_MTU_6);
        if (known == 0 || believed < known) {
            paths6 = room(paths6).with(high, low, 128, new Learned(believed, time.getAsLong() + LIFETIME_NANOS, false));
        }
    }

    private static PrefixTrie<Learned> room(PrefixTrie<Learned> paths) {
        return paths.size() < MOST ? paths : PrefixTrie.empty();
    }
}
