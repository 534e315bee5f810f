package adit.ipip;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.Counter;
import adit.device.PacketTap;
import adit.netns.Namespace;
import adit.packet.PacketBuffer;
import adit.wire.EtherType;
import adit.wire.Icmp4;
import adit.wire.Ip4Address;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Packets that come in by one device, to be forwarded into a tunnel that they do not fit, or that is down:
/// what the IP layer in front of the tunnel does, and that the tunnel counts nothing of it.
class OversizeTest {
    private static final int SENDER = Ip4Address.parse("10.5.0.9").bits();
    private static final int DESTINATION = Ip4Address.parse("10.6.0.9").bits();
    private static final int OWN = Ip4Address.parse("10.5.0.1").bits();

    private Hosts hosts;
    private Namespace a;
    private final List<String> outer = new ArrayList<>();
    private final List<String> told = new ArrayList<>();

    @BeforeEach
    void open() throws IOException {
        hosts = new Hosts();
        a = hosts.a;
        a.forwarding(true);
        a.configure().dummy("in0");
        a.configure().link("in0").up();
        a.configure().address("in0", "10.5.0.1/24");
        a.configure().neighbour("in0", "10.5.0.9", "02:00:00:00:00:09");
        a.configure().tunnel("t1").local("192.0.2.1").remote("192.0.2.2").add();
        a.configure().link("t1").up();
        a.configure().route("10.6.0.0/16").dev("t1").add();
        a.devices().byName("net0").addTap((_, p, direction) -> {
            if (direction == PacketTap.Direction.SENT && p.protocol() == EtherType.IPV4) {
                outer.add(describe(p));
            }
        });
        a.devices().byName("in0").addTap((_, p, direction) -> {
            if (direction == PacketTap.Direction.SENT) {
                told.add(describeError(p));
            }
        });
    }

    @AfterEach
    void close() throws IOException {
        hosts.close();
    }

    /// Behind the Ethernet header: the length and flags of an outer packet.
    private static String describe(PacketBuffer p) {
        long at = p.head() + 14L;
        return Ipv4.protocol(p.segment(), at) + " " + Ipv4.totalLength(p.segment(), at) + " "
                + (Ipv4.dontFragment(p.segment(), at) ? "DF" : "-");
    }

    private static String describeError(PacketBuffer p) {
        long ip = p.head() + 14L;
        long icmp = ip + 20;
        boolean mine = Ipv4.source(p.segment(), ip) == OWN && Ipv4.destination(p.segment(), ip) == SENDER;
        return (mine ? "from here " : "from elsewhere ") + Icmp4.type(p.segment(), icmp) + "/"
                + Icmp4.code(p.segment(), icmp) + " mtu " + Icmp4.nextHopMtu(p.segment(), icmp) + " tos "
                + Ipv4.tos(p.segment(), ip) + " length " + Ipv4.totalLength(p.segment(), ip);
    }

    private void forward(int length, int flags, int ttl) {
        PacketBuffer p = a.devices().buffers().lend(length);
        int at = p.put(length);
        Ipv4.emit(p.segment(), at, 0, length, 1, flags, 0, ttl, IpProtocol.UDP, SENDER, DESTINATION);
        p.protocol(EtherType.IPV4);
        a.ip().receive(a.devices().byName("in0"), p);
    }

    @Test
    void dontFragmentIsAnsweredBeforeTheTunnel() {
        forward(1481, Ipv4.DONT_FRAGMENT, 64);
        assertThat(told).containsExactly("from here 3/4 mtu 1480 tos 192 length 576");
        assertThat(Hosts.statistics(a, "t1")).isEmpty();
    }

    @Test
    void othersAreCutToTheTunnelsMtuAndEachPieceGoesByItself() {
        forward(1481, 0, 64);
        // The payload of 1461 is cut at a multiple of eight: 1456 and 5, with 20 and 20 octets of headers.
        assertThat(outer).containsExactly("4 1496 DF", "4 45 DF");
        assertThat(Hosts.statistics(a, "t1")).isEqualTo(Map.of(Counter.TX_PACKETS, 2L, Counter.TX_BYTES, 1476L + 25));
    }

    @Test
    void aTtlThatEndsIsAnsweredBeforeTheTunnel() {
        forward(100, 0, 1);
        assertThat(told).containsExactly("from here 11/0 mtu 0 tos 192 length 128");
        assertThat(outer).isEmpty();
    }

    @Test
    void aTunnelThatIsDownHasNoRoutes() throws IOException {
        a.configure().link("t1").down();
        forward(100, 0, 64);
        assertThat(told).containsExactly("from here 3/0 mtu 0 tos 192 length 128");
        assertThat(Hosts.statistics(a, "t1")).isEmpty();
    }
}
