package adit.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import adit.packet.Refusal;
import adit.packet.TunnelMetadata;
import adit.underlay.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Packets that are too large for the path.
class OversizeTest {
    private static final Map<String, Long> TOLD = Map.of("TOO_BIG", 1L, "TOLD_TOO_BIG", 1L, "tx_errors", 1L);
    private static final Map<String, Long> SILENT = Map.of("TOO_BIG_OUTSIDE", 1L, "tx_dropped", 1L);

    private static Map<String, Long> passed(long octets) {
        return Map.of("tx_packets", 1L, "tx_bytes", octets);
    }

    /// The MTU in an ICMP error for IPv4 or IPv6.
    private static int mtuIn(RecordingPort.Packet error) {
        byte[] e = error.octets();
        if (e[0] >> 4 == 4) {
            assertThat(e[9]).as("protocol").isEqualTo((byte) 1);
            assertThat(Octet.u16(e, 20)).as("type and code").isEqualTo(0x0304);
            return Octet.u16(e, 26);
        }
        assertThat(e[6]).as("next header").isEqualTo((byte) 58);
        assertThat(Octet.u16(e, 40)).as("type and code").isEqualTo(0x0200);
        return Octet.u16(e, 44) << 16 | Octet.u16(e, 46);
    }

    private static Carrier carrier(String name) {
        return switch (name) {
            case "fou" -> new Carrier.Fou(5555, 5555, Carrier.UdpChecksum.OFF);
            case "gue" -> new Carrier.Gue(6080, 6080, Carrier.UdpChecksum.OFF);
            default -> new Carrier.Direct();
        };
    }

    @ParameterizedTest
    @CsvSource({"direct, 1480", "fou, 1472", "gue, 1468"})
    void theLimitIsThePathWithoutTheOuterHeaders(String carrier, int limit) {
        TunnelSpec spec = Rig.spec().carrier(carrier(carrier));
        try (Rig rig = new Rig(spec)) {
            rig.overlay.mtu = 1500;
            rig.send(Octet.ip4().df().length(limit).build());
            assertThat(rig.counted()).isEqualTo(passed(limit));
        }
        try (Rig rig = new Rig(spec)) {
            rig.overlay.mtu = 1500;
            rig.send(Octet.ip4().df().length(limit + 1).build());
            assertThat(rig.underlay.sent).isEmpty();
            assertThat(mtuIn(rig.delivered())).isEqualTo(limit);
            assertThat(rig.counted()).isEqualTo(TOLD);
        }
    }

    @Test
    void pmtudiscDropsSilentlyWhatTheSenderAllowedToFragment() {
        try (Rig rig = new Rig(Rig.spec())) {
            rig.overlay.mtu = 1500;
            rig.send(Octet.ip4().length(1481).build());
            assertThat(rig.underlay.sent).isEmpty();
            assertThat(rig.overlay.sent).isEmpty();
            assertThat(rig.counted()).isEqualTo(SILENT);
        }
    }

    @Test
    void nopmtudiscSendsWhatTheSenderAllowedToFragment() {
        try (Rig rig = new Rig(Rig.spec().pathMtu(PathMtu.IGNORE))) {
            rig.overlay.mtu = 1500;
            rig.send(Octet.ip4().length(1481).build());
            assertThat(rig.sent().dontFragment()).isFalse();
            assertThat(rig.counted()).isEqualTo(passed(1481));
        }
    }

    @Test
    void nopmtudiscTellsTheSenderOfAPacketWithDf() {
        try (Rig rig = new Rig(Rig.spec().pathMtu(PathMtu.IGNORE))) {
            rig.overlay.mtu = 1500;
            rig.send(Octet.ip4().df().length(1481).build());
            assertThat(rig.underlay.sent).isEmpty();
            assertThat(mtuIn(rig.delivered())).isEqualTo(1480);
            assertThat(rig.counted()).isEqualTo(TOLD);
        }
    }

    @Test
    void externalModeSendsWhatFitsTheDeviceAndLetsItBeFragmented() {
        try (Rig rig = new Rig(TunnelSpec.external("t1"))) {
            rig.overlay.mtu = 1500;
            rig.send(Octet.ip4().df().length(1481).build(), 0x0800, p -> {
                p.metadata().direction = TunnelMetadata.Direction.TRANSMIT;
                p.metadata().destination = Rig.THERE.bits();
            });
            assertThat(rig.sent().dontFragment()).isFalse();
            assertThat(rig.overlay.sent).isEmpty();
            assertThat(rig.counted()).isEqualTo(passed(1481));
        }
    }

