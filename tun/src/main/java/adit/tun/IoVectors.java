package adit.tun;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// Places in memory, one after another: `struct iovec` for readv(2) and writev(2), or one place to a packet for
/// a batch. Filled and cleared by its owner and reused; nothing is allocated. For one thread.
public final class IoVectors {
    private final MemorySegment[] segments;
    private final long[] offsets;
    private final int[] lengths;
    private int count;
    private long total;

    /// Room for `capacity` places.
    public IoVectors(int capacity) {
        if (capacity < 0) {
            throw new IllegalArgumentException("capacity " + capacity);
        }
        segments = new MemorySegment[capacity];
        offsets = new long[capacity];
        lengths = new int[capacity];
    }

    /// All of each of these segments.
    public static IoVectors of(MemorySegment... parts) {
        IoVectors vectors = new IoVectors(parts.length);
        for (MemorySegment part : parts) {
            vectors.add(part, 0, Math.toIntExact(part.byteSize()));
        }
        return vectors;
    }

    /// Adds `length` octets at `at`. They need not lie in the segment: the call that uses them answers EFAULT
    /// then.
    public IoVectors add(MemorySegment s, long at, int length) {
        if (length < 0) {
            throw new IllegalArgumentException("length " + length);
        }
        segments[count] = Objects.requireNonNull(s);
        offsets[count] = at;
        lengths[count] = length;
        count++;
        total += length;
        return this;
    }

    /// Forgets all places.
    public void clear() {
        while (count > 0) {
            segments[--count] = null;
        }
        total = 0;
    }

    /// How many places there are.
    public int count() {
        return count;
    }

    /// How many octets they have together.
    public long total() {
        return total;
    }

    /// The memory of the place at `index`, from 0.
    public MemorySegment segment(int index) {
        return segments[index];
    }

    /// Where the place at `index` starts in its memory.
    public long offset(int index) {
        return offsets[index];
    }

    /// The length of the place at `index` in octets.
    public int length(int index) {
        return lengths[index];
    }
}
