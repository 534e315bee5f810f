package adit.packet;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// A fixed number of equal packet buffers in one piece of native memory.
///
/// Belongs to one thread at a time: neither lending nor releasing takes a lock. Closing frees the memory at once and
/// is refused while packets are out, because somebody would write through a dangling buffer.
public final class PacketPool implements AutoCloseable {
    private static final long CACHE_LINE = 64;

    private final Arena arena;
    private final PacketBuffer[] free;
    private final int headroom;
    private int available;
    private boolean closed;

    /// A pool of `count` buffers, each of `headroom + size` octets. `size` is what a packet may have without its
    /// headroom.
    public PacketPool(int count, int headroom, int size) {
        long capacity = (long) headroom + size;
        if (count < 1 || headroom < 0 || size < 1 || capacity > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("count " + count + ", headroom " + headroom + ", size " + size);
        }
        // Buffers start on cache lines, so that two packets never share one.
        long stride = (capacity + CACHE_LINE - 1) & -CACHE_LINE;
        this.arena = Arena.ofShared();
        this.headroom = headroom;
        this.free = new PacketBuffer[count];
        MemorySegment slab = allocate(arena, stride * count);
        for (int i = 0; i < count; i++) {
            free[i] = new PacketBuffer(this, slab.asSlice(i * stride, capacity));
        }
        this.available = count;
    }

    private static MemorySegment allocate(Arena arena, long octets) {
        try {
            return arena.allocate(octets, CACHE_LINE);
        } catch (Throwable t) {
            arena.close();
            throw t;
        }
    }

    /// A buffer with the pool's headroom and no octets, or null when all are out or the pool is closed: drop the
    /// packet, never wait.
    public PacketBuffer lend() {
        if (available == 0) {
            return null;
        }
        PacketBuffer p = free[--available];
        p.lent(headroom);
        return p;
    }

    void release(PacketBuffer p) {
        if (!p.isLent()) {
            throw new IllegalStateException("released twice");
        }
        p.returned();
        free[available++] = p;
    }

    /// How many buffers are out. 0 when everybody has given back what they held, and after a close.
    public int lent() {
        return closed ? 0 : free.length - available;
    }

    /// How many buffers there are.
    public int capacity() {
        return free.length;
    }

    /// Octets in front of a buffer just lent.
    public int headroom() {
        return headroom;
    }

    /// Frees the memory. Throws while packets are out; a second close does nothing.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        if (lent() != 0) {
            throw new IllegalStateException(lent() + " packets are still out");
        }
        closed = true;
        available = 0;
        arena.close();
    }
}
