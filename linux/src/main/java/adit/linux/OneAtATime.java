package adit.linux;

/// Whether one packet is enough for the next call on a descriptor.
///
/// To look for a second one costs a thread that was woken for the first some time, and whoever waits for that one waits
/// along. So while calls find one small packet at most, one is enough; but not for one call in eight, which looks
/// whether there are more again.
///
/// For one thread.
final class OneAtATime {
    /// Less octets than that in a call are no stream under way.
    private static final int SMALL = 4096;
    /// After so many calls that found one small packet at most, one is enough,
    private static final int SINGLES_MIN = 4;
    /// but for one call in so many, a power of 2.
    private static final int CYCLE = 8;

    private int singles;

    /// Whether the next call should ask for one packet only.
    boolean isEnough() {
        return singles >= SINGLES_MIN && (singles & (CYCLE - 1)) != 0;
    }

    /// Whether the last calls all found one small packet at most.
    boolean isRule() {
        return singles >= SINGLES_MIN;
    }

    /// Tells what a call brought.
    void brought(int packets, int octets) {
        singles = packets <= 1 && octets < SMALL ? singles + 1 : 0;
    }
}
