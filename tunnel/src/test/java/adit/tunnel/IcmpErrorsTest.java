package adit.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// ICMP errors of the underlay about our outer packets, and what the sender of the next inner packet hears.
class IcmpErrorsTest {
    private static final long SECOND = 1_000_000_000L;

    /// The outer packet that a router quotes: its header and `payload`.
    private static byte[] outer(int protocol, String destination, byte[] payload) {
        return Octet.ip4()
                .from("192.0.2.1")
                .to(destination)
                .protocol(protocol)
                .payload(payload)
                .build();
    }

    private static byte[] quote() {
        // Eight octets behind the header are all that many routers quote.
        return Arrays.copyOf(outer(4, "198.51.100.7", Octet.ip4().build()), 28);
    }

    private static byte[] message(int type, int code, byte[] quote) {
        byte[] header = new byte[8];
        header[0] = (byte) type;
        header[1] = (byte) code;
        Octet.put16(header, 2, Octet.checksum(header, quote));
        return Octet.join(header, quote);
    }

    private static void hear(Rig rig, byte[] message) {
        // Who sent the ICMP message does not matter.
        rig.receive(1, message, a -> a.source = 0x0a636363);
    }

    @ParameterizedTest
    @CsvSource({
        "3, 0, counted, counted",
        "3, 1, counted, counted",
        "3, 2, counted, counted",
        "3, 3, counted, counted",
        "3, 4, -, -",
        "3, 5, -, -",
        "3, 6, counted, counted",
        "3, 7, counted, counted",
        "3, 8, counted, counted",
        "3, 9, counted, counted",
        "3, 10, counted, counted",
        "3, 11, counted, counted",
        "3, 12, counted, counted",
        "3, 13, counted, counted",
        "3, 14, counted, counted",
        "3, 15, counted, counted",
        "3, 16, -, -",
        "4, 0, -, -",
        "5, 0, -, -",
        "5, 1, -, -",
        "11, 0, -, counted",
        "11, 1, -, -",
        "12, 0, -, -",
        "12, 1, -, -",
        "0, 0, -, -",
        "8, 0, -, -",
        "13, 0, -, -",
        "255, 0, -, -",
    })
    void countAsTheTableSays(int type, int code, String inheritedTtl, String fixedTtl) {
        for (Ttl ttl : new Ttl[] {Ttl.INHERIT, Ttl.fixed(64)}) {
            boolean counted = (ttl.inherited() ? inheritedTtl : fixedTtl).equals("counted");
            try (Rig rig = new Rig(Rig.spec().ttl(ttl))) {
                hear(rig, message(type, code, quote()));
                assertThat(rig.tunnel.errors().count()).isEqualTo(counted ? 1 : 0);
                assertThat(rig.overlay.sent).as("relayed at once").isEmpty();
                Map<String, Long> expected = new TreeMap<>(Map.of("stray ICMP_HEARD", 1L));
                if (counted) {
                    expected.put("ICMP_NOTED", 1L);
                }
                assertThat(rig.counted()).isEqualTo(expected);
            }
        }
    }

    @Test
    void areToldToTheSenderOfTheNextInnerPacketWhichIsStillSent() {
        try (Rig rig = new Rig(Rig.spec())) {
            hear(rig, message(3, 1, quote()));
            byte[] inner = Octet.ip4().tos(0x28).build();
            rig.send(inner);
            assertThat(rig.sent().hex()).isEqualTo(Octet.hex(inner));
            byte[] told = rig.delivered().octets();
            // 10.2.0.2 to 10.1.0.1, total length 112, TOS 0xc8, TTL 64: host unreachable, quoting all 84 octets.
            assertThat(Octet.hex(told)).startsWith("45c80070").contains(Octet.hex(inner));
            assertThat(Octet.hex(Arrays.copyOfRange(told, 6, 10))).isEqualTo("00004001");
            assertThat(Octet.hex(Arrays.copyOfRange(told, 12, 22))).isEqualTo("0a020002" + "0a010001" + "0301");
            assertThat(Octet.hex(Arrays.copyOfRange(told, 24, 28))).isEqualTo("00000000");
            assertThat(Octet.checksum(Arrays.copyOf(told, 20))).isZero();
            assertThat(Octet.checksum(Arrays.copyOfRange(told, 20, 112))).isZero();
            assertThat(rig.counted())
                    .isEqualTo(Map.of(
                            "stray ICMP_HEARD", 1L,
                            "ICMP_NOTED", 1L,
                            "TOLD_UNREACHABLE", 1L,
                            "tx_packets", 1L,
                            "tx_bytes", 84L));
        }
    }

