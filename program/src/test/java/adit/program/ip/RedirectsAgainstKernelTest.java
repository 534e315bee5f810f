package adit.program.ip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adit.lab.CableSpec;
import adit.lab.HostSpec;
import adit.lab.Lab;
import adit.lab.LabException;
import adit.lab.LabShell;
import adit.lab.LabSpec;
import adit.lab.LineSpec;
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

/// A router that knows a nearer one tells hosts of that: what ping says of it, and which way packets take from then on,
/// on the machine in namespaces of the kernel, and in a lab.
class RedirectsAgainstKernelTest {
    private static final List<String> NEAR = List.of(
            "link set lo up",
            "link set eth0 up",
            "addr add 10.1.0.2/24 dev eth0",
            "addr add 10.1.0.4/24 dev eth0",
            // Linux goes by nobody whose link address it has yet to ask for.
            "neigh add 10.1.0.3 lladdr 02:00:00:00:00:33 dev eth0",
            "route add 10.7.0.0/16 via 10.1.0.1",
            "route add 10.8.0.0/16 via 10.1.0.5",
            "route add 10.9.0.0/16 via 10.1.0.1 mtu 1400");
    /// The next hop is there for the router, and nobody.
    private static final List<String> ROUTER = List.of(
            "link set eth0 up",
            "addr add 10.1.0.1/24 dev eth0",
            "route add 10.7.0.0/16 via 10.1.0.6",
            "neigh add 10.1.0.6 lladdr 02:00:00:00:00:66 dev eth0",
            "route add 10.8.0.0/16 via 10.1.0.3",
            "route add 10.9.0.0/16 via 10.1.0.3",
            "neigh add 10.1.0.3 lladdr 02:00:00:00:00:33 dev eth0");

    /// Hosts that are there in both worlds.
    private interface World extends AutoCloseable {
        String near(String line) throws IOException;

        /// Sends a datagram, which nobody answers.
        void send(String address) throws IOException;

        @Override
        void close() throws IOException;
    }

    @Test
    void pingTellsOfThemAsIputilsDoes() throws Exception {
        requirePing();
        try (World kernel = new Kernel();
                World lab = new InMemory()) {
            List<String> theirs = told(kernel.near("ping -c 1 -W 1 10.9.0.1"));
            assertThat(theirs).hasSize(1);
            assertThat(told(lab.near("ping -c 1 10.9.0.1"))).isEqualTo(theirs);
        }
    }

    @Test
    void packetsGoByTheNearerOneAsLongAsTheirRouteIsTheSame() throws Exception {
        requirePing();
        try (World kernel = new Kernel();
                World lab = new InMemory()) {
            compare(kernel, lab, "ip route get 10.9.0.1");
            kernel.send("10.9.0.1");
            lab.send("10.9.0.1");
            assertThat(compare(kernel, lab, "ip route get 10.9.0.1")).contains("via 10.1.0.3", "<redirected>");
            compare(kernel, lab, "ip -d -j route get 10.9.0.1");
            compare(kernel, lab, "ip route get 10.9.0.1 from 10.1.0.4");
            compare(kernel, lab, "ip route get 10.9.0.1 oif eth0");
            compare(kernel, lab, "ip route get 10.9.0.1 fibmatch");
            assertThat(compare(kernel, lab, "ip route get 10.9.0.2")).contains("via 10.1.0.1");
            compare(kernel, lab, "ip route get 10.8.0.1");
            compare(kernel, lab, "ip route del 10.9.0.0/16 via 10.1.0.1");
            compare(kernel, lab, "ip route add 10.9.0.0/16 via 10.1.0.1");
            assertThat(compare(kernel, lab, "ip route get 10.9.0.1")).contains("via 10.1.0.1");
        }
    }

