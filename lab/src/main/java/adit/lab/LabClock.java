package adit.lab;

import java.util.function.LongSupplier;

/// The time of a lab, in nanoseconds since it began. Under the lab's lock.
final class LabClock implements LongSupplier {
    private final boolean real;
    private final long began = System.nanoTime();
    /// The time itself on virtual time; what was skipped on real time.
    private long offset;

    LabClock(LabSpec.Time time) {
        real = time == LabSpec.Time.REAL;
    }

    @Override
    public long getAsLong() {
        return real ? System.nanoTime() - began + offset : offset;
    }

    /// Moves on to `nanos`, if that is in the future. Real time is then ahead of the machine's for good.
    void advanceTo(long nanos) {
        offset += Math.max(0, nanos - getAsLong());
    }
}
