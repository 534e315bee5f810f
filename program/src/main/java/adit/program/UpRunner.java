package adit.program;

import adit.program.config.UpConfig;
import java.io.IOException;

/// Brings tunnels up and keeps them up.
@FunctionalInterface
interface UpRunner {
    /// Brings up what `config` says, says so on the terminal, and returns when the process is told to end and
    /// all that was made is gone again. Answers the exit code. Whatever was made is also removed when this
    /// throws.
    int run(UpConfig config, Terminal terminal) throws IOException;
}
