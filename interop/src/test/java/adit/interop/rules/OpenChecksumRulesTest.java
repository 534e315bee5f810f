package adit.interop.rules;

import static adit.interop.rules.Machine.LAN;
import static adit.interop.rules.TunnelBox.HERE;
import static adit.interop.rules.TunnelBox.INNER_HERE;
import static adit.interop.rules.TunnelBox.INNER_THERE;
import static adit.interop.rules.TunnelBox.PEER;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What becomes of transport checksums that the machine's own programs, or a peer by remote checksum offload,
/// have left open.
@ParameterizedClass(name = "{0}")
@EnumSource(value = World.class, names = "ADIT", mode = EnumSource.Mode.EXCLUDE)
class OpenChecksumRulesTest extends InMachines {
    private static final String TO_PEER = "link add t1 type ipip local 198.51.100.2 remote 198.51.100.1 ";
    private static final String LEFT_OPEN = "encap gue encap-sport 6080 encap-dport 6080 encap-remcsum";
    private static final int UDP_HEADER = 8;
    private static final int GUE_HEADER = 4;
    /// With the private field and that of the checksum.
    private static final int OPEN_GUE_HEADER = 12;
    /// The field of a UDP datagram's checksum, from the start of a packet.
    private static final int FIELD = 20 + 6;

    private void tunnel(String encapsulation) {
        machine.set((TO_PEER + encapsulation).strip(), "link set t1 up", "route add 10.2.0.0/16 dev t1");
    }

    private static byte[] behind(int octets, Ipv4Packet outer) {
        return Arrays.copyOfRange(outer.payload(), octets, outer.payload().length);
    }

    private static void assertChecksumRight(Ipv4Packet datagram) {
        int field = Short.toUnsignedInt(ByteBuffer.wrap(datagram.payload()).getShort(6));
        int right = datagram.transportChecksum();
        assertThat(field).isEqualTo(right == 0 ? 0xffff : right);
    }

    /// That it is the datagram of [Machine#datagram], so many octets of data.
    private static void assertWhole(byte[] octets, int data) {
        Ipv4Packet inner = Ipv4Packet.parse(octets);
        assertThat(inner.source()).isEqualTo(LAN);
        assertThat(inner.destination()).isEqualTo(INNER_THERE);
        assertThat(inner.payload())
                .isEqualTo(Ipv4Packet.udp(LAN, INNER_THERE, 40000, 7, Ipv4Packet.counting(data))
                        .payload());
    }

    // ---- Out

    @ParameterizedTest
    @CsvSource({
        "'',                                                                0,  false",
        "encap fou encap-sport 5555 encap-dport 5555,                       8,  false",
        "encap fou encap-sport 5555 encap-dport 5555 encap-csum,            8,  true",
        "encap gue encap-sport 6080 encap-dport 6080,                       12, false",
        "encap gue encap-sport 6080 encap-dport 6080 encap-csum,            12, true",
    })
    void whatProgramsSendHasItsChecksum(String encapsulation, int header, boolean outerChecksum) {
        tunnel(encapsulation);
        Ipv4Packet outer = machine.datagram(INNER_THERE, 101).outer();
        assertWhole(behind(header, outer), 101);
        if (outerChecksum) {
            assertChecksumRight(outer);
        } else if (header > 0) {
            assertThat(ByteBuffer.wrap(outer.payload()).getShort(6)).isZero();
        }
        assertThat(machine.statistics("t1")).isEqualTo(Map.of("tx_packets", 1L, "tx_bytes", 129L));
    }

    /// The field then holds the sum of the pseudo-header, and the GUE header says from where to sum and where the
    /// field is.
    @ParameterizedTest
    @ValueSource(strings = {"noencap-csum", "encap-csum"})
    void leavesAProgramsChecksumToThePeer(String outerChecksum) {
        tunnel(LEFT_OPEN + " " + outerChecksum);
        Ipv4Packet outer = machine.datagram(INNER_THERE, 101).outer();
        assertThat(behind(UDP_HEADER, outer)).startsWith(HexFormat.of().parseHex("02040001" + "80000000" + "0014001a"));
        byte[] inner = behind(UDP_HEADER + OPEN_GUE_HEADER, outer);
        assertThat(inner.length).isEqualTo(20 + 8 + 101);
        Ipv4Packet packet = Ipv4Packet.parse(inner);
        int open = Short.toUnsignedInt(ByteBuffer.wrap(inner).getShort(FIELD));
        assertThat(open).isEqualTo(InboundRulesTest.pseudoHeaderSum(packet));
        int right = packet.transportChecksum();
        ByteBuffer.wrap(inner).putShort(FIELD, (short) right);
        assertWhole(inner, 101);
        if (outerChecksum.equals("encap-csum")) {
            assertChecksumRight(outer);
        } else {
            assertThat(ByteBuffer.wrap(outer.payload()).getShort(6)).isZero();
        }
        assertThat(machine.statistics("t1")).isEqualTo(Map.of("tx_packets", 1L, "tx_bytes", 129L));
    }

    @Test
    void leavesNothingOpenOfWhatIsForwarded() {
        tunnel(LEFT_OPEN);
        Ipv4Packet packet = Ipv4Packet.udp(INNER_HERE, INNER_THERE, 100);
        Ipv4Packet outer = machine.outbound(packet).outer();
        assertThat(behind(UDP_HEADER, outer)).startsWith(0, 4, 0, 0);
        assertThat(behind(UDP_HEADER + GUE_HEADER, outer)).isEqualTo(packet.octets());
    }

