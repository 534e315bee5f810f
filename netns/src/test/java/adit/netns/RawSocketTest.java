package adit.netns;

import static org.assertj.core.api.Assertions.assertThat;

import adit.ip.IpSocket;
import adit.ip.RawSocket;
import adit.ip.Sockets;
import adit.port.VirtualTime;
import adit.wire.IpAddress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What raw sockets receive: over IPv4 with the IP header (raw(7)), over IPv6 without it (RFC 3542 section 3).
class RawSocketTest {
    /// For experiments (RFC 3692).
    private static final int PROTOCOL = 253;

    private static final byte[] PAYLOAD = {1, 2, 3};

    private Namespace ns;

    @BeforeEach
    void open() throws IOException {
        ns = Namespace.builder().time(new VirtualTime()).seed(1).open();
        ns.configure().link("lo").up();
    }

    @AfterEach
    void close() {
        assertThat(ns.lent()).isZero();
        ns.close();
    }

    private byte[] receivedOfOwn(Sockets.Family family, String own) throws IOException {
        IpAddress here = IpAddress.parse(own);
        try (RawSocket socket = ns.sockets().raw(family, PROTOCOL);
                RawSocket other = ns.sockets().raw(family, PROTOCOL + 1)) {
            socket.waiting(IpSocket.Waiting.DO_NOT_WAIT);
            other.waiting(IpSocket.Waiting.DO_NOT_WAIT);
            socket.send(ByteBuffer.wrap(PAYLOAD), here);
            ByteBuffer into = ByteBuffer.allocate(100);
            assertThat(other.receive(into)).isNull();
            assertThat(socket.receive(into)).isEqualTo(here);
            assertThat(socket.receive(into)).isNull();
            return Arrays.copyOf(into.array(), into.position());
        }
    }

    @Test
    void receivesTheIpv4HeaderToo() throws IOException {
        byte[] received = receivedOfOwn(Sockets.Family.IP4, "127.0.0.1");
        assertThat(received).hasSize(20 + PAYLOAD.length).endsWith(PAYLOAD);
        // Version and length, total length, protocol, addresses.
        String header = HexFormat.of().formatHex(received, 0, 20);
        assertThat(header).startsWith("45").endsWith("7f0000017f000001");
        assertThat(header.substring(4, 8)).isEqualTo("0017");
        assertThat(header.substring(18, 20)).isEqualTo("fd");
    }

    @Test
    void receivesWhatStandsBehindTheIpv6Header() throws IOException {
        assertThat(receivedOfOwn(Sockets.Family.IP6, "::1")).isEqualTo(PAYLOAD);
    }
}
