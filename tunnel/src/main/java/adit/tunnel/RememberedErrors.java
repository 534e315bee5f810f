package adit.tunnel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// The ICMP errors about a tunnel's outer packets that its inner senders have not been told of. Routers quote
/// too little of an outer packet to tell the inner sender at once, so the sender of the next inner packet will
/// be told.
///
/// For any threads; takes no lock.
public final class RememberedErrors {
    /// How long an error is remembered, in nanoseconds: 30 seconds.
    static final long MEMORY_NANOS = 30_000_000_000L;

    /// The state is one word, so that count and time change together: the time of the last error in nanoseconds
    /// with its low 16 bits (66 microseconds) replaced by the count.
    private static final long COUNT_MASK = 0xffff;

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(RememberedErrors.class, "state", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @SuppressWarnings("FieldMayBeFinal") // written through STATE
    private volatile long state;

    /// Nothing to be told of.
    public RememberedErrors() {}

    /// Takes note of an error.
    public void note(long nowNanos) {
        long seen;
        long next;
        do {
            seen = state;
            long count = isRecent(seen, nowNanos) ? Math.min((seen & COUNT_MASK) + 1, COUNT_MASK) : 1;
            next = (nowNanos & ~COUNT_MASK) | count;
        } while (!STATE.compareAndSet(this, seen, next));
    }

    /// Whether the sender of the present inner packet is to be told that the peer can't be reached: once for
    /// each error noted in the last 30 seconds.
    public boolean take(long nowNanos) {
        while (true) {
            long seen = state;
            if ((seen & COUNT_MASK) == 0) {
                return false;
            }
            boolean told = isRecent(seen, nowNanos);
            if (STATE.compareAndSet(this, seen, told ? seen - 1 : 0L)) {
                return told;
            }
        }
    }

    /// How many were noted and not yet told of.
    public int count() {
        return (int) (state & COUNT_MASK);
    }

    private static boolean isRecent(long state, long nowNanos) {
        return (state & COUNT_MASK) != 0 && nowNanos - (state & ~COUNT_MASK) < MEMORY_NANOS;
    }
}
