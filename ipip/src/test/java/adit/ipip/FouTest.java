package adit.ipip;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.Errno;
import adit.ip.Endpoint;
import adit.ip.Sockets;
import adit.ip.UdpSocket;
import adit.netlink.ErrorMessage;
import adit.netlink.FamilyMessage;
import adit.netlink.FouMessage;
import adit.netlink.Genl;
import adit.netlink.MessageReader;
import adit.netlink.Netlink;
import adit.netns.Namespace;
import adit.packet.Offload;
import adit.packet.PacketBuffer;
import adit.wire.EtherType;
import adit.wire.Ip4Address;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Ports that receive FOU and GUE, by `ip fou` in its own octets.
class FouTest {
    private Hosts hosts;
    private Namespace a;
    private Namespace b;

    @BeforeEach
    void open() throws IOException {
        hosts = new Hosts();
        a = hosts.a;
        b = hosts.b;
    }

    @AfterEach
    void close() {
        hosts.close();
    }

    private static String ip(Namespace ns, String line) {
        return NamespaceHost.ip(ns, line).err();
    }

    private void pair(String encap) throws IOException {
        String link = "link add t1 type ipip local 192.0.2.%d remote 192.0.2.%d encap " + encap;
        assertThat(ip(a, link.formatted(1, 2))).isEmpty();
        assertThat(ip(b, link.formatted(2, 1))).isEmpty();
        a.configure().link("t1").up();
        b.configure().link("t1").up();
        a.configure().address("t1", "10.0.0.1/24");
        b.configure().address("t1", "10.0.0.2/24");
    }

    /// Tunnels here go over IPv4: nothing could come by such a port.
    @Test
    void portsForIp6AreRefused() {
        NamespaceHost.Ran ran = NamespaceHost.ip(a, "-6 fou add port 5555 ipproto 4");
        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains("There are ports for IPv4 only.");
        assertThat(ip(a, "fou add port 5555 ipproto 4")).isEmpty();
    }

    @Test
    void carriesTrafficOverFou() throws IOException {
        assertThat(ip(a, "fou add port 5555 ipproto 4")).isEmpty();
        assertThat(ip(b, "fou add port 5555 ipproto 4")).isEmpty();
        pair("fou encap-sport auto encap-dport 5555 encap-csum");
        assertThat(Hosts.pings(a, "10.0.0.2")).isTrue();
    }

    @Test
    void carriesTrafficOverGue() throws IOException {
        assertThat(ip(a, "fou add port 6080 gue")).isEmpty();
        assertThat(ip(b, "fou add port 6080 gue")).isEmpty();
        pair("gue encap-sport auto encap-dport 6080");
        assertThat(Hosts.pings(a, "10.0.0.2")).isTrue();
    }

    /// A port takes no packet before it knows what to do with it: none waits in its socket, which nobody reads.
    @Test
    void whatComesWhileAPortOpensIsNotKept() throws Exception {
        for (int round = 0; round < 500; round++) {
            AtomicBoolean isOpen = new AtomicBoolean();
            Thread sender = Thread.ofPlatform().start(() -> sendUntil(isOpen));
            assertThat(ip(b, "fou add port 5555 ipproto 4")).isEmpty();
            isOpen.set(true);
            sender.join();
            assertThat(a.lent()).as("round " + round).isZero();
            assertThat(ip(b, "fou del port 5555")).isEmpty();
        }
    }

