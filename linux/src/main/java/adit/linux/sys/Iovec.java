package adit.linux.sys;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// `struct iovec`: a pointer and a length, 16 octets.
public final class Iovec {
    /// The size of one element in octets.
    public static final int SIZE = 16;
    /// The most elements one call takes: IOV_MAX.
    public static final int MAX_COUNT = 1024;

    private static final int BASE = 0;
    private static final int LENGTH = 8;

    private Iovec() {}

    /// Lets element `index` of `vectors` point at `length` octets from `at` of `target`, a native segment.
    public static void set(MemorySegment vectors, int index, MemorySegment target, long at, long length) {
        if (!target.isNative()) {
            throw new IllegalArgumentException("the kernel can't reach a heap segment");
        }
        Objects.checkFromIndexSize(at, length, target.byteSize());
        HostOrder.put64(vectors, (long) index * SIZE + BASE, target.address() + at);
        HostOrder.put64(vectors, (long) index * SIZE + LENGTH, length);
    }

    static void check(MemorySegment vectors, int count) {
        Objects.checkFromIndexSize(0, (long) count * SIZE, vectors.byteSize());
    }
}
