package adit.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantityTest {
    @ParameterizedTest
    @CsvSource({"10ms,10000000", "1.5s,1500000000", "200us,200000", "7ns,7", "0ms,0"})
    void readsTimes(String text, long nanos) {
        assertThat(Quantity.nanos(text)).isEqualTo(nanos);
    }

    @ParameterizedTest
    @CsvSource({"64kbit,64000", "1.5mbit,1500000", "1gbit,1000000000", "9bit,9"})
    void readsRates(String text, long bits) {
        assertThat(Quantity.bitsPerSecond(text)).isEqualTo(bits);
    }

    @ParameterizedTest
    @CsvSource({"5%,0.05", "0.1%,0.001", "100%,1", "0%,0"})
    void readsShares(String text, double share) {
        assertThat(Quantity.probability(text)).isEqualTo(share);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10", "ms", "10 ms", "-1ms", "1e3s", "10m", "999999999999s"})
    void refusesWhatIsNoTime(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Quantity.nanos(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "0.05", "101%", "-5%", "5 %", "x%"})
    void refusesWhatIsNoShare(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Quantity.probability(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1mbps", "0bit", "10", "1Tbit"})
    void refusesWhatIsNoRate(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Quantity.bitsPerSecond(text));
    }

    @Test
    void writesTheLargestUnitThatIsExact() {
        assertThat(Quantity.duration(1_500_000_000L)).isEqualTo("1.5s");
        assertThat(Quantity.duration(10_000_000)).isEqualTo("10ms");
        assertThat(Quantity.duration(1_234_567)).isEqualTo("1234.567us");
        assertThat(Quantity.duration(0)).isEqualTo("0ns");
        assertThat(Quantity.rate(10_000_000)).isEqualTo("10mbit");
        assertThat(Quantity.percent(0.05)).isEqualTo("5%");
        assertThat(Quantity.percent(1)).isEqualTo("100%");
    }
}
