package adit.bench.rig;

import adit.bench.peers.NettyTunRelay;
import adit.bench.peers.TunIoRelay;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// Another JVM library for TUN devices under the minimal relay of [adit.bench.peers].
enum JvmPeer implements Contender {
    /// JNA and Netty.
    NETTY_TUN(
            "netty-tun",
            NettyTunRelay.class,
            "org.drasyl:netty-tun:1.2.5",
            "its channel on a DefaultEventLoopGroup, the underlay on Netty's epoll datagram channel with sendmmsg and "
                    + "recvmmsg"),
    /// JNA alone.
    TUN_IO(
            "tun-io",
            TunIoRelay.class,
            "io.github.isotes:tun-io:1.0.0",
            "a blocking thread each way, the underlay a connected java.nio DatagramChannel");

    private static final int OVERHEAD = 28;
    private static final String PORT = "5555";

    private final String name;
    private final Class<?> relay;
    private final String version;
    private final String settings;

    JvmPeer(String name, Class<?> relay, String version, String settings) {
        this.name = name;
        this.relay = relay;
        this.version = version;
        this.settings = settings;
    }

    @Override
    public String key() {
        return name;
    }

    @Override
    public String title() {
        return name + " (JVM), udp";
    }

    @Override
    public String settings() {
        return "minimal relay " + relay.getSimpleName() + ": " + settings
                + "; socket buffers 8 MiB asked for, -Xmx256m -XX:+UseSerialGC, overlay MTU underlay − " + OVERHEAD;
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public Optional<String> obstacle() {
        return this == NETTY_TUN && !System.getProperty("os.arch").equals("amd64")
                ? Optional.of("the relay takes Netty's native epoll for amd64")
                : Optional.empty();
    }

    @Override
    public void raise(Tunnel tunnel) throws IOException, InterruptedException {
        int mtu = tunnel.mtuLess(OVERHEAD);
        for (Host host : Host.values()) {
            tunnel.startAndConfigure(
                    host,
                    Tunnel.DEVICE,
                    mtu,
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx256m",
                    "-XX:+UseSerialGC",
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    System.getProperty("java.class.path"),
                    relay.getName(),
                    Tunnel.DEVICE,
                    host.underlay(),
                    host.peer().underlay(),
                    PORT,
                    Integer.toString(mtu));
        }
    }
}
