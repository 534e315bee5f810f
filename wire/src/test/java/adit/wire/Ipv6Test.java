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

class Ipv6Test {
    private static final String HEADER =
            "6 ab cdef1 2345 67 89 1011121314151617 18191a1b1c1d1e1f e0e1e2e3e4e5e6e7 e8e9eaebecedeeef";

    @Test
    void readsEveryFieldFromWhereRfc8200PutsIt() {
        MemorySegment s = at(HEADER);
        assertThat(Ipv6.version(s, AT)).isEqualTo(6);
        assertThat(Ipv6.trafficClass(s, AT)).isEqualTo(0xab);
        assertThat(Ipv6.flowLabel(s, AT)).isEqualTo(0xcdef1);
        assertThat(Ipv6.payloadLength(s, AT)).isEqualTo(0x2345);
        assertThat(Ipv6.totalLength(s, AT)).isEqualTo(0x2345 + 40);
        assertThat(Ipv6.nextHeader(s, AT)).isEqualTo(0x67);
        assertThat(Ipv6.hopLimit(s, AT)).isEqualTo(0x89);
        assertThat(Ipv6.sourceHigh(s, AT)).isEqualTo(0x1011121314151617L);
        assertThat(Ipv6.sourceLow(s, AT)).isEqualTo(0x18191a1b1c1d1e1fL);
        assertThat(Ipv6.destinationHigh(s, AT)).isEqualTo(0xe0e1e2e3e4e5e6e7L);
        assertThat(Ipv6.destinationLow(s, AT)).isEqualTo(0xe8e9eaebecedeeefL);
    }

    @Test
    void emitsEveryFieldWhereRfc8200PutsIt() {
        MemorySegment s = junk(66);
        Ip6Address source = new Ip6Address(0x1011121314151617L, 0x18191a1b1c1d1e1fL);
        Ip6Address destination = new Ip6Address(0xe0e1e2e3e4e5e6e7L, 0xe8e9eaebecedeeefL);
        Ipv6.emit(s, AT, 0xab, 0xcdef1, 0x2345, 0x67, 0x89, source, destination);
        assertWritten(s, HEADER);
    }

    @Test
    void setsOneFieldAndNothingElse() {
        MemorySegment s = at(HEADER);
        Ipv6.trafficClass(s, AT, 0x71);
        Ipv6.payloadLength(s, AT, 0x8642);
        Ipv6.hopLimit(s, AT, 0xfe);
        assertWritten(s, HEADER.replace("6 ab", "6 71").replace("2345", "8642").replace("89", "fe"));
    }

    @ParameterizedTest
    @CsvSource({
        "60000000 0000, TRUNCATED",
        "50000000 0000 3b40 00000000000000000000000000000000 00000000000000000000000000000000, BAD_VERSION",
        "60000000 0001 3b40 00000000000000000000000000000000 00000000000000000000000000000000, TRUNCATED",
        "60000000 ffff 3b40 00000000000000000000000000000000 00000000000000000000000000000000, TRUNCATED",
        "60000000 0000 3b40 00000000000000000000000000000000 00000000000000000000000000000000, NONE",
        "60000000 0000 3b40 00000000000000000000000000000000 00000000000000000000000000000000 00, NONE",
    })
    void refusesHeadersThatLie(String hex, WireFault fault) {
        MemorySegment s = exactly(hex);
        assertThat(Ipv6.fault(s, 0, (int) s.byteSize())).isEqualTo(fault);
    }
}
