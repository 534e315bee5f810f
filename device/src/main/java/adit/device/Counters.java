package adit.device;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// Named counts that many threads raise at once without a lock.
///
/// Each thread adds to the stripe that its number chooses; a sum goes over all stripes. Sums are exact while
/// nobody adds, and never miss what was added before. Numbers are the ordinals of an enum.
final class Counters {
    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int STRIPES = 8;
    private static final int LINE = 16;

    private final long[] words;
    private final int stride;

    Counters(int kinds) {
        stride = (kinds + 2 * LINE - 1) & -LINE;
        words = new long[LINE + STRIPES * stride];
    }

    void add(int kind, long amount) {
        int stripe = (int) Thread.currentThread().threadId() & (STRIPES - 1);
        WORD.getAndAddRelease(words, LINE + stripe * stride + kind, amount);
    }

    long sum(int kind) {
        long sum = 0;
        for (int stripe = 0; stripe < STRIPES; stripe++) {
            sum += (long) WORD.getAcquire(words, LINE + stripe * stride + kind);
        }
        return sum;
    }
}
