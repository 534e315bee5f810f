package adit.program.host;

/// Runs of sequence numbers that a receiver has behind a hole, for the SACK option of RFC 2018.
final class SackBlocks {
    /// As many as fit beside timestamps.
    static final int MOST = 3;

    private final long[] left = new long[MOST];
    private final long[] right = new long[MOST];
    private int count;

    void clear() {
        count = 0;
    }

    /// Adds the run from `first` to the number behind its last one. Answers false when there is no room for it.
    boolean add(long first, long behind) {
        if (count == MOST) {
            return false;
        }
        left[count] = first;
        right[count++] = behind;
        return true;
    }

    int count() {
        return count;
    }

    long left(int index) {
        return left[index];
    }

    long right(int index) {
        return right[index];
    }
}
