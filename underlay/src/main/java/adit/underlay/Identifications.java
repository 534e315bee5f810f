package adit.underlay;

import java.util.random.RandomGenerator;

/// Where outer packets get their identification field from: a sequence of its own for each remote, one up with each
/// packet, as the Linux tunnel drivers do it. The field is filled on packets that forbid fragmentation too.
///
/// Sequences start at a random place. Remotes whose hashes meet share a sequence, which keeps the numbers of each
/// distinct all the same (RFC 6864 section 4 asks for no more). For one thread.
public final class Identifications {
    private static final int BITS = 10;
    /// The golden ratio of 2^32: Fibonacci hashing, whose high bits depend on every bit of the address.
    private static final int MULTIPLIER = 0x9e37_79b9;

    private final int[] next = new int[1 << BITS];

    /// Sequences that start where `random` says.
    public Identifications(RandomGenerator random) {
        for (int i = 0; i < next.length; i++) {
            next[i] = random.nextInt();
        }
    }

    /// The next identification towards `destination`, 0 to 65535.
    public int next(int destination) {
        return next[(destination * MULTIPLIER) >>> (Integer.SIZE - BITS)]++ & 0xffff;
    }
}
