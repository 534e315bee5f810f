package adit.port;

/// Something that works in bounded steps and never waits, sleeps or asks for the time.
@FunctionalInterface
public interface Turn {
    /// One step: moves at most a burst and answers how many packets it moved; 0 means that the caller may rest.
    /// `nowNanos` is a monotonic time in nanoseconds.
    int turn(long nowNanos);
}
