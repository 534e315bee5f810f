package adit.device;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// Named counts that many threads raise at once without a lock.
///
/// The first thread whose number chooses a stripe has it for its own, and adds there without an atomic instruction,
/// of which a packet on its way through a host would otherwise cost dozens. Later threads of the same stripe share
/// one more, and add atomically. A sum goes over all stripes. Sums are exact while nobody adds, and never miss what
/// was added before. Numbers are the ordinals of an enum. A stripe takes its memory with its first count, so that
/// interfaces without traffic need next to none.
public final class Counters {
    private static final VarHandle STRIPE = MethodHandles.arrayElementVarHandle(long[][].class);
    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int OWNED = 8;
    /// The stripe of all threads that have none of their own.
    private static final int SHARED = OWNED;
    /// Words of two cache lines, which processors fetch together.
    private static final int LINE = 16;

    /// Each with a word for each kind, and then the number of the thread that owns it; no thread has number 0.
    private final long[][] stripes = new long[OWNED + 1][];
    private final int kinds;

    /// Counts of so many kinds, all 0.
    public Counters(int kinds) {
        this.kinds = kinds;
    }

    /// Adds to the count of a kind.
    public void add(int kind, long amount) {
        long[] stripe = own();
        if (stripe == null) {
            addShared(kind, amount);
        } else {
            WORD.setRelease(stripe, kind, stripe[kind] + amount);
        }
    }

    /// Adds to the counts of two kinds: the packets and the octets of one event.
    public void add(int kind, long amount, int other, long otherAmount) {
        long[] stripe = own();
        if (stripe == null) {
            addShared(kind, amount);
            addShared(other, otherAmount);
        } else {
            WORD.setRelease(stripe, kind, stripe[kind] + amount);
            WORD.setRelease(stripe, other, stripe[other] + otherAmount);
        }
    }

    /// The stripe of this thread, or null when it has none of its own.
    private long[] own() {
        long thread = Thread.currentThread().threadId();
        int i = (int) thread & (OWNED - 1);
        long[] stripe = (long[]) STRIPE.getAcquire(stripes, i);
        if (stripe == null) {
            stripe = make(i, thread);
        }
        return stripe[kinds] == thread ? stripe : null;
    }

    private void addShared(int kind, long amount) {
        long[] stripe = (long[]) STRIPE.getAcquire(stripes, SHARED);
        WORD.getAndAddRelease(stripe == null ? make(SHARED, 0) : stripe, kind, amount);
    }

    private long[] make(int i, long owner) {
        long[] made = new long[kinds + LINE];
        made[kinds] = owner;
        long[] there = (long[]) STRIPE.compareAndExchange(stripes, i, null, made);
        return there == null ? made : there;
    }

    /// The count of a kind.
    public long sum(int kind) {
        long sum = 0;
        for (int i = 0; i <= SHARED; i++) {
            long[] stripe = (long[]) STRIPE.getAcquire(stripes, i);
            if (stripe != null) {
                sum += (long) WORD.getAcquire(stripe, kind);
            }
        }
        return sum;
    }
}
