package adit.examples;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.Errno;
import adit.ip.Endpoint;
import adit.ip.Sockets;
import adit.ip.UdpSocket;
import adit.ipip.Ipip;
import adit.ipip.Profile;
import adit.linux.KernelTunDriver;
import adit.linux.Netns;
import adit.netns.Namespace;
import adit.port.Deadline;
import adit.port.VirtualTime;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// One program on a device in memory, behind a tunnel in memory, and on the kernel's device; docs/library.md shows
/// these.
@Timeout(60)
class ReflectorTest {
    private static ByteBuffer octets(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void reflectsInMemory() throws Exception {
        try (Namespace host = Namespace.open();
                Reflector reflector = new Reflector(host.tun(), "tun0");
                UdpSocket socket = host.sockets().udp(Sockets.Family.IP4)) {
            host.configure().link("tun0").up();
            host.configure().address("tun0", "10.9.0.1/24");
            Thread.ofPlatform().start(reflector);

            socket.connect(Endpoint.of("10.9.0.7", 7));
            socket.write(octets("hello"));
            ByteBuffer back = ByteBuffer.allocate(100);
            socket.read(back);
            assertThat(back.flip()).isEqualTo(octets("hello"));
        }
    }

    @Test
    void reflectsOnTheKernel() throws Exception {
        try (Netns host = KernelHost.create();
                Reflector reflector = host.call(() -> new Reflector(new KernelTunDriver(), "tun0"));
                DatagramChannel socket = host.call(DatagramChannel::open)) {
            KernelHost.run(host, "ip", "address", "add", "10.9.0.1/24", "dev", "tun0");
            KernelHost.run(host, "ip", "link", "set", "tun0", "up");
            Thread.ofPlatform().start(reflector);

            socket.connect(new InetSocketAddress("10.9.0.7", 7));
            socket.write(octets("hello"));
            ByteBuffer back = ByteBuffer.allocate(100);
            socket.read(back);
            assertThat(back.flip()).isEqualTo(octets("hello"));
        }
    }

    @Test
    void reflectsBehindATunnel() throws Exception {
        try (Namespace here =
                        Namespace.builder().with(Ipip.of(Profile.LINUX_6_12)).open();
                Namespace there = here.beside();
                Reflector reflector = new Reflector(there.tun(), "tun0");
                UdpSocket socket = here.sockets().udp(Sockets.Family.IP4)) {
            Namespace.join(here, "eth0", there, "eth0"); // a cable
            tunnel(here, "192.0.2.1", "192.0.2.2", "10.1.0.1/24");
            tunnel(there, "192.0.2.2", "192.0.2.1", "10.1.0.2/24");
            here.configure().route("10.9.0.0/24").via("10.1.0.2").add();
            there.configure().link("tun0").up();
            there.configure().address("tun0", "10.9.0.1/24");
            there.forwarding(true);
            Thread.ofPlatform().start(reflector);

            socket.connect(Endpoint.of("10.9.0.7", 7));
            socket.write(octets("hello"));
            ByteBuffer back = ByteBuffer.allocate(100);
            socket.read(back);
            assertThat(back.flip()).isEqualTo(octets("hello"));
        }
    }

    private static void tunnel(Namespace host, String local, String remote, String address) throws IOException {
        host.configure().link("eth0").up();
        host.configure().address("eth0", local + "/24");
        host.configure().tunnel("tnl0").local(local).remote(remote).add();
        host.configure().link("tnl0").up();
        host.configure().address("tnl0", address);
    }

    @Test
    void givesANeighbourUpInNoTime() throws Exception {
        VirtualTime time = new VirtualTime();
        try (Namespace here = Namespace.builder().time(time).seed(1).open();
                Namespace there = here.beside();
                UdpSocket socket = here.sockets().udp(Sockets.Family.IP4)) {
            Namespace.join(here, "eth0", there, "eth0");
            here.configure().link("lo").up(); // down at first, as Linux's; a host hears its own errors by it
            here.configure().link("eth0").up();
            there.configure().link("eth0").up();
            here.configure().address("eth0", "192.0.2.1/24"); // nobody has 192.0.2.2

            socket.connect(Endpoint.of("192.0.2.2", 7));
            socket.write(octets("hello"));
            while (here.deadline() < Deadline.NEVER) {
                time.advanceTo(here.deadline());
                here.turn(time.getAsLong());
            }
            assertThat(time.getAsLong()).isEqualTo(3_000_000_000L); // three questions, a second each
            assertThat(socket.pollError().orElseThrow().errno()).isEqualTo(Errno.EHOSTUNREACH);
        }
    }
}
