package adit.ip;

import adit.port.Deadline;
import java.util.function.LongUnaryOperator;

/// Keeps the earliest of the times at which things of one kind are due, so that a turn before it costs a look at
/// one number. Times are those of the namespace's clock, in nanoseconds.
final class Expiry implements Deadline {
    private final IpStack stack;
    private final LongUnaryOperator work;
    private volatile long next = NEVER;

    /// `work` is told the time under the control lock, does what is due, and answers when more will be;
    /// [Deadline#NEVER] if nothing will.
    Expiry(IpStack stack, LongUnaryOperator work) {
        this.stack = stack;
        this.work = work;
    }

    /// Something is due at `time`, or never. Under the control lock.
    void include(long time) {
        if (time < next) {
            next = time;
            stack.armed();
        }
    }

    @Override
    public long deadline() {
        return next;
    }

    /// Takes the control lock if anything is due.
    void expire(long now) {
        if (next > now) {
            return;
        }
        stack.table.lock().lock();
        try {
            next = work.applyAsLong(now);
        } finally {
            stack.table.lock().unlock();
        }
    }
}
