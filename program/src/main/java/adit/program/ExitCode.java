package adit.program;

/// How the program ends.
final class ExitCode {
    /// All that was asked for was done.
    static final int OK = 0;
    /// The command line or the configuration is wrong; nothing was done.
    static final int USAGE = 1;
    /// It failed while running.
    static final int RUNTIME = 2;

    private ExitCode() {}
}
