package adit.program.ip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adit.iproute.Ip;
import adit.linux.Netns;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/// The same command lines for the machine's own `ip` and for ours: same output, same complaints, same exit
/// code.
///
/// Two namespaces begin alike. A command that changes something runs once in each, and afterwards the real `ip`
/// must see the same in both. A command that only looks runs twice in the first, on the very same objects.
/// `commands.txt` has the commands and says what the marks mean.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AgainstIproute2Test {
    private static final String FIRST = "adit-" + ProcessHandle.current().pid() + "-ip1";
    private static final String SECOND = "adit-" + ProcessHandle.current().pid() + "-ip2";

    private Netns first;
    private Netns second;
    private KernelIpHost ours;
    private KernelIpHost oursAlone;

    /// What a command said and how it ended.
    private record Outcome(int code, String out, String err) {
        Outcome masked() {
            return new Outcome(code, mask(out), mask(err));
        }

        private static String mask(String text) {
            return text.replaceAll("[0-9]+sec", "Nsec")
                    .replaceAll("(used|confirmed|updated|_life_time)(\":)? ?[0-9/]+", "$1 N");
        }
    }

    @BeforeAll
    void namespaces() throws Exception {
        assumeTrue(runs("ip", "-V"), "needs the program ip");
        String version = exec(null, "ip", "-V").out();
        assumeTrue(version.contains("iproute2-6.1"), "needs iproute2 6.1, this is " + version.strip());
        String skipped = "";
        try {
            first = Netns.create(FIRST);
            second = Netns.create(SECOND);
            ours = KernelIpHost.named(FIRST);
            oursAlone = KernelIpHost.named(SECOND);
        } catch (IOException e) {
            skipped = "needs root: " + e.getMessage();
        }
        assumeTrue(skipped.isEmpty(), skipped);
        for (Netns netns : List.of(first, second)) {
            netns.call(() -> {
                // Else duplicate addresses are looked for, and link-local ones made, in the kernel's own time.
                for (String all : List.of("all", "default")) {
                    Path conf = Path.of("/proc/sys/net/ipv6/conf", all);
                    if (Files.exists(conf)) {
                        Files.writeString(conf.resolve("accept_dad"), "0");
                        Files.writeString(conf.resolve("addr_gen_mode"), "1");
                        Files.writeString(conf.resolve("router_solicitations"), "0");
                    }
                }
                return null;
            });
        }
    }

    @AfterAll
    void goAway() throws Exception {
        for (KernelIpHost host : new KernelIpHost[] {ours, oursAlone}) {
            if (host != null) {
                host.close();
            }
        }
        if (first != null) {
            first.close();
            exec(null, "ip", "netns", "delete", FIRST);
        }
        if (second != null) {
            second.close();
            exec(null, "ip", "netns", "delete", SECOND);
        }
    }

    @TestFactory
    Stream<DynamicTest> saysWhatTheRealOneSays() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        int number = 0;
        for (String line : commands()) {
            number++;
            if (!line.isBlank() && !line.startsWith("#")) {
                tests.add(DynamicTest.dynamicTest(number + ": ip " + line.substring(2), () -> compare(line)));
            }
        }
        assertThat(tests).hasSizeGreaterThan(100);
        return tests.stream();
    }

    private static List<String> commands() throws IOException {
        try (InputStream in = AgainstIproute2Test.class.getResourceAsStream("commands.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }

    /// The kernel goes on counting: between two commands it may announce its addresses once more. What is shown
    /// must be the same as soon as nothing has moved.
    private void compareWhatMoves(String line, String[] words) throws Exception {
        Outcome before = real(FIRST, words).masked();
        Outcome shown = ours(ours, words).masked();
        Outcome after = real(FIRST, words).masked();
        for (int i = 0; i < 20 && !before.equals(after); i++) {
            before = after;
            shown = ours(ours, words).masked();
            after = real(FIRST, words).masked();
        }
        assertThat(shown).as(line).isEqualTo(after);
    }

    private void compare(String line) throws Exception {
        String[] words = line.substring(2).split(" ");
        switch (line.charAt(0)) {
            case '=' -> assertThat(ours(ours, words)).as(line).isEqualTo(real(FIRST, words));
            case '~' -> compareWhatMoves(line, words);
            case '>' -> {
                assertThat(ours(oursAlone, words).masked())
                        .as(line)
                        .isEqualTo(real(FIRST, words).masked());
                assertThat(state(SECOND)).as(line).isEqualTo(state(FIRST));
            }
            case '?' -> {
                Outcome help = ours(ours, words);
                assertThat(help.code()).as(line).isEqualTo(real(FIRST, words).code());
                assertThat(help.out() + help.err()).as(line).startsWith("Usage: ip ");
            }
            case '!' -> {
                assertThat(real(FIRST, words).code()).isZero();
                assertThat(real(SECOND, words).code()).isZero();
            }
            default -> throw new IllegalArgumentException(line);
        }
    }

    private static String state(String netns) throws Exception {
        StringBuilder state = new StringBuilder();
        for (String look : List.of(
                "addr",
                "-d link show v1",
                "-d route show table all",
                "-6 -d route show table all",
                "-d neigh show nud all")) {
            Stream<String> lines = real(netns, look.split(" ")).masked().out().lines();
            // Neighbours stand in a hash table of the kernel's, in no order.
            state.append((look.contains("neigh") ? lines.sorted() : lines).toList());
        }
        return state.toString();
    }

    private static Outcome ours(KernelIpHost host, String... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Ip ip = new Ip(host, new ByteArrayInputStream(BATCH), new PrintWriter(out), new PrintWriter(err));
        int code = ip.run(words);
        return new Outcome(code, out.toString(), err.toString());
    }

    /// What `-batch -` reads.
    private static final byte[] BATCH = """
            # Three commands, the second of which fails.
            -invalid

            link show lo   # behind a comment
            addr show dev nothing
            "link" show \\
            v0
            """.getBytes(StandardCharsets.UTF_8);

    private static Outcome real(String netns, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of("ip", "-n", netns));
        command.addAll(List.of(words));
        return exec(BATCH, command.toArray(String[]::new));
    }

    private static boolean runs(String... command) throws InterruptedException {
        try {
            exec(null, command);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static Outcome exec(byte[] input, String... command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("LC_ALL", "C");
        Path err = Files.createTempFile("adit-ip", ".err");
        try {
            Process process = builder.redirectError(err.toFile()).start();
            try (var stdin = process.getOutputStream()) {
                if (input != null) {
                    stdin.write(input);
                }
            } catch (IOException e) {
                // It does not read.
            }
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            return new Outcome(process.exitValue(), out, Files.readString(err));
        } finally {
            Files.delete(err);
        }
    }
}
