package adit.program;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `adit status`.
@Command(
        name = "status",
        description = "Tell how the tunnels of a running adit fare, as JSON.",
        optionListHeading = "%nOptions:%n",
        footerHeading = "%nExamples:%n",
        footer = {
            "  adit status                 all that this user runs",
            "  adit status 4711            this one",
            "",
            "kill -USR1 PID makes a running adit print the same on its standard error."
        })
final class StatusCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(arity = "0..1", paramLabel = "PID", description = "The process; all of this user's when left out.")
    private Long pid;

    StatusCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        if (pid != null && pid < 1) {
            throw Failure.usage("PID " + pid + " is no process's number", "see adit status --help");
        }
        List<Long> asked = pid == null ? ControlSocket.processes() : List.of(pid);
        int answered = 0;
        for (long process : asked) {
            Optional<String> status = ControlSocket.ask(process);
            if (status.isPresent()) {
                answered++;
                terminal.out().println(status.get());
            }
        }
        if (answered > 0) {
            return ExitCode.OK;
        }
        throw Failure.runtime(
                pid == null ? "no adit of this user is running" : "no adit with process number " + pid + " answers",
                "adit up FILE starts one; sockets are looked for in " + ControlSocket.folder());
    }
}