    @Test
    void aGatewayIsAskedForItsLinkAddressBeforePacketsGoByIt() throws Exception {
        requirePing();
        try (World kernel = new Kernel();
                World lab = new InMemory()) {
            kernel.send("10.7.0.1");
            lab.send("10.7.0.1");
            assertThat(compare(kernel, lab, "ip route get 10.7.0.1")).contains("via 10.1.0.1");
            for (World world : List.of(kernel, lab)) {
                assertThat(world.near("ip neigh show to 10.1.0.6")).containsAnyOf("INCOMPLETE", "FAILED");
                world.near("ip neigh replace 10.1.0.6 lladdr 02:00:00:00:00:66 dev eth0");
                world.send("10.7.0.1");
            }
            assertThat(compare(kernel, lab, "ip route get 10.7.0.1")).contains("via 10.1.0.6", "<redirected>");
        }
    }

    private static void requirePing() {
        Needs.namespaces();
        assumeTrue(System.getProperty("os.version").startsWith("6.18."), "needs Linux 6.18, which this follows");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/ping")), "needs iputils' ping");
    }

    private static String compare(World kernel, World lab, String line) throws IOException {
        String theirs = masked(kernel.near(line));
        assertThat(masked(lab.near(line))).as(line).isEqualTo(theirs);
        return theirs;
    }

    private static String masked(String out) {
        return out.replaceAll("[0-9]+sec", "Nsec").replaceAll("\"expires\":[0-9]+", "\"expires\":N");
    }

    private static List<String> told(String out) {
        return out.lines()
                .filter(l -> l.startsWith("From ") || l.contains("errors"))
                .toList();
    }

    private static final class InMemory implements World {
        private final Lab lab;
        private final LabShell shell;

        InMemory() throws LabException {
            lab = Lab.open(new LabSpec(
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
                            LineSpec.PERFECT))));
            shell = new LabShell(lab);
        }

        @Override
        public String near(String line) {
            StringWriter out = new StringWriter();
            shell.run("near " + line, new PrintWriter(out), new PrintWriter(out));
            return out.toString();
        }

        @Override
        public void send(String address) {
            near("udp " + address + " 999 hello");
        }

        @Override
        public void close() {
            lab.close();
        }
    }

    private static HostSpec host(String name, List<HostSpec.Sysctl> settings, List<String> commands) {
        return new HostSpec(
                name,
                settings,
                commands.stream().map(c -> new HostSpec.Command(c, "")).toList(),
                List.of());
    }

    private static final class Kernel implements World {
        private final String near = "adit-" + ProcessHandle.current().pid() + "-near";
        private final String router = "adit-" + ProcessHandle.current().pid() + "-router";

        Kernel() throws IOException {
            run("ip", "netns", "add", near);
            run("ip", "netns", "add", router);
            ip("-n", near, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", router);
            run("ip", "netns", "exec", router, "sysctl", "-q", "-w", "net.ipv4.ip_forward=1");
            for (String line : ROUTER) {
                ip(words(router, line));
            }
            for (String line : NEAR) {
                ip(words(near, line));
            }
        }

        @Override
        public String near(String line) throws IOException {
            return exec(line.split(" "));
        }

        @Override
        public void send(String address) throws IOException {
            exec("bash", "-c", "echo hello >/dev/udp/" + address + "/999; sleep 0.3");
        }

        private String exec(String... words) throws IOException {
            List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", near));
            command.addAll(Arrays.asList(words));
            return run(command.toArray(String[]::new));
        }

        @Override
        public void close() throws IOException {
            ip("netns", "delete", near);
            ip("netns", "delete", router);
        }
    }

    private static String[] words(String namespace, String line) {
        List<String> all = new ArrayList<>(List.of("-n", namespace));
        all.addAll(Arrays.asList(line.split(" ")));
        return all.toArray(String[]::new);
    }

    private static void ip(String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(Arrays.asList(words));
        run(command.toArray(String[]::new));
    }

    private static String run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.onExit().join();
        return out;
    }
}
