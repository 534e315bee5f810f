package adit.interop.rules;

import static adit.interop.rules.TunnelBox.HERE;
import static adit.interop.rules.TunnelBox.INNER_HERE;
import static adit.interop.rules.TunnelBox.INNER_THERE;
import static adit.interop.rules.TunnelBox.PEER;
import static org.assertj.core.api.Assertions.assertThat;

import adit.interop.rules.TunnelBox.Output;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// What is wrong with an inner packet is no business of the tunnel: it counts the packet as a good one, and IP
/// input drops it. What is wrong with the outer one never gets to the tunnel.
@ParameterizedClass(name = "{0}")
@EnumSource(value = World.class, names = "ADIT", mode = EnumSource.Mode.EXCLUDE)
class DecapsulationRulesTest extends InMachines {
    private static final int INNER_LENGTH = 60;
    private static final String OWN = "10.0.0.1";

    @BeforeEach
    void makeATunnel() {
        machine.tunnels(Specs.to(PEER));
    }

    private static Ipv4Packet inner() {
        return Ipv4Packet.udp(INNER_THERE, INNER_HERE, INNER_LENGTH);
    }

    /// Has an outer packet arrive whose inner one was changed before.
    private Output arrive(Consumer<byte[]> change) {
        byte[] octets = inner().octets();
        change.accept(octets);
        return machine.inbound(Ipv4Packet.of(PEER, HERE, Ipv4Packet.IPIP, octets));
    }

    /// How much a counter rises while an outer packet with such an inner one arrives, of which nothing comes.
    private long raised(String line, String field, Consumer<byte[]> change) {
        long before = machine.counter(line, field);
        assertThat(arrive(change).isEmpty()).isTrue();
        return machine.counter(line, field) - before;
    }

    private void assertCountedAsGood(long packets, long octets) {
        assertThat(machine.statistics("t1")).isEqualTo(Map.of("rx_packets", packets, "rx_bytes", octets));
    }

    @Test
    void aBadInnerHeaderIsIpsBusiness() {
        assertThat(raised("Ip", "InHdrErrors", octets -> octets[0] = 0x55))
                .as("version")
                .isEqualTo(1);
        assertThat(raised("Ip", "InHdrErrors", octets -> octets[0] = 0x44))
                .as("header length")
                .isEqualTo(1);
        assertThat(raised("IpExt", "InCsumErrors", octets -> octets[10] ^= 1))
                .as("checksum")
                .isEqualTo(1);
        Ipv4Packet longer = Ipv4Packet.udp(INNER_THERE, INNER_HERE, INNER_LENGTH + 1);
        assertThat(raised(
                        "IpExt",
                        "InTruncatedPkts",
                        octets -> System.arraycopy(longer.octets(), 0, octets, 0, INNER_LENGTH)))
                .as("length")
                .isEqualTo(1);
        assertCountedAsGood(4, 4 * INNER_LENGTH);
    }

    @Test
    void aBadOuterHeaderNeverGetsToTheTunnel() {
        byte[] outer =
                Ipv4Packet.of(PEER, HERE, Ipv4Packet.IPIP, inner().octets()).octets();
        outer[10] ^= 1;
        long before = machine.counter("IpExt", "InCsumErrors");
        assertThat(machine.inbound(outer).isEmpty()).isTrue();
        assertThat(machine.counter("IpExt", "InCsumErrors") - before).isEqualTo(1);
        assertThat(machine.statistics("t1")).isEmpty();
    }

    @Test
    void whatIsTooShortForAnInnerHeaderIsNotCounted() {
        for (int octets : new int[] {0, 1, 19}) {
            byte[] some = Arrays.copyOf(inner().octets(), octets);
            assertThat(machine.inbound(Ipv4Packet.of(PEER, HERE, Ipv4Packet.IPIP, some))
                            .isEmpty())
                    .isTrue();
        }
        assertThat(machine.statistics("t1").getOrDefault("rx_packets", 0L)).isZero();
    }

    @Test
    void anInnerSourceThatCantBeIsIpsBusinessToo() {
        machine.set("address add 10.0.0.1/30 dev t1");
        for (String source : new String[] {"127.0.0.1", OWN, Machine.LAN}) {
            byte[] inner = Ipv4Packet.udp(source, INNER_HERE, INNER_LENGTH).octets();
            assertThat(machine.inbound(Ipv4Packet.of(PEER, HERE, Ipv4Packet.IPIP, inner))
                            .isEmpty())
                    .as(source)
                    .isTrue();
        }
        assertCountedAsGood(3, 3 * INNER_LENGTH);
    }

    @Test
    void whatStandsBehindTheInnerPacketIsCutOffAndCounted() {
        byte[] padded = Arrays.copyOf(inner().octets(), INNER_LENGTH + 20);
        Ipv4Packet passed = machine.inbound(Ipv4Packet.of(PEER, HERE, Ipv4Packet.IPIP, padded))
                .inner();
        assertThat(passed.octets()).isEqualTo(inner().octets());
        assertCountedAsGood(1, INNER_LENGTH + 20);
    }

    @Test
    void aBroadcastOutsideIsForNoTunnelAndNobodyIsTold() {
        byte[] inner = inner().octets();
        assertThat(machine.inbound(Ipv4Packet.of(PEER, "198.51.100.255", Ipv4Packet.IPIP, inner))
                        .isEmpty())
                .isTrue();
        assertThat(machine.inbound(Ipv4Packet.of(HERE, HERE, Ipv4Packet.IPIP, inner))
                        .isEmpty())
                .isTrue();
        assertThat(machine.statistics("t1")).isEmpty();
    }

