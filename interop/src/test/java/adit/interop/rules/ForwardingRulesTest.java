package adit.interop.rules;

import static adit.interop.rules.TunnelBox.INNER_HERE;
import static adit.interop.rules.TunnelBox.INNER_THERE;
import static adit.interop.rules.TunnelBox.PEER;
import static org.assertj.core.api.Assertions.assertThat;

import adit.interop.rules.TunnelBox.Output;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// Packets that come in by one device, to be forwarded into a tunnel that does not take them: what the IP layer
/// in front of the tunnel does, and that the tunnel counts nothing of it.
@ParameterizedClass(name = "{0}")
@EnumSource(value = World.class, names = "ADIT", mode = EnumSource.Mode.EXCLUDE)
class ForwardingRulesTest extends InMachines {
    @BeforeEach
    void makeATunnel() {
        machine.tunnels(Specs.to(PEER));
    }

    private static Ipv4Packet packet(int length) {
        return Ipv4Packet.udp(INNER_HERE, INNER_THERE, length);
    }

    /// An ICMP error of the machine itself, about this packet as it came in.
    static void assertTold(Output output, Ipv4Packet about, int type, int code, int rest) {
        Ipv4Packet error = output.inner();
        assertThat(error.source()).isEqualTo(Machine.LAN);
        assertThat(error.destination()).isEqualTo(INNER_HERE);
        assertThat(error.tos()).isEqualTo(0xc0);
        assertThat(error.ttl()).isEqualTo(64);
        int quoted = Math.min(548, about.length());
        assertThat(error.length()).isEqualTo(28 + quoted);
        byte[] expected = Ipv4Packet.icmp(
                        "0.0.0.0", "0.0.0.0", type, code, rest, java.util.Arrays.copyOf(about.octets(), quoted))
                .payload();
        assertThat(error.payload()).isEqualTo(expected);
    }

    @Test
    void aPacketThatMayNotBeCutIsAnsweredBeforeTheTunnel() {
        Ipv4Packet inner = packet(1481).withFlagsAndOffset(Ipv4Packet.DONT_FRAGMENT);
        assertTold(machine.outbound(inner), inner.withTtl(inner.ttl() + 1), 3, 4, 1480);
        assertThat(machine.statistics("t1")).isEmpty();
    }

    /// The payload of 1461 octets is cut at a multiple of eight: 1456 and 5, each behind an inner and an outer header.
    @Test
    void othersAreCutToTheTunnelsMtuAndEachPieceGoesByItself() {
        List<Ipv4Packet> outer = machine.outbound(packet(1481)).outers();
        assertThat(outer).extracting(Ipv4Packet::length).containsExactly(1496, 45);
        assertThat(outer).allMatch(Ipv4Packet::dontFragment).noneMatch(Ipv4Packet::isFragment);
        assertThat(outer)
                .extracting(p -> Ipv4Packet.parse(p.payload()).flagsAndOffset())
                .containsExactly(Ipv4Packet.MORE_FRAGMENTS, 1456 / 8);
        assertThat(machine.statistics("t1")).isEqualTo(Map.of("tx_packets", 2L, "tx_bytes", 1476L + 25));
    }

    @Test
    void aTtlThatEndsIsAnsweredBeforeTheTunnel() {
        assertTold(machine.outbound(packet(100).withTtl(0)), packet(100).withTtl(1), 11, 0, 0);
        assertThat(machine.statistics("t1")).isEmpty();
    }

    @Test
    void aTunnelThatIsDownHasNoRoutes() {
        machine.down("t1");
        assertTold(machine.outbound(packet(100)), packet(100).withTtl(65), 3, 0, 0);
        assertThat(machine.statistics("t1")).isEmpty();
    }
}
