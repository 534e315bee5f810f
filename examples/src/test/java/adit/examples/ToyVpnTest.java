package adit.examples;

import static org.assertj.core.api.Assertions.assertThat;

import adit.ip.PingSocket;
import adit.linux.KernelTunDriver;
import adit.linux.Netns;
import adit.netns.Namespace;
import adit.tun.TunOpener;
import adit.wire.IpAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// One program, two worlds: two sites with a toy VPN between them, and pings through it.
@Timeout(120)
class ToyVpnTest {
    private static final int PINGS = 5;
    private static final String LEFT = "10.77.0.1";
    private static final String RIGHT = "10.77.0.2";

    /// Two UDP sockets on loopback that talk to each other.
    private static DatagramChannel[] wire() throws Exception {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        DatagramChannel left = DatagramChannel.open().bind(new InetSocketAddress(loopback, 0));
        DatagramChannel right = DatagramChannel.open().bind(new InetSocketAddress(loopback, 0));
        left.connect(right.getLocalAddress());
        right.connect(left.getLocalAddress());
        return new DatagramChannel[] {left, right};
    }

    @Test
    void carriesPingsBetweenDevicesInMemory() throws Exception {
        DatagramChannel[] wire = wire();
        try (Namespace here = Namespace.open();
                Namespace there = Namespace.open()) {
            TunOpener left = here.tun();
            TunOpener right = there.tun();
            try (ToyVpn one = ToyVpn.open(left, "vpn0", wire[0]);
                    ToyVpn other = ToyVpn.open(right, "vpn0", wire[1])) {
                here.configure().link("vpn0").up();
                here.configure().address("vpn0", LEFT + "/24");
                there.configure().link("vpn0").up();
                there.configure().address("vpn0", RIGHT + "/24");
                try (PingSocket ping = here.sockets().ping()) {
                    ping.waitAtMost(TimeUnit.SECONDS.toNanos(20));
                    for (int i = 1; i <= PINGS; i++) {
                        byte[] payload = ("ping " + i).getBytes(StandardCharsets.US_ASCII);
                        ping.send(IpAddress.parse(RIGHT), i, ByteBuffer.wrap(payload));
                        ByteBuffer back = ByteBuffer.allocate(100);
                        Optional<PingSocket.Reply> reply = ping.receive(back);
                        assertThat(reply).isPresent();
                        assertThat(reply.get().from()).isEqualTo(IpAddress.parse(RIGHT));
                        assertThat(reply.get().sequence()).isEqualTo(i);
                        assertThat(back.flip()).isEqualTo(ByteBuffer.wrap(payload));
                    }
                }
                assertThat(one).isNotSameAs(other);
            }
        }
    }

    @Test
    void carriesPingsBetweenDevicesOfTheKernel() throws Exception {
        DatagramChannel[] wire = wire();
        try (Netns here = KernelHost.create();
                Netns there = KernelHost.create();
                ToyVpn one = here.call(() -> ToyVpn.open(new KernelTunDriver(), "vpn0", wire[0]));
                ToyVpn other = there.call(() -> ToyVpn.open(new KernelTunDriver(), "vpn0", wire[1]))) {
            KernelHost.run(here, "ip", "address", "add", LEFT + "/24", "dev", "vpn0");
            KernelHost.run(here, "ip", "link", "set", "vpn0", "up");
            KernelHost.run(there, "ip", "address", "add", RIGHT + "/24", "dev", "vpn0");
            KernelHost.run(there, "ip", "link", "set", "vpn0", "up");
            String said = KernelHost.run(here, "ping", "-c", "" + PINGS, "-i", "0.2", "-w", "60", RIGHT);
            assertThat(said).contains(PINGS + " received");
            assertThat(one).isNotSameAs(other);
        }
    }
}
