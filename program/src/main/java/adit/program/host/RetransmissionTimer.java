package adit.program.host;

import adit.port.Deadline;

/// When to send again. RFC 6298, with Linux's limits: at least 200 ms, at most 120 s, one second before
/// anything was measured.
final class RetransmissionTimer implements Deadline {
    private static final long MILLISECOND = 1_000_000;
    private static final long INITIAL = 1_000 * MILLISECOND;
    private static final long MIN = 200 * MILLISECOND;
    private static final long MAX = 120_000 * MILLISECOND;
    private static final long GRANULARITY = MILLISECOND;

    private long smoothed = -1;
    private long variation;
    private long timeout = INITIAL;
    private long deadline = NEVER;

    /// Takes in a round trip time, in nanoseconds.
    void measured(long roundTrip) {
        if (smoothed < 0) {
            smoothed = roundTrip;
            variation = roundTrip / 2;
        } else {
            variation = (3 * variation + Math.abs(smoothed - roundTrip)) / 4;
            smoothed = (7 * smoothed + roundTrip) / 8;
        }
        endBackOff();
    }

    /// Returns to the timeout that the measures give.
    void endBackOff() {
        timeout = smoothed < 0 ? INITIAL : Math.clamp(smoothed + Math.max(GRANULARITY, 4 * variation), MIN, MAX);
    }

    /// Doubles the time from now on.
    void backOff() {
        timeout = Math.min(2 * timeout, MAX);
    }

    void start(long now) {
        deadline = now + timeout;
    }

    void stop() {
        deadline = NEVER;
    }

    boolean isRunning() {
        return deadline != NEVER;
    }

    boolean hasExpired(long now) {
        return deadline <= now;
    }

    @Override
    public long deadline() {
        return deadline;
    }

    /// The present timeout in nanoseconds.
    long timeout() {
        return timeout;
    }
}
