package adit.interop.rules;

import static adit.interop.rules.TunnelBox.HERE;
import static adit.interop.rules.TunnelBox.INNER_HERE;
import static adit.interop.rules.TunnelBox.INNER_THERE;
import static adit.interop.rules.TunnelBox.PEER;
import static org.assertj.core.api.Assertions.assertThat;

import adit.interop.rules.TunnelBox.Output;
import adit.tunnel.Carrier;
import adit.tunnel.Mode;
import adit.tunnel.TunnelSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// From the underlay to the overlay.
@ParameterizedClass(name = "{0}")
@EnumSource(World.class)
class InboundRulesTest extends InWorlds {
    private static final TunnelSpec PLAIN = Specs.to(PEER);
    private static final TunnelSpec FOU = PLAIN.carrier(new Carrier.Fou(5555, 5555, Carrier.UdpChecksum.OFF));
    private static final TunnelSpec GUE = PLAIN.carrier(new Carrier.Gue(6080, 6080, Carrier.UdpChecksum.OFF));

    private static Ipv4Packet inner() {
        return Ipv4Packet.udp(INNER_THERE, INNER_HERE, 100);
    }

    private static Ipv4Packet outer(Ipv4Packet inner) {
        return Ipv4Packet.of(PEER, HERE, Ipv4Packet.IPIP, inner.octets());
    }

    private static Ipv4Packet fou(Ipv4Packet inner) {
        return Ipv4Packet.udp(PEER, HERE, 40000, 5555, inner.octets());
    }

    /// A GUE packet: header octets in hexadecimal, then the inner packet.
    private static Ipv4Packet gue(String header, Ipv4Packet inner) {
        byte[] octets = java.util.HexFormat.ofDelimiter(" ").parseHex(header);
        byte[] packet = inner.octets();
        return Ipv4Packet.udp(
                PEER,
                HERE,
                40000,
                6080,
                ByteBuffer.allocate(octets.length + packet.length)
                        .put(octets)
                        .put(packet)
                        .array());
    }

    @Test
    void deliversTheInnerPacketUnchanged() {
        box.tunnels(PLAIN);
        Ipv4Packet inner = inner().withTos(0xb8).withTtl(33);
        assertThat(box.inbound(outer(inner)).inner().octets()).isEqualTo(inner.octets());
        assertThat(box.statistics("t1")).isEqualTo(Map.of("rx_packets", 1L, "rx_bytes", 100L));
    }

    @Test
    void doesNotMindTheOuterTtlIdentificationOrOptions() {
        box.tunnels(PLAIN);
        Output output = box.inbound(
                outer(inner()).withTtl(1).octets(),
                outer(inner()).withIdentification(0).octets(),
                outer(inner()).withFlagsAndOffset(Ipv4Packet.DONT_FRAGMENT).octets(),
                outer(inner())
                        .withOptions((byte) 1, (byte) 1, (byte) 1, (byte) 0)
                        .octets());
        assertThat(output.inners())
                .hasSize(4)
                .allSatisfy(p -> assertThat(p.octets()).isEqualTo(inner().octets()));
    }

    /// RFC 6040, figure 4. The rows are the inner field, the columns the outer one; -1 is a lost packet.
    @ParameterizedTest
    @CsvSource({
        "0,  0, 0, 0, -1",
        "1,  1, 1, 1,  3",
        "2,  2, 1, 2,  3",
        "3,  3, 3, 3,  3",
    })
    void composesTheInnerCongestionField(int inner, int notCapable, int ect1, int ect0, int experienced) {
        box.tunnels(PLAIN);
        int[] expected = {notCapable, ect1, ect0, experienced};
        List<Integer> delivered = new ArrayList<>();
        List<Integer> right = new ArrayList<>();
        // With an inner and an outer DSCP, which must have no influence and stay as they are.
        byte[][] packets = new byte[4][];
        for (int outer = 0; outer < 4; outer++) {
            packets[outer] =
                    outer(inner().withTos(0xb8 + inner)).withTos(0x28 + outer).octets();
            if (expected[outer] >= 0) {
                right.add(0xb8 + expected[outer]);
            }
        }
        box.inbound(packets).inners().forEach(p -> delivered.add(p.tos()));
        assertThat(delivered).isEqualTo(right);
        assertThat(box.statistics("t1"))
                .isEqualTo(
                        right.size() == 4
                                ? Map.of("rx_packets", 4L, "rx_bytes", 400L)
                                : Map.of("rx_packets", 3L, "rx_bytes", 300L, "rx_errors", 1L, "rx_frame_errors", 1L));
    }

