package adit.ipip;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.Counter;
import adit.device.Errno;
import adit.netns.Namespace;
import adit.packet.PacketBuffer;
import adit.tunnel.Drop;
import adit.wire.EtherType;
import adit.wire.Icmp4;
import adit.wire.Ip4Address;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Where packets of tunnels go: by routes that lead elsewhere or back, by tunnels inside tunnels, from a
/// namespace into another.
class WaysTest {
    private static final long PING = 84;

    private Hosts hosts;
    private Namespace a;
    private Namespace b;

    @BeforeEach
    void open() throws IOException {
        hosts = new Hosts();
        a = hosts.a;
        b = hosts.b;
    }

    @AfterEach
    void close() {
        hosts.close();
    }

    private void up(Namespace ns, String name, String address) throws IOException {
        ns.configure().link(name).up();
        ns.configure().address(name, address);
    }

    private void pair() throws IOException {
        a.configure().tunnel("t1").local("192.0.2.1").remote("192.0.2.2").add();
        b.configure().tunnel("t1").local("192.0.2.2").remote("192.0.2.1").add();
        up(a, "t1", "10.0.0.1/24");
        up(b, "t1", "10.0.0.2/24");
    }

    private static Map<Counter, Long> statistics(Namespace ns, String device) {
        return Hosts.statistics(ns, device);
    }

    private static void send(Namespace ns, String to) throws IOException {
        assertThat(Hosts.pings(ns, to)).isFalse();
    }

    @Test
    void aWayToThePeerThroughTheTunnelItselfIsACollision() throws IOException {
        pair();
        a.configure().route("192.0.2.2/32").dev("t1").add();
        send(a, "10.0.0.2");
        assertThat(statistics(a, "t1")).isEqualTo(Map.of(Counter.TX_ERRORS, 1L, Counter.COLLISIONS, 1L));
        assertThat(((IpipDevice) a.devices().byName("t1")).drops()).isEqualTo(Map.of(Drop.LOOP, 1L));
    }

    @Test
    void oneDeviceReachesManyPeersByTheGatewaysOfRoutes() throws IOException {
        a.configure().tunnel("t1").local("192.0.2.1").add();
        up(a, "t1", "10.0.0.1/32");
        b.configure().tunnel("t1").local("192.0.2.2").remote("192.0.2.1").add();
        up(b, "t1", "10.0.0.2/24");
        a.configure().route("10.0.0.2/32").via("192.0.2.2").dev("t1").onlink().add();
        assertThat(Hosts.pings(a, "10.0.0.2")).isTrue();
    }

    /// Nobody answers for the peer's address: the packet counts as sent, and the next one's sender hears of it.
    @Test
    void aPeerThatDoesNotAnswerIsToldOfWithTheNextPacket() throws IOException {
        a.configure().tunnel("t1").local("192.0.2.1").remote("192.0.2.77").add();
        up(a, "t1", "10.0.0.1/24");
        send(a, "10.0.0.2");
        IpipDevice t1 = (IpipDevice) a.devices().byName("t1");
        assertThat(statistics(a, "t1")).isEqualTo(Map.of(Counter.TX_PACKETS, 1L, Counter.TX_BYTES, PING));
        for (int second = 0; second < 4; second++) {
            hosts.time.advanceBy(1_000_000_000L);
            a.turn(hosts.time.getAsLong());
        }
        assertThat(t1.errorCount()).isEqualTo(1);
    }

    /// A router names another for the peer's address: outer packets go by that one, and nothing else happens.
    @Test
    void aRedirectMovesTheWayToThePeer() throws IOException {
        a.configure().route("203.0.113.0/24").via("192.0.2.2").add();
        a.configure().tunnel("t1").local("192.0.2.1").remote("203.0.113.9").add();
        up(a, "t1", "10.0.0.1/24");
        send(a, "10.0.0.2");
        assertThat(neighbours(a)).contains("192.0.2.2").doesNotContain("192.0.2.3");
        redirect("203.0.113.9", "192.0.2.77", "192.0.2.3");
        send(a, "10.0.0.2");
        assertThat(neighbours(a)).as("from another than the gateway").doesNotContain("192.0.2.3");
        redirect("203.0.113.8", "192.0.2.2", "192.0.2.3");
        send(a, "10.0.0.2");
        assertThat(neighbours(a)).as("about a host that no tunnel leads to").doesNotContain("192.0.2.3");
        redirect("203.0.113.9", "192.0.2.2", "192.0.2.3");
        send(a, "10.0.0.2");
        assertThat(neighbours(a)).contains("192.0.2.3");
        assertThat(((IpipDevice) a.devices().byName("t1")).errorCount()).isZero();
        a.configure().link("net0").down();
    }

    private static List<String> neighbours(Namespace ns) {
        return ns.ip().configuration().neighbours().stream()
                .map(n -> n.address().toString())
                .toList();
    }