    @Test
    void areToldOncePerErrorThatWasCounted() {
        try (Rig rig = new Rig(Rig.spec())) {
            hear(rig, message(3, 1, quote()));
            hear(rig, message(3, 3, quote()));
            for (int i = 0; i < 5; i++) {
                rig.send(Octet.ip4().build());
            }
            assertThat(rig.overlay.sent).hasSize(2);
            assertThat(rig.underlay.sent).hasSize(5);
        }
    }

    @ParameterizedTest
    @CsvSource({"29_999, 1", "30_001, 0"})
    void areForgottenAfter30Seconds(String millis, int told) {
        try (Rig rig = new Rig(Rig.spec())) {
            hear(rig, message(3, 1, quote()));
            rig.now += Long.parseLong(millis.replace("_", "")) * 1_000_000;
            rig.send(Octet.ip4().build());
            assertThat(rig.overlay.sent).hasSize(told);
            assertThat(rig.tunnel.errors().count()).isZero();
            assertThat(rig.underlay.sent).hasSize(1);
        }
    }

    @Test
    void startAgainFromOneWhenTheLastWasForgotten() {
        try (Rig rig = new Rig(Rig.spec())) {
            hear(rig, message(3, 1, quote()));
            hear(rig, message(3, 1, quote()));
            rig.now += 31 * SECOND;
            hear(rig, message(3, 1, quote()));
            assertThat(rig.tunnel.errors().count()).isEqualTo(1);
        }
    }

    @Test
    void areNotToldAboutAPacketThatIsTooBig() {
        try (Rig rig = new Rig(Rig.spec())) {
            hear(rig, message(3, 1, quote()));
            rig.send(Octet.ip4().df().length(1481).build());
            assertThat(Octet.hex(rig.delivered().octets()).substring(40, 44)).isEqualTo("0304");
            assertThat(rig.tunnel.errors().count()).isEqualTo(1);
        }
    }

    @Test
    void areToldToAnIpv6SenderAsAddressUnreachable() {
        try (Rig rig = new Rig(Rig.spec().mode(Mode.ANY))) {
            hear(rig, message(3, 1, quote()));
            byte[] inner = Octet.ip6().build();
            rig.send(inner);
            assertThat(rig.underlay.sent).hasSize(1);
            String told = rig.delivered().hex();
            // 8 octets of ICMPv6 and 104 quoted; next header 58, hop limit 64.
            assertThat(told).startsWith("60000000" + "00703a40").endsWith(Octet.hex(inner));
            assertThat(told.substring(80, 84)).isEqualTo("0103");
        }
    }

    @Test
    void areConsumedByALabelledPacketThatNobodyCanBeToldAbout() {
        try (Rig rig = new Rig(Rig.spec().mode(Mode.MPLSIP))) {
            hear(rig, message(3, 1, Arrays.copyOf(outer(137, "198.51.100.7", Octet.labelled()), 28)));
            rig.send(Octet.labelled());
            assertThat(rig.underlay.sent).hasSize(1);
            assertThat(rig.overlay.sent).isEmpty();
            assertThat(rig.tunnel.errors().count()).isZero();
            assertThat(rig.counted()).containsEntry("NOT_TOLD", 1L);
        }
    }

