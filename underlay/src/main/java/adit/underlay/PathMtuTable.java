package adit.underlay;

/// What ICMP "fragmentation needed" has taught about the ways to destinations. RFC 1191, with Linux's limits:
/// an MTU below 552 octets is not believed but pinned at that, and what was learned is forgotten after ten
/// minutes.
///
/// A fixed number of places; destinations that share one push each other out, which costs one more ICMP error.
/// Asking allocates nothing. For one thread.
final class PathMtuTable {
    /// The smallest MTU that is believed, in octets: 512 of payload and two headers of 20 (Linux's
    /// `ip_rt_min_pmtu`).
    static final int MIN_MTU = 552;
    /// How long an MTU is remembered, in nanoseconds (Linux's `ip_rt_mtu_expires`, RFC 1191 section 6.3).
    static final long LIFETIME_NANOS = 600_000_000_000L;

    private static final int BITS = 8;
    private static final int MULTIPLIER = 0x9e37_79b9; // Fibonacci hashing
    private static final int PLACES = 1 << BITS;

    private final int[] destinations = new int[PLACES];
    private final long[] expiries = new long[PLACES];
    private final Path[] paths = new Path[PLACES];
    private boolean empty = true;

    /// The way to `destination` as it was learned, or null when nothing is known.
    Path get(int destination, long nowNanos) {
        int i = place(destination);
        if (paths[i] == null || destinations[i] != destination) {
            return null;
        }
        if (nowNanos >= expiries[i]) {
            paths[i] = null;
            return null;
        }
        return paths[i];
    }

    /// Whether nothing was ever learned, so that nobody needs to ask for the time.
    boolean isEmpty() {
        return empty;
    }

    /// Takes note that packets to `destination` must not be larger than `mtu` octets, where they could be
    /// `current` octets so far. An error never raises an MTU.
    void learn(int destination, int mtu, int current, long nowNanos) {
        boolean pinned = mtu < MIN_MTU;
        int believed = pinned ? Math.min(current, MIN_MTU) : mtu;
        if (believed > current || (believed == current && !pinned)) {
            return;
        }
        int i = place(destination);
        destinations[i] = destination;
        expiries[i] = nowNanos + LIFETIME_NANOS;
        paths[i] = new Path(believed, pinned ? Path.Pinned.YES : Path.Pinned.NO, 0);
        empty = false;
    }

    private static int place(int destination) {
        return (destination * MULTIPLIER) >>> (Integer.SIZE - BITS);
    }
}
