package adit.program;

import adit.iproute.Ip;
import adit.iproute.IpHost;
import adit.program.ip.KernelIpHost;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/// `adit ip`: iproute2's grammar, on the network namespace of the kernel that the program runs in, or on a host
/// that a running `adit lab` or `adit up` has.
///
/// Its words and options are not picocli's, so [Adit] hands them over as they are; here they only have their place
/// among the commands. `--on NAME` is the one word that is not iproute2's.
@Command(
        name = "ip",
        description = "Show and change links, addresses, routes and neighbours, in the grammar, output and exit codes"
                + " of iproute2. `adit ip help` tells more.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  adit ip -d link                              of this machine",
            "  adit ip --on two-sites -n left -d link       of a host of a running lab",
            "  adit ip --on up-4711 -s link                 where tunnels of adit up are",
            "",
            "ADIT_ON in the environment stands for --on."
        })
final class IpCommand implements Runnable {
    /// The word that stands for this command.
    static final String NAME = "ip";

    private static final String ON = "--on";
    private static final String ON_VARIABLE = "ADIT_ON";

    private final Terminal terminal;

    @Unmatched
    private List<String> words = List.of();

    IpCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /// Runs a command line, given without `ip` itself, and answers the exit code of iproute2.
    static int run(Terminal terminal, List<String> words, Map<String, String> environment) {
        List<String> rest = new ArrayList<>(words);
        try (IpHost host = host(rest, environment)) {
            return new Ip(host, terminal.in(), terminal.out(), terminal.err()).run(rest.toArray(String[]::new));
        } catch (Failure e) {
            terminal.complain(e.getMessage());
            e.remedy().ifPresent(terminal::advise);
            return e.exitCode();
        } catch (IOException e) {
            terminal.complain(e.getMessage());
            return ExitCode.RUNTIME;
        }
    }

    private static IpHost host(List<String> words, Map<String, String> environment) throws IOException {
        Optional<String> said = takeOn(words);
        Optional<String> on =
                said.or(() -> Optional.ofNullable(environment.get(ON_VARIABLE))).filter(name -> !name.isEmpty());
        return on.isPresent() ? HostSockets.connect(on.get()) : KernelIpHost.current();
    }

    /// Takes `--on NAME` or `--on=NAME` out of the words.
    private static Optional<String> takeOn(List<String> words) {
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (word.startsWith(ON + "=")) {
                words.remove(i);
                return Optional.of(word.substring(ON.length() + 1));
            }
            if (word.equals(ON)) {
                if (i + 1 == words.size()) {
                    throw Failure.usage("--on needs the name of a running lab", "adit ip --on two-sites -n left addr");
                }
                words.remove(i);
                return Optional.of(words.remove(i));
            }
        }
        return Optional.empty();
    }

    @Override
    public void run() {
        run(terminal, words, System.getenv());
    }
}
