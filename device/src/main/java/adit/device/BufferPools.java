package adit.device;

import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// Where the packets of one or more namespaces live: small buffers for what fits a usual link, large ones for
/// super-packets. For any thread, without a lock.
///
/// Both kinds come in slabs. There is one slab of each at the start; when all buffers of a kind are out, the
/// lender makes one more slab, which is the only time that lending allocates, up to a limit that holds ever
/// after.
public final class BufferPools implements AutoCloseable {
    /// Octets in front of each packet: for link, label and tunnel headers.
    public static final int HEADROOM = 192;
    /// The packet that fits a small buffer, in octets.
    public static final int SMALL = 2048;
    /// The packet that fits a large buffer, in octets: an IPv6 packet of 65535 octets of payload and its link
    /// header.
    public static final int LARGE = 65_664;

    private static final int SMALL_SLAB = 1024;
    private static final int LARGE_SLAB = 32;

    private final Slabs small;
    private final Slabs large;

    /// Pools that grow to `limits`.
    public BufferPools(Limits limits) {
        small = new Slabs(SMALL, SMALL_SLAB, limits.small());
        large = new Slabs(LARGE, LARGE_SLAB, limits.large());
    }

    /// Pools that grow to the usual limits.
    public BufferPools() {
        this(Limits.USUAL);
    }

    /// How many buffers there may be, rounded up to whole slabs.
    ///
    /// @param small buffers of [#SMALL] octets
    /// @param large buffers of [#LARGE] octets
    public record Limits(int small, int large) {
        /// 144 MiB of small buffers, which are as many as the longest super-packet has octets, and 66 MiB of large
        /// ones. What a program does not need at once is never taken.
        public static final Limits USUAL = new Limits(64 * 1024, 1024);

        /// Refuses to have none of a kind.
        public Limits {
            if (small < 1 || large < 1) {
                throw new IllegalArgumentException("limits " + small + ", " + large);
            }
        }
    }

    /// A buffer with [#HEADROOM] and room for `octets` behind it, or for [#LARGE] when `octets` is more; null
    /// when all are out.
    public PacketBuffer lend(int octets) {
        if (octets <= SMALL) {
            PacketBuffer p = small.lend();
            if (p != null) {
                return p;
            }
        }
        return large.lend();
    }

    /// How many buffers are out.
    public int lent() {
        return small.lent() + large.lent();
    }

    /// Frees all memory. Throws while packets are out.
    @Override
    public void close() {
        if (lent() != 0) {
            throw new IllegalStateException(lent() + " packets are still out");
        }
        small.close();
        large.close();
    }

    /// Pools of one size, of which the later ones are made when needed.
    private static final class Slabs {
        private static final VarHandle POOL = MethodHandles.arrayElementVarHandle(PacketPool[].class);

        private final PacketPool[] pools;
        private final int size;
        private final int slab;

        Slabs(int size, int slab, int limit) {
            this.size = size;
            this.slab = slab;
            this.pools = new PacketPool[(limit + slab - 1) / slab];
            this.pools[0] = PacketPool.concurrent(slab, HEADROOM, size);
        }

        PacketBuffer lend() {
            for (int i = 0; i < pools.length; i++) {
                PacketPool pool = (PacketPool) POOL.getAcquire(pools, i);
                PacketBuffer p = (pool == null ? grow(i) : pool).lend();
                if (p != null) {
                    return p;
                }
            }
            return null;
        }

        private synchronized PacketPool grow(int index) {
            if (pools[index] == null) {
                POOL.setRelease(pools, index, PacketPool.concurrent(slab, HEADROOM, size));
            }
            return pools[index];
        }

        synchronized int lent() {
            int lent = 0;
            for (PacketPool pool : pools) {
                lent += pool == null ? 0 : pool.lent();
            }
            return lent;
        }

        synchronized void close() {
            for (PacketPool pool : pools) {
                if (pool != null) {
                    pool.close();
                }
            }
        }
    }
}
