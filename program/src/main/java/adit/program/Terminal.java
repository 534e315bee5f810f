package adit.program;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Help.Ansi;

/// Where a command reads, prints and complains, and whether in colour.
///
/// Both writers are buffered; [#flush] is called at the end of the program, and by whoever prints something
/// live.
///
/// @param in the standard input
/// @param out for what was asked for
/// @param err for everything else
/// @param outColours whether `out` is coloured
/// @param errColours whether `err` is coloured
record Terminal(InputStream in, PrintWriter out, PrintWriter err, Ansi outColours, Ansi errColours) {
    /// The terminal of this process. Whether its outputs are terminals is told by the launcher in the property
    /// `adit.terminal`, since Java can't ask it for each of them. Colours are for terminals, unless NO_COLOR is
    /// set (<https://no-color.org>) or TERM is dumb. What is printed goes to `output`.
    static Terminal ofProcess(OutputStream output) {
        List<String> terminals = List.of(System.getProperty("adit.terminal", "").split(","));
        return new Terminal(
                new FileInputStream(FileDescriptor.in),
                writer(output, System.out.charset()),
                writer(new FileOutputStream(FileDescriptor.err), System.err.charset()),
                colours(terminals.contains("out"), System.getenv()),
                colours(terminals.contains("err"), System.getenv()));
    }

    /// Whether somebody sits at the terminal and types.
    static boolean isTypedAt() {
        return List.of(System.getProperty("adit.terminal", "").split(",")).containsAll(List.of("in", "out"));
    }

    private static PrintWriter writer(OutputStream stream, Charset charset) {
        return new PrintWriter(new OutputStreamWriter(stream, charset));
    }

    static Ansi colours(boolean isTerminal, Map<String, String> environment) {
        boolean wanted = isTerminal
                && environment.getOrDefault("NO_COLOR", "").isEmpty()
                && !environment.getOrDefault("TERM", "").equals("dumb");
        return wanted ? Ansi.ON : Ansi.OFF;
    }

    /// Prints a line of complaint: what went wrong.
    void complain(String message) {
        out.flush();
        err.println(errColours.string("@|bold,red adit:|@ ") + message);
        err.flush();
    }

    /// Prints a line of advice below a complaint.
    void advise(String advice) {
        err.println("      " + advice);
        err.flush();
    }

    void flush() {
        out.flush();
        err.flush();
    }
}
