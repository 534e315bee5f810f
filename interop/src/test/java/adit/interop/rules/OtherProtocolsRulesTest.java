package adit.interop.rules;

import static adit.interop.rules.TunnelBox.HERE;
import static adit.interop.rules.TunnelBox.INNER6_HERE;
import static adit.interop.rules.TunnelBox.INNER6_THERE;
import static adit.interop.rules.TunnelBox.INNER_HERE;
import static adit.interop.rules.TunnelBox.INNER_THERE;
import static adit.interop.rules.TunnelBox.PEER;
import static org.assertj.core.api.Assertions.assertThat;

import adit.interop.rules.TunnelBox.Output;
import adit.tunnel.Carrier;
import adit.tunnel.Mode;
import adit.tunnel.TunnelSpec;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// What other drivers' tunnels carry, where ipip's alone is there: IPv6 inside, and the protocols of sit and GRE
/// outside.
@ParameterizedClass(name = "{0}")
@EnumSource(value = World.class, names = "ADIT", mode = EnumSource.Mode.EXCLUDE)
class OtherProtocolsRulesTest extends InMachines {
    private static final int IPV6 = 41;
    private static final int GRE = 47;
    private static final int PROTOCOL_UNREACHABLE = 2;
    private static final int PORT_UNREACHABLE = 3;

    @BeforeEach
    void thereIsNoOther() {
        machine.ipipAlone();
    }

    // ---- IPv6 inside

    private void wayForIpv6(String device) {
        machine.overlay6();
        machine.set("route add 2001:db8:2::/64 dev " + device);
    }

    private void assertNobodyIsTold(byte[] inner) {
        Output output = machine.outbound6(inner);
        assertThat(output.isEmpty()).as(output.toString()).isTrue();
    }

    @Test
    void ipv6IsAnErrorInEveryModeAndNobodyIsTold() {
        for (Mode mode : Mode.values()) {
            machine.tunnels(Specs.to(PEER).mode(mode));
            wayForIpv6("t1");
            assertNobodyIsTold(Ipv6Packet.udp(100));
            assertNobodyIsTold(Ipv6Packet.udp(1480));
            assertThat(machine.statistics("t1")).as(mode.toString()).isEqualTo(Map.of("tx_errors", 2L));
        }
    }

    @Test
    void ipv6IsAnErrorForExternalTunnelsAndForTheFallbackToo() {
        machine.set("link add t1 type ipip mode any external", "link set t1 up", "link set tunl0 up");
        wayForIpv6("t1");
        assertNobodyIsTold(Ipv6Packet.udp(100));
        assertThat(machine.statistics("t1")).isEqualTo(Map.of("tx_errors", 1L));

        machine.set("route del 2001:db8:2::/64 dev t1", "route add 2001:db8:2::/64 dev tunl0");
        long before = machine.statistics("tunl0").getOrDefault("tx_errors", 0L);
        assertNobodyIsTold(Ipv6Packet.udp(100));
        assertThat(machine.statistics("tunl0")).containsEntry("tx_errors", before + 1);
    }

    /// The IP layer in front of the tunnel does not know that it carries no IPv6.
    @Test
    void ipv6IsAnsweredBeforeTheTunnelWhatIpv4Is() {
        machine.tunnels(Specs.to(PEER));
        wayForIpv6("t1");
        byte[] large = Ipv6Packet.udp(1481);
        Ipv6RulesTest.assertTold(machine.outbound6(large), Ipv6Packet.withHopLimit(large, 1), 2, 0, 1480);
        byte[] last = Ipv6Packet.udp(INNER6_HERE, INNER6_THERE, 0, 0, 100);
        Ipv6RulesTest.assertTold(machine.outbound6(last), Ipv6Packet.withHopLimit(last, 1), 3, 0, 0);
        assertThat(machine.statistics("t1")).isEmpty();
    }

    // ---- Other protocols outside

    private static Ipv4Packet outer(int protocol, int octets) {
        return Ipv4Packet.of(
                PEER, HERE, protocol, Arrays.copyOf(Ipv6Packet.udp(INNER6_THERE, INNER6_HERE, 0, 64, 100), octets));
    }

