package adit.interop.rules;

import static adit.interop.rules.TunnelBox.HERE;
import static adit.interop.rules.TunnelBox.PEER;
import static org.assertj.core.api.Assertions.assertThat;

import adit.interop.rules.SuperPacket.Kind;
import adit.interop.rules.TunnelBox.Output;
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

/// Packets that stand for several: a tunnel takes them whole and counts them once, and whoever comes behind it
/// and can't carry them cuts them, outer headers and all. The underlay's interface can't.
@ParameterizedClass(name = "{0}")
@EnumSource(value = World.class, names = "ADIT", mode = EnumSource.Mode.EXCLUDE)
class SuperPacketRulesTest extends InMachines {
    private static final String TO_PEER = "link add t1 type ipip local 198.51.100.2 remote 198.51.100.1 ";

    private void tunnel(String more) {
        machine.set((TO_PEER + more).strip(), "link set t1 up", "route add 10.2.0.0/16 dev t1");
    }

    private static Map<String, Long> sent(long packets, long octets) {
        return Map.of("tx_packets", packets, "tx_bytes", octets);
    }

    private static byte[] behind(int header, Ipv4Packet outer) {
        return Arrays.copyOfRange(outer.payload(), header, outer.payload().length);
    }

    /// That these are the outer packets of all that it stands for, with so many octets between each outer
    /// header and the inner packet, and identifications that follow one another.
    private static void assertCarried(List<Ipv4Packet> outers, SuperPacket whole, int header) {
        assertThat(outers).extracting(Ipv4Packet::source).containsOnly(HERE);
        assertThat(outers).extracting(Ipv4Packet::destination).containsOnly(PEER);
        assertThat(outers.stream().map(outer -> behind(header, outer)).toList())
                .usingRecursiveComparison()
                .isEqualTo(whole.forwarded());
        for (int i = 1; i < outers.size(); i++) {
            assertThat(outers.get(i).identification())
                    .isEqualTo(outers.getFirst().identification() + i & 0xffff);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "TCP, 4999, 1000",
        "TCP, 2000, 1000",
        "UDP, 4999, 1000",
        "TCP, 30000, 1440",
    })
    void countsOnceAndIsCutBehindTheTunnel(Kind kind, int payload, int segment) {
        tunnel("");
        SuperPacket whole = SuperPacket.of(kind, payload, segment);
        List<Ipv4Packet> outers = machine.superPackets(whole.written()).outers();
        assertCarried(outers, whole, 0);
        assertThat(outers).extracting(Ipv4Packet::protocol).containsOnly(Ipv4Packet.IPIP);
        assertThat(outers).extracting(Ipv4Packet::ttl).containsOnly(63);
        assertThat(outers).extracting(Ipv4Packet::dontFragment).containsOnly(true);
        assertThat(machine.statistics("t1")).isEqualTo(sent(1, whole.length()));
    }

    @ParameterizedTest
    @CsvSource({
        "TCP, encap fou encap-sport 5555 encap-dport 5555,            8,  false",
        "TCP, encap fou encap-sport 5555 encap-dport 5555 encap-csum, 8,  true",
        "UDP, encap fou encap-sport 5555 encap-dport 5555,            8,  false",
        "UDP, encap fou encap-sport 5555 encap-dport 5555 encap-csum, 8,  true",
        "TCP, encap gue encap-sport 6080 encap-dport 6080,            12, false",
        "TCP, encap gue encap-sport 6080 encap-dport 6080 encap-csum, 12, true",
        "UDP, encap gue encap-sport 6080 encap-dport 6080 encap-csum, 12, true",
    })
    void soItIsInsideOfUdp(Kind kind, String encapsulation, int header, boolean checksum) {
        tunnel(encapsulation);
        SuperPacket whole = SuperPacket.of(kind, 4999, 1000);
        List<Ipv4Packet> outers = machine.superPackets(whole.written()).outers();
        assertCarried(outers, whole, header);
        for (Ipv4Packet outer : outers) {
            ByteBuffer udp = ByteBuffer.wrap(outer.payload());
            assertThat(udp.getShort(4)).isEqualTo((short) outer.payload().length);
            int right = outer.transportChecksum() == 0 ? 0xffff : outer.transportChecksum();
            assertThat(Short.toUnsignedInt(udp.getShort(6))).isEqualTo(checksum ? right : 0);
        }
        assertThat(machine.statistics("t1")).isEqualTo(sent(1, whole.length()));
    }