    @Test
    void putsOuterFragmentsTogetherInAnyOrder() {
        box.tunnels(PLAIN);
        byte[] payload = inner().octets();
        Ipv4Packet first = Ipv4Packet.of(PEER, HERE, Ipv4Packet.IPIP, Arrays.copyOf(payload, 48))
                .withFlagsAndOffset(Ipv4Packet.MORE_FRAGMENTS);
        Ipv4Packet last = Ipv4Packet.of(PEER, HERE, Ipv4Packet.IPIP, Arrays.copyOfRange(payload, 48, 100))
                .withFlagsAndOffset(48 / 8);
        assertThat(box.inbound(first.octets(), last.octets()).inner().octets()).isEqualTo(payload);
        assertThat(box.inbound(
                                last.withIdentification(2).octets(),
                                first.withIdentification(2).octets())
                        .inner()
                        .octets())
                .isEqualTo(payload);
        assertThat(box.statistics("t1")).isEqualTo(Map.of("rx_packets", 2L, "rx_bytes", 200L));
    }

    @Test
    void doesNotBelieveABadOuterHeader() {
        box.tunnels(PLAIN);
        byte[] badChecksum = outer(inner()).octets();
        badChecksum[10] ^= 1;
        byte[] badVersion = outer(inner()).octets();
        badVersion[0] = 0x55;
        byte[] badHeaderLength = outer(inner()).octets();
        badHeaderLength[0] = 0x44;
        byte[] badTotalLength = outer(inner()).octets();
        badTotalLength[3]++;
        assertThat(box.inbound(badChecksum).isEmpty()).as("bad checksum").isTrue();
        assertThat(box.inbound(badVersion).isEmpty()).as("bad version").isTrue();
        assertThat(box.inbound(badHeaderLength).isEmpty())
                .as("bad header length")
                .isTrue();
        assertThat(box.inbound(badTotalLength).isEmpty()).as("bad total length").isTrue();
        assertThat(box.statistics("t1")).isEmpty();
    }

    @Test
    void doesNotTakeItsOwnAddressForAPeers() {
        box.tunnels(PLAIN);
        assertThat(box.inbound(outer(inner()).withSource(HERE)).isEmpty()).isTrue();
        assertThat(box.statistics("t1")).isEmpty();
    }

    @Test
    void losesAPacketWithoutAWholeInnerHeader() {
        box.tunnels(PLAIN);
        for (int length : new int[] {0, 1, 19}) {
            Ipv4Packet outer = Ipv4Packet.of(PEER, HERE, Ipv4Packet.IPIP, Arrays.copyOf(inner().octets(), length));
            assertThat(box.inbound(outer).isEmpty())
                    .as("%d octets inside", length)
                    .isTrue();
        }
        assertThat(box.statistics("t1")).isEmpty();
    }

    @Test
    void tellsAPeerForWhomThereIsNoTunnel() {
        box.tunnels(PLAIN);
        Ipv4Packet outer = outer(inner()).withSource("198.51.100.1");
        box.tunnels(Specs.to("198.51.100.3"));
        assertUnreachable(box.inbound(outer), outer, 3);
        assertThat(box.statistics("t1")).isEmpty();
    }

    /// Asserts that the outer sender alone was told, by this code.
    private static void assertUnreachable(Output output, Ipv4Packet cause, int code) {
        Ipv4Packet error = output.outer();
        assertThat(error.source()).isEqualTo(HERE);
        assertThat(error.destination()).isEqualTo(cause.source());
        assertThat(error.tos()).isEqualTo(0xc0);
        assertThat(error.ttl()).isEqualTo(64);
        assertThat(error.protocol()).isEqualTo(Ipv4Packet.ICMP);
        assertThat(error.payload()).startsWith(3, code);
        byte[] quote = Arrays.copyOfRange(error.payload(), 8, error.payload().length);
        // Linux takes what it has passed over off the total length before it quotes a GUE packet.
        quote[2] = cause.octets()[2];
        quote[3] = cause.octets()[3];
        assertThat(quote).isEqualTo(cause.octets());
    }

    @Test
    void losesInSilenceWhatTheModeDoesNotCarry() {
        box.tunnels(PLAIN.mode(Mode.MPLSIP));
        assertThat(box.inbound(outer(inner())).isEmpty()).isTrue();
        assertThat(box.statistics("t1")).isEmpty();

        box.tunnels(PLAIN);
        byte[] labelled = ByteBuffer.allocate(104)
                .putInt(100 << 12 | 1 << 8 | 64)
                .put(inner().octets())
                .array();
        assertThat(box.inbound(Ipv4Packet.of(PEER, HERE, Ipv4Packet.MPLS, labelled))
                        .isEmpty())
                .isTrue();
        assertThat(box.statistics("t1")).isEmpty();
    }

    @Test
    void takesFouWithARightChecksumOrNone() {
        box.tunnels(FOU);
        Ipv4Packet with = fou(inner());
        Ipv4Packet without = fou(inner());
        without.payload()[6] = 0;
        without.payload()[7] = 0;
        assertThat(box.inbound(with.octets(), without.octets()).inners())
                .hasSize(2)
                .allSatisfy(p -> assertThat(p.octets()).isEqualTo(inner().octets()));

        Ipv4Packet wrong = fou(inner());
        wrong.payload()[6] ^= 1;
        assertThat(box.inbound(wrong).isEmpty()).isTrue();
        assertThat(box.statistics("t1")).isEqualTo(Map.of("rx_packets", 2L, "rx_bytes", 200L));
    }

