package adit.device;

import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;

/// Threads that wait for something to arrive, such as the readers of a file.
///
/// Who waits adds itself, looks once more, and only then parks. Who brings something makes it visible, passes a
/// full fence, and looks whether anybody waits. So one of the two sees the other, and no wake-up is lost.
/// Waking costs a read when nobody waits.
public final class Waiters {
    private static final Thread[] NOBODY = {};

    private volatile Thread[] threads = NOBODY;

    /// Nobody waits yet.
    public Waiters() {}

    /// Waits until `look` answers something other than 0, and answers that; 0 when `timeoutNanos` have passed,
    /// which a negative number never does; -EINTR when the thread is interrupted, which stays so. `look` is
    /// asked on this thread, at once and after each wake-up.
    public int await(IntSupplier look, long timeoutNanos) {
        long start = timeoutNanos < 0 ? 0 : System.nanoTime();
        Thread me = Thread.currentThread();
        add(me);
        try {
            while (true) {
                int found = look.getAsInt();
                if (found != 0) {
                    return found;
                }
                if (me.isInterrupted()) {
                    return -Errno.EINTR;
                }
                if (timeoutNanos < 0) {
                    LockSupport.park(this);
                    continue;
                }
                long left = timeoutNanos - (System.nanoTime() - start);
                if (left <= 0) {
                    return 0;
                }
                LockSupport.parkNanos(this, left);
            }
        } finally {
            remove(me);
        }
    }

    private synchronized void add(Thread t) {
        Thread[] more = Arrays.copyOf(threads, threads.length + 1);
        more[threads.length] = t;
        threads = more;
    }

    private synchronized void remove(Thread t) {
        Thread[] rest = new Thread[threads.length - 1];
        int n = 0;
        boolean found = false;
        for (Thread other : threads) {
            if (!found && other.equals(t)) {
                found = true;
            } else {
                rest[n++] = other;
            }
        }
        threads = rest;
    }

    /// Has everybody who waits look again, and answers whether somebody does. What they look for was made visible
    /// before, and a full fence passed.
    public boolean wake() {
        Thread[] present = threads;
        for (Thread t : present) {
            LockSupport.unpark(t);
        }
        return present.length > 0;
    }

    /// As [#wake], but for the calling thread, which waits itself and leaves something for others.
    public void wakeOthers() {
        Thread me = Thread.currentThread();
        for (Thread t : threads) {
            if (!t.equals(me)) {
                LockSupport.unpark(t);
            }
        }
    }
}
