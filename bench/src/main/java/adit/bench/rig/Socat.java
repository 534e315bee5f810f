package adit.bench.rig;

import java.io.IOException;
import java.util.Optional;

/// socat between a TUN device and datagrams.
///
/// @param protocol `udp` or `ipip`
record Socat(String protocol) implements Contender {
    private static final String BUFFERS = "rcvbuf=8388608,sndbuf=8388608";

    @Override
    public String key() {
        return "socat-" + protocol;
    }

    @Override
    public String title() {
        return "socat, " + protocol;
    }

    @Override
    public String settings() {
        String kind = protocol.equals("udp") ? "UDP4-DATAGRAM" : "IP4-DATAGRAM of protocol 4";
        return "TUN and " + kind + ", -b 65536, " + BUFFERS + ", overlay MTU underlay − " + overhead();
    }

    private int overhead() {
        return protocol.equals("udp") ? 28 : 20;
    }

    @Override
    public String version() throws InterruptedException {
        return Shell.debianVersion("socat");
    }

    @Override
    public Optional<String> obstacle() {
        return Shell.missing("socat", "socat");
    }

    @Override
    public void raise(Tunnel tunnel) throws IOException, InterruptedException {
        for (Host host : Host.values()) {
            String underlay = protocol.equals("udp")
                    ? "UDP4-DATAGRAM:" + host.peer().underlay() + ":5555,bind=" + host.underlay() + ":5555"
                    : "IP4-DATAGRAM:" + host.peer().underlay() + ":4,bind=" + host.underlay();
            tunnel.startAndConfigure(
                    host,
                    Tunnel.DEVICE,
                    tunnel.mtuLess(overhead()),
                    "socat",
                    "-b",
                    "65536",
                    underlay + "," + BUFFERS,
                    "TUN,tun-name=" + Tunnel.DEVICE + ",iff-no-pi");
        }
    }
}
