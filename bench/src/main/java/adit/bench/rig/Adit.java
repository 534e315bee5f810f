package adit.bench.rig;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Adit with one of its carriers, as a user runs it: `./adit up FILE`.
///
/// @param launcher the program at the root
/// @param carrier `direct`, `fou` or `gue`
/// @param offload `auto` or `off`
record Adit(Path launcher, String carrier, String offload) implements Contender {
    @Override
    public String key() {
        return "adit-" + carrier + (offload.equals("auto") ? "" : "-no-offload");
    }

    @Override
    public String title() {
        String protocol = switch (carrier) {
            case "direct" -> "ipip";
            case "fou" -> "FOU";
            default -> "GUE";
        };
        return "Adit " + protocol + (offload.equals("auto") ? "" : ", offload off");
    }

    @Override
    public String settings() {
        return "adit up, carrier " + carrier + ", offload " + offload + ", everything else as it comes";
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
            Path file = tunnel.scratch().resolve("adit-" + host.namespace() + ".yaml");
            Files.writeString(file, configuration(host));
            Process program = tunnel.start(host, launcher.toString(), "up", file.toString());
            tunnel.await(host, Tunnel.DEVICE, program);
        }
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
                """.formatted(
                Tunnel.DEVICE, host.underlay(), host.peer().underlay(), carrier, ports, host.overlay(), offload);
    }
}
