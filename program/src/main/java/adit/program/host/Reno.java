package adit.program.host;

/// How much may be under way: slow start, congestion avoidance, fast retransmit and fast recovery. RFC 5681
/// with the partial acknowledgments of RFC 6582 (NewReno) and the initial window of RFC 6928. All amounts are
/// octets; positions are octets from the start of the stream.
final class Reno {
    private static final int INITIAL_SEGMENTS = 10;
    private static final int DUPLICATE_THRESHOLD = 3;

    /// What the sender is to do.
    enum Reaction {
        /// Go on.
        GO_ON,
        /// Send the first unacknowledged segment again, now.
        RETRANSMIT
    }

    private long window;
    private long threshold = Long.MAX_VALUE;
    private int duplicates;
    private boolean recovering;
    /// Everything below was under way when the last loss was noticed (RFC 6582's `recover`).
    private long recover;

    /// Begins with segments of `mss` octets.
    void start(int mss) {
        window = (long) INITIAL_SEGMENTS * mss;
    }

    /// How much may be under way.
    long window() {
        return window;
    }

    /// `octets` more were acknowledged, all up to `unacknowledged`.
    Reaction acknowledged(long octets, long unacknowledged, int mss) {
        duplicates = 0;
        if (recovering && unacknowledged < recover) {
            // A hole behind the one just filled.
            window = Math.max(window - octets, 0) + mss;
            return Reaction.RETRANSMIT;
        }
        if (recovering) {
            recovering = false;
            window = threshold;
        } else if (window < threshold) {
            window += Math.min(octets, mss);
        } else {
            window += Math.max(1, (long) mss * mss / window);
        }
        return Reaction.GO_ON;
    }

    /// The peer said again that it waits for the octet `unacknowledged`, though all below `highest` was sent.
    Reaction duplicate(long unacknowledged, long highest, int mss) {
        duplicates++;
        if (recovering) {
            window += mss;
        } else if (duplicates >= needed(highest - unacknowledged, mss) && unacknowledged >= recover) {
            recovering = true;
            recover = highest;
            threshold = half(highest - unacknowledged, mss);
            window = threshold + (long) duplicates * mss;
            return Reaction.RETRANSMIT;
        }
        return Reaction.GO_ON;
    }

    /// How many duplicates tell of a loss: three, or fewer when too little is under way for three to come back.
    private static int needed(long underWay, int mss) {
        long segments = (underWay + mss - 1) / mss;
        return Math.clamp(segments - 1, 1, DUPLICATE_THRESHOLD);
    }

    /// Nothing was heard for too long. `again` says that it is not the first time for these octets.
    void timedOut(long unacknowledged, long highest, int mss, boolean again) {
        if (!again) {
            threshold = half(highest - unacknowledged, mss);
        }
        window = mss;
        recovering = false;
        duplicates = 0;
        recover = highest;
    }

    private static long half(long underWay, int mss) {
        return Math.max(underWay / 2, 2L * mss);
    }
}
