package adit.program;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A lab in one process, `adit ip` in others.
@Timeout(300)
class LabProcessTest {
    @TempDir
    Path runtime;

    private final List<Process> started = new ArrayList<>();

    /// What a process said and how it ended.
    private record Said(int code, String out, String err) {}

    private Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "adit.program.Adit"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("ADIT_RUNTIME_DIR", runtime.resolve("run").toString());
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private Said adit(String... arguments) throws Exception {
        Process p = start(arguments);
        p.getOutputStream().close();
        // What they say is far less than a pipe holds.
        assertThat(p.waitFor(100, TimeUnit.SECONDS)).isTrue();
        return new Said(
                p.exitValue(),
                new String(p.getInputStream().readAllBytes(), UTF_8),
                new String(p.getErrorStream().readAllBytes(), UTF_8));
    }

    @AfterEach
    void end() throws InterruptedException {
        for (Process p : started) {
            p.destroyForcibly().waitFor();
        }
    }

    /// A lab that answers.
    private Process staying() throws IOException {
        Process p = start("lab", "routed", "--stay");
        BufferedReader out = new BufferedReader(new InputStreamReader(p.getInputStream(), UTF_8));
        assertThat(out.readLine()).startsWith("adit: lab routed").contains(" runs; Ctrl-C ends it");
        return p;
    }

    private Path socket() {
        return runtime.resolve("run/routed.ip");
    }

    @Test
    void ipActsOnALabOfAnotherProcess() throws Exception {
        Process lab = staying();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket())))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(runtime.resolve("run"))))
                .isEqualTo("rwx------");

        assertThat(adit("ip", "--on", "routed", "-n", "bob", "-4", "-br", "addr", "show", "eth0"))
                .isEqualTo(new Said(0, "eth0             UP             10.2.0.2/24 \n", ""));
        assertThat(adit("ip", "--on=routed", "-n", "alice", "link", "set", "eth0", "down"))
                .isEqualTo(new Said(0, "", ""));
        assertThat(adit("ip", "-n", "alice", "--on", "routed", "-br", "link", "show", "eth0")
                        .out())
                .startsWith("eth0             DOWN ");
        Said several = adit("ip", "--on", "routed", "addr");
        assertThat(several.code()).isOne();
        assertThat(several.err()).contains("the lab has several hosts; say which: -n alice, -n router, -n bob");
        assertThat(adit("ip", "--on", "routed", "-n", "carl", "addr").err())
                .contains("the lab has no host carl, but alice, router, bob");
        assertThat(adit("ip", "--on", "other", "addr").err())
                .isEqualTo("adit: no other is running\n      running: routed\n");

        lab.destroy();
        assertThat(lab.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(lab.exitValue()).isZero();
        assertThat(socket()).doesNotExist();
    }

    @Test
    void theSocketOfAKilledLabIsClearedAway() throws Exception {
        Process lab = staying();
        lab.destroyForcibly().waitFor();
        assertThat(socket()).exists();
        Said said = adit("ip", "--on", "routed", "-n", "bob", "addr");
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err())
                .startsWith("adit: no routed is running; the process that had that name is gone\n")
                .contains("adit lab NAME starts one");
        assertThat(socket()).doesNotExist();

        staying().destroyForcibly().waitFor();
        assertThat(socket()).exists();
        staying();
        assertThat(adit("ip", "--on", "routed", "-n", "bob", "link", "show", "lo")
                        .code())
                .isZero();
    }

    @Test
    void aSecondLabOfTheSameNameGetsAnotherOne() throws Exception {
        staying();
        Process second = staying();
        assertThat(runtime.resolve("run/routed-" + second.pid() + ".ip")).exists();
    }

    @Test
    void aScriptedLabAnswersWhileItRuns() throws Exception {
        Process lab = start("lab", "routed");
        BufferedReader out = new BufferedReader(new InputStreamReader(lab.getInputStream(), UTF_8));
        try (Writer in = lab.outputWriter(UTF_8)) {
            in.write("hosts\n");
            in.flush();
            assertThat(out.readLine()).isEqualTo("* alice  lo eth0");
            assertThat(adit("ip", "--on", "routed", "-n", "bob", "addr", "add", "192.0.2.9/32", "dev", "eth0"))
                    .isEqualTo(new Said(0, "", ""));
            in.write("router ip route add 192.0.2.9 via 10.2.0.2\nping -c 1 192.0.2.9\n");
        }
        assertThat(lab.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(lab.exitValue()).isZero();
        assertThat(out.lines()).contains("1 packets transmitted, 1 received, 0% packet loss, time 60ms");
    }
}
