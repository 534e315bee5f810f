package adit.ipip;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.Counter;
import adit.device.PacketTap;
import adit.wire.EtherType;
import java.io.IOException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TwoHostsTest {
    /// An echo request of 56 octets, with its ICMP and IPv4 headers.
    private static final long PING = 84;

    private static void join(Hosts hosts) throws IOException {
        hosts.a.configure().tunnel("t1").local("192.0.2.1").remote("192.0.2.2").add();
        hosts.b.configure().tunnel("t1").local("192.0.2.2").remote("192.0.2.1").add();
        hosts.a.configure().link("t1").up();
        hosts.b.configure().link("t1").up();
        hosts.a.configure().address("t1", "10.0.0.1/24");
        hosts.b.configure().address("t1", "10.0.0.2/24");
    }

    @Test
    void pingsThroughATunnelBetweenTwoNamespaces() throws IOException {
        try (Hosts hosts = new Hosts()) {
            join(hosts);
            assertThat(Hosts.pings(hosts.a, "10.0.0.2")).isTrue();
            assertThat(Hosts.pings(hosts.b, "10.0.0.1")).isTrue();
            Map<Counter, Long> both = Map.of(
                    Counter.RX_PACKETS,
                    2L,
                    Counter.RX_BYTES,
                    2 * PING,
                    Counter.TX_PACKETS,
                    2L,
                    Counter.TX_BYTES,
                    2 * PING);
            assertThat(Hosts.statistics(hosts.a, "t1")).isEqualTo(both);
            assertThat(Hosts.statistics(hosts.b, "t1")).isEqualTo(both);
        }
    }

    @Test
    void outerPacketsCarryTheTunnelsMarkAndInnerOnesNone() throws IOException {
        try (Hosts hosts = new Hosts()) {
            hosts.a
                    .configure()
                    .tunnel("t1")
                    .remote("192.0.2.2")
                    .fwmark(0x7fff_0001)
                    .add();
            hosts.b.configure().tunnel("t1").remote("192.0.2.1").add();
            hosts.a.configure().link("t1").up();
            hosts.b.configure().link("t1").up();
            hosts.a.configure().address("t1", "10.0.0.1/24");
            hosts.b.configure().address("t1", "10.0.0.2/24");
            Set<Integer> outer = new HashSet<>();
            Set<Integer> inner = new HashSet<>();
            hosts.a.devices().byName("net0").addTap((_, p, direction) -> {
                if (direction == PacketTap.Direction.SENT && p.protocol() == EtherType.IPV4) {
                    outer.add(p.mark());
                }
            });
            hosts.a.devices().byName("t1").addTap((_, p, _) -> inner.add(p.mark()));
            assertThat(Hosts.pings(hosts.a, "10.0.0.2")).isTrue();
            assertThat(outer).containsExactly(0x7fff_0001);
            assertThat(inner).containsExactly(0);
        }
    }

    @Test
    void showsATunnelAsIproute2ShowsTheKernels() throws IOException {
        try (Hosts hosts = new Hosts()) {
            join(hosts);
            assertThat(NamespaceHost.ip(hosts.a, "-d link show dev t1"))
                    .isEqualTo(new NamespaceHost.Ran(
                            0,
                            "4: t1@NONE: <POINTOPOINT,NOARP,UP,LOWER_UP> mtu 1480 qdisc noqueue state UNKNOWN mode"
                                    + " DEFAULT group default qlen 1000\n"
                                    + "    link/ipip 192.0.2.1 peer 192.0.2.2 promiscuity 0  allmulti 0 minmtu 0 maxmtu"
                                    + " 0 \n"
                                    + "    ipip ipip remote 192.0.2.2 local 192.0.2.1 ttl inherit pmtudisc addrgenmode"
                                    + " eui64 numtxqueues 1 numrxqueues 1 gso_max_size 65536 gso_max_segs 65535"
                                    + " tso_max_size 65536 tso_max_segs 65535 gro_max_size 65536 \n",
                            ""));
        }
    }

    @Test
    void carriesATunnelThatIproute2sGrammarMade() throws IOException {
        try (Hosts hosts = new Hosts()) {
            String end = "link add t1 type ipip local 192.0.2.%d remote 192.0.2.%d ttl 64";
            assertThat(NamespaceHost.ip(hosts.a, end.formatted(1, 2)).err()).isEmpty();
            assertThat(NamespaceHost.ip(hosts.b, end.formatted(2, 1)).err()).isEmpty();
            assertThat(NamespaceHost.ip(hosts.a, "link set t1 up").err()).isEmpty();
            assertThat(NamespaceHost.ip(hosts.b, "link set t1 up").err()).isEmpty();
            assertThat(NamespaceHost.ip(hosts.a, "addr add 10.0.0.1/24 dev t1").err())
                    .isEmpty();
            assertThat(NamespaceHost.ip(hosts.b, "addr add 10.0.0.2/24 dev t1").err())
                    .isEmpty();
            assertThat(Hosts.pings(hosts.a, "10.0.0.2")).isTrue();
        }
    }
}
