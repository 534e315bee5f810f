package adit.ip;

import static org.assertj.core.api.Assertions.assertThat;

import adit.wire.Ip4Address;
import adit.wire.Ip6Address;
import adit.wire.IpAddress;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Ipv6;
import adit.wire.Octets;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Fragments none of which is too long and whose whole is: Linux calls that an oversized packet and gives it up
/// (`ip_frag_reasm`, `ip6_frag_reasm`).
class ReassemblyTest {
    private static final int FIRST = 32_000;
    private static final int LAST = 33_512;

    private final TestHost host = new TestHost();
    private final TestLink link = host.link("t0");

    @BeforeEach
    void open() throws IpException {
        host.address(link, "10.0.0.1/24").address(link, "2001:db8::1/64");
    }

    @AfterEach
    void close() {
        host.close();
    }

    private static byte[] fragment4(int header, int offset, int payload, int flags) {
        byte[] octets = new byte[header + payload];
        MemorySegment s = MemorySegment.ofArray(octets);
        // Options that do nothing.
        s.asSlice(Ipv4.MIN_HEADER_LENGTH, header - Ipv4.MIN_HEADER_LENGTH).fill((byte) 1);
        Ipv4.emit(
                s,
                0,
                0,
                octets.length,
                7,
                flags,
                offset,
                64,
                IpProtocol.UDP,
                Ip4Address.parse("10.0.0.2").bits(),
                Ip4Address.parse("10.0.0.1").bits());
        Ipv4.headerLength(s, 0, header);
        Ipv4.fillChecksum(s, 0);
        if (offset == 0) {
            datagram(s, header);
        }
        return octets;
    }

    private static byte[] fragment6(int options, int offset, int payload, boolean more) {
        byte[] octets = new byte[Ipv6.HEADER_LENGTH + options + 8 + payload];
        MemorySegment s = MemorySegment.ofArray(octets);
        Ipv6.emit(
                s,
                0,
                0,
                0,
                octets.length - Ipv6.HEADER_LENGTH,
                options > 0 ? IpProtocol.DESTINATION_OPTIONS : IpProtocol.FRAGMENT,
                64,
                Ip6Address.parse("2001:db8::2"),
                Ip6Address.parse("2001:db8::1"));
        int at = Ipv6.HEADER_LENGTH;
        if (options > 0) {
            // One option that nobody knows and everybody may pass over.
            Octets.put8(s, at, IpProtocol.FRAGMENT);
            Octets.put8(s, at + 1L, options / 8 - 1);
            Octets.put8(s, at + 2L, 0x1e);
            Octets.put8(s, at + 3L, options - 4);
            at += options;
        }
        Octets.put8(s, at, IpProtocol.UDP);
        Octets.put16(s, at + 2L, offset | (more ? 1 : 0));
        Octets.put32(s, at + 4L, 7);
        if (offset == 0) {
            datagram(s, at + 8);
        }
        return octets;
    }

    /// The header of a UDP datagram to port 4000 that is shorter than what carries it.
    private static void datagram(MemorySegment s, int at) {
        Octets.put16(s, at, 5000);
        Octets.put16(s, at + 2L, 4000);
        Octets.put16(s, at + 4L, 1000);
    }

    private boolean arrives(Sockets.Family family, IpAddress own, byte[]... fragments) throws Exception {
        try (UdpSocket socket = host.stack.sockets().udp(family)) {
            socket.bind(new Endpoint(own, 4000));
            socket.waiting(IpSocket.Waiting.DO_NOT_WAIT);
            for (byte[] fragment : fragments) {
                host.in(link, fragment);
            }
            return socket.receive(ByteBuffer.allocate(2000)) != null;
        }
    }

    @Test
    void givesUpWhatIsLongerThanAnIpv4PacketCanBe() throws Exception {
        Ip4Address own = Ip4Address.parse("10.0.0.1");
        byte[] last = fragment4(20, FIRST, LAST, 0);
        assertThat(arrives(Sockets.Family.IP4, own, fragment4(20, 0, FIRST, Ipv4.MORE_FRAGMENTS), last))
                .isTrue();
        assertThat(arrives(Sockets.Family.IP4, own, fragment4(60, 0, FIRST, Ipv4.MORE_FRAGMENTS), last))
                .isFalse();
        assertThat(host.stack.counters().drops().get(IpDrop.FRAG)).isOne();
        assertThat(host.stack.counters().get(IpCounter.IP_REASM_OKS)).isOne();
    }

    @Test
    void givesUpWhatIsLongerThanAnIpv6PacketCanBe() throws Exception {
        Ip6Address own = Ip6Address.parse("2001:db8::1");
        byte[] last = fragment6(0, FIRST, LAST, false);
        assertThat(arrives(Sockets.Family.IP6, own, fragment6(200, 0, FIRST, true), last))
                .isFalse();
        assertThat(host.stack.counters().drops().get(IpDrop.IP6_FRAG)).isOne();
        assertThat(host.stack.counters().get(IpCounter.IP6_REASM_OKS)).isZero();
    }
}