    /// The outer sender, and nobody else, is told, by a message that quotes the packet.
    private void assertTold(Ipv4Packet outer, int code) {
        Ipv4Packet error = machine.inbound(outer).outer();
        assertThat(error.source()).isEqualTo(HERE);
        assertThat(error.destination()).isEqualTo(PEER);
        assertThat(error.tos()).isEqualTo(0xc0);
        assertThat(error.ttl()).isEqualTo(64);
        assertThat(error.payload())
                .isEqualTo(
                        Ipv4Packet.icmp(HERE, PEER, 3, code, 0, outer.octets()).payload());
    }

    private void assertLost(Ipv4Packet outer) {
        Output output = machine.inbound(outer);
        assertThat(output.isEmpty()).as(output.toString()).isTrue();
    }

    /// The tunnels that there are make no difference: none, those for the packet's addresses, the one for all.
    private void aroundEachTunnel(Runnable rule) {
        machine.bare();
        rule.run();
        for (Mode mode : Mode.values()) {
            machine.tunnels(Specs.to(PEER).mode(mode));
            rule.run();
            assertThat(machine.statistics("t1")).as(mode.toString()).isEmpty();
        }
        machine.set("link set tunl0 up");
        Map<String, Long> before = machine.statistics("tunl0");
        rule.run();
        assertThat(machine.statistics("tunl0")).isEqualTo(before);
    }

    /// Linux takes the three protocols of tunnels in IPv4 together, so IPv6's is known and only its tunnel missing.
    @Test
    void aPeerIsToldThatThereIsNoTunnelForIpv6() {
        aroundEachTunnel(() -> {
            long delivered = machine.counter("Ip", "InDelivers");
            long unknown = machine.counter("Ip", "InUnknownProtos");
            assertTold(outer(IPV6, 100), PORT_UNREACHABLE);
            assertTold(outer(IPV6, 40), PORT_UNREACHABLE);
            assertThat(machine.counter("Ip", "InDelivers") - delivered).isEqualTo(2);
            assertThat(machine.counter("Ip", "InUnknownProtos") - unknown).isZero();
        });
    }

    @Test
    void whatIsTooShortForItsProtocolIsLostInSilence() {
        aroundEachTunnel(() -> {
            assertLost(outer(IPV6, 39));
            assertLost(outer(IPV6, 0));
            assertLost(outer(Ipv4Packet.MPLS, 3));
        });
    }

    @Test
    void aPeerIsToldThatNobodySpeaksGre() {
        aroundEachTunnel(() -> {
            long delivered = machine.counter("Ip", "InDelivers");
            long unknown = machine.counter("Ip", "InUnknownProtos");
            Ipv4Packet gre = Ipv4Packet.of(PEER, HERE, GRE, greHeader());
            assertTold(gre, PROTOCOL_UNREACHABLE);
            assertThat(machine.counter("Ip", "InDelivers") - delivered).isZero();
            assertThat(machine.counter("Ip", "InUnknownProtos") - unknown).isEqualTo(1);
        });
    }

    /// RFC 2784: no checksum, version 0, and IPv4 inside.
    private static byte[] greHeader() {
        byte[] inner = Ipv4Packet.udp(INNER_THERE, INNER_HERE, 60).octets();
        return ByteBuffer.allocate(4 + inner.length)
                .putShort((short) 0)
                .putShort((short) 0x0800)
                .put(inner)
                .array();
    }

    @Test
    void broadcastsOfThemAreAnsweredByNobody() {
        for (int protocol : new int[] {IPV6, GRE}) {
            assertLost(Ipv4Packet.of(PEER, "198.51.100.255", protocol, Ipv6Packet.udp(100)));
        }
    }

