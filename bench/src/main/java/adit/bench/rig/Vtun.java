package adit.bench.rig;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// VTun, server at [Host#B], client at [Host#A].
record Vtun() implements Contender {
    /// IPv4, UDP and its own length field.
    private static final int OVERHEAD = 30;

    /// Its frames hold no more.
    private static final int MAX_MTU = 2000;

    private static final int PORT = 5000;

    @Override
    public String key() {
        return "vtun";
    }

    @Override
    public String title() {
        return "VTun, no cipher";
    }

    @Override
    public String settings() {
        return "proto udp, encrypt no, compress no, overlay MTU underlay − " + OVERHEAD + ", " + MAX_MTU + " at most";
    }

    @Override
    public String version() throws InterruptedException {
        return Shell.debianVersion("vtun");
    }

    @Override
    public Optional<String> obstacle() {
        return Shell.missing("vtund", "vtun");
    }

    @Override
    public void raise(Tunnel tunnel) throws IOException, InterruptedException {
        Path file = tunnel.scratch().resolve("vtund.conf");
        Files.writeString(file, """
                options { port %d; syslog daemon; }
                bench { passwd bench; type tun; device %s; proto udp; encrypt no; compress no; keepalive no;
                        persist yes; up { }; down { }; }
                """.formatted(PORT, Tunnel.DEVICE));
        // It insists on a folder for its locks; /run belongs to this run.
        Files.createDirectories(Path.of("/run/lock/vtund"));
        Process server = tunnel.start(Host.B, "vtund", "-n", "-s", "-f", file.toString());
        Host.awaitListener(server, PORT);
        Process client = tunnel.start(Host.A, "vtund", "-n", "-f", file.toString(), "bench", Host.B.underlay());
        for (Host host : Host.values()) {
            tunnel.await(host, Tunnel.DEVICE, host == Host.B ? server : client);
        }
        // A client whose first datagram finds nobody gives up its device and tries again.
        Thread.sleep(300);
        for (Host host : Host.values()) {
            tunnel.await(host, Tunnel.DEVICE, host == Host.B ? server : client);
            host.configure(Tunnel.DEVICE, Math.min(MAX_MTU, tunnel.mtuLess(OVERHEAD)));
        }
    }
}
