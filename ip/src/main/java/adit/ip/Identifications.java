package adit.ip;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.random.RandomGenerator;

/// Where the identification fields of packets made here come from: one sequence for each pair of addresses, or
/// for several pairs whose hashes meet, which starts at a random place (RFC 6864 section 4, RFC 7739). For any
/// thread.
final class Identifications {
    private static final int SEQUENCES = 1 << 11;

    private final AtomicIntegerArray next = new AtomicIntegerArray(SEQUENCES);

    Identifications(RandomGenerator random) {
        for (int i = 0; i < SEQUENCES; i++) {
            next.set(i, random.nextInt());
        }
    }

    /// The next one for an IPv4 packet; 16 bits.
    int next(int source, int destination) {
        return next((long) source << 32 | (destination & 0xffff_ffffL), 0L) & 0xffff;
    }

    /// The next one for packets between hosts whose addresses are mixed into two numbers; 32 bits.
    int next(long one, long other) {
        return next.getAndIncrement(IcmpLimits.hash(one, other) & (SEQUENCES - 1));
    }
}
