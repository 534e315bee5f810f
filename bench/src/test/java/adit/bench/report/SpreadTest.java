package adit.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SpreadTest {
    @Test
    void theMedianOfAnOddNumberIsTheMiddleOne() {
        assertThat(Spread.of(List.of(9.0, 1.0, 2.0))).isEqualTo(new Spread(2, 1, 9));
    }

    @Test
    void theMedianOfAnEvenNumberLiesBetweenTheMiddleTwo() {
        assertThat(Spread.of(List.of(9.0, 1.0, 4.0, 2.0))).isEqualTo(new Spread(3, 1, 9));
    }

    @Test
    void whatWasNotMeasuredDoesNotCount() {
        assertThat(Spread.of(List.of(Double.NaN, 5.0))).isEqualTo(new Spread(5, 5, 5));
        assertThat(Spread.of(List.of(Double.NaN)).median()).isNaN();
    }

    @Test
    void readsAsMedianAndRange() {
        assertThat(new Spread(2, 1, 9).text(Metric.STREAM)).isEqualTo("2.00 (1.00–9.00)");
        assertThat(new Spread(0, 0, 0).text(Metric.DAMAGED)).isEqualTo("0");
        assertThat(Spread.of(List.of()).text(Metric.MEMORY)).isEqualTo("–");
    }
}
