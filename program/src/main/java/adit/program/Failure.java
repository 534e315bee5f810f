package adit.program;

import java.util.Optional;

/// A command can't go on, for a reason that the user can understand and perhaps mend. Ends the program with a
/// message and without a stack trace.
final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int exitCode;
    private final String remedy;

    private Failure(int exitCode, String message, String remedy) {
        super(message, null, false, false);
        this.exitCode = exitCode;
        this.remedy = remedy;
    }

    /// The command line or the configuration is wrong.
    static Failure usage(String message, String remedy) {
        return new Failure(ExitCode.USAGE, message, remedy);
    }

    /// It failed while running.
    static Failure runtime(String message, String remedy) {
        return new Failure(ExitCode.RUNTIME, message, remedy);
    }

    int exitCode() {
        return exitCode;
    }

    /// What to do about it.
    Optional<String> remedy() {
        return remedy.isEmpty() ? Optional.empty() : Optional.of(remedy);
    }
}
