package adit.tun;

import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/// Threads that wait for something to arrive at a file.
///
/// Who waits adds itself, looks once more, and only then parks. Who brings something makes it visible, passes a
/// full fence, and looks whether anybody waits. So one of the two sees the other, and no wake-up is lost.
/// Waking costs a read when nobody waits.
final class Waiters {
    private static final Thread[] NOBODY = {};

    private volatile Thread[] threads = NOBODY;

    synchronized void add(Thread t) {
        Thread[] more = Arrays.copyOf(threads, threads.length + 1);
        more[threads.length] = t;
        threads = more;
    }

    synchronized void remove(Thread t) {
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

    void wake() {
        for (Thread t : threads) {
            LockSupport.unpark(t);
        }
    }
}
