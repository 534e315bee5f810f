package adit.ipip;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.Counter;
import adit.ip.IpCounter;
import adit.netns.Namespace;
import adit.packet.PacketBuffer;
import adit.tunnel.Drop;
import adit.wire.EtherType;
import adit.wire.Ip4Address;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Octets;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.function.ObjLongConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What is wrong with an inner packet is no business of the tunnel: it counts the packet as a good one, and IP
/// input drops it. What is wrong with the outer one never gets to the tunnel.
class DecapsulationTest {
    private static final int PEER = Ip4Address.parse("192.0.2.2").bits();
    private static final int HERE = Ip4Address.parse("192.0.2.1").bits();
    private static final int BROADCAST = Ip4Address.parse("192.0.2.255").bits();
    private static final int INNER = Ip4Address.parse("10.0.0.2").bits();
    private static final int INNER_HERE = Ip4Address.parse("10.0.0.1").bits();
    private static final int LENGTH = 60;

    private Hosts hosts;
    private Namespace a;

    @BeforeEach
    void open() throws IOException {
        hosts = new Hosts();
        a = hosts.a;
        a.configure().tunnel("t1").local("192.0.2.1").remote("192.0.2.2").add();
        a.configure().link("t1").up();
        a.configure().address("t1", "10.0.0.1/24");
    }

    @AfterEach
    void close() {
        hosts.close();
    }

    /// Has an outer packet arrive whose inner one, of 60 octets behind 20, was changed before.
    private void arrive(int source, int destination, int innerSource, ObjLongConsumer<MemorySegment> change) {
        PacketBuffer p = a.devices().buffers().lend(20 + LENGTH);
        MemorySegment s = p.segment();
        int at = p.put(20 + LENGTH);
        s.asSlice(at, 20L + LENGTH).fill((byte) 0);
        Ipv4.emit(s, at, 0, 20 + LENGTH, 1, 0, 0, 1, IpProtocol.IPIP, source, destination);
        Ipv4.emit(s, at + 20, 0, 40, 1, 0, 0, 64, IpProtocol.UDP, innerSource, INNER_HERE);
        change.accept(s, at + 20L);
        p.protocol(EtherType.IPV4);
        a.ip().receive(a.devices().byName("net0"), p);
    }

    private void arrive(ObjLongConsumer<MemorySegment> change) {
        arrive(PEER, HERE, INNER, change);
    }

    private void assertCountedAsGood(long packets) {
        assertThat(Hosts.statistics(a, "t1"))
                .as("padding counts too")
                .isEqualTo(Map.of(Counter.RX_PACKETS, packets, Counter.RX_BYTES, packets * LENGTH));
    }

    @Test
    void aBadInnerHeaderIsIpsBusiness() {
        arrive((s, at) -> Octets.put8(s, at, 0x55));
        arrive((s, at) -> Octets.put8(s, at, 0x44));
        assertThat(a.counters().get(IpCounter.IP_IN_HDR_ERRORS)).isEqualTo(2);
        arrive((s, at) -> Octets.put16(s, at + 10, 0x1234));
        assertThat(a.counters().get(IpCounter.IP_IN_CSUM_ERRORS)).isEqualTo(1);
        arrive((s, at) -> Ipv4.emit(s, at, 0, LENGTH + 1, 1, 0, 0, 64, IpProtocol.UDP, INNER, INNER_HERE));
        assertThat(a.counters().get(IpCounter.IP_IN_TRUNCATED)).isEqualTo(1);
        assertCountedAsGood(4);
    }

    @Test
    void anInnerSourceThatCantBeIsIpsBusinessToo() {
        arrive(PEER, HERE, Ip4Address.parse("127.0.0.1").bits(), (_, _) -> {});
        arrive(PEER, HERE, INNER_HERE, (_, _) -> {});
        assertThat(a.counters().get(IpCounter.UDP_NO_PORTS)).isZero();
        assertCountedAsGood(2);
    }

    @Test
    void whatStandsBehindTheInnerPacketIsCutOff() {
        arrive((_, _) -> {});
        assertThat(a.counters().get(IpCounter.IP_IN_TRUNCATED)).isZero();
        assertCountedAsGood(1);
    }

    @Test
    void ownAddressesAndBroadcastsOutsideDoNotGetToTheTunnel() {
        arrive(HERE, HERE, INNER, (_, _) -> {});
        arrive(PEER, BROADCAST, INNER, (_, _) -> {});
        assertThat(Hosts.statistics(a, "t1")).isEmpty();
        assertThat(hosts.ipip.strays(a)).isEqualTo(Map.of(Drop.NO_TUNNEL, 1L));
        assertThat(a.counters().get(IpCounter.ICMP_OUT_DEST_UNREACHS))
                .as("nobody is told of a broadcast")
                .isZero();
    }

    @Test
    void ipipInsideIpipInTheSameTunnelCountsTwice() {
        PacketBuffer p = a.devices().buffers().lend(80);
        MemorySegment s = p.segment();
        int at = p.put(80);
        Ipv4.emit(s, at, 0, 80, 1, 0, 0, 1, IpProtocol.IPIP, PEER, HERE);
        Ipv4.emit(s, at + 20, 0, 60, 1, 0, 0, 1, IpProtocol.IPIP, PEER, HERE);
        Ipv4.emit(s, at + 40, 0, 40, 1, 0, 0, 64, IpProtocol.UDP, INNER, INNER_HERE);
        p.protocol(EtherType.IPV4);
        a.ip().receive(a.devices().byName("net0"), p);
        assertThat(Hosts.statistics(a, "t1")).isEqualTo(Map.of(Counter.RX_PACKETS, 2L, Counter.RX_BYTES, 60L + 40));
    }

    @Test
    void manyTunnelsInsideEachOtherDoNotExhaustTheStack() {
        int depth = 2000;
        int length = 20 * (depth + 1);
        PacketBuffer p = a.devices().buffers().lend(length);
        MemorySegment s = p.segment();
        int at = p.put(length);
        for (int i = 0; i <= depth; i++) {
            Ipv4.emit(s, at + 20L * i, 0, length - 20 * i, 1, 0, 0, 1, IpProtocol.IPIP, PEER, HERE);
        }
        p.protocol(EtherType.IPV4);
        a.ip().receive(a.devices().byName("net0"), p);
        assertThat(a.devices().byName("t1").statistics().get(Counter.RX_PACKETS))
                .isEqualTo(depth);
    }
}