    @Test
    void fouAndGueDoNotChangeThat() {
        TunnelSpec fou = Specs.to(PEER).carrier(new Carrier.Fou(5555, 5555, Carrier.UdpChecksum.OFF));
        TunnelSpec gue = Specs.to(PEER).carrier(new Carrier.Gue(6080, 6080, Carrier.UdpChecksum.OFF));
        machine.tunnels(gue);
        byte[] inner = Ipv6Packet.udp(INNER6_THERE, INNER6_HERE, 0, 64, 100);
        assertToldOverUdp(machine, 6080, gueHeader(IPV6, inner), PORT_UNREACHABLE);
        assertToldOverUdp(machine, 6080, inner, PORT_UNREACHABLE);
        assertToldOverUdp(machine, 6080, gueHeader(GRE, greHeader()), PROTOCOL_UNREACHABLE);

        machine.tunnels(fou);
        machine.set("fou del port 5555", "fou add port 5555 ipproto 41");
        assertToldOverUdp(machine, 5555, inner, PORT_UNREACHABLE);
        machine.set("fou del port 5555", "fou add port 5555 ipproto 47");
        assertToldOverUdp(machine, 5555, greHeader(), PROTOCOL_UNREACHABLE);
        assertThat(machine.statistics("t1")).isEmpty();
    }

    static byte[] gueHeader(int protocol, byte[] inner) {
        return ByteBuffer.allocate(4 + inner.length)
                .put((byte) 0)
                .put((byte) protocol)
                .putShort((short) 0)
                .put(inner)
                .array();
    }

    /// The sender of a UDP datagram hears what is wrong with what it carries. Of the length of the packet that is
    /// quoted Linux takes off what it has passed over.
    static void assertToldOverUdp(Machine machine, int port, byte[] payload, int code) {
        Ipv4Packet outer = Ipv4Packet.udp(PEER, HERE, 40000, port, payload);
        Ipv4Packet error = machine.inbound(outer).outer();
        assertThat(error.destination()).isEqualTo(PEER);
        assertThat(error.payload()).startsWith(3, code);
        byte[] quote = Arrays.copyOfRange(error.payload(), 8, error.payload().length);
        assertThat(Arrays.copyOfRange(quote, 4, quote.length))
                .isEqualTo(Arrays.copyOfRange(outer.octets(), 4, outer.length()));
    }

    /// What routers say of packets of another protocol is not about a tunnel with the same ends.
    @Test
    void errorsAboutThemAreNoTunnels() {
        machine.tunnels(Specs.to(PEER));
        for (int protocol : new int[] {IPV6, GRE}) {
            hearOf(protocol);
            assertThat(machine.outbound(inner()).outer().protocol()).isEqualTo(Ipv4Packet.IPIP);
        }
    }

    /// ... except that a tunnel for packets hears of those with labels, which another tunnel between the same ends
    /// must have sent.
    @Test
    void errorsAboutLabelledPacketsAreEachTunnels() {
        machine.tunnels(Specs.to(PEER));
        hearOf(Ipv4Packet.MPLS);
        Output output = machine.outbound(inner());
        assertThat(output.underlay()).hasSize(1);
        ForwardingRulesTest.assertTold(new Output(List.of(), output.overlay()), inner(), 3, 1, 0);
    }

    private static Ipv4Packet inner() {
        return Ipv4Packet.udp(INNER_HERE, INNER_THERE, 100);
    }

    private void hearOf(int protocol) {
        Ipv4Packet sent = Ipv4Packet.of(HERE, PEER, protocol, new byte[40]);
        assertLost(Ipv4Packet.icmp("198.51.100.9", HERE, 3, 1, 0, sent.octets()));
    }

    // ---- Control

    /// Which is said with the error number alone, or in Linux's words.
    @Test
    void otherKindsOfDevicesAreUnknown() {
        for (String kind : List.of("sit", "gre", "gretap", "vti")) {
            Ran ran = machine.ip("link add x1 type " + kind).getFirst();
            assertThat(ran.code()).as(kind).isEqualTo(2);
            assertThat(ran.err())
                    .as(kind)
                    .isIn("Error: Unknown device type.\n", "RTNETLINK answers: Operation not supported\n");
        }
        assertThat(machine.shown("-br link show")).doesNotContain("x1", "sit0", "gre0");
    }
}
