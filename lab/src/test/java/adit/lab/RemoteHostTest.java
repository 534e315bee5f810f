package adit.lab;

import static org.assertj.core.api.Assertions.assertThat;

import adit.iproute.Ip;
import adit.iproute.IpHost;
import adit.iproute.remote.HostServer;
import adit.iproute.remote.RemoteHost;
import adit.lab.Labs.Said;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The same hosts seen directly and through a real Unix socket.
@Timeout(120)
class RemoteHostTest {
    @TempDir
    Path scratch;

    private Lab lab;
    private Path socket;
    private HostServer server;

    @BeforeEach
    void serve() throws Exception {
        lab = Lab.open(Labs.routed(LabSpec.Time.VIRTUAL));
        socket = scratch.resolve("s");
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        channel.bind(UnixDomainSocketAddress.of(socket));
        server = HostServer.start(channel, this::host);
    }

    private IpHost host(String name) throws IOException {
        return lab.host(name).orElseThrow(() -> new IOException("no host " + name + " here"));
    }

    @AfterEach
    void end() throws IOException {
        server.close();
        lab.close();
    }

    private static Said ip(IpHost host, String line) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = new Ip(host, InputStream.nullInputStream(), new PrintWriter(out), new PrintWriter(err))
                .run(line.split(" "));
        return new Said(code, out.toString(), err.toString());
    }

    private Said remote(String name, String line) {
        try (RemoteHost host = new RemoteHost(socket, name)) {
            return ip(host, line);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "link",
                "-d -s -s link",
                "-br link",
                "-j -d addr",
                "-j -p addr show dev eth0",
                "addr show up",
                "-4 route",
                "-6 route",
                "route show table all",
                "route get 10.0.2.2",
                "route get 192.0.2.1",
                "neigh",
                "tuntap",
                "link show nothing",
                "frobnicate",
                "link frobnicate",
                "link set eth0 mtu 9",
                "route add 10.0.0.0/8 via 192.0.2.1",
                "fou show"
            })
    void saysTheSameThroughTheSocket(String line) {
        assertThat(remote("router", line)).isEqualTo(ip(lab.host("router").orElseThrow(), line));
    }

    @Test
    void changesWhatTheHostHas() {
        assertThat(remote("left", "link add d0 type dummy").code()).isZero();
        assertThat(remote("left", "addr add 192.0.2.1/32 dev d0").code()).isZero();
        assertThat(ip(lab.host("left").orElseThrow(), "-br addr show d0").out())
                .isEqualTo("d0               DOWN           192.0.2.1/32 \n");
        assertThat(remote("left", "link del d0").code()).isZero();
    }

    @Test
    void makesTunDevicesAndSaysWhyNot() {
        assertThat(remote("left", "tuntap add t0 mode tun user 77").code()).isZero();
        assertThat(remote("left", "-d tuntap").out()).startsWith("t0: tun persist user 77\n");
        Said again = remote("left", "tuntap add t0 mode tun");
        assertThat(again.err()).isEqualTo("ioctl(TUNSETIFF): Device or resource busy\n");
        assertThat(again.code()).isOne();
        assertThat(remote("left", "tuntap del t0 mode tun").code()).isZero();
    }

    @Test
    void dashNPicksAnotherHostAndAWrongOneIsTold() {
        assertThat(remote("left", "-n right -br addr show eth0").out()).contains("10.0.2.2/24");
        Said wrong = remote("left", "-n middle addr");
        assertThat(wrong.err()).isEqualTo("Cannot open network namespace \"middle\": no host middle here\n");
        assertThat(wrong.code()).isEqualTo(255);
        assertThat(remote("middle", "addr").err()).isEqualTo("Cannot talk to rtnetlink: no host middle here\n");
    }

    @Test
    void monitorsLive() throws Exception {
        StringWriter out = new StringWriter();
        try (RemoteHost host = new RemoteHost(socket, "left");
                ExecutorService threads = Executors.newSingleThreadExecutor()) {
            Future<Integer> code = threads.submit(
                    () -> new Ip(host, InputStream.nullInputStream(), new PrintWriter(out), new PrintWriter(out))
                            .run("monitor", "link", "address"));
            // It does not say when it begins to listen; so something is changed until it is heard.
            for (int i = 0; !out.toString().contains("192.0.2.") && i < 1000; i++) {
                ip(lab.host("left").orElseThrow(), "addr add 192.0.2." + (i % 250 + 1) + "/32 dev eth0");
                Thread.sleep(20);
            }
            assertThat(out.toString()).contains("eth0    inet 192.0.2.");
            server.close();
            assertThat(code.get(60, TimeUnit.SECONDS)).isZero();
        }
    }

    @Test
    void manyClientsActAtATime() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(20)) {
            List<Callable<String>> clients = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                String address = "192.0.2." + (i + 1) + "/32";
                clients.add(() -> {
                    StringBuilder said = new StringBuilder();
                    try (RemoteHost host = new RemoteHost(socket, "left")) {
                        for (int round = 0; round < 20; round++) {
                            said.append(ip(host, "addr add " + address + " dev eth0")
                                    .err());
                            said.append(ip(host, "-j addr show dev eth0").err());
                            said.append(ip(host, "addr del " + address + " dev eth0")
                                    .err());
                        }
                    }
                    return said.toString();
                });
            }
            for (Future<String> said : threads.invokeAll(clients, 100, TimeUnit.SECONDS)) {
                assertThat(said.get()).isEmpty();
            }
        }
        assertThat(remote("left", "-br addr show eth0").out()).doesNotContain("192.0.2.");
    }

    @Test
    void whatIsNoConversationHarmsNobody() throws Exception {
        Random random = new Random(7);
        byte[] open = new byte[] {0, 0, 0, 10, 0, 0, 0, 0, 1, 0, 4, 'l', 'e', 'f', 't'};
        for (int i = 0; i < 300; i++) {
            byte[] noise = new byte[random.nextInt(200)];
            random.nextBytes(noise);
            if (i % 3 == 0 && noise.length > 5) {
                // A frame with a sound header.
                ByteBuffer.wrap(noise).putInt(noise.length - 5).put((byte) random.nextInt(12));
            }
            send(i % 2 == 0 ? open : new byte[0], noise);
        }
        // A request cut short, a length that lies, a version of another time.
        send(open, new byte[] {0, 0, 0, 9, 1, 0});
        send(open, new byte[] {0x7f, -1, -1, -1, 1});
        send(new byte[] {0, 0, 0, 6, 0, 0, 0, 0, 9, 0, 0}, new byte[0]);
        assertThat(remote("left", "-br link show lo").out()).startsWith("lo ");
    }

    @Test
    void netlinkThatMakesNoSenseHarmsNobody() throws Exception {
        Random random = new Random(8);
        for (int i = 0; i < 2000; i++) {
            byte[] message = new byte[16 + random.nextInt(80)];
            random.nextBytes(message);
            ByteBuffer.wrap(message)
                    .order(java.nio.ByteOrder.nativeOrder())
                    .putInt(i % 7 == 0 ? random.nextInt(200) : message.length)
                    .putShort((short) (16 + random.nextInt(20)))
                    .putShort((short) (1 | random.nextInt(0x800)));
            try (RemoteHost host = new RemoteHost(socket, "left")) {
                host.netlink().ask(0, message);
            } catch (IOException e) {
                assertThat(e).hasMessageMatching("the request is malformed.*|the other side has ended");
            }
        }
        assertThat(remote("right", "-br addr show eth0").out()).contains("10.0.2.2/24");
        assertThat(remote("left", "-br link show lo").out()).startsWith("lo ");
    }

    private void send(byte[] first, byte[] second) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            channel.write(ByteBuffer.wrap(first));
            channel.write(ByteBuffer.wrap(second));
        } catch (IOException e) {
            // It did not let us finish, and that is fine.
            assertThat(e.getMessage()).isIn("Broken pipe", "Connection reset by peer");
        }
    }

    @Test
    void aServerThatEndsIsToldToWhoAsks() throws Exception {
        try (RemoteHost host = new RemoteHost(socket, "left")) {
            assertThat(ip(host, "-br link show lo").code()).isZero();
            server.close();
            Said said = ip(host, "-br link show lo");
            assertThat(said.code()).isOne();
            assertThat(said.err()).startsWith("Cannot talk to rtnetlink: ");
        }
    }
}
