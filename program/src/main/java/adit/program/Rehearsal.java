package adit.program;

import java.io.InputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.List;
import picocli.CommandLine.Help.Ansi;

/// Runs the commands that a user waits for, with their output thrown away, so that the JVM can record what they load.
/// The launcher makes its start-up cache with this.
public final class Rehearsal {
    private static final List<String[]> COMMANDS =
            List.of(new String[] {"--help"}, new String[] {"version"}, new String[] {"no-such-command"});

    private Rehearsal() {}

    /// Takes no arguments.
    public static void main(String[] args) {
        for (String[] command : COMMANDS) {
            PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
            Adit.run(new Terminal(InputStream.nullInputStream(), nowhere, nowhere, Ansi.ON, Ansi.ON), command);
        }
    }
}