    /// A redirect by `router` that quotes an outer packet to `peer` and names `nearer`.
    private void redirect(String peer, String router, String nearer) {
        PacketBuffer p = a.devices().buffers().lend(56);
        MemorySegment s = p.segment();
        int at = p.put(56);
        int here = Ip4Address.parse("192.0.2.1").bits();
        Ipv4.emit(
                s,
                at,
                0,
                56,
                1,
                0,
                0,
                64,
                IpProtocol.ICMP,
                Ip4Address.parse(router).bits(),
                here);
        Ipv4.emit(
                s,
                at + 28,
                0,
                104,
                1,
                0,
                0,
                64,
                IpProtocol.IPIP,
                here,
                Ip4Address.parse(peer).bits());
        s.asSlice(at + 48, 8).fill((byte) 0x45);
        Icmp4.emit(s, at + 20, 36, Icmp4.REDIRECT, 1, Ip4Address.parse(nearer).bits());
        p.protocol(EtherType.IPV4);
        a.ip().receive(a.devices().byName("net0"), p);
    }

    @Test
    void tunnelsGoThroughTunnels() throws IOException {
        pair();
        a.configure().tunnel("t2").local("10.0.0.1").remote("10.0.0.2").add();
        b.configure().tunnel("t2").local("10.0.0.2").remote("10.0.0.1").add();
        up(a, "t2", "10.1.0.1/24");
        up(b, "t2", "10.1.0.2/24");
        assertThat(a.devices().byName("t2").mtu()).isEqualTo(1460);
        assertThat(Hosts.pings(a, "10.1.0.2")).isTrue();
        assertThat(statistics(b, "t2"))
                .isEqualTo(Map.of(
                        Counter.RX_PACKETS,
                        1L,
                        Counter.RX_BYTES,
                        PING,
                        Counter.TX_PACKETS,
                        1L,
                        Counter.TX_BYTES,
                        PING));
        assertThat(statistics(b, "t1"))
                .isEqualTo(Map.of(
                        Counter.RX_PACKETS,
                        1L,
                        Counter.RX_BYTES,
                        PING + 20,
                        Counter.TX_PACKETS,
                        1L,
                        Counter.TX_BYTES,
                        PING + 20));
    }

    /// Each sends what the other sends: after so many the packet is gone, and nothing is left behind.
    @Test
    void tunnelsThroughEachOtherEnd() throws IOException {
        a.configure().tunnel("t1").remote("203.0.113.1").add();
        a.configure().tunnel("t2").remote("203.0.113.2").add();
        up(a, "t1", "10.0.0.1/24");
        up(a, "t2", "10.1.0.1/24");
        a.configure().route("203.0.113.1/32").dev("t2").add();
        a.configure().route("203.0.113.2/32").dev("t1").add();
        send(a, "10.0.0.9");
        long errors = a.devices().byName("t1").statistics().get(Counter.TX_ERRORS)
                + a.devices().byName("t2").statistics().get(Counter.TX_ERRORS);
        assertThat(errors).isEqualTo(1);
        assertThat(a.lent()).isZero();
    }

    @Test
    void aDeviceThatMovesKeepsItsUnderlayWhereItWasMade() throws IOException {
        pair();
        Namespace inside = a.beside();
        try {
            a.move("t1", inside, "");
            assertThat(a.devices().byName("t1")).isNull();
            inside.configure().link("lo").up();
            up(inside, "t1", "10.0.0.1/24");
            assertThat(Hosts.pings(inside, "10.0.0.2")).isTrue();
            assertThat(Hosts.pings(b, "10.0.0.1")).isTrue();
            assertThat(NamespaceHost.ip(inside, "-d link show dev t1").out())
                    .contains("remote 192.0.2.2 local 192.0.2.1");
            // The addresses are still taken where it was made, and free where it is.
            assertThat(NamespaceHost.ip(a, "link add t9 type ipip local 192.0.2.1 remote 192.0.2.2")
                            .err())
                    .contains("t1 has these addresses");
            inside.configure()
                    .tunnel("t9")
                    .local("192.0.2.1")
                    .remote("192.0.2.2")
                    .add();
        } finally {
            inside.close();
        }
    }

    @Test
    void movesByRtnetlinkToo() throws IOException {
        pair();
        assertThat(NamespaceHost.setNamespace(a, "t1", 9999)).isEqualTo(Errno.EINVAL);
        assertThat(NamespaceHost.setNamespace(a, "t1", b.descriptor()))
                .as("the name is taken there")
                .isEqualTo(Errno.EEXIST);
        b.configure().link("t1").delete();
        assertThat(NamespaceHost.setNamespace(a, "tunl0", b.descriptor())).isEqualTo(Errno.EINVAL);
        assertThat(NamespaceHost.setNamespace(a, "t1", b.descriptor())).isZero();
        assertThat(b.devices().byName("t1")).isInstanceOf(IpipDevice.class);
    }

    @Test
    void aNamespaceThatClosesTakesItsTunnelsInOthersWithIt() throws IOException {
        Namespace made = a.beside();
        made.configure().tunnel("away").local("192.0.2.1").remote("192.0.2.2").add();
        made.move("away", b, "here");
        assertThat(b.devices().byName("here")).isNotNull();
        made.close();
        assertThat(b.devices().byName("here")).isNull();
    }
}
