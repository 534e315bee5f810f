package adit.program;

import adit.iproute.Ip;
import adit.program.ip.KernelIpHost;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/// `adit ip`: iproute2's grammar, on the network namespace of the kernel that the program runs in.
///
/// Its words and options are not picocli's, so [Adit] hands them over as they are; here they only have their place
/// among the commands.
@Command(
        name = "ip",
        description = "Show and change links, addresses, routes and neighbours, in the grammar, output and exit codes"
                + " of iproute2. `adit ip help` tells more.")
final class IpCommand implements Runnable {
    /// The word that stands for this command.
    static final String NAME = "ip";

    private final Terminal terminal;

    @Unmatched
    private List<String> words = List.of();

    IpCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /// Runs a command line, given without `ip` itself, and answers the exit code of iproute2.
    static int run(Terminal terminal, List<String> words) {
        try (KernelIpHost host = KernelIpHost.current()) {
            return new Ip(host, terminal.in(), terminal.out(), terminal.err()).run(words.toArray(String[]::new));
        } catch (IOException e) {
            terminal.complain(e.getMessage());
            return ExitCode.RUNTIME;
        }
    }

    @Override
    public void run() {
        run(terminal, words);
    }
}
