package adit.tunnel;

/// At most so many in a second, and at most so many at once after a pause. For one thread.
public final class RateLimit {
    private final long intervalNanos;
    private final long mostNanos;
    private boolean used;
    /// When the debt of what was taken is paid off.
    private long paidAtNanos;

    /// `perSecond` in the long run, `burst` at once; both at least 1.
    public RateLimit(int perSecond, int burst) {
        if (perSecond < 1 || burst < 1) {
            throw new IllegalArgumentException("rate " + perSecond + ", burst " + burst);
        }
        this.intervalNanos = 1_000_000_000L / perSecond;
        this.mostNanos = intervalNanos * (burst - 1);
    }

    /// Linux's limit for all ICMP messages of a host together: 1000 in a second, 50 at once.
    public static RateLimit ofLinux() {
        return new RateLimit(1000, 50);
    }

    /// Whether one more may go at this time, given in nanoseconds that never go back; if so, it has gone.
    public boolean take(long nowNanos) {
        long debt = used ? Math.max(0, paidAtNanos - nowNanos) : 0;
        if (debt > mostNanos) {
            return false;
        }
        used = true;
        paidAtNanos = nowNanos + debt + intervalNanos;
        return true;
    }
}
