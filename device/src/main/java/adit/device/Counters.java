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

    private static final int OWNER = 0;
    private static final int FIRST = 1;

    /// Each with the number of the thread that owns it, which is 0 for no thread, and then a word for each kind.
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
            raise(stripe, kind, amount);
        }
    }

    /// Adds to the counts of two kinds: the packets and the octets of one event.
    public void add(int kind, long amount, int other, long otherAmount) {
        long[] stripe = own();
        if (stripe == null) {
            addShared(kind, amount);
            addShared(other, otherAmount);
        } else {
            raise(stripe, kind, amount);
            raise(stripe, other, otherAmount);
        }
    }

    private static void raise(long[] stripe, int kind, long amount) {
        int word = FIRST + kind;
        WORD.setRelease(stripe, word, stripe[word] + amount);
    }

    /// The stripe of this thread, or null when it has none of its own.
    private long[] own() {
        long thread = Thread.currentThread().threadId();
        int i = (int) thread & (OWNED - 1);
        long[] stripe = (long[]) STRIPE.getAcquire(stripes, i);
        if (stripe == null) {
            stripe = make(i, thread);
        }
        return stripe[OWNER] == thread ? stripe : null;
    }

    private void addShared(int kind, long amount) {
        long[] stripe = (long[]) STRIPE.getAcquire(stripes, SHARED);
        WORD.getAndAddRelease(stripe == null ? make(SHARED, 0) : stripe, FIRST + kind, amount);
    }

    private long[] make(int i, long owner) {
        long[] made = new long[FIRST + kinds + LINE];
        made[OWNER] = owner;
        long[] there = (long[]) STRIPE.compareAndExchange(stripes, i, null, made);
        return there == null ? made : there;
    }

    /// The count of a kind.
    public long sum(int kind) {
        long sum = 0;
        for (int i = 0; i <= SHARED; i++) {
            long[] stripe = (long[]) STRIPE.getAcquire(stripes, i);
            if (stripe != null) {
                sum += (long) WORD.getAcquire(stripe, FIRST + kind);
            }
        }
        return sum;
    }
}
