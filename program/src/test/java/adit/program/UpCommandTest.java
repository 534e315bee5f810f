package adit.program;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UpCommandTest {
    private static final byte[] RIGHT = "tunnels: [{name: t, remote: 192.0.2.7}]".getBytes(UTF_8);
    private static final byte[] WRONG = "tunnels: [{name: t, remote: 192.0.2.7, mtu: 9, ttl: x}]".getBytes(UTF_8);

    @TempDir
    Path directory;

    @Test
    void aRightFileIsSummedUp() throws IOException {
        Path file = Files.write(directory.resolve("t.yaml"), RIGHT);
        Run r = Run.adit("up", "--check", file.toString());
        assertThat(r.code()).isZero();
        assertThat(r.err()).isEmpty();
        assertThat(r.out())
                .isEqualTo("%s: 1 tunnel, no mistakes%n  t: ipip over direct IP, any -> 192.0.2.7, mtu auto%n", file);
    }

    @Test
    void aWrongFileIsAnsweredByItsMistakesAndOne() throws IOException {
        Path file = Files.write(directory.resolve("t.yaml"), WRONG);
        for (String[] args : new String[][] {{"up", "--check", file.toString()}, {"up", file.toString()}}) {
            Run r = Run.adit(args);
            assertThat(r.code()).isEqualTo(1);
            assertThat(r.out()).isEmpty();
            assertThat(r.err().lines())
                    .containsExactly(
                            file + ":1:45: mtu is auto or a number from 68 to 65515, not 9",
                            file + ":1:53: ttl is inherit or a number from 1 to 255, not \"x\"",
                            "adit: " + file + " has 2 errors; nothing was done");
        }
    }

    @Test
    void reportsAsJson() {
        Run right = Run.adit(RIGHT, "up", "--check", "--json", "-");
        assertThat(right.code()).isZero();
        assertThat(right.out().replaceAll("\\s", "")).isEqualTo("{\"file\":\"stdin\",\"valid\":true,\"problems\":[]}");
        Run wrong = Run.adit(WRONG, "up", "--check", "--json", "-");
        assertThat(wrong.code()).isEqualTo(1);
        assertThat(wrong.out())
                .contains(
                        "\"valid\": false",
                        "\"severity\": \"error\"",
                        "\"line\": 1",
                        "\"column\": 45",
                        "not \\\"x\\\"");
    }

    @Test
    void saysWhyAFileCantBeRead() {
        assertThat(Run.adit("up", "--check", directory.toString()).err()).contains(directory + " is a directory");
        Run missing = Run.adit("up", "--check", directory.resolve("no").toString());
        assertThat(missing.err()).startsWith("adit: there is no file ");
        assertThat(missing.code()).isEqualTo(1);
    }
}
