package adit.netns;

import adit.port.Deadline;
import java.util.concurrent.locks.LockSupport;

/// The thread that does on real time what is due: it sleeps until then, or until something becomes due earlier.
final class Housekeeper implements AutoCloseable {
    private static final long SHORTEST_NANOS = 1_000_000;

    private final Namespace namespace;
    private final Thread thread;
    private volatile boolean closed;

    Housekeeper(Namespace namespace) {
        this.namespace = namespace;
        this.thread = Thread.ofPlatform().name("adit-netns").daemon().unstarted(this::run);
        namespace.alarm(() -> LockSupport.unpark(thread));
        thread.start();
    }

    private void run() {
        while (!closed) {
            long deadline = namespace.deadline();
            if (deadline == Deadline.NEVER) {
                LockSupport.park(this);
                continue;
            }
            long now = System.nanoTime();
            if (deadline - now > 0) {
                LockSupport.parkNanos(this, Math.max(deadline - now, SHORTEST_NANOS));
            } else {
                namespace.turn(now);
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        namespace.alarm(() -> {});
        LockSupport.unpark(thread);
        boolean interrupted = false;
        while (thread.isAlive() && !thread.equals(Thread.currentThread())) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
