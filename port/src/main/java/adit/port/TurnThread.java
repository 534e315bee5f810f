package adit.port;

import java.util.function.Consumer;

/// Runs turns one after another on a platform thread of its own until it is closed.
///
/// A platform thread, because native calls pin a virtual thread's carrier. A turn that throws ends this thread; the
/// failure goes to the handler given at the start, once.
public final class TurnThread implements AutoCloseable {
    private final Turn[] turns;
    private final Idle idle;
    private final Thread thread;
    private volatile boolean closing;

    private TurnThread(String name, Idle idle, Consumer<Throwable> failure, Turn[] turns) {
        this.turns = turns;
        this.idle = idle;
        this.thread = Thread.ofPlatform().name(name).daemon().unstarted(() -> run(failure));
    }

    /// Starts a thread that runs `turns` round robin. `idle` is told after each round how much moved, and is closed
    /// at the end.
    public static TurnThread start(String name, Idle idle, Consumer<Throwable> failure, Turn... turns) {
        TurnThread t = new TurnThread(name, idle, failure, turns.clone());
        t.thread.start();
        return t;
    }

    private void run(Consumer<Throwable> failure) {
        try (idle) {
            while (!closing) {
                long now = System.nanoTime();
                int moved = 0;
                for (Turn turn : turns) {
                    moved += turn.turn(now);
                }
                idle.idle(moved);
            }
        } catch (Throwable t) {
            failure.accept(t);
        }
    }

    /// Whether the thread still runs.
    public boolean running() {
        return thread.isAlive();
    }

    /// Stops after the present turn and waits for the thread to end. From the thread itself it only asks for the
    /// stop.
    @Override
    public void close() {
        closing = true;
        idle.wake();
        if (Thread.currentThread().equals(thread)) {
            return;
        }
        awaitEnd(thread);
    }

    /// Waits until `thread` has ended. An interrupt does not shorten the wait; it is kept for afterwards.
    public static void awaitEnd(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
