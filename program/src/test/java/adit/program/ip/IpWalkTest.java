package adit.program.ip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adit.lab.HostSpec;
import adit.lab.Lab;
import adit.lab.LabHost;
import adit.lab.LabSpec;
import adit.linux.Netns;
import adit.program.Needs;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Random walks by `ip`, in a namespace of the running kernel by the machine's own and on a host in memory by ours:
/// the same is answered, and the same becomes of links, addresses, routes and neighbours. What is in memory follows
/// Linux 6.18; of refusals Linux's own texts are not compared where it gives more than an error number.
///
/// Two things of the kernel's are not followed, and few walks meet them. A prefix route whose end it takes for one
/// that has passed leads nowhere at once (seed 12004 with 80 commands), and is gone when
/// it next collects such. And the route to the peer of an address that was given just before its link went up is
/// there if the kernel was busy in between.
///
/// `-Dipwalk.seed=N` begins with that one, `-Dipwalk.count=N` goes so many, `-Dipwalk.commands=N` steps each.
class IpWalkTest {
    private static final int COMMANDS = Integer.getInteger("ipwalk.commands", 70);
    /// The kernel looks at carriers once a second.
    private static final int PATIENCE_SECONDS = 20;
    private static final int SETTLING_SECONDS = 3;
    private static final String WITHOUT_DETECTION = "for c in all default; do"
            + " echo 0 >/proc/sys/net/ipv6/conf/$c/accept_dad;"
            + " echo 0 >/proc/sys/net/ipv6/conf/$c/router_solicitation_delay;"
            + " echo 0 >/proc/sys/net/ipv6/conf/$c/router_solicitations; done";

    private record Outcome(int code, String out, String err) {
        private boolean isSame(Outcome other) {
            boolean explained = err.contains("Error: ") || other.err.contains("Error: ");
            return code == other.code && out.equals(other.out) && (explained || err.equals(other.err));
        }
    }