    @Test
    void externalModeTellsTheSenderWhenTheMetadataForbidsFragments() {
        try (Rig rig = new Rig(TunnelSpec.external("t1"))) {
            rig.overlay.mtu = 1500;
            rig.send(Octet.ip4().df().length(1481).build(), 0x0800, p -> {
                p.metadata().direction = TunnelMetadata.Direction.TRANSMIT;
                p.metadata().destination = Rig.THERE.bits();
                p.metadata().dontFragment = true;
            });
            assertThat(mtuIn(rig.delivered())).isEqualTo(1480);
            assertThat(rig.counted()).isEqualTo(TOLD);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "DISCOVER, 1, 1280, passed", "DISCOVER, 1, 1281, told",
        "DISCOVER, 0, 1281, silent", "IGNORE, 0, 1281, passed",
        "IGNORE, 1, 1281, told",
    })
    void followsAPathMtuOf1300ThatWasLearned(PathMtu pathMtu, int df, int length, String outcome) {
        try (Rig rig = new Rig(Rig.spec().pathMtu(pathMtu))) {
            rig.underlay.path = Path.of(1300, 1);
            Octet.Ip4 inner = Octet.ip4().length(length);
            rig.send(df == 1 ? inner.df().build() : inner.build());
            switch (outcome) {
                case "told" -> {
                    assertThat(mtuIn(rig.delivered())).isEqualTo(1280);
                    assertThat(rig.counted()).isEqualTo(TOLD);
                }
                case "silent" -> assertThat(rig.counted()).isEqualTo(SILENT);
                default -> assertThat(rig.counted()).isEqualTo(passed(length));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 532, passed", "1, 533, told", "0, 1400, passed"})
    void followsALockedMtuOf552AndLetsTheRestBeFragmented(int df, int length, String outcome) {
        try (Rig rig = new Rig(Rig.spec())) {
            rig.underlay.path = new Path(552, Path.Pinned.YES, 1);
            Octet.Ip4 inner = Octet.ip4().length(length);
            rig.send(df == 1 ? inner.df().build() : inner.build());
            if (outcome.equals("told")) {
                assertThat(mtuIn(rig.delivered())).isEqualTo(532);
                assertThat(rig.counted()).isEqualTo(TOLD);
            } else {
                assertThat(rig.sent().dontFragment()).isFalse();
                assertThat(rig.counted()).isEqualTo(passed(length));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"DISCOVER, 1480", "DISCOVER, 1500", "IGNORE, 1480"})
    void tellsAnIpv6SenderByPacketTooBig(PathMtu pathMtu, int deviceMtu) {
        try (Rig rig = new Rig(Rig.spec().mode(Mode.ANY).pathMtu(pathMtu))) {
            rig.overlay.mtu = deviceMtu;
            rig.send(Octet.ip6().length(1481).build());
            assertThat(rig.underlay.sent).isEmpty();
            assertThat(mtuIn(rig.delivered())).isEqualTo(1480);
            assertThat(rig.delivered().octets()).hasSize(1280);
            assertThat(rig.counted()).isEqualTo(TOLD);
        }
    }

    @Test
    void nopmtudiscOnALargerDeviceSendsIpv6ToBeFragmented() {
        try (Rig rig = new Rig(Rig.spec().mode(Mode.ANY).pathMtu(PathMtu.IGNORE))) {
            rig.overlay.mtu = 1500;
            rig.send(Octet.ip6().length(1481).build());
            assertThat(rig.sent().dontFragment()).isFalse();
            assertThat(rig.counted()).isEqualTo(passed(1481));
        }
    }

    // RFC 4213 section 3.2.2: on a path too narrow for 1280 octets, larger ones are answered and the rest fragmented.
    @Test
    void neverTellsAnIpv6SenderLessThan1280() {
        try (Rig rig = new Rig(Rig.spec().mode(Mode.ANY))) {
            rig.underlay.path = Path.of(1000, 1);
            rig.send(Octet.ip6().length(1281).build());
            assertThat(mtuIn(rig.delivered())).isEqualTo(1280);
            rig.send(Octet.ip6().length(1280).build());
            assertThat(rig.sent().dontFragment()).isFalse();
        }
    }

    @Test
    void dropsALabelledPacketSilently() {
        try (Rig rig = new Rig(Rig.spec().mode(Mode.MPLSIP))) {
            rig.send(Octet.join(Octet.hex("00064107"), Octet.ip4().length(1477).build()));
            assertThat(rig.overlay.sent).isEmpty();
            assertThat(rig.counted()).isEqualTo(SILENT);
        }
    }

    @Test
    void tellsTheSenderWhenThePathBecameNarrowerBetweenAskingAndSending() {
        try (Rig rig = new Rig(Rig.spec().carrier(carrier("gue")))) {
            byte[] inner = Octet.ip4().df().length(1400).build();
            rig.underlay.refusal = n -> {
                rig.underlay.path = Path.of(1332, 1);
                return Refusal.TOO_BIG;
            };
            rig.send(inner);
            assertThat(mtuIn(rig.delivered())).isEqualTo(1300);
            assertThat(rig.delivered().hex()).contains(Octet.hex(inner).substring(0, 1096));
            assertThat(rig.counted()).isEqualTo(TOLD);
        }
    }
}
