package adit.ip;

import adit.port.Deadline;

/// How long an address is good for: preferred at first, then deprecated, which new conversations avoid where they
/// can, and then gone. RFC 4862 section 5.5.4; Linux has it for IPv4 too.
///
/// @param since when it began, on the clock of the namespace in nanoseconds
/// @param preferredSeconds until it is deprecated, or [#INFINITE]
/// @param validSeconds until it is gone, or [#INFINITE]; not less than `preferredSeconds`
public record Lifetime(long since, int preferredSeconds, int validSeconds) {
    /// Never. Of all numbers, which are unsigned, it is the largest.
    public static final int INFINITE = -1;

    /// Good for ever.
    public static final Lifetime FOREVER = new Lifetime(0, INFINITE, INFINITE);

    private static final long SECOND = 1_000_000_000L;

    /// Refuses one that is preferred for longer than it is valid.
    public Lifetime {
        if (Integer.compareUnsigned(preferredSeconds, validSeconds) > 0) {
            throw new IllegalArgumentException("preferred for longer than valid");
        }
    }

    /// When it ends; [Deadline#NEVER] if it doesn't.
    long end() {
        return after(validSeconds);
    }

    /// When it is deprecated; [Deadline#NEVER] if it isn't.
    long deprecation() {
        return after(preferredSeconds);
    }

    private long after(int seconds) {
        return seconds == INFINITE ? Deadline.NEVER : since + Integer.toUnsignedLong(seconds) * SECOND;
    }

    /// Seconds left until it is deprecated, counted up from those that are over, or [#INFINITE].
    public int preferredLeft(long now) {
        return left(preferredSeconds, now);
    }

    /// Seconds left until it is gone, or [#INFINITE].
    public int validLeft(long now) {
        return left(validSeconds, now);
    }

    private int left(int seconds, long now) {
        long all = Integer.toUnsignedLong(seconds);
        return seconds == INFINITE ? INFINITE : (int) Math.max(0, all - (now - since) / SECOND);
    }
}
