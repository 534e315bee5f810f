package adit.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import adit.packet.Addressing;
import adit.packet.PacketBuffer;
import adit.wire.Ip4Address;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Packets from the underlay that are for no tunnel, and what their senders hear.
class NoTunnelTest {
    private static Octet.Ip4 outer(int protocol, byte[] payload) {
        return Octet.ip4()
                .from("203.0.113.9")
                .to("192.0.2.1")
                .ttl(60)
                .protocol(protocol)
                .payload(payload);
    }

    private static byte[] udp(int port, byte[] payload) {
        byte[] header = new byte[8];
        Octet.put16(header, 0, 40000);
        Octet.put16(header, 2, port);
        Octet.put16(header, 4, 8 + payload.length);
        return Octet.join(header, payload);
    }

    /// The ICMP message that is due: type 3, this code, and as much of the packet as makes 576 octets with an
    /// IP header.
    private static String unreachable(int code, byte[] quoted) {
        byte[] quote = Arrays.copyOf(quoted, Math.min(quoted.length, 548));
        byte[] header = new byte[8];
        header[0] = 3;
        header[1] = (byte) code;
        Octet.put16(header, 2, Octet.checksum(header, quote));
        return Octet.hex(Octet.join(header, quote));
    }

    private static void assertTold(Rig rig, int code, byte[] quoted) {
        RecordingUnderlay.Packet told = rig.sent();
        assertThat(told.hex()).isEqualTo(unreachable(code, quoted));
        assertThat(told.source()).isEqualTo("192.0.2.1");
        assertThat(told.destination()).isEqualTo("203.0.113.9");
        assertThat(told.protocol()).isEqualTo(1);
        assertThat(told.ttl()).isEqualTo(64);
        assertThat(told.dontFragment()).isFalse();
        assertThat(rig.overlay.sent).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"4", "41", "137"})
    void arePortUnreachableForEveryProtocolOfATunnel(int protocol) {
        try (Rig rig = new Rig(Rig.spec().mode(Mode.ANY))) {
            byte[] inner = protocol == 41 ? Octet.ip6().build() : Octet.ip4().build();
            byte[] outer = outer(protocol, inner).build();
            rig.receiveWhole(outer);
            assertTold(rig, 3, outer);
            assertThat(rig.sent().tos()).isEqualTo(0xc0);
            assertThat(rig.counted()).isEqualTo(Map.of("stray NO_TUNNEL", 1L, "stray TOLD_NO_TUNNEL", 1L));
        }
    }

    @Test
    void areToldOfAsOftenAsIsSaid() {
        try (Rig rig = new Rig(Rig.spec())) {
            Inbound inbound = Inbound.of(rig.underlay, rig.pool)
                    .replyLimit(new RateLimit(1, 2))
                    .build();
            inbound.serve(TunnelTable.of(List.of(rig.tunnel)), t -> rig.overlay);
            arrive(rig, 5);
            inbound.turn(rig.now);
            assertThat(rig.underlay.sent).hasSize(2);
            arrive(rig, 5);
            inbound.turn(rig.now + 1_000_000_000L);
            assertThat(rig.underlay.sent).hasSize(3);
            assertThat(inbound.strays().drops(Drop.NO_TUNNEL)).isEqualTo(10);
            assertThat(inbound.strays().events(Event.TOLD_NO_TUNNEL)).isEqualTo(3);
        }
    }

    /// So many packets from a stranger that wait to be received.
    private static void arrive(Rig rig, int count) {
        byte[] outer = outer(4, Octet.ip4().build()).build();
        for (int i = 0; i < count; i++) {
            PacketBuffer p = rig.buffer(outer);
            Addressing a = p.addressing();
            a.source = Ip4Address.parse("203.0.113.9").bits();
            a.destination = Rig.HERE.bits();
            a.protocol = 4;
            a.timeToLive = 60;
            a.outerHeaderLength = 20;
            p.pull(20);
            rig.underlay.arrived.add(p);
        }
    }

    @Test
    void areQuotedUpTo576Octets() {
        try (Rig rig = new Rig(Rig.spec())) {
            byte[] outer = outer(4, Octet.ip4().length(1400).build()).tos(0xb8).build();
            rig.receiveWhole(outer);
            assertTold(rig, 3, outer);
            assertThat(rig.sent().octets()).hasSize(556);
            assertThat(rig.sent().tos()).isEqualTo(0xd8);
        }
    }

    @Test
    void areProtocolUnreachableForAProtocolThatNoTunnelUses() {
        try (Rig rig = new Rig(Rig.spec())) {
            byte[] outer = outer(47, Octet.payload(30)).build();
            rig.receiveWhole(outer);
            assertTold(rig, 2, outer);
            assertThat(rig.counted()).isEqualTo(Map.of("stray UNKNOWN_PROTOCOL", 1L, "stray TOLD_NO_TUNNEL", 1L));
        }
    }

    static List<String[]> kernelRows() {
        return Recorded.rows("kernel_icmp_protocol_unreachable.tsv");
    }

    @ParameterizedTest
    @MethodSource("kernelRows")
    void areAnsweredWithTheOctetsOfTheKernel(String packet, String answer) {
        // The kernel of the recording had no tunnel driver and so said "protocol"; that is the code of its message,
        // and the checksum is one more for it.
        byte[] expected = Arrays.copyOfRange(Octet.hex(answer), 20, answer.length() / 2);
        assertThat(expected[1]).isEqualTo((byte) 2);
        expected[1] = 3;
        Octet.put16(expected, 2, Octet.u16(expected, 2) - 1);
        try (Rig rig = new Rig(Rig.spec())) {
            rig.receiveWhole(Octet.hex(packet));
            assertThat(rig.sent().hex()).isEqualTo(Octet.hex(expected));
            assertThat(rig.sent().tos()).isEqualTo(Octet.hex(answer)[1] & 0xff);
            assertThat(rig.sent().ttl()).isEqualTo(Octet.hex(answer)[8]);
        }
    }

    @ParameterizedTest
    @CsvSource({"fou", "gue"})
    void areAnsweredOverUdpTooQuotingTheUdpHeader(String carrier) {
        boolean gue = carrier.equals("gue");
        TunnelSpec spec = Rig.spec()
                .carrier(
                        gue
                                ? new Carrier.Gue(7000, 7001, Carrier.UdpChecksum.OFF)
                                : new Carrier.Fou(7000, 7001, Carrier.UdpChecksum.OFF));
        try (Rig rig = new Rig(spec)) {
            byte[] inner = Octet.ip4().build();
            byte[] outer = outer(17, udp(7000, gue ? Octet.join(Octet.hex("00040000"), inner) : inner))
                    .build();
            rig.receiveWhole(outer);
            assertTold(rig, 3, outer);
            assertThat(rig.counted()).isEqualTo(Map.of("stray NO_TUNNEL", 1L, "stray TOLD_NO_TUNNEL", 1L));
        }
    }

    @Test
    void areProtocolUnreachableWhenGueNamesAnUnknownProtocol() {
        try (Rig rig = new Rig(Rig.spec().carrier(new Carrier.Gue(7000, 7001, Carrier.UdpChecksum.OFF)))) {
            byte[] outer = outer(17, udp(7000, Octet.join(Octet.hex("002f0000"), Octet.payload(30))))
                    .build();
            rig.receiveWhole(outer);
            assertTold(rig, 2, outer);
            assertThat(rig.counted()).isEqualTo(Map.of("stray UNKNOWN_PROTOCOL", 1L, "stray TOLD_NO_TUNNEL", 1L));
        }
    }

    @Test
    void arePortUnreachableOnAPortOfNoTunnel() {
        try (Rig rig = new Rig(Rig.spec())) {
            byte[] outer = outer(17, udp(7000, Octet.ip4().build())).build();
            rig.receiveWhole(outer);
            assertTold(rig, 3, outer);
            assertThat(rig.counted()).isEqualTo(Map.of("stray UNKNOWN_PORT", 1L, "stray TOLD_NO_TUNNEL", 1L));
        }
    }

    @Test
    void areAnsweredByTheInterfaceThatTheyCameBy() {
        try (Rig rig = new Rig(Rig.spec())) {
            byte[] outer = outer(4, Octet.ip4().build()).build();
            rig.receiveWhole(outer, a -> a.link = 5);
            assertThat(rig.sent().link()).isEqualTo(5);
        }
    }

    @Test
    void areNotAnsweredWhereTheUnderlayHidesTheOuterHeader() {
        try (Rig rig = new Rig(Rig.spec())) {
            rig.receive(4, Octet.ip4().build(), a -> a.source = 0x0a0b0c0d);
            assertThat(rig.underlay.sent).isEmpty();
            assertThat(rig.counted()).isEqualTo(Map.of("stray NO_TUNNEL", 1L, "stray NOT_TOLD", 1L));
        }
    }

    static Stream<Octet.Ip4> unanswerable() {
        return Stream.of(
                outer(4, Octet.ip4().build()).from("0.0.0.0"),
                outer(4, Octet.ip4().build()).from("127.0.0.1"),
                outer(4, Octet.ip4().build()).from("224.0.0.5"),
                outer(4, Octet.ip4().build()).from("255.255.255.255"),
                outer(4, Octet.ip4().build()).to("224.0.0.5"),
                outer(4, Octet.ip4().build()).to("255.255.255.255"),
                outer(4, Octet.ip4().build()).fragmentAt(1480));
    }

    @ParameterizedTest
    @MethodSource("unanswerable")
    void areNotAnsweredWhenTheRulesForbidIt(Octet.Ip4 outer) {
        try (Rig rig = new Rig(Rig.spec())) {
            rig.receiveWhole(outer.build());
            assertThat(rig.underlay.sent).isEmpty();
            assertThat(rig.counted()).isEqualTo(Map.of("stray NO_TUNNEL", 1L, "stray NOT_TOLD", 1L));
        }
    }

    @Test
    void areAnsweredAtALimitedRate() {
        try (Rig rig = new Rig(Rig.spec())) {
            for (int i = 0; i < 60; i++) {
                rig.receiveWhole(outer(4, Octet.ip4().build()).build());
            }
            assertThat(rig.underlay.sent).as("the first burst").hasSize(50);
            rig.now += 3_000_000;
            for (int i = 0; i < 60; i++) {
                rig.receiveWhole(outer(4, Octet.ip4().build()).build());
            }
            assertThat(rig.underlay.sent).as("three milliseconds later").hasSize(53);
            assertThat(rig.counted())
                    .isEqualTo(Map.of("stray NO_TUNNEL", 120L, "stray TOLD_NO_TUNNEL", 53L, "stray NOT_TOLD", 67L));
        }
    }

    @Test
    void includeThoseForATunnelThatIsDown() {
        try (Rig rig = new Rig(Rig.spec())) {
            rig.tunnel.up(false);
            rig.receive(4, Octet.ip4().build());
            assertThat(rig.counted()).containsEntry("stray NO_TUNNEL", 1L);
        }
    }
}
