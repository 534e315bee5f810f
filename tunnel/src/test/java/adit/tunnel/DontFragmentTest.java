package adit.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import adit.packet.TunnelMetadata;
import adit.underlay.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The DF bit of outer packets.
class DontFragmentTest {
    private static Octet.Ip4 inner(int df) {
        return df == 1 ? Octet.ip4().df() : Octet.ip4();
    }

    @ParameterizedTest
    @CsvSource({
        "DISCOVER, 0, 0, true", "DISCOVER, 0, 1, true",
        "DISCOVER, 64, 0, true", "DISCOVER, 64, 1, true",
        "IGNORE, 0, 0, false", "IGNORE, 0, 1, true",
    })
    void followsPathMtuDiscoveryAndTheInnerPacket(PathMtu pathMtu, int ttl, int innerDf, boolean outerDf) {
        TunnelSpec spec = Rig.spec().pathMtu(pathMtu).ttl(new Ttl(ttl));
        try (Rig rig = new Rig(spec)) {
            rig.send(inner(innerDf).build());
            assertThat(rig.sent().dontFragment()).isEqualTo(outerDf);
        }
    }

    @ParameterizedTest
    @CsvSource({"0, false, false", "1, false, false", "0, true, true", "1, true, true"})
    void followsTheMetadataAloneInExternalMode(int innerDf, boolean metadataDf, boolean outerDf) {
        try (Rig rig = new Rig(TunnelSpec.external("t1"))) {
            rig.send(inner(innerDf).build(), 0x0800, p -> {
                p.metadata().direction = TunnelMetadata.Direction.TRANSMIT;
                p.metadata().destination = Rig.THERE.bits();
                p.metadata().dontFragment = metadataDf;
            });
            assertThat(rig.sent().dontFragment()).isEqualTo(outerDf);
        }
    }

    @ParameterizedTest
    @CsvSource({"DISCOVER, 0", "DISCOVER, 1", "IGNORE, 0", "IGNORE, 1"})
    void isNeverSetOnAPathWithALockedMtu(PathMtu pathMtu, int innerDf) {
        try (Rig rig = new Rig(Rig.spec().pathMtu(pathMtu))) {
            rig.underlay.path = new Path(552, Path.Pinned.YES, 1);
            rig.send(inner(innerDf).build());
            assertThat(rig.sent().dontFragment()).isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource({"DISCOVER, true", "IGNORE, false"})
    void followsPathMtuDiscoveryAloneForWhatHasNoSuchBit(PathMtu pathMtu, boolean outerDf) {
        try (Rig rig = new Rig(Rig.spec().mode(Mode.ANY).pathMtu(pathMtu))) {
            rig.send(Octet.labelled());
            rig.send(Octet.ip6().build());
            assertThat(rig.underlay.sent)
                    .extracting(RecordingUnderlay.Packet::dontFragment)
                    .containsExactly(outerDf, outerDf);
        }
    }

    @Test
    void isNotSetWhereTheSmallestIpv6PacketWouldNotFit() {
        try (Rig rig = new Rig(Rig.spec().mode(Mode.ANY))) {
            rig.underlay.path = Path.of(1299, 1);
            rig.send(Octet.ip6().length(1280).build());
            assertThat(rig.sent().dontFragment()).isFalse();
        }
        try (Rig rig = new Rig(Rig.spec().mode(Mode.ANY))) {
            rig.underlay.path = Path.of(1300, 1);
            rig.send(Octet.ip6().length(1280).build());
            assertThat(rig.sent().dontFragment()).isTrue();
        }
    }
}
