package adit.wire;

/// A run of octets that is being printed.
///
/// @param at where it starts
/// @param length how many octets there are
/// @param whole whether these are all, as they were on the wire: nothing was cut off, lies in other fragments,
///     or is to be filled in later, so that checksums over them mean something
record PrintedRun(long at, int length, boolean whole) {
    /// What stands behind the first `octets`, which the run has.
    PrintedRun from(int octets) {
        return new PrintedRun(at + octets, length - octets, whole);
    }

    /// The run without what stands behind the first `octets`; when it has not as many, it is not whole.
    PrintedRun upTo(int octets) {
        return octets > length ? incomplete() : new PrintedRun(at, octets, whole);
    }

    PrintedRun incomplete() {
        return new PrintedRun(at, length, false);
    }

    boolean has(int octets) {
        return length >= octets;
    }
}
