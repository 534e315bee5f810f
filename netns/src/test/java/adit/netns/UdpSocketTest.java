package adit.netns;

import static org.assertj.core.api.Assertions.assertThat;

import adit.ip.Endpoint;
import adit.ip.IpSocket;
import adit.ip.Sockets;
import adit.ip.UdpSocket;
import adit.port.VirtualTime;
import adit.tun.MemoryTunFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a UDP socket says in its headers, and how it waits.
@Timeout(60)
class UdpSocketTest {
    private static Namespace open() {
        return Namespace.builder().time(new VirtualTime()).seed(3).open();
    }

    /// RFC 791 section 3.1: the type of service is the second octet and the time to live the ninth. RFC 8200 section
    /// 3: the traffic class is the eight bits behind the version, and the hop limit the eighth octet.
    @Test
    void writesItsTimeToLiveAndTypeOfService() throws Exception {
        try (Namespace ns = open();
                MemoryTunFile file = NamespaceTest.tun(ns, "tun0");
                UdpSocket socket4 = ns.sockets().udp(Sockets.Family.IP4);
                UdpSocket socket6 = ns.sockets().udp(Sockets.Family.IP6)) {
            ns.configure().link("tun0").up();
            ns.configure().address("tun0", "10.0.0.1/24").address("tun0", "fd00::1/64");
            NamespaceTest.readAll(file);
            for (UdpSocket socket : List.of(socket4, socket6)) {
                socket.timeToLive(7);
                socket.tos(0xb8);
            }
            socket4.send(ByteBuffer.wrap(new byte[] {1}), Endpoint.of("10.0.0.2", 9));
            socket6.send(ByteBuffer.wrap(new byte[] {1}), Endpoint.of("fd00::2", 9));
            socket4.timeToLive(0);
            socket4.tos(0);
            socket4.send(ByteBuffer.wrap(new byte[] {1}), Endpoint.of("10.0.0.2", 9));
            List<byte[]> out = NamespaceTest.readAll(file);
            assertThat(out).hasSize(3);
            assertThat(out.get(0)[1] & 0xff).isEqualTo(0xb8);
            assertThat(out.get(0)[8]).isEqualTo((byte) 7);
            assertThat((out.get(1)[0] & 0xff) << 8 | (out.get(1)[1] & 0xff)).isEqualTo(0x6b80);
            assertThat(out.get(1)[7]).isEqualTo((byte) 7);
            assertThat(out.get(2)[1]).isEqualTo((byte) 0);
            assertThat(out.get(2)[8]).isEqualTo((byte) 64);
        }
    }

    @Test
    void waitsForADatagram() throws Exception {
        try (Namespace ns = open()) {
            ns.configure().link("lo").up();
            Endpoint here = Endpoint.of("127.0.0.1", 4000);
            UdpSocket to = ns.sockets().udp(Sockets.Family.IP4);
            try (to;
                    UdpSocket from = ns.sockets().udp(Sockets.Family.IP4)) {
                to.waiting(IpSocket.Waiting.DO_NOT_WAIT);
                to.bind(here);
                long before = System.nanoTime();
                assertThat(to.await(20, TimeUnit.MILLISECONDS)).isFalse();
                assertThat(System.nanoTime() - before).isGreaterThanOrEqualTo(20_000_000);
                Thread sender = Thread.ofPlatform().start(() -> send(from, here));
                assertThat(to.await(30, TimeUnit.SECONDS)).isTrue();
                sender.join();
                Endpoint sentBy = to.receive(ByteBuffer.allocate(10));
                assertThat(sentBy.address()).isEqualTo(here.address());
                assertThat(sentBy.port()).isEqualTo(from.localEndpoint().port());
                assertThat(to.await(0, TimeUnit.SECONDS)).isFalse();
                assertThat(to.isOpen()).isTrue();
            }
            assertThat(to.isOpen()).isFalse();
        }
    }

    private static void send(UdpSocket from, Endpoint to) {
        try {
            from.send(ByteBuffer.wrap(new byte[] {1}), to);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
