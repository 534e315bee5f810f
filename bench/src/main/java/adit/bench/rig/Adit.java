package adit.bench.rig;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Adit with one of its carriers, as a user runs it: `./adit up FILE`.
///
/// @param launcher the program at the root
/// @param carrier `direct`, `fou` or `gue`
/// @param offload `auto` or `off`
/// @param queues of the TUN device, each with two threads
record Adit(Path launcher, String carrier, String offload, int queues) implements Contender {
    /// With everything as it comes.
    Adit(Path launcher, String carrier) {
        this(launcher, carrier, "auto", 1);
    }

    @Override
    public String key() {
        return "adit-" + carrier + (offload.equals("auto") ? "" : "-no-offload")
                + (queues == 1 ? "" : "-" + queues + "-queues");
    }

    @Override
    public String title() {
        String protocol = switch (carrier) {
            case "direct" -> "ipip";
            case "fou" -> "FOU";
            default -> "GUE";
        };
        return "Adit " + protocol + (offload.equals("auto") ? "" : ", offload off")
                + (queues == 1 ? "" : ", " + queues + " queues");
    }

    @Override
    public String settings() {
        return "adit up, carrier " + carrier + ", offload " + offload + ", queues " + queues
                + ", everything else as it comes";
    }

    @Override
    public String version() {
        return "this commit";
    }

    @Override
    public Optional<String> obstacle() {
        return Files.isExecutable(launcher) ? Optional.empty() : Optional.of("no launcher at " + launcher);
    }

    @Override
    public void raise(Tunnel tunnel) throws IOException, InterruptedException {
        for (Host host : Host.values()) {
            Files.writeString(file(tunnel, host), configuration(host));
            Process program = tunnel.start(host, command(tunnel, host));
            tunnel.await(host, Tunnel.DEVICE, program);
        }
    }

    private static Path file(Tunnel tunnel, Host host) {
        return tunnel.scratch().resolve("adit-" + host.namespace() + ".yaml");
    }

    private String[] command(Tunnel tunnel, Host host) {
        return new String[] {launcher.toString(), "up", file(tunnel, host).toString()};
    }

    @Override
    public List<String> oneCommand(Tunnel tunnel, Host host) {
        return List.of(command(tunnel, host));
    }

    private String configuration(Host host) {
        String ports = carrier.equals("direct") ? "" : ", port: 5555, peer-port: 5555";
        return """
                tunnels:
                  - name: %s
                    mode: ipip
                    local: %s
                    remote: %s
                    carrier: { type: %s%s }
                    addresses: [%s/30]
                    offload: %s
                    queues: %d
                """.formatted(
                        Tunnel.DEVICE,
                        host.underlay(),
                        host.peer().underlay(),
                        carrier,
                        ports,
                        host.overlay(),
                        offload,
                        queues);
    }
}
