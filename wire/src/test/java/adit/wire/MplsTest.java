package adit.wire;

import static adit.wire.Golden.AT;
import static adit.wire.Golden.assertWritten;
import static adit.wire.Golden.at;
import static adit.wire.Golden.exactly;
import static adit.wire.Golden.junk;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MplsTest {
    // Label 0xabcde, class 5 = 101, bottom 1: 1011. Then label 0x54321, class 2 = 010, bottom 0: 0100.
    private static final String BOTTOM = "abcde b c7";
    private static final String OTHER = "54321 4 9e";

    @Test
    void readsEveryFieldFromWhereRfc3032PutsIt() {
        MemorySegment s = at(BOTTOM);
        assertThat(Mpls.label(s, AT)).isEqualTo(0xabcde);
        assertThat(Mpls.trafficClass(s, AT)).isEqualTo(5);
        assertThat(Mpls.bottomOfStack(s, AT)).isTrue();
        assertThat(Mpls.timeToLive(s, AT)).isEqualTo(0xc7);
        MemorySegment t = at(OTHER);
        assertThat(Mpls.label(t, AT)).isEqualTo(0x54321);
        assertThat(Mpls.trafficClass(t, AT)).isEqualTo(2);
        assertThat(Mpls.bottomOfStack(t, AT)).isFalse();
        assertThat(Mpls.timeToLive(t, AT)).isEqualTo(0x9e);
    }

    @Test
    void emitsEveryFieldWhereRfc3032PutsIt() {
        MemorySegment s = junk(4 + 2 * AT);
        Mpls.emit(s, AT, 0xabcde, 5, true, 0xc7);
        assertWritten(s, BOTTOM);
        MemorySegment t = junk(4 + 2 * AT);
        Mpls.emit(t, AT, 0x54321, 2, false, 0x9e);
        assertWritten(t, OTHER);
    }

    @Test
    void setsTheTimeToLiveAndNothingElse() {
        MemorySegment s = at(BOTTOM);
        Mpls.timeToLive(s, AT, 0x12);
        assertWritten(s, "abcde b 12");
    }

    @Test
    void measuresAStack() {
        MemorySegment s = at(OTHER + OTHER + BOTTOM + BOTTOM);
        assertThat(Mpls.fault(s, AT, 16)).isEqualTo(WireFault.NONE);
        assertThat(Mpls.stackLength(s, AT)).isEqualTo(12);
    }

    @ParameterizedTest
    @CsvSource({"0, TRUNCATED", "3, TRUNCATED", "4, TRUNCATED", "11, TRUNCATED", "12, NONE"})
    void noticesAStackThatLeavesThePacket(int available, WireFault fault) {
        MemorySegment s = exactly(OTHER + OTHER + BOTTOM);
        assertThat(Mpls.fault(s, 0, available)).isEqualTo(fault);
    }

    @Test
    void refusesAStackWithoutABottomAfterTheDeepestItTakes() {
        MemorySegment deepest = exactly(OTHER.repeat(31) + BOTTOM);
        assertThat(Mpls.fault(deepest, 0, 128)).isEqualTo(WireFault.NONE);
        assertThat(Mpls.stackLength(deepest, 0)).isEqualTo(128);
        MemorySegment deeper = exactly(OTHER.repeat(32) + BOTTOM);
        assertThat(Mpls.fault(deeper, 0, 132)).isEqualTo(WireFault.BAD_LENGTH);
    }
}