    /// Each of the packets has a checksum for the peer to finish, and the same GUE header in front.
    @ParameterizedTest
    @CsvSource({"TCP, 16, noencap-csum", "TCP, 16, encap-csum", "UDP, 6, encap-csum"})
    void soItIsWhereThePeerFinishesChecksums(Kind kind, int offset, String outerChecksum) {
        tunnel("encap gue encap-sport 6080 encap-dport 6080 encap-remcsum " + outerChecksum);
        SuperPacket whole = SuperPacket.of(kind, 4999, 1000);
        List<Ipv4Packet> outers = machine.superPackets(whole.written()).outers();
        assertThat(outers).hasSize(5);
        for (Ipv4Packet outer : outers) {
            ByteBuffer udp = ByteBuffer.wrap(outer.payload());
            assertThat(udp.getLong(8)).isEqualTo(0x02040001_80000000L);
            assertThat(udp.getInt(16)).isEqualTo(20 << 16 | 20 + offset);
            int sum = InboundRulesTest.pseudoHeaderSum(Ipv4Packet.parse(behind(20, outer)));
            assertThat(Short.toUnsignedInt(udp.getShort(20 + 20 + offset))).isEqualTo(sum);
            int right = outer.transportChecksum() == 0 ? 0xffff : outer.transportChecksum();
            assertThat(Short.toUnsignedInt(udp.getShort(6))).isEqualTo(outerChecksum.equals("encap-csum") ? right : 0);
            // The rest is compared without it.
            udp.putShort(20 + 20 + offset, (short) 0);
        }
        List<byte[]> expected = whole.forwarded();
        expected.forEach(packet -> ByteBuffer.wrap(packet).putShort(20 + offset, (short) 0));
        assertThat(outers.stream().map(outer -> behind(20, outer)).toList())
                .usingRecursiveComparison()
                .isEqualTo(expected);
        assertThat(machine.statistics("t1")).isEqualTo(sent(1, whole.length()));
    }

    @Test
    void dontFragmentIsThatOfASinglePacket() {
        tunnel("nopmtudisc");
        SuperPacket whole = SuperPacket.of(Kind.TCP, 2500, 1000);
        assertThat(machine.superPackets(whole.written()).outers())
                .hasSize(3)
                .extracting(Ipv4Packet::dontFragment)
                .containsOnly(false);
        List<Ipv4Packet> fixed =
                machine.superPackets(whole.withDontFragment().written()).outers();
        assertCarried(fixed, whole.withDontFragment(), 0);
        assertThat(fixed).extracting(Ipv4Packet::dontFragment).containsOnly(true);
    }

    /// The identifications of all that it stands for are taken at once; the clock may pass over some more.
    @Test
    void theNextPacketHasAnIdentificationBehindAllOfThem() {
        tunnel("");
        SuperPacket whole = SuperPacket.of(Kind.TCP, 5000, 1000);
        List<Ipv4Packet> outers =
                machine.superPackets(whole.written(), whole.written()).outers();
        assertThat(outers).hasSize(10);
        assertCarried(outers.subList(0, 5), whole, 0);
        assertCarried(outers.subList(5, 10), whole, 0);
        assertThat(outers.get(5).identification() - outers.getFirst().identification() & 0xffff)
                .isBetween(5, 0x7fff);
        assertThat(machine.statistics("t1")).isEqualTo(sent(2, 2L * whole.length()));
    }

    /// The length of each is what counts, not that of the whole.
    @Test
    void fitsWhenEachOfItsPacketsDoes() {
        tunnel("");
        SuperPacket fits = SuperPacket.of(Kind.TCP, 2900, 1440).withDontFragment();
        assertCarried(machine.superPackets(fits.written()).outers(), fits, 0);
        SuperPacket large = SuperPacket.of(Kind.TCP, 2900, 1441).withDontFragment();
        Output told = machine.superPackets(large.written());
        assertThat(told.inner().payload()).startsWith(3, 4);
        assertThat(machine.statistics("t1")).isEqualTo(sent(1, fits.length()));
    }

    /// Larger than the path and to be cut: as single packets are.
    @Test
    void whatIsTooLargeForThePathIsLostOrCutAsSinglePacketsAre() {
        tunnel("");
        machine.set("link set t1 mtu 1500");
        SuperPacket large = SuperPacket.of(Kind.TCP, 2900, 1450);
        assertThat(machine.superPackets(large.written()).isEmpty()).isTrue();
        assertThat(machine.statistics("t1")).isEqualTo(Map.of("tx_dropped", 1L));

        machine.set("link del t1");
        tunnel("nopmtudisc");
        machine.set("link set t1 mtu 1500");
        List<Ipv4Packet> pieces = machine.superPackets(large.written()).outers();
        assertThat(pieces).hasSize(4).allMatch(Ipv4Packet::isFragment);
        List<byte[]> whole = new ArrayList<>();
        for (int i = 0; i < 4; i += 2) {
            Ipv4Packet first = pieces.get(i);
            Ipv4Packet second = pieces.get(i + 1);
            assertThat(second.identification()).isEqualTo(first.identification());
            assertThat((second.flagsAndOffset() & 0x1fff) * 8).isEqualTo(first.payload().length);
            whole.add(ByteBuffer.allocate(first.payload().length + second.payload().length)
                    .put(first.payload())
                    .put(second.payload())
                    .array());
        }
        assertThat(whole).usingRecursiveComparison().isEqualTo(large.forwarded());
        assertThat(pieces.get(2).identification()).isEqualTo(pieces.getFirst().identification() + 1 & 0xffff);
        assertThat(machine.statistics("t1")).isEqualTo(sent(1, large.length()));
    }

