package adit.packet;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// A fixed number of equal packet buffers in one piece of native memory.
///
/// Belongs to one thread at a time: neither lending nor releasing takes a lock. Closing frees the memory at once and
/// is refused while packets are out, because somebody would write through a dangling buffer.
public final class PacketPool implements AutoCloseable {
    private final Arena arena;
    private final PacketBuffer[] free;
    private final int headroom;
    private int available;
    private boolean closed;

    /// A pool of `count` buffers, each of `headroom + size` octets. `size` is what a packet may have without its
    /// headroom.
    public PacketPool(int count, int headroom, int size) {
        if (count < 1 || headroom < 0 || size < 1) {
            throw new IllegalArgumentException("count " + count + ", headroom " + headroom + ", size " + size);
        }
        // Buffers start on cache lines, so that two packets never share one.
        int stride = (headroom + size + 63) & ~63;
        this.arena = Arena.ofShared();
        this.headroom = headroom;
        this.free = new PacketBuffer[count];
        MemorySegment slab = arena.allocate((long) stride * count, 64);
        for (int i = 0; i < count; i++) {
            free[i] = new PacketBuffer(this, slab.asSlice((long) i * stride, headroom + size));
        }
        this.available = count;
    }

    /// A buffer with the pool's headroom and no octets, or null when all are out: drop the packet, never wait.
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

    /// How many buffers are out. 0 when everybody has given back what they held.
    public int lent() {
        return free.length - available;
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
