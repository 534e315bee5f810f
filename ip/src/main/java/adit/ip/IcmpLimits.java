package adit.ip;

import java.util.function.LongSupplier;

/// How many ICMP messages may be sent, as Linux limits them: all together 1000 in a second and 50 at once
/// (`icmp_msgs_per_sec`, `icmp_msgs_burst`); to one host six at once, and then one whenever an interval has passed
/// (`icmp_ratelimit`, which may be 0); and about packets without a route five at once and one in a second, out of the
/// same allowance of the host, so that such a message takes from it twice.
///
/// Hosts are told apart by a hash, so that a table of fixed size does: two that meet share their allowance. What a
/// host is refused does not count among all.
final class IcmpLimits {
    private static final long SECOND = 1_000_000_000L;
    private static final int BURST_FACTOR = 6;
    private static final int ROUTE_BURST = 5;
    private static final int PER_SECOND = 1000;
    private static final int BURST = 50;
    private static final int PEERS = 1 << 12;

    private final LongSupplier time;
    private final long[] tokens = new long[PEERS];
    private final long[] times = new long[PEERS];
    private final boolean[] known = new boolean[PEERS];
    private long credit = BURST;
    private long creditTime;
    private boolean started;
    private volatile long hostInterval = SECOND;

    IcmpLimits(LongSupplier time) {
        this.time = time;
    }

    /// Whether one more may go, of all: to be followed by [#spend] when it does.
    synchronized boolean allow() {
        long now = time.getAsLong();
        if (!started) {
            started = true;
            creditTime = now;
        }
        long earned = Math.min((now - creditTime) / (SECOND / PER_SECOND), BURST);
        if (earned > 0) {
            credit = Math.min(credit + earned, BURST);
            creditTime = now;
        }
        return credit > 0;
    }

    /// One more goes.
    synchronized void spend() {
        credit--;
    }

    /// From now on one to each host per interval, in nanoseconds; 0 for as many as there are.
    void hostInterval(long nanos) {
        hostInterval = nanos;
    }

    /// Whether one more may go to the host with this hash, at one per interval in the long run, or at 2 to the
    /// power of `shift` per interval.
    boolean takeHost(int hash, int shift) {
        long interval = hostInterval >> shift;
        return interval == 0 || take(hash & (PEERS - 1), interval, BURST_FACTOR);
    }

    /// Whether the host with this hash may hear once more that there is no route.
    boolean takeUnroutable(int hash) {
        return take(hash & (PEERS - 1), SECOND, ROUTE_BURST);
    }

    private synchronized boolean take(int i, long interval, int burst) {
        long now = time.getAsLong();
        long most = interval * burst;
        long has = known[i] ? Math.min(tokens[i] + now - times[i], most) : most;
        known[i] = true;
        times[i] = now;
        boolean enough = has >= interval;
        tokens[i] = enough ? has - interval : has;
        return enough;
    }
}