    @Test
    void doesNotMindByWhichCarrierAPacketComes() {
        box.tunnels(FOU, Specs.named("t2", HERE, "198.51.100.5"));
        assertThat(box.inbound(outer(inner())).inner().octets()).isEqualTo(inner().octets());
        assertThat(box.statistics("t1")).isEqualTo(Map.of("rx_packets", 1L, "rx_bytes", 100L));
        assertThat(box.inbound(fou(inner()).withSource("198.51.100.5")).overlay())
                .isEmpty();
    }

    @Test
    void composesTheCongestionFieldOfFouToo() {
        box.tunnels(FOU);
        assertThat(box.inbound(fou(inner().withTos(2)).withTos(3)).inner().tos())
                .isEqualTo(3);
        assertThat(box.inbound(fou(inner().withTos(0)).withTos(3)).isEmpty()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "00 04 00 00",
                // three words that mean nothing
                "03 04 00 00 11 22 33 44 55 66 77 88 99 aa bb cc",
                // the flag that a private field follows, and nothing in that
                "01 04 00 01 00 00 00 00",
            })
    void takesGueHeadersOfVersion0(String header) {
        box.tunnels(GUE);
        assertThat(box.inbound(gue(header, inner())).inner().octets()).isEqualTo(inner().octets());
        assertThat(box.statistics("t1")).isEqualTo(Map.of("rx_packets", 1L, "rx_bytes", 100L));
    }

    /// In version 1 there is no header: its number is that of the first bits of an IPv4 header.
    @Test
    void takesAPacketThatFollowsTheUdpHeaderAtOnceAsGueVersion1() {
        box.tunnels(GUE);
        Ipv4Packet packet = Ipv4Packet.udp(PEER, HERE, 40000, 6080, inner().octets());
        assertThat(box.inbound(packet).inner().octets()).isEqualTo(inner().octets());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "20 04 00 00", // a control message
                "80 04 00 00", // version 2
                "c0 04 00 00", // version 3
                "00 04 80 00", // a flag that nobody knows
                "00 04 00 02", // another
                "01 04 00 01 40 00 00 00", // a private flag that nobody knows
                "00 04 00 01", // the private field is missing
                "01 04 00 01 80 00 00 00", // remote checksum offload without its field
                "1f 04 00 00", // a header longer than the packet
            })
    void losesGueHeadersThatItDoesNotUnderstand(String header) {
        box.tunnels(GUE);
        assertThat(box.inbound(gue(header, inner())).isEmpty()).isTrue();
        assertThat(box.statistics("t1")).isEmpty();
    }

    @Test
    void losesAGuePacketWithoutAWholeHeader() {
        box.tunnels(GUE);
        for (int length = 0; length < 4; length++) {
            Ipv4Packet packet = Ipv4Packet.udp(PEER, HERE, 40000, 6080, new byte[length]);
            assertThat(box.inbound(packet).isEmpty()).as("%d octets", length).isTrue();
        }
        assertThat(box.statistics("t1")).isEmpty();
    }

    @Test
    void tellsAPeerWhoseGueProtocolNobodyTakes() {
        box.tunnels(GUE);
        Ipv4Packet outer = gue("00 fd 00 00", inner());
        assertUnreachable(box.inbound(outer), outer, 2);
        assertThat(box.statistics("t1")).isEmpty();
    }

    /// The receiver finishes the checksum that the sender left open: from the start given to the end of the
    /// packet.
    @Test
    void finishesARemoteChecksum() {
        box.tunnels(GUE);
        Ipv4Packet inner = inner();
        byte[] right = inner.octets();
        byte[] open = right.clone();
        // What the sender leaves in the field is the sum of the pseudo-header.
        Ipv4Packet zeroed = Ipv4Packet.parse(right);
        int pseudoHeader = pseudoHeaderSum(zeroed);
        ByteBuffer.wrap(open).putShort(20 + 6, (short) pseudoHeader);
        Ipv4Packet outer = gue("02 04 00 01 80 00 00 00 00 14 00 1a", Ipv4Packet.parse(open));
        assertThat(box.inbound(outer).inner().octets()).isEqualTo(right);
    }

    /// The sum of the pseudo-header: what stands in the field of a checksum that was left open.
    static int pseudoHeaderSum(Ipv4Packet packet) {
        ByteBuffer b = ByteBuffer.allocate(12)
                .put(Ipv4Packet.addressOctets(packet.source()))
                .put(Ipv4Packet.addressOctets(packet.destination()))
                .putShort((short) packet.protocol())
                .putShort((short) packet.payload().length);
        int sum = 0;
        for (int i = 0; i < 12; i += 2) {
            sum += Short.toUnsignedInt(b.getShort(i));
        }
        return (sum & 0xffff) + (sum >>> 16);
    }
}