    /// The pieces of a datagram have the checksum of the whole.
    @Test
    void leavesNothingOpenOfWhatIsCut() {
        tunnel(LEFT_OPEN);
        List<Ipv4Packet> outers = machine.datagram(INNER_THERE, 2000).outers();
        assertThat(outers).hasSize(2);
        ByteBuffer whole = ByteBuffer.allocate(8 + 2000);
        for (Ipv4Packet outer : outers) {
            assertThat(behind(UDP_HEADER, outer)).startsWith(0, 4, 0, 0);
            Ipv4Packet piece = Ipv4Packet.parse(behind(UDP_HEADER + GUE_HEADER, outer));
            whole.put((piece.flagsAndOffset() & 0x1fff) * 8, piece.payload());
        }
        assertThat(whole.array())
                .isEqualTo(Ipv4Packet.udp(LAN, INNER_THERE, 40000, 7, Ipv4Packet.counting(2000))
                        .payload());
    }

    // ---- In

    /// A GUE packet whose inner checksum is said to be open: to be summed from `start`, and to stand in `field`.
    private static Ipv4Packet open(int start, int field, byte... inner) {
        return Ipv4Packet.udp(
                PEER,
                HERE,
                40000,
                6080,
                ByteBuffer.allocate(OPEN_GUE_HEADER + inner.length)
                        .putInt(0x02040001)
                        .putInt(0x80000000)
                        .putShort((short) start)
                        .putShort((short) field)
                        .put(inner)
                        .array());
    }

    private static Ipv4Packet fromPeer(String destination) {
        return Ipv4Packet.udp(INNER_THERE, destination, 101);
    }

    /// The same with the sum of the pseudo-header where the checksum belongs.
    private static byte[] unfinished(Ipv4Packet packet) {
        byte[] octets = packet.octets();
        ByteBuffer.wrap(octets).putShort(FIELD, (short) InboundRulesTest.pseudoHeaderSum(packet));
        return octets;
    }

    private void receiver() {
        machine.set("fou add port 6080 gue", TO_PEER.strip(), "link set t1 up", "route add 10.2.0.0/16 dev t1");
    }

    /// What is open is what the receiver is told, wherever that may be.
    @ParameterizedTest
    @CsvSource({"20, 26", "28, 30", "28, 98", "31, 40", "0, 30", "99, 99"})
    void finishesWhatTheHeaderSays(int start, int field) {
        receiver();
        byte[] inner = fromPeer(INNER_HERE).octets();
        byte[] finished = inner.clone();
        ByteBuffer.wrap(finished).putShort(field, (short) ~sum(Arrays.copyOfRange(passed(inner), start, inner.length)));
        byte[] delivered = machine.inbound(open(start, field, inner)).inner().octets();
        assertThat(delivered).isEqualTo(finished);
        assertThat(machine.statistics("t1")).isEqualTo(Map.of("rx_packets", 1L, "rx_bytes", 101L));
    }

    /// The packet as it is when it leaves the machine again, which is when the checksum is finished: the machine is a
    /// router on its way.
    private static byte[] passed(byte[] inner) {
        Ipv4Packet packet = Ipv4Packet.parse(inner);
        return packet.withTtl(packet.ttl() - 1).octets();
    }

    /// RFC 1071, two octets at a time.
    private static int sum(byte[] octets) {
        int sum = 0;
        for (int i = 0; i < octets.length; i++) {
            sum += Byte.toUnsignedInt(octets[i]) << (i % 2 == 0 ? 8 : 0);
        }
        while (sum >>> 16 != 0) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return sum;
    }

    /// Outside of the packet, or in front of where summing starts.
    @ParameterizedTest
    @CsvSource({"20, 100", "102, 26", "65535, 65535", "26, 20", "21, 20", "100, 0"})
    void losesWhatCanNotBeFinished(int start, int field) {
        receiver();
        assertThat(machine.inbound(open(start, field, fromPeer(INNER_HERE).octets()))
                        .isEmpty())
                .isTrue();
        assertThat(machine.statistics("t1")).isEmpty();
    }

    @Test
    void theOuterChecksumIsMindedTooWhereThereIsOne() {
        receiver();
        Ipv4Packet outer = open(20, FIELD, unfinished(fromPeer(INNER_HERE)));
        outer.payload()[6] ^= 1;
        assertThat(machine.inbound(outer).isEmpty()).isTrue();
        outer.payload()[6] = 0;
        outer.payload()[7] = 0;
        assertThat(machine.inbound(outer).inner().octets())
                .isEqualTo(fromPeer(INNER_HERE).octets());
    }

    /// Out of one tunnel and into another: what is still open when it gets there is left to the next peer.
    @Test
    void whatCameOpenGoesOnOpen() {
        receiver();
        machine.set(
                "link add t2 type ipip local 198.51.100.2 remote 198.51.100.3 " + LEFT_OPEN,
                "neigh replace 198.51.100.3 lladdr 02:00:00:00:00:03 dev wire",
                "link set t2 up",
                "route add 10.3.0.0/16 dev t2");
        Ipv4Packet packet = fromPeer("10.3.0.9");
        Ipv4Packet outer = machine.inbound(open(20, FIELD, unfinished(packet))).outer();
        assertThat(outer.destination()).isEqualTo("198.51.100.3");
        assertThat(behind(UDP_HEADER, outer)).startsWith(HexFormat.of().parseHex("02040001" + "80000000" + "0014001a"));
        byte[] onward = behind(UDP_HEADER + OPEN_GUE_HEADER, outer);
        assertThat(onward).isEqualTo(passed(unfinished(packet)));

        // By a tunnel that leaves nothing open it is finished first.
        machine.set("link set t2 type ipip local 198.51.100.2 remote 198.51.100.3 encap none");
        Ipv4Packet plain = machine.inbound(open(20, FIELD, unfinished(packet))).outer();
        assertThat(plain.payload()).isEqualTo(passed(packet.octets()));
    }
}
