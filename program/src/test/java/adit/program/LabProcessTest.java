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
    private static final int CHANGES = 20;

    @TempDir
    Path runtime;

    private final List<Process> started = new ArrayList<>();

    /// What a process said and how it ended.
    private record Said(int code, String out, String err) {}

    private Process start(String... arguments) throws IOException {
        return start(List.of(), arguments);
    }

    /// With words in front of the command, such as another program that runs it.
    private Process start(List<String> before, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(before);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "adit.program.Adit"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        JvmEnvironment.clear(builder);
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

    /// Makes a change again and again until somebody has said something about it.
    private void changeUntilTold(BufferedReader told, String[] change, String[] undo) throws Exception {
        for (int i = 0; i < CHANGES && !told.ready(); i++) {
            assertThat(adit(change).err()).isEmpty();
            assertThat(adit(undo).err()).isEmpty();
        }
    }

    @Test
    void monitorTellsInOneProcessWhatAnotherChangesInAThird() throws Exception {
        Process lab = staying();
        Process monitor = start("ip", "--on", "routed", "-n", "bob", "monitor", "label", "address", "route");
        BufferedReader told = new BufferedReader(new InputStreamReader(monitor.getInputStream(), UTF_8));
        String[] change = {"ip", "--on", "routed", "-n", "bob", "addr", "add", "192.0.2.9/32", "dev", "eth0"};
        String[] undo = {"ip", "--on", "routed", "-n", "bob", "addr", "del", "192.0.2.9/32", "dev", "eth0"};
        changeUntilTold(told, change, undo);
        // It may have begun to listen between the two; now it hears both.
        assertThat(adit(change).err()).isEmpty();
        assertThat(adit(undo).err()).isEmpty();
        List<String> lines = new ArrayList<>();
        do {
            lines.add(told.readLine());
        } while (!isDeletedAfterItWasAdded(lines));
        // Alice's are not bob's.
        adit("ip", "--on", "routed", "-n", "alice", "addr", "add", "192.0.2.7/32", "dev", "eth0");
        lab.destroy();
        told.lines().forEach(lines::add);
        assertThat(lines)
                .contains("[ROUTE]local 192.0.2.9 dev eth0 table local proto kernel scope host src 192.0.2.9 ")
                .anySatisfy(line -> assertThat(line).startsWith("[ADDR]2: eth0    inet 192.0.2.9/32 scope global eth0"))
                .anySatisfy(line ->
                        assertThat(line).startsWith("[ADDR]Deleted 2: eth0    inet 192.0.2.9/32 scope global eth0"))
                .noneSatisfy(line -> assertThat(line).contains("192.0.2.7"));
        assertThat(monitor.waitFor(100, TimeUnit.SECONDS))
                .as("it ends with the lab")
                .isTrue();
    }

    private static boolean isDeletedAfterItWasAdded(List<String> lines) {
        return lines.stream()
                .dropWhile(line -> !line.startsWith("[ADDR]2:"))
                .anyMatch(line -> line.startsWith("[ADDR]Deleted 2:"));
    }

    @Test
    void ipActsOnTheNamespaceThatTunnelsOfAnotherProcessAreIn() throws Exception {
        Needs.tun();
        Path file = Files.writeString(
                runtime.resolve("up.yaml"),
                "tunnels: [{name: t0, local: 127.0.0.1, remote: 127.0.0.2, carrier: {type: fou, port: 5555}}]");
        Process up = start(
                List.of("unshare", "-n", "sh", "-c", "ip link set lo up; exec \"$@\"", "sh"), "up", file.toString());
        BufferedReader out = new BufferedReader(new InputStreamReader(up.getInputStream(), UTF_8));
        assertThat(out.readLine()).startsWith("adit: t0 is up");
        assertThat(out.readLine()).startsWith("adit: process ");
        Said said = adit("ip", "--on", "up-" + up.pid(), "-br", "link", "show", "t0");
        assertThat(said.err()).isEmpty();
        String on = "up-" + up.pid();
        Process monitor = start("ip", "--on", on, "monitor", "address");
        BufferedReader told = new BufferedReader(new InputStreamReader(monitor.getInputStream(), UTF_8));
        changeUntilTold(
                told,
                new String[] {"ip", "--on", on, "addr", "add", "192.0.2.9/32", "dev", "t0"},
                new String[] {"ip", "--on", on, "addr", "del", "192.0.2.9/32", "dev", "t0"});
        assertThat(told.readLine()).contains(": t0    inet 192.0.2.9/32 scope global t0");
        assertThat(said.out()).startsWith("t0 ").contains("LOWER_UP");
        assertThat(adit("ip", "-br", "link", "show", "t0").code())
                .as("not in our namespace")
                .isOne();
        up.destroy();
        assertThat(up.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(runtime.resolve("run/up-" + up.pid() + ".ip")).doesNotExist();
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
