package adit.packet;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// A fixed number of equal packet buffers in one piece of native memory.
///
/// A pool made by the constructor belongs to one thread at a time: neither lending nor releasing takes a lock.
/// One made by [#concurrent] lends to any thread and takes back from any other, also without a lock. Closing
/// frees the memory at once and is refused while packets are out, because somebody would write through a
/// dangling buffer.
public final class PacketPool implements AutoCloseable {
    private static final long CACHE_LINE = 64;

    /// Who lends and releases.
    enum Use {
        /// One thread at a time.
        ONE_THREAD,
        /// Any threads at once.
        CONCURRENT
    }

    private final Arena arena;
    private final PacketBuffer[] buffers;
    private final FreeBuffers free;
    private final Use use;
    private final int number;
    private final int capacity;
    private final int headroom;
    private volatile boolean closed;

    /// A pool of `count` buffers, each of `headroom + size` octets, for one thread at a time. `size` is what a
    /// packet may have without its headroom.
    public PacketPool(int count, int headroom, int size) {
        this(count, headroom, size, Use.ONE_THREAD);
    }

    /// A pool of `count` buffers, each of `headroom + size` octets, that any number of threads lend from and
    /// release to at once, without a lock and without an allocation.
    public static PacketPool concurrent(int count, int headroom, int size) {
        return new PacketPool(count, headroom, size, Use.CONCURRENT);
    }

    private PacketPool(int count, int headroom, int size, Use use) {
        long octets = (long) headroom + size;
        if (count < 1 || headroom < 0 || size < 1 || octets > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("count " + count + ", headroom " + headroom + ", size " + size);
        }
        // Buffers start on cache lines, so that two packets never share one.
        long stride = (octets + CACHE_LINE - 1) & -CACHE_LINE;
        this.arena = Arena.ofShared();
        this.use = use;
        this.capacity = count;
        this.headroom = headroom;
        PacketBuffer[] all = new PacketBuffer[count];
        MemorySegment slab = allocate(arena, stride * count);
        for (int i = 0; i < count; i++) {
            all[i] = new PacketBuffer(this, i, slab.asSlice(i * stride, octets));
        }
        this.buffers = all;
        this.free = use == Use.CONCURRENT ? new ConcurrentFreeBuffers(all) : new FreeBuffers.Plain(all.clone());
        this.number = OpenPools.enter(this);
    }

    private static MemorySegment allocate(Arena arena, long octets) {
        try {
            return arena.allocate(octets, CACHE_LINE);
        } catch (Throwable t) {
            arena.close();
            throw t;
        }
    }

    /// A buffer with the pool's headroom and no octets, or null when all are out or the pool is closed: drop
    /// the packet, never wait. Of a concurrent pool up to 31 buffers for each thread that lends may be on their
    /// way to it from a thread that released them; they count as out.
    public PacketBuffer lend() {
        PacketBuffer p = free.take();
        if (p != null) {
            p.lent(headroom);
        }
        return p;
    }

    void release(PacketBuffer p) {
        if (!p.returned(use)) {
            throw new IllegalStateException("released twice");
        }
        free.put(p);
    }

    /// The number of one of its buffers, with its own in the high half.
    long number(int index) {
        return (long) number << Integer.SIZE | index;
    }

    PacketBuffer buffer(int index) {
        return buffers[index];
    }

    /// How many buffers are out: 0 when everybody has given back what they held, and after a close. Exact while
    /// nobody lends or releases; of a concurrent pool it costs a walk over all that are at home.
    public int lent() {
        return closed ? 0 : capacity - free.count();
    }

    /// How many buffers there are.
    public int capacity() {
        return capacity;
    }

    /// Frees the memory. Throws while packets are out; a second close does nothing.
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        int out = free.retire();
        if (out != 0) {
            throw new IllegalStateException(out + " packets are still out");
        }
        closed = true;
        OpenPools.leave(number);
        arena.close();
    }
}
