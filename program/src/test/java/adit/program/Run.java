package adit.program;

import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine.Help.Ansi;

/// What a command line printed and how it ended.
record Run(int code, String out, String err) {
    static Run adit(byte[] in, String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Terminal terminal = new Terminal(
                new ByteArrayInputStream(in), new PrintWriter(out), new PrintWriter(err), Ansi.OFF, Ansi.OFF);
        int code = Adit.run(terminal, args);
        terminal.flush();
        return new Run(code, out.toString(), err.toString());
    }

    static Run adit(String... args) {
        return adit(new byte[0], args);
    }
}
