package adit.bench.rig;

import java.io.IOException;
import java.util.Optional;

/// OpenVPN between two peers, without TLS, cipher and authentication: the packet in clear behind one octet.
record OpenVpn() implements Contender {
    private static final int OVERHEAD = 28;
    private static final String BUFFER = "8388608";

    @Override
    public String key() {
        return "openvpn";
    }

    @Override
    public String title() {
        return "OpenVPN, no cipher";
    }

    @Override
    public String settings() {
        return "--proto udp4 --cipher none --auth none --mssfix 0 --fast-io --txqueuelen 1000 --sndbuf " + BUFFER
                + " --rcvbuf " + BUFFER + ", overlay MTU underlay − " + OVERHEAD;
    }

    @Override
    public String version() throws InterruptedException {
        return Shell.debianVersion("openvpn");
    }

    @Override
    public Optional<String> obstacle() {
        return Shell.missing("openvpn", "openvpn");
    }

    @Override
    public void raise(Tunnel tunnel) throws IOException, InterruptedException {
        for (Host host : Host.values()) {
            String command = "openvpn --dev " + Tunnel.DEVICE + " --dev-type tun --proto udp4 --port 1194 --local "
                    + host.underlay() + " --remote " + host.peer().underlay() + " --ifconfig " + host.overlay() + " "
                    + host.peer().overlay() + " --cipher none --auth none --tun-mtu " + tunnel.mtuLess(OVERHEAD)
                    + " --mssfix 0 --fast-io --txqueuelen 1000 --sndbuf " + BUFFER + " --rcvbuf " + BUFFER;
            tunnel.start(host, command.split(" "));
        }
    }
}
