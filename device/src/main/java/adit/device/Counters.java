package adit.device;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// Named counts that many threads raise at once without a lock.
///
/// Each thread adds to the stripe that its number chooses; a sum goes over all stripes. Sums are exact while
/// nobody adds, and never miss what was added before. Numbers are the ordinals of an enum. A stripe takes its
/// memory with the first count of one of its threads, so that interfaces without traffic need next to none.
final class Counters {
    private static final VarHandle STRIPE = MethodHandles.arrayElementVarHandle(long[][].class);
    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int STRIPES = 8;
    /// Words of two cache lines, which processors fetch together.
    private static final int LINE = 16;

    private final long[][] stripes = new long[STRIPES][];
    private final int kinds;

    Counters(int kinds) {
        this.kinds = kinds;
    }

    void add(int kind, long amount) {
        int i = (int) Thread.currentThread().threadId() & (STRIPES - 1);
        long[] stripe = (long[]) STRIPE.getAcquire(stripes, i);
        WORD.getAndAddRelease(stripe == null ? make(i) : stripe, kind, amount);
    }

    private long[] make(int i) {
        long[] made = new long[kinds + LINE];
        long[] there = (long[]) STRIPE.compareAndExchange(stripes, i, null, made);
        return there == null ? made : there;
    }

    long sum(int kind) {
        long sum = 0;
        for (int i = 0; i < STRIPES; i++) {
            long[] stripe = (long[]) STRIPE.getAcquire(stripes, i);
            if (stripe != null) {
                sum += (long) WORD.getAcquire(stripe, kind);
            }
        }
        return sum;
    }
}
