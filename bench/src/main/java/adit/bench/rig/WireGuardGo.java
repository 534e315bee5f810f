package adit.bench.rig;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// wireguard-go. It can't do without encryption.
record WireGuardGo() implements Contender {
    /// IPv4, UDP, its header and its authentication tag.
    private static final int OVERHEAD = 60;

    private static final String PORT = "51820";

    @Override
    public String key() {
        return "wireguard-go";
    }

    @Override
    public String title() {
        return "wireguard-go (encrypts)";
    }

    @Override
    public String settings() {
        return "as it comes, ChaCha20-Poly1305, overlay MTU underlay − " + OVERHEAD;
    }

    @Override
    public String version() throws InterruptedException {
        return Shell.debianVersion("wireguard-go");
    }

    @Override
    public Optional<String> obstacle() {
        return Shell.missing("wireguard-go", "wireguard-go").or(() -> Shell.missing("wg", "wireguard-tools"));
    }

    @Override
    public void raise(Tunnel tunnel) throws IOException, InterruptedException {
        Map<Host, String> keys = Map.of(
                Host.A, Shell.run("wg", "genkey").strip(),
                Host.B, Shell.run("wg", "genkey").strip());
        for (Host host : Host.values()) {
            Files.writeString(file(tunnel, host), keys.get(host) + "\n");
        }
        for (Host host : Host.values()) {
            // Its control sockets are named for the device and stand in one folder for both hosts.
            String device = "wg" + host.namespace();
            tunnel.startAndConfigure(host, device, tunnel.mtuLess(OVERHEAD), "wireguard-go", "-f", device);
            String open = Shell.run("sh", "-c", "wg pubkey < " + file(tunnel, host.peer()))
                    .strip();
            host.run(
                    "wg",
                    "set",
                    device,
                    "listen-port",
                    PORT,
                    "private-key",
                    file(tunnel, host).toString(),
                    "peer",
                    open,
                    "endpoint",
                    host.peer().underlay() + ":" + PORT,
                    "allowed-ips",
                    "0.0.0.0/0");
        }
    }

    private static Path file(Tunnel tunnel, Host host) {
        return tunnel.scratch().resolve("wg-key-" + host.namespace());
    }
}