    @Test
    void aPeerIsToldThatThereIsNoTunnelForPacketsOrForLabels() {
        for (int protocol : new int[] {Ipv4Packet.IPIP, Ipv4Packet.MPLS}) {
            Ipv4Packet outer = Ipv4Packet.of("198.51.100.1", HERE, protocol, inner().octets());
            machine.bare();
            Ipv4Packet error = machine.inbound(outer).outer();
            assertThat(error.destination()).isEqualTo(PEER);
            assertThat(error.payload())
                    .isEqualTo(
                            Ipv4Packet.icmp(HERE, PEER, 3, 3, 0, outer.octets()).payload());
        }
    }

    /// A mark outside on a packet that knows nothing of marks: what Linux writes into its log.
    @Test
    void unexpectedCongestionMarksAreNoted() {
        long before = machine.unexpectedCongestion();
        for (int ecn = 0; ecn < 4; ecn++) {
            machine.inbound(
                    Ipv4Packet.of(PEER, HERE, Ipv4Packet.IPIP, inner().octets()).withTos(0x28 + ecn));
        }
        assertThat(machine.unexpectedCongestion() - before).isEqualTo(3);
        assertThat(machine.statistics("t1"))
                .isEqualTo(Map.of("rx_packets", 3L, "rx_bytes", 180L, "rx_errors", 1L, "rx_frame_errors", 1L));
    }

    @Test
    void ipipInsideIpipInTheSameTunnelCountsTwice() {
        Ipv4Packet second = Ipv4Packet.of(PEER, HERE, Ipv4Packet.IPIP, inner().octets());
        Ipv4Packet passed = machine.inbound(Ipv4Packet.of(PEER, HERE, Ipv4Packet.IPIP, second.octets()))
                .inner();
        assertThat(passed.octets()).isEqualTo(inner().octets());
        assertCountedAsGood(2, 2 * INNER_LENGTH + 20);
    }

    @Test
    void aPeerIsToldThatThereIsNoTunnelForWhatUdpCarriesToo() {
        machine.bare();
        machine.set("fou add port 5555 ipproto 4", "fou add port 6080 gue");
        byte[] inner = inner().octets();
        OtherProtocolsRulesTest.assertToldOverUdp(machine, 5555, inner, 3);
        OtherProtocolsRulesTest.assertToldOverUdp(
                machine, 6080, OtherProtocolsRulesTest.gueHeader(Ipv4Packet.IPIP, inner), 3);
        OtherProtocolsRulesTest.assertToldOverUdp(
                machine, 6080, OtherProtocolsRulesTest.gueHeader(Ipv4Packet.MPLS, inner), 3);
    }

    /// No router is between the end of the tunnel and its own address, so no TTL is too small, inside or outside.
    @Test
    void anyTtlIsEnoughForTheTunnelsOwnAddress() {
        machine.set("address add 10.0.0.1/30 dev t1");
        for (int ttl : new int[] {0, 1, 64}) {
            Ipv4Packet request = Ipv4Packet.icmp("10.0.0.2", OWN, 8, 0, 0x12340000 | ttl, (byte) 1)
                    .withTtl(ttl);
            Ipv4Packet outer = machine.inbound(Ipv4Packet.of(PEER, HERE, Ipv4Packet.IPIP, request.octets())
                            .withTtl(1))
                    .outer();
            Ipv4Packet reply = Ipv4Packet.parse(outer.payload());
            assertThat(outer.destination()).isEqualTo(PEER);
            assertThat(outer.ttl()).isEqualTo(64);
            assertThat(reply.ttl()).isEqualTo(64);
            assertThat(reply.destination()).isEqualTo("10.0.0.2");
            assertThat(reply.payload())
                    .isEqualTo(Ipv4Packet.icmp(OWN, "10.0.0.2", 0, 0, 0x12340000 | ttl, (byte) 1)
                            .payload());
        }
    }

    @Test
    void labelsAreCountedWithThePacketAndDroppedWhileTheDeviceMayNotHaveAny() {
        machine.bare();
        machine.set("link add t1 type ipip mode mplsip local 198.51.100.2 remote 198.51.100.1", "link set t1 up");
        machine.sysctl("net.mpls.platform_labels", 1000);
        machine.sysctl("net.mpls.conf.t1.input", 0);
        byte[] labelled = java.nio.ByteBuffer.allocate(4 + INNER_LENGTH)
                .putInt(100 << 12 | 1 << 8 | 64)
                .put(inner().octets())
                .array();
        assertThat(machine.inbound(Ipv4Packet.of(PEER, HERE, Ipv4Packet.MPLS, labelled))
                        .isEmpty())
                .isTrue();
        assertCountedAsGood(1, 4 + INNER_LENGTH);
    }

    @Test
    void aWrongUdpChecksumIsUdpsBusiness() {
        machine.set("fou add port 5555 ipproto 4");
        byte[] datagram =
                Ipv4Packet.udp(PEER, HERE, 40000, 5555, inner().octets()).payload();
        datagram[6] ^= 0x55;
        long before = machine.counter("Udp", "InCsumErrors");
        assertThat(machine.inbound(Ipv4Packet.of(PEER, HERE, Ipv4Packet.UDP, datagram))
                        .isEmpty())
                .isTrue();
        assertThat(machine.counter("Udp", "InCsumErrors") - before).isEqualTo(1);
        assertThat(machine.statistics("t1")).isEmpty();
    }
}
