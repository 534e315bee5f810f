package adit.bench.namespace;

import java.util.Random;

/// What a read from memory costs that can't begin before the one before it has ended: the yardstick of what a cache
/// miss is on this machine.
final class DependentReads {
    private static final int LINE = 16;
    private static final int READS = 2_000_000;
    private static final int ROUNDS = 5;

    private DependentReads() {}

    /// Nanoseconds for each read, at random lines of so much memory; the quickest of some rounds.
    static double nanos(int mebibytes) {
        int lines = (mebibytes << 20) / (LINE * Integer.BYTES);
        int[] next = circle(lines);
        double best = Double.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            long start = System.nanoTime();
            int at = 0;
            for (int i = 0; i < READS; i++) {
                at = next[at];
            }
            best = Math.min(best, (System.nanoTime() - start) / (double) READS);
            if (at % LINE != 0) {
                throw new IllegalStateException("the way left the lines at " + at);
            }
        }
        return best;
    }

    /// A way through all lines in an order of no use to anybody: in the first word of each where the next one is.
    private static int[] circle(int lines) {
        int[] order = new int[lines];
        Random random = new Random(1);
        for (int i = 0; i < lines; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        int[] next = new int[lines * LINE];
        for (int i = 0; i < lines; i++) {
            next[order[i] * LINE] = order[(i + 1) % lines] * LINE;
        }
        return next;
    }
}
