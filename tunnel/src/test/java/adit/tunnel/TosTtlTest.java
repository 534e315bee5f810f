package adit.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// TTL, DSCP and ECN of outer packets.
class TosTtlTest {
    private static RecordingUnderlay.Packet sent(TunnelSpec spec, byte[] inner) {
        try (Rig rig = new Rig(spec)) {
            rig.send(inner);
            return rig.sent();
        }
    }

    static List<String[]> kernelRows() {
        return Recorded.rows("kernel_tos_ttl_encapsulation.tsv");
    }

    @ParameterizedTest
    @MethodSource("kernelRows")
    void choosesTosAndTtlAsTheKernelDoes(
            String tos, String ttl, int version, int innerTos, int innerTtl, int outerTos, String outerTtl) {
        TunnelSpec spec = Rig.spec()
                .mode(Mode.ANY)
                .tos(tos.equals("inherit") ? Tos.INHERIT : new Tos(Integer.parseInt(tos)))
                .ttl(ttl.equals("-") || ttl.equals("inherit") ? Ttl.INHERIT : Ttl.fixed(Integer.parseInt(ttl)));
        byte[] inner = version == 4
                ? Octet.ip4().tos(innerTos).ttl(innerTtl).build()
                : Octet.ip6().trafficClass(innerTos).hopLimit(innerTtl).build();
        RecordingUnderlay.Packet sent = sent(spec, inner);
        assertThat(sent.tos()).isEqualTo(outerTos);
        if (!outerTtl.equals("-")) {
            assertThat(sent.ttl()).isEqualTo(Integer.parseInt(outerTtl));
        }
        assertThat(sent.hex()).as("inner packet").isEqualTo(Octet.hex(inner));
    }

    @Test
    void inheritsTheTtlOfAnInnerIpv4Packet() {
        assertThat(sent(Rig.spec(), Octet.ip4().ttl(9).build()).ttl()).isEqualTo(9);
    }

    @Test
    void inheritsTheHopLimitOfAnInnerIpv6Packet() {
        assertThat(sent(Rig.spec().mode(Mode.ANY), Octet.ip6().hopLimit(9).build())
                        .ttl())
                .isEqualTo(9);
    }

    @Test
    void givesALabelledPacket64AndNotTheTtlOfItsLabel() {
        assertThat(sent(Rig.spec().mode(Mode.MPLSIP), Octet.labelled()).ttl()).isEqualTo(64);
    }

    @ParameterizedTest
    @CsvSource({"1, 9", "7, 9", "255, 1"})
    void keepsAFixedTtlWhateverTheInnerOne(int fixed, int inner) {
        TunnelSpec spec = Rig.spec().ttl(Ttl.fixed(fixed));
        assertThat(sent(spec, Octet.ip4().ttl(inner).build()).ttl()).isEqualTo(fixed);
        assertThat(sent(spec.mode(Mode.MPLSIP), Octet.labelled()).ttl()).isEqualTo(fixed);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1", "2, 2", "3, 2"})
    void keepsCongestionExperiencedInsideAndCopiesTheOtherCodepoints(int inner, int outer) {
        assertThat(sent(Rig.spec(), Octet.ip4().tos(inner).build()).tos()).isEqualTo(outer);
        assertThat(sent(
                                Rig.spec().tos(Tos.INHERIT),
                                Octet.ip4().tos(0xb8 | inner).build())
                        .tos())
                .isEqualTo(0xb8 | outer);
        assertThat(sent(
                                Rig.spec().mode(Mode.ANY),
                                Octet.ip6().trafficClass(inner).build())
                        .tos())
                .isEqualTo(outer);
    }

    @ParameterizedTest
    @CsvSource({"1", "3", "0xff"})
    void takesAnyOddTosForInherit(String tos) {
        TunnelSpec spec = Rig.spec().tos(new Tos(Integer.decode(tos)));
        assertThat(sent(spec, Octet.ip4().tos(0x28).build()).tos()).isEqualTo(0x28);
    }

    @Test
    void ignoresTheEcnBitsOfAFixedTos() {
        TunnelSpec spec = Rig.spec().tos(new Tos(2));
        assertThat(sent(spec, Octet.ip4().tos(0xfc).build()).tos()).isZero();
        assertThat(sent(spec, Octet.ip4().tos(0xfd).build()).tos()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"0x12, 0x10", "1, 0", "0xff, 0xfc", "0, 0"})
    void givesALabelledPacketTheFixedDscpWithoutEcn(String tos, String outer) {
        TunnelSpec spec = Rig.spec().mode(Mode.MPLSIP).tos(new Tos(Integer.decode(tos)));
        assertThat(sent(spec, Octet.labelled()).tos()).isEqualTo(Integer.decode(outer));
    }

    @Test
    void leavesTheInnerPacketAlone() {
        byte[] inner = Octet.ip4().tos(0xbb).ttl(1).build();
        assertThat(sent(Rig.spec().tos(Tos.INHERIT), inner).hex()).isEqualTo(Octet.hex(inner));
    }
}