    @Test
    void aboutAnotherRemoteAddressDoNotCount() {
        try (Rig rig = new Rig(Rig.spec())) {
            hear(rig, message(3, 1, outer(4, "198.51.100.8", Octet.ip4().build())));
            assertThat(rig.counted()).isEqualTo(Map.of("stray ICMP_HEARD", 1L));
        }
    }

    @Test
    void doNotCountWithoutARemoteAddress() {
        try (Rig rig = new Rig(TunnelSpec.of("t1", Rig.HERE, adit.wire.Ip4Address.ANY))) {
            hear(rig, message(3, 1, quote()));
            assertThat(rig.tunnel.errors().count()).isZero();
            assertThat(rig.counted()).isEqualTo(Map.of("stray ICMP_HEARD", 1L));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "fou, 17, 7001, counted",
        "fou, 17, 53, -",
        "fou, 6, 7001, -",
        "fou, 4, 7001, -",
        "gue, 17, 7001, counted",
        "gue, 17, 53, -",
        "gue, 137, 7001, -",
        "direct, 4, 0, counted",
        "direct, 41, 0, counted",
        "direct, 137, 0, counted",
        "direct, 17, 7001, -",
        "direct, 6, 80, -",
        "direct, 1, 0, -",
    })
    void countOnlyIfTheQuotedPacketIsOneOfTheCarriers(String carrier, int protocol, int port, String counted) {
        TunnelSpec spec = Rig.spec()
                .mode(Mode.ANY)
                .carrier(
                        switch (carrier) {
                            case "fou" -> new Carrier.Fou(7000, 7001, Carrier.UdpChecksum.OFF);
                            case "gue" -> new Carrier.Gue(7000, 7001, Carrier.UdpChecksum.OFF);
                            default -> new Carrier.Direct();
                        });
        byte[] payload = Octet.payload(8);
        Octet.put16(payload, 2, port);
        try (Rig rig = new Rig(spec)) {
            hear(rig, message(3, 3, outer(protocol, "198.51.100.7", payload)));
            assertThat(rig.tunnel.errors().count()).isEqualTo(counted.equals("counted") ? 1 : 0);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 8, 9, 27, 28, 35})
    void thatAreCutShortAreIgnored(int length) {
        try (Rig rig = new Rig(Rig.spec())) {
            hear(rig, Arrays.copyOf(message(3, 1, quote()), length));
            assertThat(rig.tunnel.errors().count()).isZero();
            assertThat(rig.counted()).isEqualTo(Map.of("stray ICMP_HEARD", 1L));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0x40, 0x44, 0x46, 0x4f, 0x55, 0x65, 0xff})
    void thatQuoteALyingHeaderAreIgnored(int versionAndIhl) {
        try (Rig rig = new Rig(Rig.spec())) {
            byte[] quote = quote();
            quote[0] = (byte) versionAndIhl;
            hear(rig, message(3, 1, quote));
            assertThat(rig.tunnel.errors().count()).isZero();
        }
    }

    @Test
    void findTheirTunnelBehindOptionsInTheOuterHeader() {
        try (Rig rig = new Rig(Rig.spec())) {
            byte[] plain = quote();
            byte[] quote = Octet.join(Arrays.copyOf(plain, 20), Octet.hex("01010100"), Octet.payload(8));
            quote[0] = 0x46;
            hear(rig, message(3, 1, quote));
            assertThat(rig.tunnel.errors().count()).isEqualTo(1);
        }
    }

    @Test
    void areLimitedInRateWhenTold() {
        try (Rig rig = new Rig(Rig.spec(), b -> b.replyLimit(new RateLimit(1, 2)))) {
            for (int i = 0; i < 5; i++) {
                hear(rig, message(3, 1, quote()));
            }
            for (int i = 0; i < 5; i++) {
                rig.send(Octet.ip4().build());
            }
            assertThat(rig.overlay.sent).hasSize(2);
            assertThat(rig.counted()).containsEntry("TOLD_UNREACHABLE", 2L).containsEntry("NOT_TOLD", 3L);
        }
    }
}
