package adit.program;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(120)
class LabCommandTest {
    private static final String PAIR =
            """
            name: NAME
            hosts:
              - name: a
                ip: [link set eth0 up, addr add 10.0.0.1/24 dev eth0]
              - name: b
                ip: [link set eth0 up, addr add 10.0.0.2/24 dev eth0]
            cables:
              - { name: wire, ends: [a:eth0, b:eth0], delay: 1ms }
            """.replace("NAME", "test-" + ProcessHandle.current().pid());

    @TempDir
    Path scratch;

    private Path file(String text) throws IOException {
        return Files.writeString(scratch.resolve("net.yaml"), text);
    }

    private Run lab(String script, String... arguments) {
        return Run.adit(script.getBytes(UTF_8), arguments);
    }

    @Test
    void listsWhatComesWithAdit() {
        Run text = Run.adit("lab", "--list");
        assertThat(text.code()).isZero();
        assertThat(text.out().lines()).hasSameSizeAs(ShippedLabs.names()).allMatch(line -> line.length() <= 80);
        Run json = Run.adit("lab", "--list", "--json");
        assertThat(json.out()).startsWith("[\n").contains("\"name\": \"routed\"", "\"hosts\": [", "\"alice\"");
    }

    @Test
    void listsNoneInParticular() {
        Run r = Run.adit("lab", "--list", "routed");
        assertThat(r.code()).isOne();
        assertThat(r.out()).isEmpty();
        assertThat(r.err()).contains("one word too many: 'routed'", "--show prints one");
    }

    static Iterable<String> shipped() {
        return ShippedLabs.names();
    }

    @ParameterizedTest
    @MethodSource("shipped")
    void everyShippedLabIsRight(String name) {
        Run r = Run.adit("lab", name, "--check");
        assertThat(r.err()).isEmpty();
        assertThat(r.out()).startsWith(name + ": ").endsWith("no mistakes\n");
        assertThat(Run.adit("lab", name, "--show").out()).contains("hosts:");
    }

    @Test
    void carriesOutAScriptFromTheStandardInput() throws IOException {
        Run r = lab(
                "# comment\nping -c 1 10.0.0.2\nb\nip -br addr show eth0\n",
                "lab",
                file(PAIR).toString());
        assertThat(r.err()).isEmpty();
        assertThat(r.code()).isZero();
        assertThat(r.out())
                .contains("1 packets transmitted, 1 received")
                .contains("10.0.0.2/24")
                .doesNotContain("> ");
    }

    @Test
    void carriesOutAScriptOfAFileAndStopsAtTheFirstFailure() throws IOException {
        Path script =
                Files.writeString(scratch.resolve("test.txt"), "! ping -c 1 10.0.0.9\nping -c 1 10.0.0.9\nhosts\n");
        Run r = Run.adit("lab", file(PAIR).toString(), "--run", script.toString());
        assertThat(r.code()).isEqualTo(2);
        assertThat(r.err()).isEqualTo("adit: " + script + ":2: `ping -c 1 10.0.0.9` ended with 1\n");
        assertThat(r.out()).doesNotContain("* a");
    }

    @Test
    void quitEndsAScriptWell() throws IOException {
        Run r = lab("quit\nfrobnicate\n", "lab", file(PAIR).toString());
        assertThat(r.code()).as(r.err()).isZero();
    }

    @Test
    void answersInJson() throws IOException {
        Run r = lab("a ip -br link show lo\n\nfrobnicate\n", "lab", file(PAIR).toString(), "--json");
        assertThat(r.code()).isEqualTo(2);
        assertThat(r.out().lines().toList().getFirst())
                .startsWith("{\"command\":\"a ip -br link show lo\",\"exitCode\":0,\"output\":\"lo ")
                .endsWith("\\n\",\"errors\":\"\"}");
        assertThat(r.out().lines().toList().get(1)).contains("\"exitCode\":255", "neither a command nor a host");
    }

    @Test
    void aWrongFileIsAnsweredByItsMistakesAndOne() throws IOException {
        Path file = file("hosts: [{name: a, ipp: []}]");
        Run r = Run.adit("lab", file.toString());
        assertThat(r.code()).isOne();
        assertThat(r.err().lines())
                .containsExactly(
                        file + ":1:19: unknown key \"ipp\" in a host, did you mean \"ip\"?",
                        "adit: " + file + " has 1 error; nothing was done");
        assertThat(Run.adit("lab", file.toString(), "--check", "--json").out())
                .contains("\"valid\": false", "\"line\": 1", "\"column\": 19");
    }

    @Test
    void aCommandThatIsRefusedIsToldWithItsPlace() throws IOException {
        Path file = file(PAIR.replace("addr add 10.0.0.2/24 dev eth0", "addr add 10.0.0.2/24 dev eht0"));
        for (String[] arguments : new String[][] {{"lab", file.toString()}, {"lab", file.toString(), "--check"}}) {
            Run r = Run.adit(arguments);
            assertThat(r.code()).isOne();
            assertThat(r.err().lines())
                    .containsExactly(
                            file + ":6:28: b: ip addr add 10.0.0.2/24 dev eht0: Cannot find device \"eht0\"",
                            "adit: " + file + ": 1 command was refused; nothing is left");
        }
    }

    @Test
    void saysWhichLabsThereAre() {
        assertThat(Run.adit("lab").err()).contains("which lab?", "adit lab --list");
        Run r = Run.adit("lab", "nowhere");
        assertThat(r.code()).isOne();
        assertThat(r.err()).contains("there is neither a file nor a lab nowhere", "labs: ");
        assertThat(Run.adit("lab", "nowhere.yaml").err()).contains("there is no file nowhere.yaml");
    }

    @Test
    void anotherTimeAndAnotherNameCanBeSaid() throws IOException {
        String name = "other-" + ProcessHandle.current().pid();
        Run r = lab("ping -c 1 10.0.0.2\n", "lab", file(PAIR).toString(), "--time", "real", "--name", name);
        assertThat(r.code()).as(r.err()).isZero();
        assertThat(Run.adit("lab", "routed", "--name", "a/b").err()).contains("can't be the name of a lab");
    }

    @Test
    void ipSaysThatNothingRuns() {
        Run r = Run.adit("ip", "--on", "test-nothing", "link");
        assertThat(r.code()).isEqualTo(2);
        assertThat(r.err()).startsWith("adit: no test-nothing is running\n");
        assertThat(Run.adit("ip", "--on").err()).contains("--on needs the name of a running lab");
        assertThat(Run.adit("ip", "--on=../x", "link").err()).contains("can't be the name of a lab");
    }
}
