package adit.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adit.linux.sys.Libc;
import adit.linux.sys.LibcProcess;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class NetnsTest {
    /// Lines of links that are not those which the kernel's tunnel drivers, where they are loaded, make in every
    /// namespace: tunl0, sit0, gre0, gretap0, erspan0, ip6tnl0, ip_vti0 and so on.
    private static final Predicate<String> OWN = Pattern.compile(
                    "^(tunl|sit|gre|gretap|erspan|ip6tnl|ip6gre|ip_vti|ip6_vti)0@?")
            .asPredicate()
            .negate();

    private static String own() throws Exception {
        return Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net")).toString();
    }

    private static String output(Process process) throws Exception {
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return text.strip();
    }

    private static void assumeRoot() throws Exception {
        Path folder = Path.of("/run/netns");
        boolean writable = Files.isWritable(Files.exists(folder) ? folder : Path.of("/run"));
        assumeTrue(
                LibcProcess.geteuid(Libc.errnoState()) == 0 && writable,
                "needs root: named namespaces are mounts below /run/netns");
        TestHost.namespace().close();
    }

    @Test
    void runsWorkAndProcessesInANamespaceOfItsOwn() throws Exception {
        try (TestHost host = TestHost.create()) {
            String outside = own();
            String inside = host.netns.call(NetnsTest::own);
            assertThat(inside).isNotEqualTo(outside).startsWith("net:[");
            assertThat(host.netns.call(() -> host.netns.call(NetnsTest::own))).isEqualTo(inside);
            assertThat(output(host.netns.exec("readlink", "/proc/self/ns/net"))).isEqualTo(inside);
            assertThat(output(host.netns.exec("ip", "-brief", "link")).lines().filter(OWN))
                    .hasSize(1)
                    .allMatch(line -> line.startsWith("lo "));
            assertThat(own()).isEqualTo(outside);
        }
    }

    @Test
    void throwsWhatTheWorkThrows() throws Exception {
        try (TestHost host = TestHost.create()) {
            assertThatThrownBy(() -> host.netns.call(() -> {
                        throw new FileNotFoundException("so");
                    }))
                    .isInstanceOf(FileNotFoundException.class)
                    .hasMessage("so");
            assertThatThrownBy(() -> host.netns.exec("/no/such/program")).isInstanceOf(IOException.class);
        }
    }

    @Test
    void refusesWorkAfterClosing() throws Exception {
        TestHost host = TestHost.create();
        host.close();
        host.close();
        assertThatThrownBy(() -> host.netns.call(() -> 1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void makesListsOpensAndDeletesNamedOnesAsIprouteDoes() throws Exception {
        assumeRoot();
        String name = "adit-" + ProcessHandle.current().pid() + "-named";
        try (Netns made = Netns.create(name)) {
            assertThat(Netns.list()).contains(name);
            String inside = made.call(NetnsTest::own);
            assertThat(output(new ProcessBuilder("ip", "netns", "exec", name, "readlink", "/proc/self/ns/net").start()))
                    .isEqualTo(inside);
            try (Netns opened = Netns.open(name)) {
                assertThat(opened.call(NetnsTest::own)).isEqualTo(inside);
            }
            assertThatThrownBy(() -> Netns.create(name))
                    .isInstanceOf(LinuxException.class)
                    .hasMessage("open /run/netns/" + name + ": EEXIST (file exists): ip netns delete " + name);
            assertThat(Netns.list()).contains(name);
        } finally {
            Netns.delete(name);
        }
        assertThat(Netns.list()).doesNotContain(name);
        assertThatThrownBy(() -> Netns.open(name))
                .isInstanceOf(LinuxException.class)
                .hasMessageContaining("ENOENT");
    }

    @Test
    void opensANamespaceThatIprouteMade() throws Exception {
        assumeRoot();
        String name = "adit-" + ProcessHandle.current().pid() + "-ip";
        assertThat(new ProcessBuilder("ip", "netns", "add", name).start().waitFor())
                .isZero();
        try (Netns netns = Netns.open(name)) {
            assertThat(output(netns.exec("ip", "netns", "identify", "self"))).isIn(name, "");
            assertThat(netns.call(NetnsTest::own)).isNotEqualTo(own());
        } finally {
            Netns.delete(name);
        }
        assertThat(output(new ProcessBuilder("ip", "netns", "list").start())).doesNotContain(name);
    }

    @Test
    void deletesTheRestsOfACreationThatFailed() throws Exception {
        assumeRoot();
        String name = "adit-" + ProcessHandle.current().pid() + "-rest";
        Files.createDirectories(Path.of("/run/netns"));
        Files.createFile(Path.of("/run/netns", name));
        assertThatThrownBy(() -> Netns.open(name))
                .isInstanceOf(LinuxException.class)
                .hasMessageContaining("setns " + name + ": EINVAL");
        Netns.delete(name);
        assertThat(Netns.list()).doesNotContain(name);
    }

    @Test
    void refusesNamesThatLeaveTheFolder() {
        for (String name : List.of("", ".", "..", "a/b", "x".repeat(256))) {
            assertThatThrownBy(() -> Netns.create(name)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> Netns.delete(name)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void startsAProgramAsRootOfAUserNamespaceWhereTheKernelAllows() throws Exception {
        List<String> probe = Netns.asRootOfItsOwn(List.of("true"));
        assumeTrue(
                new ProcessBuilder(probe).start().waitFor() == 0,
                "needs unprivileged user namespaces: " + String.join(" ", probe) + " fails");
        List<String> line = Netns.asRootOfItsOwn(List.of("sh", "-c", "id -u; ip -brief link"));
        List<String> said = output(new ProcessBuilder(line).start()).lines().toList();
        assertThat(said).first().isEqualTo("0");
        assertThat(said.stream().skip(1).filter(OWN)).hasSize(1).allMatch(link -> link.startsWith("lo "));
    }
}
