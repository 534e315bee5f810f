package adit.port;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/// The time of [System#nanoTime] for who asks with every packet and can do with one that is up to [#TICK_NANOS]
/// old: what Linux's jiffies are to its packets. Asking the clock itself takes some 25 ns, which is a good part of
/// what a packet has.
///
/// While it is asked often, a thread of the whole process brings it up to date at every tick. While it is asked
/// seldom, it asks the clock, and the thread sleeps. It never goes back. For any thread; takes no lock.
public final class CoarseTime implements LongSupplier {
    /// How old the time that is answered may be, in nanoseconds, on a machine that wakes threads when it should.
    public static final long TICK_NANOS = 4_000_000;

    /// The one there is.
    public static final CoarseTime INSTANCE = new CoarseTime();

    /// How often it is asked within a tick when it is asked often.
    private static final int OFTEN = 64;
    /// After how many ticks without a question the thread sleeps.
    private static final int QUIET_TICKS = 25;

    private static final VarHandle NANOS;

    static {
        try {
            NANOS = MethodHandles.lookup().findVarHandle(CoarseTime.class, "nanos", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile long nanos = System.nanoTime();
    private volatile boolean ticking;
    private volatile boolean asked;
    /// While it does not tick: when counting began and how often it was asked since. Threads that count at once may
    /// lose a count, and then it begins to tick a little later.
    private long countedFrom = nanos;

    private int count;

    private CoarseTime() {}

    @Override
    public long getAsLong() {
        if (!ticking) {
            return seldom();
        }
        // Written only once in a tick, so that threads do not take the word from each other.
        if (!asked) {
            asked = true;
        }
        return nanos;
    }

    private long seldom() {
        long now = advance();
        if (now - countedFrom > TICK_NANOS) {
            countedFrom = now;
            count = 0;
        } else if (++count == OFTEN) {
            asked = true;
            ticking = true;
            LockSupport.unpark(Ticker.THREAD);
        }
        return now;
    }

    /// Brings the time up to date, unless another thread has brought it further.
    private long advance() {
        long now = System.nanoTime();
        long was = nanos;
        while (now - was > 0 && !NANOS.compareAndSet(this, was, now)) {
            was = nanos;
        }
        return now - was > 0 ? now : was;
    }

    private void run() {
        int quiet = 0;
        while (true) {
            if (!ticking) {
                LockSupport.park(this);
                continue;
            }
            LockSupport.parkNanos(this, TICK_NANOS);
            advance();
            quiet = asked ? 0 : quiet + 1;
            asked = false;
            if (quiet == QUIET_TICKS) {
                quiet = 0;
                ticking = false;
            }
        }
    }

    /// The thread, which is not there before it is needed.
    private static final class Ticker {
        static final Thread THREAD =
                Thread.ofPlatform().name("adit-time").daemon().start(INSTANCE::run);
    }
}
