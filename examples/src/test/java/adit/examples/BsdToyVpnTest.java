package adit.examples;

import static org.assertj.core.api.Assertions.assertThat;

import adit.bsdtun.BsdProfile;
import adit.bsdtun.BsdTunDriver;
import adit.ip.PingSocket;
import adit.netns.Namespace;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The same program on NetBSD's driver.
@Timeout(120)
class BsdToyVpnTest {
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

    private static void ping(Namespace from, String to) throws Exception {
        try (PingSocket ping = from.sockets().ping()) {
            ping.waitAtMost(TimeUnit.SECONDS.toNanos(60));
            byte[] payload = "over BSD".getBytes(StandardCharsets.US_ASCII);
            ping.send(IpAddress.parse(to), 1, ByteBuffer.wrap(payload));
            ByteBuffer back = ByteBuffer.allocate(100);
            Optional<PingSocket.Reply> reply = ping.receive(back);
            assertThat(reply).map(PingSocket.Reply::from).contains(IpAddress.parse(to));
            assertThat(back.flip()).isEqualTo(ByteBuffer.wrap(payload));
        }
    }

    @ParameterizedTest
    @EnumSource(BsdProfile.class)
    void carriesPingsBetweenTwoBsdDevices(BsdProfile profile) throws Exception {
        DatagramChannel[] wire = wire();
        try (Namespace here = Namespace.open();
                Namespace there = Namespace.open()) {
            BsdTunDriver left = new BsdTunDriver(here.ip(), profile);
            BsdTunDriver right = new BsdTunDriver(there.ip(), profile);
            try (BsdToyVpn one = BsdToyVpn.open(left, 0, LEFT, RIGHT, wire[0]);
                    BsdToyVpn other = BsdToyVpn.open(right, 0, RIGHT, LEFT, wire[1])) {
                ping(here, RIGHT);
                ping(there, LEFT);
                assertThat(one).isNotEqualTo(other);
            }
        }
    }

    @Test
    void talksToTheSameProgramOnLinuxsDriver() throws Exception {
        DatagramChannel[] wire = wire();
        try (Namespace here = Namespace.open();
                Namespace there = Namespace.open()) {
            BsdTunDriver left = new BsdTunDriver(here.ip());
            try (BsdToyVpn one = BsdToyVpn.open(left, 0, LEFT, RIGHT, wire[0]);
                    ToyVpn other = ToyVpn.open(there.tun(), "vpn0", wire[1])) {
                there.configure().link("vpn0").up();
                there.configure().address("vpn0", RIGHT + "/24");
                ping(here, RIGHT);
                ping(there, LEFT);
                assertThat(one.peer()).isNotEqualTo(other.peer());
            }
        }
    }

    @Test
    void differsInItsOpenCallAlone() throws Exception {
        String what = body("BsdToyVpn.java");
        assertThat(what).hasSizeGreaterThan(600).isEqualTo(body("ToyVpn.java"));
    }

    /// From the method that carries to the end of the one that closes.
    private static String body(String file) throws Exception {
        String text = Sources.read("examples/src/main/java/adit/examples/" + file);
        int end = text.indexOf("tun.close();");
        return text.substring(text.indexOf("    private void carry("), end);
    }
}