    private void sendUntil(AtomicBoolean end) {
        try (UdpSocket socket = a.sockets().udp(Sockets.Family.IP4)) {
            while (!end.get()) {
                socket.send(ByteBuffer.allocate(40), Endpoint.of("192.0.2.2", 5555));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A checksum that the sender has left open stays so, and a GUE header says where it is to be finished. The
    /// octets are those that Linux sends for UDP.
    @Test
    void leavesAnOpenChecksumToThePeer() throws IOException {
        pair("gue encap-sport auto encap-dport 6080 encap-remcsum");
        Hosts.pings(a, "192.0.2.2");
        List<String> sent = new ArrayList<>();
        a.devices().byName("net0").addTap((_, p, _) -> {
            if (p.protocol() == EtherType.IPV4 && p.length() >= 54) {
                byte[] header = p.segment().asSlice(p.head() + 42L, 12).toArray(ValueLayout.JAVA_BYTE);
                sent.add(HexFormat.of().formatHex(header));
            }
        });
        PacketBuffer p = a.devices().buffers().lend(60);
        int at = p.put(60);
        p.segment().asSlice(at, 60).fill((byte) 0);
        Ipv4.emit(p.segment(), at, 0, 60, 1, 0, 0, 64, IpProtocol.UDP, 0x0a00_0001, 0x0a00_0002);
        p.protocol(EtherType.IPV4);
        p.offload().checksum = Offload.Checksum.PARTIAL;
        p.offload().checksumStart = 20;
        p.offload().checksumOffset = 6;
        a.devices().byName("t1").send(p);
        assertThat(sent).contains("02040001" + "80000000" + "0014001a");
    }

    @Test
    void receivesNothingWithoutAPort() throws IOException {
        assertThat(ip(a, "fou add port 5555 ipproto 4")).isEmpty();
        pair("fou encap-sport auto encap-dport 5555");
        assertThat(Hosts.pings(a, "10.0.0.2")).isFalse();
        assertThat(ip(b, "fou add port 5555 ipproto 4")).isEmpty();
        assertThat(Hosts.pings(a, "10.0.0.2")).isTrue();
        assertThat(ip(b, "fou del port 5555")).isEmpty();
        assertThat(Hosts.pings(a, "10.0.0.2")).isFalse();
    }

    /// What a request about a port, of this command, is answered with: 0 or an error number.
    private static int ask(Namespace ns, int command, int port, int protocol, String local) throws IOException {
        FouMessage plain = FouMessage.of(command, port, protocol);
        FouMessage m = new FouMessage(
                command,
                plain.family(),
                port,
                plain.type(),
                protocol,
                plain.remoteChecksum(),
                local.isEmpty() ? Optional.empty() : Optional.of(Ip4Address.parse(local)),
                Optional.empty(),
                0,
                0);
        MessageReader family = NamespaceHost.talk(ns, Genl.GENL_ID_CTRL, FamilyMessage.get(FouMessage.FAMILY));
        int id = FamilyMessage.read(family).id().orElseThrow();
        MessageReader answer = NamespaceHost.talk(ns, id, m);
        return answer.type() == Netlink.NLMSG_ERROR ? ErrorMessage.read(answer).errno() : 0;
    }

    private static int add(Namespace ns, int port, int protocol, String local) throws IOException {
        return ask(ns, Genl.FOU_CMD_ADD, port, protocol, local);
    }

    @Test
    void answersWithLinuxsErrors() throws IOException {
        assertThat(add(a, 5555, 4, "")).isZero();
        assertThat(add(a, 5555, 4, "")).isEqualTo(Errno.EADDRINUSE);
        assertThat(add(a, 5555, 0, "")).as("gue").isEqualTo(Errno.EADDRINUSE);
        assertThat(add(a, 7777, 4, "203.0.113.9")).isEqualTo(Errno.EADDRNOTAVAIL);
        assertThat(ask(a, Genl.FOU_CMD_DEL, 9999, 4, "")).isEqualTo(Errno.EINVAL);
        assertThat(ask(a, Genl.FOU_CMD_GET, 9999, 4, "")).isEqualTo(Errno.ESRCH);
        assertThat(ask(a, Genl.FOU_CMD_GET, 5555, 4, "")).isZero();
        assertThat(ask(a, 77, 5555, 4, "")).isEqualTo(Errno.EOPNOTSUPP);
        try (UdpSocket socket = a.sockets().udp(Sockets.Family.IP4)) {
            socket.bind(Endpoint.of("0.0.0.0", 8888));
            assertThat(add(a, 8888, 4, "")).isEqualTo(Errno.EADDRINUSE);
        }
        assertThat(ask(a, Genl.FOU_CMD_DEL, 5555, 4, "")).isZero();
        assertThat(add(a, 5555, 0, "192.0.2.1")).isZero();
    }

    @Test
    void showsItsPorts() {
        ip(a, "fou add port 5555 ipproto 4");
        ip(a, "fou add port 6080 gue");
        assertThat(NamespaceHost.ip(a, "fou show").out()).isEqualTo("port 6080 gue\nport 5555 ipproto 4\n");
    }
}
