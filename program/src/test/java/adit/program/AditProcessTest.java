package adit.program;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What only a process of its own shows: how it ends by signals, what it leaves, and where its output goes.
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AditProcessTest {
    private static final String TUNNEL =
            "tunnels: [{name: t0, local: 127.0.0.1, remote: 127.0.0.2, carrier: {type: fou, port: 5555}}]";

    @TempDir
    Path scratch;

    private final List<Process> started = new ArrayList<>();

    private ProcessBuilder command(List<String> before, String... arguments) {
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
        builder.environment().put("ADIT_RUNTIME_DIR", scratch.resolve("run").toString());
        return builder;
    }

    private Process start(ProcessBuilder builder) throws IOException {
        Process process = builder.start();
        started.add(process);
        return process;
    }

    @AfterEach
    void end() throws InterruptedException {
        for (Process p : started) {
            p.destroyForcibly().waitFor();
        }
    }

    private static BufferedReader output(Process p) {
        return new BufferedReader(new InputStreamReader(p.getInputStream(), UTF_8));
    }

    private Process up() throws Exception {
        Needs.tun();
        Path file = Files.writeString(scratch.resolve("up.yaml"), TUNNEL);
        // Whoever runs this may ignore signals (nohup, a shell's background job), and what it starts would too.
        List<String> alone =
                List.of("unshare", "-n", "env", "--default-signal", "sh", "-c", "ip link set lo up; exec \"$@\"", "sh");
        return start(command(alone, "up", file.toString()));
    }

    private static boolean isRoot() throws Exception {
        Process id = new ProcessBuilder("id", "-u").start();
        return new String(id.getInputStream().readAllBytes(), UTF_8).strip().equals("0");
    }

    private List<String> left() throws IOException {
        try (Stream<Path> files = Files.list(scratch.resolve("run"))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT", "HUP"})
    void tunnelsEndWellByASignalAndLeaveNothing(String signal) throws Exception {
        Process up = up();
        BufferedReader out = output(up);
        assertThat(out.readLine()).startsWith("adit: t0 is up");
        assertThat(out.readLine()).startsWith("adit: process " + up.pid());
        assertThat(left()).containsExactly(up.pid() + ".sock", "up-" + up.pid() + ".ip");
        assertThat(new ProcessBuilder("sh", "-c", "kill -" + signal + " " + up.pid())
                        .start()
                        .waitFor())
                .isZero();
        assertThat(out.lines()).last().isEqualTo("adit: tunnel t0 is gone");
        assertThat(up.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(up.exitValue()).isZero();
        assertThat(left()).isEmpty();
    }

    @Test
    void whatAKilledOneLeftIsSweptByTheNext() throws Exception {
        Process first = up();
        BufferedReader out = output(first);
        out.readLine();
        assertThat(out.readLine()).startsWith("adit: process ");
        first.destroyForcibly().waitFor();
        assertThat(left()).contains("up-" + first.pid() + ".ip");
        Process second = up();
        out = output(second);
        out.readLine();
        assertThat(out.readLine()).startsWith("adit: process ");
        assertThat(left()).contains("up-" + second.pid() + ".ip").doesNotContain("up-" + first.pid() + ".ip");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "version", "up --check FILE", "doctor --json", "lab --list"})
    void outputThatCantBeWrittenIsAFailure(String line) throws Exception {
        assumeTrue(Files.isWritable(Path.of("/dev/full")), "needs /dev/full");
        Path file = Files.writeString(scratch.resolve("up.yaml"), TUNNEL);
        Process p =
                start(command(List.of(), line.replace("FILE", file.toString()).split(" "))
                        .redirectOutput(new File("/dev/full")));
        String said = new String(p.getErrorStream().readAllBytes(), UTF_8);
        assertThat(p.waitFor()).isEqualTo(ExitCode.RUNTIME);
        assertThat(said).startsWith("adit: can't write the output: ").hasLineCount(1);
    }

    /// What people and programs read is the same in every language: no digits of its own, no comma in a fraction.
    @Test
    void numbersAreThoseOfEveryLanguage() throws Exception {
        String script = """
                ping -c 1 10.2.0.2
                ! trace alice any 10.2.0.9
                drops
                alice ip addr add 192.0.2.9/32 dev eth0
                alice ip addr del 192.0.2.9 dev eth0
                alice ip -s link
                """;
        List<String> said = new ArrayList<>();
        for (String language : List.of("en-US", "ar-EG", "de-DE")) {
            Path page = Files.writeString(scratch.resolve("script"), script);
            ProcessBuilder builder = command(List.of(), "lab", "--time=virtual", "routed");
            builder.command()
                    .addAll(
                            1,
                            List.of(
                                    "-Duser.language=" + language.substring(0, 2),
                                    "-Duser.country=" + language.substring(3)));
            Process p = start(builder.redirectErrorStream(true).redirectInput(page.toFile()));
            said.add(new String(p.getInputStream().readAllBytes(), UTF_8));
            p.waitFor();
        }
        assertThat(said.getFirst()).contains("icmp_seq=1", "(192.0.2.9/32)");
        assertThat(said).allMatch(said.getFirst()::equals);
    }

    @Test
    void aReaderThatGoesAwayIsNoFailure() throws Exception {
        Process p = start(command(List.of(), "--help"));
        p.getInputStream().close();
        assertThat(new String(p.getErrorStream().readAllBytes(), UTF_8)).isEmpty();
        assertThat(p.waitFor()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"lab routed --stay", "status", "ip --on routed -n left link show"})
    void aFolderThatSomebodyElseHasMadeIsNotUsed(String line) throws Exception {
        assumeTrue(isRoot(), "needs root, who is the somebody else");
        Files.createDirectory(scratch.resolve("adit-alice"));
        ProcessBuilder builder = command(List.of(), line.split(" "));
        builder.command().addAll(1, List.of("-Duser.name=alice", "-Djava.io.tmpdir=" + scratch));
        builder.environment().keySet().removeAll(List.of("ADIT_RUNTIME_DIR", "XDG_RUNTIME_DIR"));
        Process p = start(builder);
        assertThat(new String(p.getErrorStream().readAllBytes(), UTF_8))
                .startsWith("adit: " + scratch.resolve("adit-alice") + " is not alice's but root's\n")
                .contains("ADIT_RUNTIME_DIR");
        assertThat(p.waitFor()).isEqualTo(ExitCode.RUNTIME);
    }

    @Test
    void aFileWhereTheFolderShouldBeIsNamed() throws Exception {
        Files.writeString(scratch.resolve("run"), "");
        Process blocked = start(command(List.of(), "lab", "routed", "--stay"));
        assertThat(new String(blocked.getErrorStream().readAllBytes(), UTF_8))
                .isEqualTo("adit: " + scratch.resolve("run") + " is there already, and no folder\n");
    }

    @Test
    void ipShowsWhatThereIsToAnybody() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")), "needs util-linux's setpriv");
        List<String> withoutRights = List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all");
        Process shown = start(command(withoutRights, "ip", "-br", "link", "show", "lo"));
        String said = new String(shown.getErrorStream().readAllBytes(), UTF_8);
        assertThat(said).isEmpty();
        assertThat(output(shown).readLine()).startsWith("lo ");
        assertThat(shown.waitFor()).isZero();
        Process changed = start(command(withoutRights, "ip", "link", "add", "t0", "type", "dummy"));
        said = new String(changed.getErrorStream().readAllBytes(), UTF_8);
        assertThat(said).isEqualTo("RTNETLINK answers: Operation not permitted\n");
        assertThat(changed.waitFor()).isEqualTo(2);
    }
}