    @Test
    void isLostAsOne() {
        machine.set("link add t1 type ipip remote 100.64.0.9", "link set t1 up", "route add 10.2.0.0/16 dev t1");
        byte[] whole = SuperPacket.of(Kind.TCP, 4999, 1000).written();
        assertThat(machine.superPackets(whole).isEmpty()).isTrue();
        assertThat(machine.statistics("t1")).isEqualTo(Map.of("tx_errors", 1L, "tx_carrier_errors", 1L));
        machine.set(
                "link del t1",
                "link add t1 type ipip mode mplsip local 198.51.100.2 remote 198.51.100.1",
                "link set t1 up",
                "route add 10.2.0.0/16 dev t1");
        assertThat(machine.superPackets(whole).isEmpty()).isTrue();
        assertThat(machine.statistics("t1")).isEqualTo(Map.of("tx_errors", 1L));
    }

    /// A tunnel takes what another has put into a packet one by one.
    @Test
    void isCutInFrontOfASecondTunnel() {
        machine.set(
                TO_PEER.strip(),
                "link set t1 up",
                "address add 10.0.0.1/30 dev t1",
                "link add t2 type ipip local 10.0.0.1 remote 10.0.0.2",
                "link set t2 up",
                "route add 10.2.0.0/16 dev t2");
        SuperPacket whole = SuperPacket.of(Kind.TCP, 4999, 1000);
        List<Ipv4Packet> outers = machine.superPackets(whole.written()).outers();
        assertThat(outers.stream()
                        .map(outer -> Ipv4Packet.parse(outer.payload()).payload())
                        .toList())
                .usingRecursiveComparison()
                .isEqualTo(whole.forwarded());
        assertThat(machine.statistics("t2")).isEqualTo(sent(1, whole.length()));
        assertThat(machine.statistics("t1")).containsEntry("tx_packets", 5L).containsOnlyKeys("tx_packets", "tx_bytes");
    }

    @Test
    void isCutInFrontOfLabels() {
        machine.set(
                "link add t1 type ipip mode mplsip local 198.51.100.2 remote 198.51.100.1",
                "link set t1 up",
                "route add 10.2.0.0/16 encap mpls 100 dev t1");
        SuperPacket whole = SuperPacket.of(Kind.TCP, 4999, 1000);
        List<Ipv4Packet> outers = machine.superPackets(whole.written()).outers();
        assertThat(outers.stream().map(outer -> behind(4, outer)).toList())
                .usingRecursiveComparison()
                .isEqualTo(whole.forwarded());
        assertThat(machine.statistics("t1")).isEqualTo(sent(5, whole.length() + 4 * 40 + 5 * 4));
    }

    /// Over a cable that carries them whole, out of the tunnel at its end, and into another one behind that.
    @ParameterizedTest
    @CsvSource({
        "''",
        "encap fou encap-sport 5555 encap-dport 5555",
        "encap gue encap-sport 6080 encap-dport 6080 encap-csum",
    })
    void passesACableAndTheOtherEndWhole(String encapsulation) {
        machine.beside();
        machine.set(
                "link add cable type veth peer name end",
                "link set end netns beside",
                "address add 192.168.7.1/24 dev cable",
                "link set cable up",
                "-n beside address add 192.168.7.2/24 dev end",
                "-n beside link set end up",
                ("link add t1 type ipip local 192.168.7.1 remote 192.168.7.2 " + encapsulation).strip(),
                "link set t1 up",
                "route add 10.2.0.0/16 dev t1",
                "-n beside fou add port 5555 ipproto 4",
                "-n beside fou add port 6080 gue",
                "-n beside link add t1 type ipip local 192.168.7.2 remote 192.168.7.1",
                "-n beside link set t1 up",
                "-n beside address add 10.2.0.9/32 dev t1");
        SuperPacket whole = SuperPacket.of(Kind.TCP, 4999, 1000);
        machine.superPackets(whole.written());
        assertThat(machine.statistics("t1")).isEqualTo(sent(1, whole.length()));
        assertThat(machine.shown("-n beside -s link show dev t1").replaceAll("\\s+", " "))
                .contains(" RX: bytes packets errors dropped missed mcast " + whole.length() + " 1 0 0 0 0 ");
    }
}
