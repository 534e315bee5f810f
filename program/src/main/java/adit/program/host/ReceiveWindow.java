package adit.program.host;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.util.Map;
import java.util.TreeMap;

/// What a receiver has of a stream: a digest of all up to the first hole, and the octets behind that hole as
/// far as the window goes. Positions are octets from the start of the stream.
final class ReceiveWindow {
    private final byte[] octets;
    private final MemorySegment ring;
    /// The runs behind the hole, start to end; none overlaps or touches another.
    private final TreeMap<Long, Long> runs = new TreeMap<>();
    /// Where the runs that grew last begin, the youngest first.
    private final long[] recent = new long[SackBlocks.MOST];
    private int recentCount;

    private final MessageDigest digest = TestData.newDigest();
    private long next;

    ReceiveWindow(int size) {
        octets = new byte[size];
        ring = MemorySegment.ofArray(octets);
    }

    /// The first position that is missing.
    long next() {
        return next;
    }

    /// The window's size.
    int size() {
        return octets.length;
    }

    /// Takes the `count` octets at `at` in `s`, whose place in the stream is `position`; what lies outside the
    /// window is left out. Answers whether [#next] moved.
    boolean take(long position, MemorySegment s, long at, int count) {
        long start = Math.max(position, next);
        long end = Math.min(position + count, next + octets.length);
        if (start >= end) {
            return false;
        }
        long from = at + (start - position);
        if (start > next) {
            store(start, end, s, from);
            return false;
        }
        digest.update(s.asSlice(from, end - start).asByteBuffer());
        next = end;
        drain();
        return true;
    }

    private void store(long start, long end, MemorySegment s, long from) {
        for (long position = start; position < end; ) {
            int place = (int) (position % octets.length);
            int count = (int) Math.min(end - position, octets.length - place);
            MemorySegment.copy(
                    s, ValueLayout.JAVA_BYTE, from + (position - start), ring, ValueLayout.JAVA_BYTE, place, count);
            position += count;
        }
        long first = start;
        long last = end;
        Map.Entry<Long, Long> before = runs.floorEntry(start);
        if (before != null && before.getValue() >= start) {
            first = before.getKey();
        }
        for (Map.Entry<Long, Long> run = runs.ceilingEntry(first);
                run != null && run.getKey() <= last;
                run = runs.ceilingEntry(first)) {
            last = Math.max(last, run.getValue());
            runs.remove(run.getKey());
        }
        runs.put(first, last);
        remember(first);
    }

    private void remember(long start) {
        int place = 0;
        while (place < recentCount && recent[place] != start) {
            place++;
        }
        if (place == recentCount) {
            recentCount = Math.min(recentCount + 1, recent.length);
            place = recentCount - 1;
        }
        System.arraycopy(recent, 0, recent, 1, place);
        recent[0] = start;
    }

    /// Puts the runs behind the first hole into `blocks`, the one that grew last first, then those that grew before
    /// it (RFC 2018 section 4). `origin` is the sequence number of position 0.
    void report(SackBlocks blocks, long origin) {
        blocks.clear();
        for (int i = 0; i < recentCount; i++) {
            Long end = runs.get(recent[i]);
            if (end != null) {
                blocks.add((origin + recent[i]) & 0xffff_ffffL, (origin + end) & 0xffff_ffffL);
            }
        }
    }

    /// Moves on over what was stored behind a hole that is filled now.
    private void drain() {
        while (!runs.isEmpty() && runs.firstKey() <= next) {
            long end = runs.pollFirstEntry().getValue();
            while (next < end) {
                int place = (int) (next % octets.length);
                int count = (int) Math.min(end - next, octets.length - place);
                digest.update(octets, place, count);
                next += count;
            }
        }
    }

    /// The SHA-256 digest of all octets up to [#next]. Ends the stream: nothing may be taken afterwards.
    byte[] digest() {
        return digest.digest();
    }
}
