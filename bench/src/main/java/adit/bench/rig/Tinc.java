package adit.bench.rig;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// tinc in router mode without cipher and digest.
record Tinc() implements Contender {
    /// IPv4, UDP and a sequence number of four octets, with room for what its own path MTU probing leaves out.
    private static final int OVERHEAD = 44;

    /// As Debian builds it, it carries no larger packets.
    private static final int MAX_MTU = 1456;

    @Override
    public String key() {
        return "tinc";
    }

    @Override
    public String title() {
        return "tinc, no cipher";
    }

    @Override
    public String settings() {
        return "Mode router, Cipher none, Digest none, Compression 0, DirectOnly yes, UDPRcvBuf and UDPSndBuf 8388608, "
                + "overlay MTU underlay − " + OVERHEAD + ", " + MAX_MTU + " at most";
    }

    @Override
    public String version() throws InterruptedException {
        return Shell.debianVersion("tinc");
    }

    @Override
    public Optional<String> obstacle() {
        return Shell.missing("tincd", "tinc").or(() -> Shell.missing("openssl", "openssl"));
    }

    @Override
    public void raise(Tunnel tunnel) throws IOException, InterruptedException {
        for (Host host : Host.values()) {
            Path folder = folder(tunnel, host);
            Files.createDirectories(folder.resolve("hosts"));
            Files.writeString(folder.resolve("tinc.conf"), configuration(host));
            String key = folder.resolve("rsa_key.priv").toString();
            Shell.run("openssl", "genrsa", "-traditional", "-out", key, "2048");
            String open = Shell.run("openssl", "rsa", "-in", key, "-RSAPublicKey_out");
            Files.writeString(tunnel.scratch().resolve("tinc-host-" + host.namespace()), describe(host) + open);
        }
        for (Host host : Host.values()) {
            for (Host known : Host.values()) {
                Files.copy(
                        tunnel.scratch().resolve("tinc-host-" + known.namespace()),
                        folder(tunnel, host).resolve("hosts").resolve(known.namespace()));
            }
        }
        // The one that connects comes second.
        for (Host host : new Host[] {Host.B, Host.A}) {
            Path folder = folder(tunnel, host);
            tunnel.startAndConfigure(
                    host,
                    Tunnel.DEVICE,
                    Math.min(MAX_MTU, tunnel.mtuLess(OVERHEAD)),
                    "tincd",
                    "-D",
                    "-c",
                    folder.toString(),
                    "--pidfile=" + folder.resolve("pid"));
        }
        // Until it has probed the path MTU it carries packets over TCP.
        Thread.sleep(4000);
    }

    private static Path folder(Tunnel tunnel, Host host) {
        return tunnel.scratch().resolve("tinc-" + host.namespace());
    }

    private static String configuration(Host host) {
        return """
                Name = %s
                Interface = %s
                DeviceType = tun
                Mode = router
                AddressFamily = ipv4
                DirectOnly = yes
                UDPRcvBuf = 8388608
                UDPSndBuf = 8388608
                %s
                """.formatted(
                        host.namespace(), Tunnel.DEVICE, host == Host.A ? "ConnectTo = " + Host.B.namespace() : "");
    }

    private static String describe(Host host) {
        return """
                Address = %s
                Subnet = %s/32
                Cipher = none
                Digest = none
                Compression = 0
                ClampMSS = no
                """.formatted(host.underlay(), host.overlay());
    }
}
