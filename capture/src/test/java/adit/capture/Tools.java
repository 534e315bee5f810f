package adit.capture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Wireshark's tools and tcpdump, as judges of files.
final class Tools {
    private Tools() {}

    /// What the command printed. Skips the test where there is no such command, fails when it ends badly.
    static List<String> run(String... command) throws IOException, InterruptedException {
        assumeTrue(
                List.of("/usr/bin/", "/usr/sbin/").stream().anyMatch(d -> Files.isExecutable(Path.of(d + command[0]))),
                "needs " + command[0]);
        Path errors = Files.createTempFile("errors", "");
        try {
            Process p = new ProcessBuilder(command)
                    .redirectError(errors.toFile())
                    .redirectInput(Path.of("/dev/null").toFile())
                    .start();
            List<String> lines =
                    new String(p.getInputStream().readAllBytes(), UTF_8).lines().toList();
            assertThat(p.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(p.exitValue())
                    .as("%s: %s", String.join(" ", command), Files.readString(errors))
                    .isZero();
            return lines;
        } finally {
            Files.delete(errors);
        }
    }

    /// One row for each packet, its fields with a `|` between them.
    static List<String> tshark(Path file, String... fields) throws IOException, InterruptedException {
        String[] command = new String[10 + 2 * fields.length];
        System.arraycopy(
                new String[] {
                    "tshark", "-n", "-r", file.toString(), "-T", "fields", "-E", "separator=|", "-E", "aggregator=;"
                },
                0,
                command,
                0,
                10);
        for (int i = 0; i < fields.length; i++) {
            command[10 + 2 * i] = "-e";
            command[11 + 2 * i] = fields[i];
        }
        return run(command);
    }
}
