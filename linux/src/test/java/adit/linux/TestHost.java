package adit.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adit.tun.TunSpec;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A host made of a private network namespace. Skips the test where one can't be made. IPv6 is off, so that
/// nothing but the test talks on its devices.
final class TestHost implements AutoCloseable {
    static final String DEVICE = "10.99.0.1";
    static final String BEHIND = "10.99.0.2";

    final Netns netns;

    private TestHost(Netns netns) {
        this.netns = netns;
    }

    /// A private network namespace. Skips the test where this process may make none, as root in some containers.
    static Netns namespace() {
        Netns netns = null;
        String skipped = "";
        try {
            netns = Netns.create();
        } catch (LinuxException e) {
            skipped = "needs root: " + e.getMessage();
        }
        assumeTrue(skipped.isEmpty(), skipped);
        return netns;
    }

    static TestHost create() throws Exception {
        assumeTrue(Files.exists(Path.of("/dev/net/tun")), "needs /dev/net/tun");
        TestHost host = new TestHost(namespace());
        host.netns.call(() -> {
            for (String all : List.of("all", "default")) {
                Path off = Path.of("/proc/sys/net/ipv6/conf", all, "disable_ipv6");
                if (Files.exists(off)) {
                    Files.writeString(off, "1");
                }
            }
            return null;
        });
        return host;
    }

    TunDevice open(TunSpec spec) throws Exception {
        return netns.call(() -> TunDevice.open(spec));
    }

    TunDevice open(TunSpec spec, int queues) throws Exception {
        return netns.call(() -> TunDevice.open(spec, queues));
    }

    /// Gives the device the address [#DEVICE]/24 and sets it up, so that [#BEHIND] is reached through it.
    void up(TunDevice device) throws Exception {
        ip("address", "add", DEVICE + "/24", "dev", device.name());
        ip("link", "set", device.name(), "up");
    }

    String ip(String... arguments) throws Exception {
        String[] command = new String[arguments.length + 1];
        command[0] = "ip";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        return run(command);
    }

    String run(String... command) throws Exception {
        Process process = netns.exec(new ProcessBuilder(command).redirectErrorStream(true));
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as("%s: %s", List.of(command), output).isZero();
        return output;
    }

    /// A socket of this host that sends to port 9 of [#BEHIND], from `port` of the device's address.
    DatagramChannel socket(int port) throws Exception {
        return netns.call(() -> {
            DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
            try {
                return channel.bind(new InetSocketAddress(DEVICE, port)).connect(new InetSocketAddress(BEHIND, 9));
            } catch (IOException e) {
                channel.close();
                throw e;
            }
        });
    }

    /// Lets the stack send one datagram through the device.
    void send(int port, String payload) throws Exception {
        try (DatagramChannel channel = socket(port)) {
            channel.write(ByteBuffer.wrap(payload.getBytes(StandardCharsets.UTF_8)));
        }
    }

    @Override
    public void close() {
        netns.close();
    }
}
