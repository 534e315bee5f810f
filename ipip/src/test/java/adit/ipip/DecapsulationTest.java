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
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Outer packets that are for no tunnel, and those that are for one again and again.
class DecapsulationTest {
    private static final int PEER = Ip4Address.parse("192.0.2.2").bits();
    private static final int HERE = Ip4Address.parse("192.0.2.1").bits();
    private static final int BROADCAST = Ip4Address.parse("192.0.2.255").bits();
    private static final int INNER = Ip4Address.parse("10.0.0.2").bits();
    private static final int INNER_HERE = Ip4Address.parse("10.0.0.1").bits();

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

    /// Has an outer packet arrive, with a packet of 40 octets inside.
    private void arrive(int source, int destination) {
        PacketBuffer p = a.devices().buffers().lend(60);
        MemorySegment s = p.segment();
        int at = p.put(60);
        s.asSlice(at, 60).fill((byte) 0);
        Ipv4.emit(s, at, 0, 60, 1, 0, 0, 1, IpProtocol.IPIP, source, destination);
        Ipv4.emit(s, at + 20, 0, 40, 1, 0, 0, 64, IpProtocol.UDP, INNER, INNER_HERE);
        p.protocol(EtherType.IPV4);
        a.ip().receive(a.devices().byName("net0"), p);
    }

    @Test
    void ownAddressesAndBroadcastsOutsideDoNotGetToTheTunnel() {
        arrive(HERE, HERE);
        arrive(PEER, BROADCAST);
        assertThat(Hosts.statistics(a, "t1")).isEmpty();
        assertThat(hosts.ipip.strays(a)).isEqualTo(Map.of(Drop.NO_TUNNEL, 1L));
        assertThat(a.counters().get(IpCounter.ICMP_OUT_DEST_UNREACHS))
                .as("nobody is told of a broadcast")
                .isZero();
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
