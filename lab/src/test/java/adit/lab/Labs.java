package adit.lab;

import adit.lab.CableSpec.Plug;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;

/// Labs for tests, and what their shells say.
final class Labs {
    private Labs() {}

    static HostSpec host(String name, List<ProgramSpec> programs, String... commands) {
        return new HostSpec(
                name,
                List.of(new HostSpec.Sysctl("net.ipv4.ip_forward", 1, "")),
                Arrays.stream(commands)
                        .map(c -> new HostSpec.Command(c, name + ".yaml:1:1"))
                        .toList(),
                programs);
    }

    static HostSpec host(String name, String... commands) {
        return host(name, List.of(), commands);
    }

    static CableSpec cable(String name, String one, String other, LineSpec line) {
        return new CableSpec(name, plug(one), plug(other), 1500, line);
    }

    private static Plug plug(String text) {
        int colon = text.indexOf(':');
        return new Plug(text.substring(0, colon), text.substring(colon + 1));
    }

    /// Two hosts and a router between them, 10 ms and 5 ms away.
    static LabSpec routed(LabSpec.Time time) {
        return new LabSpec(
                "routed",
                "",
                time,
                1,
                List.of(
                        host(
                                "left",
                                "link set eth0 up",
                                "addr add 10.0.1.2/24 dev eth0",
                                "route add default via 10.0.1.1"),
                        host(
                                "router",
                                "link set eth0 up",
                                "link set eth1 up",
                                "addr add 10.0.1.1/24 dev eth0",
                                "addr add 10.0.2.1/24 dev eth1"),
                        host(
                                "right",
                                List.of(new ProgramSpec.Echo(7)),
                                "link set eth0 up",
                                "addr add 10.0.2.2/24 dev eth0",
                                "route add default via 10.0.2.1")),
                List.of(
                        cable("near", "left:eth0", "router:eth0", LineSpec.PERFECT.withDelay(5_000_000)),
                        cable("far", "router:eth1", "right:eth0", LineSpec.PERFECT.withDelay(10_000_000))));
    }

    /// What lines came to.
    record Said(int code, String out, String err) {}

    static Said run(LabShell shell, String line) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = shell.run(line, new PrintWriter(out), new PrintWriter(err));
        return new Said(code, out.toString(), err.toString());
    }

    static Said run(Lab lab, String line) {
        return run(new LabShell(lab), line);
    }
}
