package adit.program.ip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adit.lab.CableSpec;
import adit.lab.HostSpec;
import adit.lab.Lab;
import adit.lab.LabShell;
import adit.lab.LabSpec;
import adit.lab.LineSpec;
import adit.linux.Netns;
import adit.program.Needs;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What ping tells of a router that knows a nearer one: the machine's in namespaces of the kernel, and a lab's.
class PingAgainstKernelTest {
    private static final List<String> NEAR =
            List.of("link set eth0 up", "addr add 10.1.0.2/24 dev eth0", "route add 10.9.0.0/16 via 10.1.0.1");
    /// The next hop is there for the router, and for nobody else.
    private static final List<String> ROUTER = List.of(
            "link set eth0 up",
            "addr add 10.1.0.1/24 dev eth0",
            "route add 10.9.0.0/16 via 10.1.0.3",
            "neigh add 10.1.0.3 lladdr 02:00:00:00:00:33 dev eth0");

    @Test
    void tellsOfRedirectsAsIputilsDoes() throws Exception {
        Needs.namespaces();
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/ping")), "needs iputils' ping");
        List<String> theirs = told(kernel());
        assertThat(theirs).hasSize(2);
        assertThat(told(lab())).isEqualTo(theirs);
    }

    private static List<String> told(String out) {
        return out.lines()
                .filter(l -> l.startsWith("From ") || l.contains("errors"))
                .toList();
    }

    private static String lab() throws Exception {
        LabSpec spec = new LabSpec(
                "redirect",
                "",
                LabSpec.Time.VIRTUAL,
                1,
                List.of(
                        host("near", List.of(), NEAR),
                        host("router", List.of(new HostSpec.Sysctl("net.ipv4.ip_forward", 1, "")), ROUTER)),
                List.of(new CableSpec(
                        "cable",
                        new CableSpec.Plug("near", "eth0"),
                        new CableSpec.Plug("router", "eth0"),
                        1500,
                        LineSpec.PERFECT)));
        StringWriter out = new StringWriter();
        try (Lab lab = Lab.open(spec)) {
            new LabShell(lab).run("near ping -c 2 10.9.0.1", new PrintWriter(out), new PrintWriter(out));
        }
        return out.toString();
    }

    private static HostSpec host(String name, List<HostSpec.Sysctl> settings, List<String> commands) {
        return new HostSpec(
                name,
                settings,
                commands.stream().map(c -> new HostSpec.Command(c, "")).toList(),
                List.of());
    }

    private static String kernel() throws Exception {
        String near = "adit-" + ProcessHandle.current().pid() + "-near";
        String router = "adit-" + ProcessHandle.current().pid() + "-router";
        try (Netns _ = Netns.create(near);
                Netns _ = Netns.create(router)) {
            ip("-n", near, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", router);
            run("ip", "netns", "exec", router, "sysctl", "-q", "-w", "net.ipv4.ip_forward=1");
            for (String line : ROUTER) {
                ip(words(router, line));
            }
            for (String line : NEAR) {
                ip(words(near, line));
            }
            return run("ip", "netns", "exec", near, "ping", "-c", "2", "-W", "1", "10.9.0.1");
        } finally {
            ip("netns", "delete", near);
            ip("netns", "delete", router);
        }
    }

    private static String[] words(String namespace, String line) {
        List<String> all = new ArrayList<>(List.of("-n", namespace));
        all.addAll(Arrays.asList(line.split(" ")));
        return all.toArray(String[]::new);
    }

    private static void ip(String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(Arrays.asList(words));
        run(command.toArray(String[]::new));
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return out;
    }
}
