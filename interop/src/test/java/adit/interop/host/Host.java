package adit.interop.host;

import java.time.Duration;

/// A machine that runs shell scripts: a guest, or a network namespace of this machine.
public interface Host {
    /// Runs a script (POSIX sh) to its end, or for `limit` at most, and answers how it ended. Programs that
    /// shall go on behind it must be started in the background with their output redirected. One script at a
    /// time.
    Outcome exec(String script, Duration limit);

    /// What to call it in messages.
    String name();

    /// A directory of this host's own, where scripts may leave files.
    String scratch();

    /// Runs a script that should take no more than a moment, and answers its output. Throws when it fails.
    default String run(String script) {
        return run(script, Duration.ofMinutes(2));
    }

    /// Runs a script and answers its output. Throws an [AssertionError] that shows script and output when it
    /// fails.
    default String run(String script, Duration limit) {
        Outcome outcome = exec(script, limit);
        if (!outcome.ok()) {
            throw new AssertionError("exit code %d on %s from%n%s%nwhich said%n%s"
                    .formatted(
                            outcome.code(),
                            name(),
                            script.indent(4),
                            outcome.output().indent(4)));
        }
        return outcome.output();
    }
}
