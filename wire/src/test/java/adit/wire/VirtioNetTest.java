package adit.wire;

import static adit.wire.Golden.AT;
import static adit.wire.Golden.assertWritten;
import static adit.wire.Golden.at;
import static adit.wire.Golden.exactly;
import static adit.wire.Golden.junk;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VirtioNetTest {
    private static final String LITTLE = "03 85 0211 0412 0613 0814 0a15 0c1d1e1f 2021 2223 2425 2627";
    private static final String BIG = "03 85 1102 1204 1306 1408 150a 0c1d1e1f 2021 2223 2425 2627";

    @ParameterizedTest
    @CsvSource({"LITTLE_ENDIAN, " + LITTLE, "BIG_ENDIAN, " + BIG})
    void readsEveryFieldInTheOrderItIsTold(String name, String hex) {
        ByteOrder order = name.equals("LITTLE_ENDIAN") ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
        MemorySegment s = at(hex);
        assertThat(VirtioNet.flags(s, AT)).isEqualTo(0x03);
        assertThat(VirtioNet.gsoType(s, AT)).isEqualTo(0x85);
        assertThat(VirtioNet.headerLength(s, AT, order)).isEqualTo(0x1102);
        assertThat(VirtioNet.gsoSize(s, AT, order)).isEqualTo(0x1204);
        assertThat(VirtioNet.checksumStart(s, AT, order)).isEqualTo(0x1306);
        assertThat(VirtioNet.checksumOffset(s, AT, order)).isEqualTo(0x1408);
        assertThat(VirtioNet.numberOfBuffers(s, AT, order)).isEqualTo(0x150a);
        assertThat(VirtioNet.hashValue(s, AT)).isEqualTo(0x1f1e1d0c);
        assertThat(VirtioNet.hashReport(s, AT)).isEqualTo(0x2120);
        assertThat(VirtioNet.outerTransportOffset(s, AT)).isEqualTo(0x2524);
        assertThat(VirtioNet.innerNetworkOffset(s, AT)).isEqualTo(0x2726);
    }

    @ParameterizedTest
    @CsvSource({
        "10, 03 85 0211 0412 0613 0814",
        "12, 03 85 0211 0412 0613 0814 0000",
        "24, 03 85 0211 0412 0613 0814 0000 00000000 0000 0000 0000 0000",
    })
    void emitsEachFormAndClearsWhatLiesBehindTheFirstTenOctets(int length, String hex) {
        MemorySegment s = junk(length + 2 * AT);
        VirtioNet.emit(s, AT, length, ByteOrder.LITTLE_ENDIAN, 0x03, 0x85, 0x1102, 0x1204, 0x1306, 0x1408);
        assertWritten(s, hex);
    }

    @Test
    void emitsBigEndianWhenToldTo() {
        MemorySegment s = junk(10 + 2 * AT);
        VirtioNet.emit(s, AT, 10, ByteOrder.BIG_ENDIAN, 0x03, 0x85, 0x1102, 0x1204, 0x1306, 0x1408);
        assertWritten(s, "03 85 1102 1204 1306 1408");
    }

    @Test
    void emitsTheOffsetsOfATunnelLittleEndian() {
        MemorySegment s = junk(24 + 2 * AT);
        VirtioNet.emit(s, AT, 24, ByteOrder.BIG_ENDIAN, 0x03, 0x85, 0x1102, 0x1204, 0x1306, 0x1408);
        VirtioNet.tunnel(s, AT, 0x2524, 0x2726);
        assertWritten(s, "03 85 1102 1204 1306 1408 0000 00000000 0000 0000 2425 2627");
    }

    @ParameterizedTest
    @CsvSource({
        "10, 10, NONE",
        "9, 10, TRUNCATED",
        "11, 12, TRUNCATED",
        "12, 12, NONE",
        "23, 24, TRUNCATED",
        "24, 24, NONE",
        "64, 9, BAD_LENGTH",
        "64, 0, BAD_LENGTH"
    })
    void wantsAsManyOctetsAsTheFormHas(int available, int length, WireFault fault) {
        assertThat(VirtioNet.fault(exactly("00".repeat(64)), 0, available, length))
                .isEqualTo(fault);
    }
}
