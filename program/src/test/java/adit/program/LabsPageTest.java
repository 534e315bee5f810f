package adit.program;

import static org.assertj.core.api.Assertions.assertThat;

import adit.lab.Lab;
import adit.lab.LabShell;
import adit.lab.LabSpec;
import adit.lab.Sysctls;
import adit.program.config.LabConfig;
import adit.program.config.Reading;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// docs/labs.md shows what a newcomer sees: its commands are carried out, and their output is compared with the
/// page. With `-Dlabs.page=write` the page is written anew instead.
@Timeout(120)
class LabsPageTest {
    private static final Path PAGE =
            Path.of("").toAbsolutePath().getParent().resolve("docs").resolve("labs.md");
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```console\\n(.*?)^```$");
    private static final Pattern START = Pattern.compile("\\$ \\./adit lab (\\S+)");

    /// A lab that a page runs, and what is typed there.
    private static final class Session implements AutoCloseable {
        private final Lab lab;
        private final LabShell shell;

        Session(String name) throws Exception {
            byte[] file = ShippedLabs.file(name).orElseThrow();
            lab = Lab.open(LabConfig.read(name, file).config().orElseThrow());
            shell = new LabShell(lab);
        }

        /// The prompt, the command and the answer, as a terminal shows them.
        String type(String command) {
            StringWriter said = new StringWriter();
            said.append(shell.prompt()).append(command).append('\n');
            PrintWriter writer = new PrintWriter(said);
            shell.run(command, writer, writer);
            return said.toString();
        }

        @Override
        public void close() {
            assertThat(lab.lent()).isZero();
            lab.close();
        }
    }

    @Test
    void everyBlockIsWhatATerminalShows() throws Exception {
        String page = Files.readString(PAGE);
        List<Session> sessions = new ArrayList<>();
        StringBuilder fresh = new StringBuilder();
        try {
            Matcher m = BLOCK.matcher(page);
            while (m.find()) {
                String block = "```console\n" + transcript(m.group(1), sessions) + "```";
                m.appendReplacement(fresh, Matcher.quoteReplacement(block));
            }
            m.appendTail(fresh);
        } finally {
            sessions.forEach(Session::close);
        }
        assertThat(sessions).hasSizeGreaterThanOrEqualTo(2);
        if (System.getProperty("labs.page", "").equals("write")) {
            Files.writeString(PAGE, fresh);
        }
        assertThat(page.lines())
                .containsExactlyElementsOf(fresh.toString().lines().toList());
    }

    /// A block that names no lab goes on in the one before.
    private static String transcript(String block, List<Session> sessions) throws Exception {
        StringBuilder shown = new StringBuilder();
        for (String line : block.lines().toList()) {
            Matcher start = START.matcher(line);
            if (start.matches()) {
                sessions.add(new Session(start.group(1)));
                shown.append(line).append('\n');
            } else if (line.matches("[a-z0-9]+> .*")) {
                shown.append(sessions.getLast().type(line.substring(line.indexOf('>') + 2)));
            }
        }
        return shown.toString();
    }

    @Test
    void everyKeyAndSettingIsExplained() throws Exception {
        String page = Files.readString(PAGE);
        List<String> keys = new ArrayList<>(LabConfig.keys());
        keys.forEach(key -> assertThat(page).contains("| `" + key + "` |"));
        Sysctls.names().forEach(name -> assertThat(page).contains("`" + name + "`"));
        ShippedLabs.names().forEach(name -> assertThat(page).contains("`" + name + "`"));
    }

    @Test
    void theExampleFileIsRight() throws Exception {
        Matcher m = Pattern.compile("(?ms)^```yaml\\n(.*?)^```$").matcher(Files.readString(PAGE));
        assertThat(m.find()).isTrue();
        byte[] file = m.group(1).getBytes(java.nio.charset.StandardCharsets.UTF_8);
        Reading<LabSpec> outcome = LabConfig.read("pair.yaml", file);
        assertThat(outcome.problems()).isEmpty();
        try (Lab lab = Lab.open(outcome.config().orElseThrow())) {
            assertThat(lab.hosts()).hasSize(2);
        }
    }
}
