package adit.wire;

import java.util.SplittableRandom;

/// Runs a check on many random inputs and names the seed of the one that failed.
final class Property {
    /// A check on what `dice` makes up. It fails by throwing.
    @FunctionalInterface
    interface Check {
        void on(SplittableRandom dice);
    }

    private Property() {}

    /// Runs `check` `rounds` times. Round `n` alone is run again by `forAll(seed + n, 1, check)`.
    static void forAll(long seed, int rounds, Check check) {
        for (int round = 0; round < rounds; round++) {
            try {
                check.on(new SplittableRandom(seed + round));
            } catch (RuntimeException | Error e) {
                throw new AssertionError("fails with forAll(" + (seed + round) + ", 1, ...): " + e.getMessage(), e);
            }
        }
    }

    static byte[] octets(SplittableRandom dice, int length) {
        byte[] octets = new byte[length];
        dice.nextBytes(octets);
        return octets;
    }
}
