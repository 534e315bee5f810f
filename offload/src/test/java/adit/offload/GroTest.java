package adit.offload;

import static org.assertj.core.api.Assertions.assertThat;

import adit.offload.Coalescer.Transports;
import adit.packet.Offload;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.packet.UdpTunnel;
import adit.wire.EtherType;
import adit.wire.Ipv4;
import adit.wire.Udp;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is inside a tunnel; the rest, and all that is odd, is told from the running kernel's in `netns`.
class GroTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final int PAYLOAD = 100;

    private final PacketPool pool = new PacketPool(8, 64, 66_000);
    private final List<PacketBuffer> delivered = new ArrayList<>();
    private final Gro gro = new Gro(new Gro.Surroundings() {
        @Override
        public PacketBuffer lend(int octets) {
            return pool.lend();
        }

        @Override
        public void deliver(PacketBuffer p) {
            delivered.add(p);
        }

        @Override
        public UdpTunnel tunnelAt(PacketBuffer p, int network, int transport) {
            return switch (Udp.destinationPort(p.segment(), p.head() + (long) transport)) {
                case 5555 -> UdpTunnel.IPV4;
                case 5557 -> UdpTunnel.OTHER;
                case 6080 -> UdpTunnel.GUE;
                case 6081 -> UdpTunnel.GUE_FINISHED;
                default -> UdpTunnel.NONE;
            };
        }
    });

    @AfterEach
    void allPacketsAreHome() {
        delivered.forEach(PacketBuffer::release);
        assertThat(pool.lent()).isZero();
        pool.close();
    }

    private static int sum(String hex) {
        int sum = 0;
        for (int i = 0; i < hex.length(); i += 4) {
            sum += HexFormat.fromHexDigits(hex, i, i + 4);
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return sum;
    }

    private static String word(int value) {
        return HEX.toHexDigits((short) value);
    }

    private static String ip4(int identification, int protocol, String addresses, String payload) {
        String front = "4500" + word(20 + payload.length() / 2) + word(identification) + "000040"
                + HEX.toHexDigits((byte) protocol);
        return front + word(~sum(front + addresses)) + addresses + payload;
    }

    /// In UDP to that port, with a checksum.
    private static String udp(int number, int port, String payload) {
        String addresses = "c0000201c0000202";
        int length = 8 + payload.length() / 2;
        String front = "1e61" + word(port) + word(length);
        String rest = payload.length() % 4 == 0 ? payload : payload + "00";
        int checksum = ~sum(addresses + "0011" + word(length) + front + "0000" + rest);
        return ip4(7 + number, 17, addresses, front + word(checksum) + payload);
    }

    /// A segment whose checksum field has the sum of the pseudo-header alone, plus `error`.
    private static String open(int number, int error) {
        String whole = segment(number);
        int pseudo = sum("0a0100020a020002" + "0006" + word(20 + PAYLOAD)) + error;
        return whole.substring(0, 2 * 36) + word(pseudo) + whole.substring(2 * 38);
    }

    /// The segment of that number, in IPv4.
    private static String segment(int number) {
        String addresses = "0a0100020a020002";
        String tcp = "03e807d0" + HEX.toHexDigits(5000 + PAYLOAD * number) + "00000002" + "501001f4";
        String rest = "0000" + HEX.toHexDigits((byte) number).repeat(PAYLOAD);
        int checksum = ~sum(addresses + "0006" + word(20 + PAYLOAD) + tcp + rest);
        return ip4(100 + number, 6, addresses, tcp + word(checksum) + rest);
    }

    /// The number stands for the identification where the header has one.
    private static String wrap(String kind, int number, String inner) {
        return switch (kind) {
            case "ipip" -> ip4(7 + number, 4, "c0000201c0000202", inner);
            case "same" -> ip4(7, 4, "c0000201c0000202", inner);
            case "gre" -> ip4(7 + number, 47, "c0000201c0000202", "00000800" + inner);
            case "key" -> ip4(7 + number, 47, "c0000201c0000202", "200008000000002a" + inner);
            case "frame" ->
                ip4(7 + number, 47, "c0000201c0000202", "00006558" + "0200000000010200000000020800" + inner);
            case "fou" -> udp(number, 5555, inner);
            case "gue" -> udp(number, 6080, "00040000" + inner);
            case "words" -> udp(number, 6080, "0204000012345678abcdef01" + inner);
            case "version 1" -> udp(number, 6080, inner);
            case "ip6" ->
                "60000000" + word(inner.length() / 2) + "0440" + "20010db8000000000000000000000001"
                        + "20010db8000000000000000000000002" + inner;
            case "sequence" -> ip4(7 + number, 47, "c0000201c0000202", "10000800" + HEX.toHexDigits(number) + inner);
            case "twice" -> wrap("ipip", number, wrap("ipip", number, inner));
            default -> throw new IllegalArgumentException(kind);
        };
    }

    private void receive(String hex) {
        receive(hex, Gro.Form.SUPER_PACKET);
    }

    private void receive(String hex, Gro.Form form) {
        PacketBuffer p = pool.lend();
        byte[] octets = HEX.parseHex(hex);
        MemorySegment.copy(octets, 0, p.segment(), ValueLayout.JAVA_BYTE, p.put(octets.length), octets.length);
        gro.receive(p, 0, hex.startsWith("6") ? EtherType.IPV6 : EtherType.IPV4, Transports.TCP, form, 0);
    }

    private static String hex(PacketBuffer p) {
        return HEX.formatHex(p.segment().asSlice(p.head(), p.length()).toArray(ValueLayout.JAVA_BYTE));
    }

    @ParameterizedTest
    @CsvSource({
        "ipip, IP, 20",
        "same, IP, 20",
        "gre, GRE, 24",
        "key, GRE, 28",
        "frame, GRE, 38",
        "ip6, IP, 40",
        "fou, IP_OVER_UDP_CHECKSUM, 28",
        "gue, IP_OVER_UDP_CHECKSUM, 32",
        "words, IP_OVER_UDP_CHECKSUM, 40",
        "version 1, IP_OVER_UDP_CHECKSUM, 28",
    })
    void joinsWhatIsInATunnelAndCutsItIntoWhatItWas(String kind, Offload.Tunnel tunnel, int inner) {
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            sent.add(wrap(kind, i, segment(i)));
            receive(sent.get(i));
        }
        gro.flush();
        assertThat(delivered).hasSize(1);
        PacketBuffer joined = delivered.getFirst();
        assertThat(joined.length()).isEqualTo(inner + 40 + 3 * PAYLOAD);
        assertThat(joined.offload().tunnel).isEqualTo(tunnel);
        assertThat(joined.offload().innerNetwork).isEqualTo(inner);
        assertThat(joined.offload().segmentation).isEqualTo(Offload.Segmentation.TCP4);
        assertThat(joined.offload().segmentSize).isEqualTo(PAYLOAD);

        assertThat(cut(joined)).isEqualTo(sent);
    }

    @ParameterizedTest
    @CsvSource({"sequence", "twice"})
    void passesWhatLinuxDoesNotLookInto(String kind) {
        for (int i = 0; i < 3; i++) {
            receive(wrap(kind, i, segment(i)));
        }
        assertThat(delivered).hasSize(3);
        assertThat(gro.isEmpty()).isTrue();
    }

    /// A port that finishes checksums at once has each looked at as if it were finished, and one that leaves them open
    /// takes them as they are. In the end they are open in either case.
    @ParameterizedTest
    @CsvSource({"6080, 0, 1", "6080, 1, 1", "6081, 0, 1", "6081, 1, 3"})
    void joinsWhatHasAnOpenChecksum(int port, int error, int count) {
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            sent.add(udp(i, port, "020400018000000000140024" + open(i, error)));
            receive(sent.get(i));
        }
        gro.flush();
        assertThat(delivered).hasSize(count);
        PacketBuffer first = delivered.getFirst();
        if (count == 1) {
            assertThat(first.length()).isEqualTo(28 + 12 + 40 + 3 * PAYLOAD);
            assertThat(first.offload().checksum).isEqualTo(Offload.Checksum.PARTIAL);
            assertThat(first.offload().checksumStart).isEqualTo(28 + 12 + 20);
        } else {
            // Nothing of having been looked at is left.
            assertThat(delivered).extracting(GroTest::hex).isEqualTo(sent);
        }
    }

    @Test
    void holdsWhatAPortTakesThatItCannotJoin() {
        receive(udp(0, 5557, "0006413f" + segment(0)));
        receive(udp(1, 5557, "0006413f" + segment(1)));
        assertThat(delivered).isEmpty();
        gro.flush();
        assertThat(delivered).hasSize(2);
    }

    @Test
    void keepsTheFlowsOfTwoTunnelsApart() {
        receive(wrap("key", 0, segment(0)));
        receive(wrap("key", 1, segment(1)).replace("0000002a", "0000002b"));
        gro.flush();
        assertThat(delivered).hasSize(2);
    }

    private List<String> cut(PacketBuffer joined) {
        Segmenter segmenter = new Segmenter();
        List<String> cut = new ArrayList<>();
        int count = segmenter.begin(joined);
        for (int i = 0; i < count; i++) {
            PacketBuffer p = pool.lend();
            p.segment().fill((byte) 0xa5);
            segmenter.next(p);
            cut.add(hex(p));
            p.release();
        }
        return cut;
    }

    /// A router on the way has to do with the first alone.
    @Test
    void listsPacketsWithWhatEachOfThemHad() {
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            sent.add(segment(i));
            receive(sent.get(i), Gro.Form.LIST);
        }
        gro.flush();
        assertThat(delivered).hasSize(1);
        PacketBuffer list = delivered.getFirst();
        assertThat(list.length()).isEqualTo(40 + 3 * PAYLOAD);
        assertThat(list.offload().listed).isTrue();
        assertThat(list.offload().checksum).isEqualTo(Offload.Checksum.VALID);
        Ipv4.timeToLive(list.segment(), list.head(), 63);

        List<String> cut = cut(list);
        assertThat(cut.subList(1, 3)).isEqualTo(sent.subList(1, 3));
        // TTL 63 for 64, and a checksum that is so much larger.
        int checksum = HexFormat.fromHexDigits(sent.getFirst(), 20, 24) + 0x100;
        assertThat(cut.getFirst())
                .isEqualTo(sent.getFirst().substring(0, 16) + "3f06" + word(checksum)
                        + sent.getFirst().substring(24));
    }
}
