package adit.tun;

import java.lang.foreign.MemorySegment;

/// Octets of a caller's memory: either `length` octets at `at` of a segment, or vectors, which then are not
/// null. Bounds were not checked yet.
final class Places {
    private Places() {}

    /// How many octets from the first on can be reached at all: all, or those in front of the first that does
    /// not lie in its segment.
    static long reachable(MemorySegment s, long at, int length, IoVectors v) {
        if (v == null) {
            return inside(s, at, length);
        }
        long reachable = 0;
        for (int i = 0; i < v.count(); i++) {
            long here = inside(v.segment(i), v.offset(i), v.length(i));
            reachable += here;
            if (here < v.length(i)) {
                return reachable;
            }
        }
        return reachable;
    }

    private static long inside(MemorySegment s, long at, int length) {
        return at < 0 || length < 0 ? 0 : Math.clamp(s.byteSize() - at, 0, length);
    }

    /// Copies `octets` octets from position `from` of the caller's memory to `target`. For none, the position need not
    /// be there.
    static void copyIn(
            MemorySegment s, long at, IoVectors v, long from, MemorySegment target, long targetAt, int octets) {
        if (octets == 0) {
            return;
        }
        if (v == null) {
            MemorySegment.copy(s, at + from, target, targetAt, octets);
            return;
        }
        long skip = from;
        int done = 0;
        for (int i = 0; done < octets; i++) {
            int length = v.length(i);
            if (skip >= length) {
                skip -= length;
                continue;
            }
            int part = (int) Math.min(length - skip, octets - done);
            MemorySegment.copy(v.segment(i), v.offset(i) + skip, target, targetAt + done, part);
            done += part;
            skip = 0;
        }
    }

    /// Copies `octets` octets of `source` to position `to` of the caller's memory.
    static void copyOut(
            MemorySegment source, long sourceAt, int octets, MemorySegment s, long at, IoVectors v, long to) {
        if (v == null) {
            MemorySegment.copy(source, sourceAt, s, at + to, octets);
            return;
        }
        long skip = to;
        int done = 0;
        for (int i = 0; done < octets; i++) {
            int length = v.length(i);
            if (skip >= length) {
                skip -= length;
                continue;
            }
            int part = (int) Math.min(length - skip, octets - done);
            MemorySegment.copy(source, sourceAt + done, v.segment(i), v.offset(i) + skip, part);
            done += part;
            skip = 0;
        }
    }
}
