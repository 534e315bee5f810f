package adit.interop.rules;

import static adit.interop.rules.TunnelBox.HERE;
import static adit.interop.rules.TunnelBox.INNER6_HERE;
import static adit.interop.rules.TunnelBox.INNER6_THERE;
import static adit.interop.rules.TunnelBox.PEER;
import static org.assertj.core.api.Assertions.assertThat;

import adit.interop.rules.TunnelBox.Output;
import adit.tunnel.PathMtu;
import adit.tunnel.Tos;
import adit.tunnel.Ttl;
import adit.tunnel.TunnelSpec;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// IPv6 inside: what Linux leaves to its sit driver, and we to mode any.
@ParameterizedClass(name = "{0}")
@EnumSource(value = World.class, names = "NAMESPACE", mode = EnumSource.Mode.EXCLUDE)
class Ipv6RulesTest extends InWorlds {
    private static final TunnelSpec PLAIN = Specs.to(PEER);
    private static final String ROUTER = "198.51.100.9";
    private static final int IPV6 = 41;
    private static final int HEADER = Ipv6Packet.HEADER;
    private static final int PACKET_TOO_BIG = 2;
    private static final int UNREACHABLE = 1;
    private static final int ADDRESS_UNREACHABLE = 3;
    private static final int LARGEST_ERROR = 1280;

    private static Ipv4Packet outer(byte[] inner) {
        return Ipv4Packet.of(PEER, HERE, IPV6, inner);
    }

    @Test
    void putsTheInnerPacketUnchangedBehindOneHeader() {
        box.tunnel6(1480, PLAIN);
        byte[] inner = Ipv6Packet.udp(INNER6_HERE, INNER6_THERE, 0xb8, 33, 300);
        Ipv4Packet outer = box.outbound6(inner).outer();
        assertThat(outer.source()).isEqualTo(HERE);
        assertThat(outer.destination()).isEqualTo(PEER);
        assertThat(outer.protocol()).isEqualTo(IPV6);
        assertThat(outer.ttl()).isEqualTo(33);
        assertThat(outer.tos()).isZero();
        assertThat(outer.dontFragment()).isTrue();
        assertThat(outer.payload()).isEqualTo(inner);
        assertThat(box.statistics("t1")).isEqualTo(Map.of("tx_packets", 1L, "tx_bytes", 300L));
    }

    @Test
    void givesTheFixedTtl() {
        box.tunnel6(1480, PLAIN.ttl(Ttl.fixed(77)));
        assertThat(box.outbound6(Ipv6Packet.udp(100)).outer().ttl()).isEqualTo(77);
    }

    @Test
    void composesTheOuterTosAsForIpv4() {
        for (int configured : new int[] {0x01, 0x28}) {
            box.tunnel6(1480, PLAIN.tos(new Tos(configured)));
            for (int inner : new int[] {0x00, 0x01, 0x02, 0x03, 0xb8, 0xba, 0xff}) {
                int ecn = (inner & 3) == 3 ? 2 : inner & 3;
                int dscp = (configured & 1) != 0 ? inner & 0xfc : configured & 0xfc;
                assertThat(box.outbound6(Ipv6Packet.udp(INNER6_HERE, INNER6_THERE, inner, 64, 100))
                                .outer()
                                .tos())
                        .as("configured %02x, inner %02x", configured, inner)
                        .isEqualTo(dscp | ecn);
            }
        }
    }

    /// RFC 6040, section 4.2, with Linux's choice for ECT(1) outside.
    @Test
    void joinsTheTwoEcnFieldsAsForIpv4() {
        box.tunnel6(1480, PLAIN);
        int lost = -1;
        int[][] result = {
            // inner: NotECT, ECT1, ECT0, CE
            {0, 1, 2, 3}, // outer NotECT
            {0, 1, 1, 3}, // outer ECT1
            {0, 1, 2, 3}, // outer ECT0
            {lost, 3, 3, 3} // outer CE
        };
        for (int outerEcn = 0; outerEcn < 4; outerEcn++) {
            for (int innerEcn = 0; innerEcn < 4; innerEcn++) {
                byte[] inner = Ipv6Packet.udp(INNER6_THERE, INNER6_HERE, 0xb8 | innerEcn, 64, 100);
                Output output = box.inbound(outer(inner).withTos(0x28 | outerEcn));
                List<byte[]> expected = result[outerEcn][innerEcn] == lost
                        ? List.of()
                        : List.of(
                                Ipv6Packet.udp(INNER6_THERE, INNER6_HERE, 0xb8 | result[outerEcn][innerEcn], 64, 100));
                assertThat(output.overlay())
                        .as("outer %d, inner %d", outerEcn, innerEcn)
                        .hasSameSizeAs(expected);
                if (!expected.isEmpty()) {
                    assertThat(output.overlay().getFirst()).isEqualTo(expected.getFirst());
                }
            }
        }
    }

