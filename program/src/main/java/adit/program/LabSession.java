package adit.program;

import adit.lab.Lab;
import adit.lab.LabShell;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Commands on a lab, line by line: typed at a prompt, where a failure is told and that is all, or read from a
/// script, which ends at the first one.
final class LabSession {
    private final Terminal terminal;
    private final LabShell shell;
    private final Form form;

    /// How answers look.
    private enum Form {
        PROMPT,
        TEXT,
        JSON
    }

    private LabSession(Terminal terminal, LabShell shell, Form form) {
        this.terminal = terminal;
        this.shell = shell;
        this.form = form;
    }

    /// At a prompt.
    static LabSession typed(Lab lab, Terminal terminal) {
        return new LabSession(terminal, new LabShell(lab), Form.PROMPT);
    }

    /// By a script that answers as it would at a prompt.
    static LabSession script(Lab lab, Terminal terminal) {
        return new LabSession(terminal, new LabShell(lab), Form.TEXT);
    }

    /// By a script that answers in JSON, one object for each command.
    static LabSession json(Lab lab, Terminal terminal) {
        return new LabSession(terminal, new LabShell(lab), Form.JSON);
    }

    /// Carries out what is typed into `editor`, and answers the exit code.
    int run(LineEditor editor) {
        for (String line = editor.read(shell.prompt()); line != null; line = editor.read(shell.prompt())) {
            shell.run(line, terminal.out(), terminal.err());
            if (shell.hasEnded()) {
                return ExitCode.OK;
            }
        }
        return ExitCode.OK;
    }

    /// What may follow words that are being typed.
    List<String> mayFollow(List<String> words) {
        return shell.mayFollow(words);
    }

    /// Carries out what `in` says, which is called `name` in complaints, and answers the exit code.
    int run(String name, InputStream in) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        int number = 0;
        prompt();
        for (String line = lines.readLine(); line != null && !shell.hasEnded(); line = lines.readLine()) {
            number++;
            int code = form == Form.JSON ? json(line) : shell.run(line, terminal.out(), terminal.err());
            if (code != 0 && form != Form.PROMPT) {
                terminal.complain(name + ":" + number + ": `" + line.strip() + "` ended with " + code);
                return ExitCode.RUNTIME;
            }
            if (shell.hasEnded()) {
                return ExitCode.OK;
            }
            prompt();
        }
        if (form == Form.PROMPT) {
            // The end of the input leaves the cursor behind the prompt.
            terminal.out().println();
        }
        return ExitCode.OK;
    }

    private void prompt() {
        if (form == Form.PROMPT) {
            terminal.out().print(shell.prompt());
            terminal.out().flush();
        }
    }

    private int json(String line) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = shell.run(line, new PrintWriter(out), new PrintWriter(err));
        if (!line.isBlank()) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("command", line.strip());
            object.put("exitCode", code);
            object.put("output", out.toString());
            object.put("errors", err.toString());
            terminal.out().println(Json.line(object));
            terminal.out().flush();
        }
        return code;
    }
}
