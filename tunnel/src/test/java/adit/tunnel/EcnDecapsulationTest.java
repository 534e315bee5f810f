package adit.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// ECN on the way in: all 16 combinations, for both IP versions, against what the kernel did.
class EcnDecapsulationTest {
    static List<String[]> kernelRows() {
        return Recorded.rows("kernel_ecn_decapsulation.tsv");
    }

    @Test
    void theRecordingHoldsEveryCombinationOfBothVersions() {
        assertThat(kernelRows()).hasSize(32);
    }

    @ParameterizedTest
    @MethodSource("kernelRows")
    void marksTheInnerPacketAsTheKernelDoes(
            int version, int outer, int inner, long packets, long errors, long frame, String before, String after) {
        try (Rig rig = new Rig(Rig.spec().mode(Mode.ANY))) {
            byte[] packet = Octet.hex(before);
            rig.receive(version == 4 ? 4 : 41, packet, a -> a.tos = 0xb8 | outer);
            Map<String, Long> expected = new TreeMap<>();
            if (packets == 1) {
                assertThat(rig.delivered().hex()).isEqualTo(after);
                expected.put("rx_packets", 1L);
                expected.put("rx_bytes", (long) packet.length);
            } else {
                assertThat(rig.overlay.sent).isEmpty();
                expected.put("ECN", 1L);
                expected.put("rx_errors", errors);
                expected.put("rx_frame_errors", frame);
            }
            if (inner == 0 && outer != 0) {
                expected.put("ECN_UNEXPECTED", 1L);
            }
            assertThat(rig.counted()).isEqualTo(expected);
        }
    }

    // RFC 6040 figure 4 with Linux's one liberty, outer ECT(1) over inner ECT(0): the row of 2 under 1.
    @ParameterizedTest
    @CsvSource({
        "0, 0, 0", "0, 1, 1", "0, 2, 2", "0, 3, 3",
        "1, 0, 0", "1, 1, 1", "1, 2, 1", "1, 3, 3",
        "2, 0, 0", "2, 1, 1", "2, 2, 2", "2, 3, 3",
        "3, 0, -", "3, 1, 3", "3, 2, 3", "3, 3, 3",
    })
    void followsTheTableAndKeepsTheInnerDscp(int outer, int inner, String result) {
        try (Rig rig = new Rig(Rig.spec())) {
            rig.receive(4, Octet.ip4().tos(0x28 | inner).build(), a -> a.tos = outer);
            if (result.equals("-")) {
                assertThat(rig.overlay.sent).isEmpty();
            } else {
                assertThat(rig.delivered().hex())
                        .isEqualTo(Octet.hex(
                                Octet.ip4().tos(0x28 | Integer.parseInt(result)).build()));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "2", "3"})
    void leavesALabelledPacketAlone(int outer) {
        try (Rig rig = new Rig(Rig.spec().mode(Mode.MPLSIP))) {
            rig.receive(137, Octet.labelled(), a -> a.tos = outer);
            assertThat(rig.delivered().hex()).isEqualTo(Octet.hex(Octet.labelled()));
            assertThat(rig.counted()).isEqualTo(Map.of("rx_packets", 1L, "rx_bytes", 88L));
        }
    }

    @Test
    void keepsAWrongInnerChecksumWrong() {
        try (Rig rig = new Rig(Rig.spec())) {
            byte[] inner = Octet.ip4().tos(2).build();
            Octet.put16(inner, 10, Octet.u16(inner, 10) - 1);
            rig.receive(4, inner, a -> a.tos = 3);
            byte[] header = java.util.Arrays.copyOf(rig.delivered().octets(), 20);
            assertThat(header[1]).isEqualTo((byte) 3);
            assertThat(Octet.checksum(header)).isNotZero();
        }
    }
}