    static LongStream seeds() {
        long first = Long.getLong("ipwalk.seed", 1);
        return LongStream.range(first, first + Integer.getInteger("ipwalk.count", 12));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void findsTheHostInMemoryAsTheKernelIs(long seed) throws Exception {
        walk(seed, IpWalk.lines(seed, COMMANDS));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void findsTheHostInMemoryAsTheKernelIsInIp6(long seed) throws Exception {
        walk(seed, Ip6Walk.lines(seed, COMMANDS));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void showsTheHostInMemoryAsIpShowsTheKernel(long seed) throws Exception {
        walk(seed, ShowWalk.lines(seed, COMMANDS));
    }

    /// What walks have found, in as few steps.
    @ParameterizedTest
    @MethodSource("adit.program.ip.Findings#all")
    void findsTheHostInMemoryAsTheKernelIsWhereItWasNot(Findings finding) throws Exception {
        walk(finding.hashCode(), finding.lines());
    }

    private static void walk(long seed, List<String> lines) throws Exception {
        assumeTrue(System.getProperty("os.version").startsWith("6.18."), "needs Linux 6.18, which this follows");
        Needs.namespaces();
        assumeTrue(real(null, "-V").out.contains("iproute2-6.1"), "needs iproute2 6.1");
        String name = "adit-" + ProcessHandle.current().pid() + "-walk" + seed;
        LabSpec spec = new LabSpec(
                "walk",
                "",
                LabSpec.Time.REAL,
                seed,
                List.of(new HostSpec("host", List.of(), List.of(), List.of())),
                List.of());
        try (Netns _ = Netns.create(name);
                Lab lab = Lab.open(spec)) {
            // Hosts in memory use their addresses at once.
            run("ip", "netns", "exec", name, "sh", "-c", WITHOUT_DETECTION);
            LabHost host = lab.host("host").orElseThrow();
            int number = 0;
            for (String line : lines) {
                number++;
                compare("line " + number + ": " + line, line, name, host);
                if (line.startsWith("link") || line.startsWith("tuntap")) {
                    settle(name, host);
                }
            }
        } finally {
            run("ip", "netns", "delete", name);
        }
    }

    /// Waits until IPv6 has begun on links that got a carrier. What differs for good is told later.
    private static void settle(String kernel, LabHost host) throws Exception {
        long end = System.nanoTime() + SETTLING_SECONDS * 1_000_000_000L;
        for (String line : List.of("-d link show", "-6 addr show")) {
            Outcome ours = ours(line, host);
            while (!ours.isSame(masked(line, real(kernel, line.split(" ")))) && System.nanoTime() < end) {
                Thread.sleep(10);
            }
        }
    }

    private static Outcome ours(String line, LabHost host) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = host.ip(new PrintWriter(out), new PrintWriter(err), line.split(" "));
        return masked(line, new Outcome(code, out.toString(), err.toString()));
    }

    private static void compare(String as, String said, String kernel, LabHost host) throws Exception {
        if (said.startsWith("sysctl ")) {
            String setting = said.substring("sysctl ".length());
            int equals = setting.indexOf('=');
            String key = setting.substring(0, equals);
            String value = setting.substring(equals + 1);
            String write = "echo " + value + " >/proc/sys/" + key.replace('.', '/');
            run("ip", "netns", "exec", kernel, "sh", "-c", write);
            host.sysctl(key, Integer.parseInt(value));
            return;
        }
        String line = said.startsWith("route get ") && isShared(said, kernel, host) ? aboutRoute(said) : said;
        String[] words = line.split(" ");
        Outcome ours = ours(line, host);
        Outcome theirs = masked(line, real(kernel, words));
        long end = System.nanoTime() + PATIENCE_SECONDS * 1_000_000_000L;
        while (line.contains("show") && !ours.isSame(theirs) && System.nanoTime() < end) {
            Thread.sleep(50);
            theirs = masked(line, real(kernel, words));
        }
        if (!ours.isSame(theirs)) {
            assertThat(ours).as(as).isEqualTo(theirs);
        }
    }

    /// Where an address that was good for ever is to end, the kernel's IPv6 takes the time that is left to its
    /// prefix route for one since it started, which then has passed. Neighbours stand in a hash table of the
    /// kernel's, in no order; a link has as many queues as the machine has processors, and a scheduler for them;
    /// where a neighbour has an address of no octets, the real `ip` shows what stands behind it.
    private static Outcome masked(String line, Outcome o) {
        String out = o.out.replaceAll("-?[0-9]+sec", "Nsec")
                .replaceAll("num[tr]xqueues [0-9]+ ", "")
                .replaceAll("\"num_[tr]x_queues\": ?[0-9]+,\\s*", "")
                .replaceAll("\"qdisc\": ?\"\\w+\",\\s*", "")
                .replaceAll("qdisc \\S+ ", "")
                .replaceAll("lladdr ([0-9a-f]{2})? ", "");
        if (line.contains("neigh")) {
            out = sorted(out);
        } else if (line.startsWith("-6 route get")) {
            out = withoutChoice(out);
        } else if (line.startsWith("-6 route")) {
            out = inOrder(out);
        }
        return new Outcome(o.code, out, o.err.strip());
    }

    /// The kernel finds neighbours by itself too: the groups that it tells of its addresses, and itself.
    private static String sorted(String out) {
        return out.lines()
                .filter(l -> !l.startsWith("ff0") && !l.startsWith("::1 dev lo"))
                .sorted()
                .collect(Collectors.joining("\n"));
    }

    /// Whether packets take a route of several next hops: which of them is up to a hash with a secret, so that only the
    /// route can be compared.
    private static boolean isShared(String line, String kernel, LabHost host) throws Exception {
        // Both are asked, since a choice among default routes depends on the one before.
        ours(aboutRoute(line), host);
        return real(kernel, aboutRoute(line).split(" ")).out.contains("nexthop");
    }

    /// The question for the route of a packet, instead of its way.
    private static String aboutRoute(String line) {
        return line.contains(" fibmatch") ? line : line + " fibmatch";
    }

    /// Which of several gateways a packet takes is up to a hash with a secret.
    private static String withoutChoice(String out) {
        return out.replaceAll(" via \\S+ dev \\S+.*? (src \\S+ )?metric", " via metric");
    }

    /// Routes that differ in their devices alone stand as these got their carriers, of which the kernel hears later.
    private static String inOrder(String out) {
        List<String> all = new ArrayList<>();
        List<String> alike = new ArrayList<>();
        String before = "";
        for (String line : out.lines().toList()) {
            String key = line.replaceAll(" dev \\S+", "").replace(" linkdown", "");
            if (!key.equals(before) || line.startsWith("\t")) {
                all.addAll(alike.stream().sorted().toList());
                alike.clear();
            }
            before = key;
            alike.add(line);
        }
        all.addAll(alike.stream().sorted().toList());
        return String.join("\n", all);
    }

    private static Outcome real(String netns, String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("ip"));
        if (netns != null) {
            command.addAll(List.of("-n", netns));
        }
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command).start();
        process.getOutputStream().close();
        // Neither is longer than a pipe.
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return new Outcome(process.exitValue(), out, err);
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getInputStream().readAllBytes();
        process.waitFor(20, TimeUnit.SECONDS);
    }
}
