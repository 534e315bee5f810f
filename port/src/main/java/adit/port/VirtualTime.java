package adit.port;

import java.util.function.LongSupplier;

/// A time in nanoseconds that stands still until somebody moves it. For one thread.
public final class VirtualTime implements LongSupplier {
    private long nanos;

    /// A time that starts at 0.
    public VirtualTime() {}

    /// The present time.
    @Override
    public long getAsLong() {
        return nanos;
    }

    /// Moves on to `nanos`. Throws when that is in the past.
    public void advanceTo(long nanos) {
        if (nanos < this.nanos) {
            throw new IllegalArgumentException("back from " + this.nanos + " to " + nanos);
        }
        this.nanos = nanos;
    }

    /// Moves on by `nanos`.
    public void advanceBy(long nanos) {
        advanceTo(Math.addExact(this.nanos, nanos));
    }
}
