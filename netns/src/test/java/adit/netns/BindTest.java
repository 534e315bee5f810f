package adit.netns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adit.device.Errno;
import adit.ip.Endpoint;
import adit.ip.IpException;
import adit.ip.IpSocket;
import adit.ip.Sockets;
import adit.ip.UdpSocket;
import adit.packet.PacketBatch;
import adit.port.VirtualTime;
import adit.wire.Ip6Address;
import adit.wire.IpAddress;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The addresses that a UDP socket may be bound to, as Linux 6.18 answered in a namespace with the same links,
/// addresses and routes.
class BindTest {
    private Namespace ns;
    private Namespace beside;

    @BeforeEach
    void open() throws IOException {
        ns = Namespace.builder().time(new VirtualTime()).seed(1).open();
        beside = ns.beside();
        Namespace.join(ns, "eth0", beside, "eth0");
    }

    @AfterEach
    void close() {
        assertThat(ns.lent()).isZero();
        beside.close();
        ns.close();
    }

    private void configure() throws IpException {
        ns.configure().link("lo").up();
        ns.configure().link("eth0").up();
        ns.configure().address("eth0", "10.0.0.1/24");
        ns.configure().route("10.9.0.0/16").local().dev("lo").add();
        ns.configure().route("2001:db8::/64").local().dev("lo").add();
        beside.configure().link("eth0").up();
        beside.configure().address("eth0", "10.0.0.2/24");
        beside.configure().route("10.9.0.0/16").via("10.0.0.1").add();
    }

    private void bind(String address) throws IOException {
        IpAddress local = IpAddress.parse(address);
        Sockets.Family family = local instanceof Ip6Address ? Sockets.Family.IP6 : Sockets.Family.IP4;
        try (UdpSocket socket = ns.sockets().udp(family)) {
            socket.bind(new Endpoint(local, 4000));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "10.0.0.1",
                "10.0.0.255",
                "10.9.1.2",
                "127.0.0.1",
                "127.9.9.9",
                "127.255.255.255",
                "224.1.1.1",
                "255.255.255.255",
                "::",
                "::1",
                "ff02::1"
            })
    void takesWhatTheLocalTableHasAndWhatGoesToMany(String address) throws IOException {
        configure();
        assertThatCode(() -> bind(address)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.0", "10.0.0.9", "192.0.2.1", "2001:db8::7"})
    void refusesOthers(String address) throws IOException {
        configure();
        assertThatThrownBy(() -> bind(address))
                .isInstanceOfSatisfying(
                        IpException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EADDRNOTAVAIL));
    }

    /// Without a local table Linux takes all addresses for broadcast ones, and an address or a route makes it.
    @Test
    void refusesNoAddressOfIp4BeforeThereIsALocalTable() throws IOException {
        assertThatCode(() -> bind("127.0.0.1")).doesNotThrowAnyException();
        assertThatCode(() -> bind("192.0.2.1")).doesNotThrowAnyException();
        ns.configure().link("eth0").up();
        ns.configure().address("eth0", "10.77.0.1/24");
        assertThatThrownBy(() -> bind("127.0.0.1")).isInstanceOf(IpException.class);
    }

    /// All that a local route covers is this host's: it is asked for, answers, and hears of errors.
    @Test
    void anAddressOfALocalRouteIsThisHosts() throws IOException {
        configure();
        try (UdpSocket here = ns.sockets().udp(Sockets.Family.IP4);
                UdpSocket there = beside.sockets().udp(Sockets.Family.IP4)) {
            here.waiting(IpSocket.Waiting.DO_NOT_WAIT);
            there.waiting(IpSocket.Waiting.DO_NOT_WAIT);
            here.bind(Endpoint.of("10.9.1.2", 4000));
            there.bind(Endpoint.of("10.0.0.2", 5000));
            there.send(ByteBuffer.wrap(new byte[] {1}), Endpoint.of("10.9.1.2", 4000));
            ByteBuffer got = ByteBuffer.allocate(10);
            assertThat(here.receive(got)).isEqualTo(Endpoint.of("10.0.0.2", 5000));
            here.send(got.flip(), Endpoint.of("10.0.0.2", 5000));
            assertThat(there.receive(ByteBuffer.allocate(10))).isEqualTo(Endpoint.of("10.9.1.2", 4000));
            here.connect(Endpoint.of("10.0.0.2", 9));
            here.write(ByteBuffer.allocate(1));
            assertThatThrownBy(() -> here.receive(ByteBuffer.allocate(10)))
                    .isInstanceOfSatisfying(
                            IpException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ECONNREFUSED));
        }
    }

    /// What goes to many is nobody's source.
    @Test
    void aSocketBoundToAGroupSendsFromTheLinksAddress() throws IOException {
        configure();
        try (UdpSocket here = ns.sockets().udp(Sockets.Family.IP4);
                UdpSocket there = beside.sockets().udp(Sockets.Family.IP4)) {
            there.waiting(IpSocket.Waiting.DO_NOT_WAIT);
            here.bind(Endpoint.of("224.1.1.1", 4000));
            there.bind(Endpoint.of("10.0.0.2", 5000));
            here.send(ByteBuffer.wrap(new byte[] {1}), Endpoint.of("10.0.0.2", 5000));
            assertThat(there.receive(ByteBuffer.allocate(10))).isEqualTo(Endpoint.of("10.0.0.1", 4000));
        }
    }

    /// Linux refuses both before it takes memory; the packets of a batch stay with whoever has them.
    @Test
    void lendsNothingForWhatASocketCannotSend() throws IOException {
        configure();
        PacketBatch batch = new PacketBatch(1);
        try (UdpSocket socket = ns.sockets().udp(Sockets.Family.IP4)) {
            batch.add(socket.lend(10));
            assertThatThrownBy(() -> socket.send(ByteBuffer.allocate(10), Endpoint.of("::1", 4000)))
                    .hasMessageContaining("EAFNOSUPPORT");
            assertThatThrownBy(() -> socket.send(batch, Endpoint.of("::1", 4000)))
                    .hasMessageContaining("EAFNOSUPPORT");
            assertThatThrownBy(() -> socket.send(ByteBuffer.allocate(10), Endpoint.of("127.0.0.1", 0)))
                    .hasMessageContaining("EINVAL");
            assertThat(socket.localEndpoint().port()).isZero();
            batch.releaseAll();
        }
    }
}
