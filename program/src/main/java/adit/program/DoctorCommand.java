package adit.program;

import adit.program.doctor.Doctor;
import adit.program.doctor.Finding;
import adit.program.doctor.Finding.Verdict;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Option;

/// `adit doctor`.
@Command(
        name = "doctor",
        description = "Tell what this host allows, and what to do where it does not.",
        optionListHeading = "%nOptions:%n",
        footerHeading = "%n",
        footer = {
            "Changes nothing: no device appears and no kernel module is loaded. Ends with 0",
            "unless something is missing, then with 2.",
            "",
            "Examples:",
            "  adit doctor",
            "  adit doctor --json | jq '.findings[] | select(.verdict != \"ok\")'"
        })
final class DoctorCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Option(names = "--json", description = "Report as JSON.")
    private boolean json;

    DoctorCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws InterruptedException {
        List<Finding> findings = Doctor.ofThisHost().examine();
        if (json) {
            terminal.out()
                    .println(Json.pretty(Map.of(
                            "findings",
                            findings.stream().map(DoctorCommand::map).toList())));
        } else {
            findings.forEach(this::print);
        }
        return findings.stream().anyMatch(f -> f.verdict() == Verdict.MISSING) ? ExitCode.RUNTIME : ExitCode.OK;
    }

    private void print(Finding f) {
        terminal.out().println(word(f.verdict()) + " %-20s %s".formatted(f.subject(), f.detail()));
        f.remedies().forEach(r -> terminal.out().println(" ".repeat(29) + " " + r));
    }

    private String word(Verdict verdict) {
        Ansi colours = terminal.outColours();
        return switch (verdict) {
            case OK -> colours.string("@|green ok     |@");
            case LIMITED -> colours.string("@|yellow limited|@");
            case MISSING -> colours.string("@|bold,red missing|@");
        };
    }

    private static Map<String, Object> map(Finding f) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("id", f.id());
        map.put("verdict", f.verdict().name().toLowerCase(Locale.ROOT));
        map.put("detail", f.detail());
        map.put("remedies", f.remedies());
        return map;
    }
}
