package adit.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

class AditTest {
    private static List<List<String>> commands() {
        List<List<String>> all = new ArrayList<>();
        all.add(List.of());
        CommandLine root = Adit.commandLine(Terminal.ofProcess());
        root.getSubcommands().keySet().forEach(name -> all.add(List.of(name)));
        return all;
    }

    @Test
    void helpOfEachCommandGoesToTheOutputWithin80Columns() {
        for (List<String> command : commands()) {
            List<String> args = new ArrayList<>(command);
            args.add("--help");
            Run r = Run.adit(args.toArray(String[]::new));
            assertThat(r.code()).as("%s", command).isZero();
            assertThat(r.err()).isEmpty();
            assertThat(r.out()).contains("Usage: adit");
            assertThat(r.out().lines()).as("%s", command).allMatch(line -> line.length() <= 80);
        }
    }

    @Test
    void helpAndVersionAreAlsoCommands() {
        assertThat(Run.adit("help").out()).isEqualTo(Run.adit("--help").out());
        assertThat(Run.adit("version").out())
                .isEqualTo(Run.adit("--version").out())
                .matches("adit \\d\\S+ \\(Java 25\\S*, Linux .*\\)\n");
    }

    @Test
    void aWrongWordIsAnsweredByAShortComplaintAndOne() {
        Run r = Run.adit("versoin");
        assertThat(r.code()).isEqualTo(1);
        assertThat(r.out()).isEmpty();
        assertThat(r.err()).startsWith("adit: ").contains("versoin", "did you mean version?", "adit --help");
        assertThat(r.err().lines()).hasSize(3);
        assertThat(Run.adit("version", "--jsno").code()).isEqualTo(1);
    }

    @Test
    void noCommandIsWrongUsage() {
        Run r = Run.adit();
        assertThat(r.code()).isEqualTo(1);
        assertThat(r.out()).isEmpty();
        assertThat(r.err()).contains("which command?", "adit --help");
    }

    @Test
    void coloursAreForTerminalsThatWantThem() {
        assertThat(Terminal.colours(true, Map.of("TERM", "xterm"))).isEqualTo(Ansi.ON);
        assertThat(Terminal.colours(true, Map.of("NO_COLOR", ""))).isEqualTo(Ansi.ON);
        assertThat(Terminal.colours(true, Map.of("NO_COLOR", "1"))).isEqualTo(Ansi.OFF);
        assertThat(Terminal.colours(true, Map.of("TERM", "dumb"))).isEqualTo(Ansi.OFF);
        assertThat(Terminal.colours(false, Map.of("TERM", "xterm"))).isEqualTo(Ansi.OFF);
    }
}
