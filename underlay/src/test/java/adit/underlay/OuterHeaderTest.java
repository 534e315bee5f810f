package adit.underlay;

import static org.assertj.core.api.Assertions.assertThat;

import adit.packet.Addressing;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.underlay.OuterHeader.UdpChecksum;
import adit.wire.Octets;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The golden octets were captured on Linux 6.18, without checksum offload, from UDP sockets and a raw socket of
/// protocol 137 without IP_HDRINCL.
class OuterHeaderTest {
    private final PacketPool pool = new PacketPool(1, 64, 70_000);

    @AfterEach
    void nothingIsOut() {
        assertThat(pool.lent()).isZero();
        pool.close();
    }

    private static OuterHeader writer(int firstIdentification, UdpChecksum checksum) {
        return new OuterHeader(new Identifications(() -> (long) firstIdentification << 32), checksum);
    }

    private PacketBuffer packet(int first, int length) {
        PacketBuffer p = pool.lend();
        p.segment().fill((byte) 0xa5);
        int at = p.put(length);
        for (int i = 0; i < length; i++) {
            Octets.put8(p.segment(), at + i, first + i);
        }
        return p;
    }

    private static void address(Addressing a, int protocol, int source, int destination) {
        a.protocol = protocol;
        a.source = source;
        a.destination = destination;
    }

    private static String hex(PacketBuffer p) {
        MemorySegment octets = p.segment().asSlice(p.head(), p.length());
        return HexFormat.of().formatHex(octets.toArray(ValueLayout.JAVA_BYTE));
    }

    @Test
    void writesWhatTheKernelWritesForDirectCarriage() {
        PacketBuffer p = packet(0x80, 8);
        Addressing a = p.addressing();
        address(a, 137, 0x7f000004, 0x7f000005);
        a.tos = 0x14;
        a.timeToLive = 9;
        a.dontFragment = true;
        assertThat(writer(0, UdpChecksum.ON).push(p)).isTrue();
        assertThat(hex(p)).isEqualTo("4514001c000040000989733c7f0000047f0000058081828384858687");
        assertThat(Octets.u8(p.segment(), p.head() - 1)).isEqualTo(0xa5);
        p.release();
    }

    @Test
    void writesWhatTheKernelWritesForUdpWithAnOddPayloadAndAChecksum() {
        PacketBuffer p = packet(0, 7);
        addressUdp(p.addressing());
        assertThat(writer(0, UdpChecksum.ON).push(p)).isTrue();
        assertThat(hex(p)).isEqualTo("45b90023000040004d112f0c7f0000027f00000310051234000fd38800010203040506");
        assertThat(Octets.u8(p.segment(), p.head() - 1)).isEqualTo(0xa5);
        p.release();
    }

    @Test
    void leavesTheUdpChecksumZeroWhenItIsOff() {
        PacketBuffer p = packet(0, 7);
        addressUdp(p.addressing());
        assertThat(writer(0, UdpChecksum.OFF).push(p)).isTrue();
        assertThat(hex(p)).isEqualTo("45b90023000040004d112f0c7f0000027f00000310051234000f000000010203040506");
        p.release();
    }

    private static void addressUdp(Addressing a) {
        address(a, 17, 0x7f000002, 0x7f000003);
        a.sourcePort = 0x1005;
        a.destinationPort = 0x1234;
        a.tos = 0xb9;
        a.timeToLive = 77;
        a.dontFragment = true;
    }

    @Test
    void writesAComputedZeroChecksumAsAllOnes() {
        // Pseudo-header 2 * 0x7f00 + 2 + 3 + 17 + 10, header 0x1005 + 0x1234 + 10, so this word makes the sum ffff.
        int others = 2 * 0x7f00 + 2 + 3 + 17 + 10 + 0x1005 + 0x1234 + 10;
        int word = 0xffff - ((others & 0xffff) + (others >> 16));
        PacketBuffer p = packet(0, 2);
        Octets.put16(p.segment(), p.head(), word);
        addressUdp(p.addressing());
        assertThat(writer(0, UdpChecksum.ON).push(p)).isTrue();
        assertThat(Octets.u16(p.segment(), p.head() + 26)).isEqualTo(0xffff);
        p.release();
    }

    @Test
    void refusesWhatTheTotalLengthCannotExpress() {
        PacketBuffer p = packet(0, 65_516);
        address(p.addressing(), 4, 1, 2);
        assertThat(writer(0, UdpChecksum.OFF).push(p)).isFalse();
        assertThat(p.length()).isEqualTo(65_516);
        p.trim(65_515);
        assertThat(writer(0, UdpChecksum.OFF).push(p)).isTrue();
        assertThat(Octets.u16(p.segment(), p.head() + 2)).isEqualTo(0xffff);
        p.release();
    }

    @Test
    void countsIdentificationsForEachRemoteAlone() {
        Identifications ids = new Identifications(RandomGenerator.of("L64X128MixRandom"));
        int first = ids.next(0x0a000001);
        int other = ids.next(0x0a000002);
        for (int i = 1; i <= 70_000; i++) {
            assertThat(ids.next(0x0a000001)).isEqualTo((first + i) & 0xffff);
        }
        assertThat(ids.next(0x0a000002)).isEqualTo((other + 1) & 0xffff);
    }
}
