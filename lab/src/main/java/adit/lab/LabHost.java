package adit.lab;

import adit.ip.IpException;
import adit.iproute.Ip;
import adit.iproute.IpHost;
import adit.iproute.TunTapControl;
import adit.netlink.NetlinkTransport;
import adit.netns.Namespace;
import adit.port.Deadline;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// A host of a lab: a namespace, on which `ip` acts, and programs. Closing it does nothing; it ends with its
/// lab.
public final class LabHost implements IpHost {
    private final Lab lab;
    private final HostSpec spec;
    private final Namespace namespace;
    private final NamespaceTransport netlink;
    private final NamespaceTunTap tunTap;
    private final List<Program> programs = new ArrayList<>();

    LabHost(Lab lab, HostSpec spec, Namespace namespace) {
        this.lab = lab;
        this.spec = spec;
        this.namespace = namespace;
        this.netlink = new NamespaceTransport(lab, this);
        this.tunTap = new NamespaceTunTap(lab, this);
    }

    /// Its name.
    public String name() {
        return spec.name();
    }

    /// What it is made of. To be touched within [Lab#call] alone.
    public Namespace namespace() {
        return namespace;
    }

    /// Runs a command line of `ip`, given without `ip` itself, and answers its exit code.
    public int ip(PrintWriter out, PrintWriter err, String... words) {
        return new Ip(this, InputStream.nullInputStream(), out, err).run(words);
    }

    /// What its programs are and how they fare, one line each.
    public List<String> programs() {
        return lab.call(() -> programs.stream().map(Program::status).toList());
    }

    /// Gives a setting of `/proc/sys`, named with dots, another value.
    ///
    /// @throws IllegalArgumentException when there is no such setting here, or it has no such value
    public void sysctl(String key, int value) {
        lab.call(() -> {
            Sysctls.set(namespace, key, value);
            return null;
        });
    }

    // ---- For the lab, under its lock

    void begin(List<LabException.Problem> problems) {
        try {
            namespace.configure().link("lo").up();
        } catch (IpException e) {
            throw new IllegalStateException(e);
        }
        settings(s -> !Sysctls.isOfDevice(s.key()), problems);
        for (HostSpec.Command command : spec.commands()) {
            String refusal = refusal(command.text());
            if (!refusal.isEmpty()) {
                problems.add(
                        new LabException.Problem(command.where(), name() + ": ip " + command.text() + ": " + refusal));
            }
        }
        settings(s -> Sysctls.isOfDevice(s.key()), problems);
        for (ProgramSpec program : spec.programs()) {
            try {
                programs.add(
                        switch (program) {
                            case ProgramSpec.Echo echo -> EchoService.open(namespace, echo);
                            case ProgramSpec.Ping ping ->
                                PingProgram.open(
                                        namespace, ping, () -> lab.tracer().isPresent());
                        });
            } catch (IOException e) {
                problems.add(new LabException.Problem("", name() + ": " + e.getMessage()));
            }
        }
    }

    private void settings(Predicate<HostSpec.Sysctl> which, List<LabException.Problem> problems) {
        for (HostSpec.Sysctl setting : spec.sysctls()) {
            try {
                if (which.test(setting)) {
                    Sysctls.set(namespace, setting.key(), setting.value());
                }
            } catch (IllegalArgumentException e) {
                problems.add(new LabException.Problem(setting.where(), name() + ": " + e.getMessage()));
            }
        }
    }

    /// Runs a command of the lab's file; empty when it went well.
    private String refusal(String command) {
        StringWriter said = new StringWriter();
        PrintWriter writer = new PrintWriter(said);
        try {
            int code = ip(writer, writer, CommandWords.split(command).toArray(String[]::new));
            String words = said.toString().strip().replaceAll("\\s*\\R\\s*", " | ");
            return code == 0 ? "" : words.isEmpty() ? "exit code " + code : words;
        } catch (IllegalArgumentException e) {
            return e.getMessage();
        }
    }

    int turn(long now) {
        int moved = namespace.turn(now);
        for (Program program : programs) {
            moved += program.turn(now);
        }
        return moved;
    }

    long deadline() {
        long earliest = namespace.deadline();
        for (Deadline program : programs) {
            earliest = Math.min(earliest, program.deadline());
        }
        return earliest;
    }

    void end() {
        programs.forEach(Program::close);
        programs.clear();
    }

    // ---- For `ip`

    @Override
    public NetlinkTransport netlink() {
        return netlink;
    }

    @Override
    public TunTapControl tunTap() {
        return tunTap;
    }

    @Override
    public IpHost namespace(String name) throws NoSuchFileException {
        return lab.host(name).orElseThrow(() -> new NoSuchFileException(name));
    }

    @Override
    public int namespaceDescriptor(String name) {
        return lab.host(name).map(host -> host.namespace().descriptor()).orElse(-1);
    }

    @Override
    public void close() {
        // It is the lab's.
    }

    @Override
    public String toString() {
        return name();
    }
}
