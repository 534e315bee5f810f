package adit.netns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adit.ip.Endpoint;
import adit.ip.IpCounter;
import adit.ip.IpSocket;
import adit.ip.Sockets;
import adit.ip.UdpSocket;
import adit.port.VirtualTime;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/// The queue of a socket that nobody reads.
class SocketQueueTest {
    private static final Endpoint HERE = Endpoint.of("127.0.0.1", 4000);

    @Test
    void keepsTheOldestAndCountsTheOthers() throws IOException {
        try (Namespace ns = Namespace.builder().time(new VirtualTime()).seed(1).open()) {
            ns.configure().link("lo").up();
            try (UdpSocket to = ns.sockets().udp(Sockets.Family.IP4);
                    UdpSocket from = ns.sockets().udp(Sockets.Family.IP4)) {
                to.waiting(IpSocket.Waiting.DO_NOT_WAIT);
                to.queueLength(3);
                to.bind(HERE);
                for (byte i = 1; i <= 5; i++) {
                    from.send(ByteBuffer.wrap(new byte[] {i}), HERE);
                }
                assertThat(to.drops()).isEqualTo(2);
                assertThat(ns.counters().get(IpCounter.UDP_RCVBUF_ERRORS)).isEqualTo(2);
                assertThat(ns.counters().get(IpCounter.UDP_IN_ERRORS)).isEqualTo(2);
                assertThat(ns.counters().get(IpCounter.UDP_IN_DATAGRAMS)).isEqualTo(3);
                ByteBuffer got = ByteBuffer.allocate(10);
                while (to.receive(got) != null) {
                    assertThat(got.position()).isLessThan(4);
                }
                assertThat(got.flip()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3}));
            }
            assertThat(ns.lent()).isZero();
        }
    }

    @Test
    void aQueueWithoutRoomIsNone() throws IOException {
        try (Namespace ns = Namespace.builder().time(new VirtualTime()).seed(1).open();
                UdpSocket socket = ns.sockets().udp(Sockets.Family.IP4)) {
            assertThatThrownBy(() -> socket.queueLength(0)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
