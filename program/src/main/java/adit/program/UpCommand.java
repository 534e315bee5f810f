package adit.program;

import adit.program.config.Reading;
import adit.program.config.UpConfig;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `adit up`.
@Command(
        name = "up",
        description = "Bring up the tunnels of a file.",
        optionListHeading = "%nOptions:%n",
        footerHeading = "%nExamples:%n",
        footer = {
            "  adit up --check tunnels.yaml        is the file right?",
            "  adit up tunnels.yaml                until Ctrl-C",
            "",
            "SIGINT, SIGTERM and SIGHUP end it with 0, and what it made is gone. SIGUSR1",
            "prints its status, as `adit status` does from elsewhere.",
            "",
            "The file is described in docs/configuration.md; docs/tunnels.yaml is an example",
            "with every key explained."
        })
final class UpCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(paramLabel = "FILE", description = "The configuration, in YAML; - reads the standard input.")
    private String file;

    @Option(names = "--check", description = "Only read the file and report every mistake in it.")
    private boolean check;

    @Option(names = "--json", description = "With --check: report on the output as JSON.")
    private boolean json;

    private final Optional<UpRunner> runner;

    UpCommand(Terminal terminal, Optional<UpRunner> runner) {
        this.terminal = terminal;
        this.runner = runner;
    }

    @Override
    public Integer call() throws IOException {
        String name;
        Reading<UpConfig> outcome;
        try (Input input = Input.open(file, terminal)) {
            name = input.name();
            outcome = UpConfig.read(name, input.stream().readNBytes(UpConfig.MAX_SIZE + 1));
        }
        if (json && !check) {
            throw Failure.usage("--json goes with --check", "");
        }
        if (json) {
            terminal.out()
                    .println(Json.pretty(
                            ProblemReport.json(name, outcome.config().isPresent(), outcome.problems())));
        } else {
            outcome.problems().forEach(terminal.err()::println);
        }
        if (outcome.config().isEmpty()) {
            long errors = outcome.errors();
            terminal.complain(name + " has " + errors + (errors == 1 ? " error" : " errors") + "; nothing was done");
            return ExitCode.USAGE;
        }
        UpConfig config = outcome.config().get();
        if (!check) {
            return runner.orElseThrow(
                            () -> Failure.usage("this build can't bring tunnels up", "--check reads the file"))
                    .run(config, terminal);
        }
        if (!json) {
            int count = config.tunnels().size();
            terminal.out().println(name + ": " + count + (count == 1 ? " tunnel" : " tunnels") + ", no mistakes");
            config.tunnels().forEach(t -> terminal.out().println("  " + t));
        }
        return ExitCode.OK;
    }
}
