package adit.program.up;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/// What was made, to be unmade in the opposite order. A step that fails is told of and does not stop the
/// others.
///
/// For one thread.
public final class Undo implements AutoCloseable {
    /// One thing to unmake.
    @FunctionalInterface
    public interface Step {
        /// Unmakes it.
        void run() throws Exception;
    }

    private record Named(String what, Step step) {}

    private final Deque<Named> steps = new ArrayDeque<>();
    private final Consumer<String> failures;

    /// `failures` is told of each step that fails, in one line.
    public Undo(Consumer<String> failures) {
        this.failures = failures;
    }

    /// Remembers how to unmake what was just made. `what` completes "could not ...".
    public void later(String what, Step step) {
        steps.push(new Named(what, step));
    }

    @Override
    public void close() {
        while (!steps.isEmpty()) {
            Named named = steps.pop();
            try {
                named.step.run();
            } catch (Exception e) {
                failures.accept("could not " + named.what + ": " + e.getMessage());
            }
        }
    }
}
