package adit.program;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A lab's prompt at a terminal, which util-linux's `script` plays.
@Timeout(300)
class PromptProcessTest {
    private static final String UP = "\u001b[A";
    private static final String LEFT = "\u001b[D";
    private static final char CTRL_C = 3;
    private static final char CTRL_D = 4;

    @TempDir
    Path runtime;

    private Process process;
    private InputStream out;
    private final StringBuilder said = new StringBuilder();

    private void start(String term) throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "needs script of util-linux");
        String command = String.join(
                " ",
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "-Dadit.terminal=in,out",
                        "adit.program.Adit",
                        "lab",
                        "routed"));
        ProcessBuilder builder = new ProcessBuilder("/usr/bin/script", "-qec", command, "/dev/null");
        JvmEnvironment.clear(builder);
        builder.environment().put("ADIT_RUNTIME_DIR", runtime.resolve("run").toString());
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        builder.environment().put("TERM", term);
        process = builder.redirectErrorStream(true).start();
        out = process.getInputStream();
    }

    @AfterEach
    void end() throws InterruptedException {
        if (process != null) {
            process.destroyForcibly().waitFor();
        }
    }

    private void type(String keys) throws IOException {
        OutputStream in = process.getOutputStream();
        in.write(keys.getBytes(UTF_8));
        in.flush();
    }

    /// Reads on until this was said after all that was waited for before.
    private void await(String text) throws IOException {
        byte[] some = new byte[4096];
        while (said.indexOf(text) < 0) {
            int n = out.read(some);
            assertThat(n)
                    .as("what came after \"%s\", waiting for \"%s\"", said, text)
                    .isPositive();
            said.append(new String(some, 0, n, UTF_8));
        }
        said.delete(0, said.indexOf(text) + text.length());
    }

    @Test
    void linesAreEditedCompletedAndRemembered() throws Exception {
        start("xterm");
        await("alice> ");
        type("hos\t\r");
        await("* alice  lo eth0");
        await("alice> ");
        type("bo");
        type("\t" + "ip -br addr show dev et\t\r");
        await("10.2.0.2/24");
        await("alice> ");
        type("cabs" + LEFT + "le\r");
        await("near: ");
        await("alice> ");
        type(UP + UP + UP + "\r");
        await("* alice  lo eth0");
        await("alice> ");
        type("frobnicate" + CTRL_C);
        await("alice> ");
        type("! frobnicate\r");
        await("frobnicate is neither a command nor a host");
        await("alice> ");
        type(String.valueOf(CTRL_D));
        assertThat(process.waitFor(100, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }

    @Test
    void aTerminalThatCanDoNothingGetsPlainLines() throws Exception {
        start("dumb");
        await("alice> ");
        type("hosts\r");
        await("* alice  lo eth0");
        await("alice> ");
        type("quit\r");
        assertThat(process.waitFor(100, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }
}
