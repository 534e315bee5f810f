package adit.ip;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.random.RandomGenerator;

/// Where the identification fields of packets made here come from: one sequence for each pair of addresses and
/// protocol, or for several whose hashes meet, which starts at a random place (RFC 6864 section 4, RFC 7739).
///
/// A sequence that has rested goes on some steps ahead, at most one for each tick of [#TICK_NANOS], so that
/// nobody who gets one packet now and one later knows how many went elsewhere meanwhile. Linux's
/// `ip_idents_reserve`. For any thread.
final class Identifications {
    /// The length of a tick, in nanoseconds: that of Debian's Linux, 250 in a second.
    static final long TICK_NANOS = 4_000_000;

    private static final int SEQUENCES = 1 << 11;

    private final AtomicIntegerArray next = new AtomicIntegerArray(SEQUENCES);
    /// The tick in which each was used last.
    private final AtomicIntegerArray used = new AtomicIntegerArray(SEQUENCES);

    Identifications(RandomGenerator random) {
        for (int i = 0; i < SEQUENCES; i++) {
            next.set(i, random.nextInt());
        }
    }

    /// The next one for an IPv4 packet of this protocol that is made at this time; 16 bits.
    int next(int source, int destination, int protocol, long nowNanos) {
        return next(source, destination, protocol, 1, nowNanos);
    }

    /// The first of so many in a row.
    int next(int source, int destination, int protocol, int count, long nowNanos) {
        int i = sequence((long) source << 32 | (destination & 0xffff_ffffL), protocol);
        int tick = (int) (nowNanos / TICK_NANOS);
        int before = used.get(i);
        int skipped = 0;
        // Of several threads that find a rest one ends it.
        if (before != tick && used.compareAndSet(i, before, tick)) {
            skipped = below(tick - before, (long) next.get(i) << 32 | (tick & 0xffff_ffffL));
        }
        return (next.getAndAdd(i, count + skipped) + skipped) & 0xffff;
    }

    /// A number below `limit`, which is unsigned, that follows from the half of `seed` that nobody has seen.
    private static int below(int limit, long seed) {
        long mixed = (seed ^ (seed >>> 29)) * 0xbf58_476d_1ce4_e5b9L;
        return (int) (((mixed >>> 32) * (limit & 0xffff_ffffL)) >>> 32);
    }

    /// The next one for packets between hosts whose addresses are mixed into two numbers; 32 bits.
    int next(long one, long other) {
        return next.getAndIncrement(sequence(one, other));
    }

    private static int sequence(long one, long other) {
        return AddressBits.hash(one, other) & (SEQUENCES - 1);
    }
}
