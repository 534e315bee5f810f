package adit.ip;

/// How several next hops share packets: of 2^31 hashes each hop that is alive gets a row by its weight. RFC 2992, as
/// Linux does it (`fib_rebalance`). Immutable.
final class HashThreshold {
    /// No hop is alive.
    static final int NONE = -1;

    private static final int HASH_BITS = 31;

    /// The last hash of each hop's row; -1 for the dead.
    private final int[] ends;

    HashThreshold(NextHop[] hops) {
        long total = 0;
        for (NextHop hop : hops) {
            total += hop.isDead() ? 0 : hop.weight();
        }
        this.ends = new int[hops.length];
        long weight = 0;
        for (int i = 0; i < hops.length; i++) {
            weight += hops[i].isDead() ? 0 : hops[i].weight();
            ends[i] = hops[i].isDead() ? -1 : (int) (((weight << HASH_BITS) + total / 2) / total - 1);
        }
    }

    /// The number of the hop for packets with this hash, of which the upper 31 bits count, or [#NONE].
    int choose(int hash) {
        int h = hash >>> 1;
        for (int i = 0; i < ends.length; i++) {
            if (h <= ends[i]) {
                return i;
            }
        }
        return NONE;
    }
}
