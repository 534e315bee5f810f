package adit.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

class AditTest {
    private static List<List<String>> commands() {
        List<List<String>> all = new ArrayList<>();
        all.add(List.of());
        CommandLine root = Adit.commandLine(Terminal.ofProcess(OutputStream.nullOutputStream()));
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

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --frob                     | unknown option '--frob'
            up                         | FILE is missing
            up a b                     | one word too many: 'b'
            demo --carier fou          | unknown option '--carier'
            demo --carrier fuo         | unknown --carrier "fuo", did you mean "fou"?
            demo --carrier sit         | unknown --carrier "sit"; known are direct, fou, gue
            demo --mode ippi           | unknown --mode "ippi", did you mean "ipip"?
            demo --pings               | --pings needs N
            demo --pings x             | --pings is a number, not 'x'
            demo --pings 0             | --pings 0 is not from 1 to 1000
            status x                   | PID is a number, not 'x'
            status -- -1               | PID -1 is no process's number
            lab --time reel two-sites  | unknown --time "reel", did you mean "real"?
            decode --fou x f           | --fou takes PORT[:PROTO] in numbers, not "x"
            decode --gue x f           | --gue is a number, not 'x'
            """)
    void aWrongLineIsToldByItsOwnWords(String line, String told) {
        Run r = Run.adit(line.split(" "));
        assertThat(r.code()).isEqualTo(1);
        assertThat(r.out()).isEmpty();
        assertThat(r.err().lines().findFirst()).hasValue("adit: " + told);
    }

    @Test
    void aNameIsToldOnOneShortLine() {
        assertThat(Run.adit("a".repeat(100_000)).err().lines()).allMatch(line -> line.length() < 100);
        assertThat(Run.adit("decode", "a".repeat(100_000)).err())
                .isEqualTo("adit: can't open " + "a".repeat(60) + "...: File name too long\n");
        assertThat(Run.adit("decode", "a\nb\033[31m").err()).isEqualTo("adit: there is no file a?b?[31m\n");
        assertThat(Run.adit("up", "").err()).isEqualTo("adit: the file's name is empty\n");
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
