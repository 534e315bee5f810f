package adit.ip;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/// Gateways that others have named, by ICMP redirects, for the ways of tunnels. RFC 1122 section 3.2.2.2, as
/// Linux does it: forgotten after five minutes, and when a route leads by another gateway than the one that was
/// given up.
///
/// An immutable map behind one volatile reference, at most [#MOST] entries: when there are more, all are
/// forgotten.
final class Redirects {
    private static final int MOST = 1024;
    private static final long LIFETIME_NANOS = 300_000_000_000L;

    private final LongSupplier time;
    private volatile Map<Integer, Redirect> known = Map.of();
    private volatile int version;

    private record Redirect(int from, int to, long expiry) {}

    Redirects(LongSupplier time) {
        this.time = time;
    }

    /// Another number after each change.
    int version() {
        return version;
    }

    /// The gateway that is nearer to `destination` than `gateway`; 0 when none was named.
    int nearer(int destination, int gateway) {
        Redirect r = known.get(destination);
        return r == null || r.from != gateway || r.expiry - time.getAsLong() <= 0 ? 0 : r.to;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // only ever changed here
    synchronized void learn(int destination, int from, int to) {
        Map<Integer, Redirect> more = known.size() < MOST ? new HashMap<>(known) : new HashMap<>();
        more.put(destination, new Redirect(from, to, time.getAsLong() + LIFETIME_NANOS));
        known = Map.copyOf(more);
        version++;
    }
}