    @Test
    void saysWhatDoesNotFit() {
        box.tunnel6(1500, PLAIN);
        assertTold(box.outbound6(Ipv6Packet.udp(1481)), Ipv6Packet.udp(1481), PACKET_TOO_BIG, 0, 1480);
        assertThat(box.outbound6(Ipv6Packet.udp(1480)).outer().length()).isEqualTo(1500);
        assertThat(box.statistics("t1")).isEqualTo(Map.of("tx_packets", 1L, "tx_bytes", 1480L, "tx_errors", 1L));
    }

    @Test
    void fragmentsTheOuterPacketWhenItDoesNotDiscoverThePathMtu() {
        box.tunnel6(1500, PLAIN.pathMtu(PathMtu.IGNORE));
        List<Ipv4Packet> pieces = box.outbound6(Ipv6Packet.udp(1481)).outers();
        assertThat(pieces).extracting(Ipv4Packet::length).containsExactly(1500, 21);
        assertThat(pieces).noneMatch(Ipv4Packet::dontFragment);
    }

    @Test
    void learnsThePathMtu() {
        box.tunnel6(1480, PLAIN);
        Ipv4Packet sent = box.outbound6(Ipv6Packet.udp(1480)).outer();
        hear(3, 4, 1400, sent);
        assertThat(box.outbound6(Ipv6Packet.udp(1380)).outer().length()).isEqualTo(1400);
        assertTold(box.outbound6(Ipv6Packet.udp(1381)), Ipv6Packet.udp(1381), PACKET_TOO_BIG, 0, 1380);
    }

    /// An IPv6 sender can't be told to send less than 1280 octets, so routers have to fragment the outer
    /// packets.
    @Test
    void doesWithoutDontFragmentOnAPathThatIsTooNarrow() {
        box.tunnel6(1480, PLAIN);
        Ipv4Packet sent = box.outbound6(Ipv6Packet.udp(1480)).outer();
        hear(3, 4, 1200, sent);
        List<Ipv4Packet> pieces = box.outbound6(Ipv6Packet.udp(1280)).outers();
        assertThat(pieces).hasSize(2).noneMatch(Ipv4Packet::dontFragment);
        assertTold(box.outbound6(Ipv6Packet.udp(1281)), Ipv6Packet.udp(1281), PACKET_TOO_BIG, 0, 1280);
    }

    @Test
    void tellsTheSenderOfTheNextPacketThatThePeerCantBeReached() {
        box.tunnel6(1480, PLAIN);
        Ipv4Packet sent = box.outbound6(Ipv6Packet.udp(100)).outer();
        hear(3, 1, 0, sent);
        Output output = box.outbound6(Ipv6Packet.udp(100));
        assertThat(output.underlay()).hasSize(1);
        assertTold(new Output(List.of(), output.overlay()), Ipv6Packet.udp(100), UNREACHABLE, ADDRESS_UNREACHABLE, 0);
        assertThat(box.outbound6(Ipv6Packet.udp(100)).overlay()).isEmpty();
    }

    private void hear(int type, int code, int rest, Ipv4Packet about) {
        Ipv4Packet error = Ipv4Packet.icmp(ROUTER, HERE, type, code, rest, Arrays.copyOf(about.octets(), 28));
        assertThat(box.inbound(error).isEmpty()).isTrue();
    }

    /// The sender, and nobody else, has got this error, which quotes as much as may be.
    static void assertTold(Output output, byte[] about, int type, int code, int rest) {
        assertThat(output.underlay()).isEmpty();
        assertThat(output.overlay()).hasSize(1);
        byte[] error = output.overlay().getFirst();
        int quoted = Math.min(about.length, LARGEST_ERROR - HEADER - 8);
        assertThat(error).hasSize(HEADER + 8 + quoted);
        assertThat(error[6]).as("next header").isEqualTo((byte) 58);
        assertThat(Arrays.copyOfRange(error, 24, 40)).isEqualTo(Ipv4Packet.addressOctets(INNER6_HERE));
        ByteBuffer message = ByteBuffer.wrap(error, HEADER, error.length - HEADER);
        assertThat(message.get()).isEqualTo((byte) type);
        assertThat(message.get()).isEqualTo((byte) code);
        message.getShort();
        assertThat(message.getInt()).isEqualTo(rest);
        assertThat(Arrays.copyOfRange(error, HEADER + 8, error.length)).isEqualTo(Arrays.copyOf(about, quoted));
        assertThat(checksum(error)).as("checksum").isEqualTo(0xffff);
    }

    /// The sum of RFC 1071 over the pseudo-header and the message, which is all ones when it is right.
    private static int checksum(byte[] error) {
        int sum = 58 + error.length - HEADER;
        // From the addresses on, which the pseudo-header has too.
        for (int i = 8; i < error.length; i += 2) {
            sum += (error[i] & 0xff) << 8 | (i + 1 < error.length ? error[i + 1] & 0xff : 0);
        }
        while (sum >>> 16 != 0) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return sum;
    }
}
