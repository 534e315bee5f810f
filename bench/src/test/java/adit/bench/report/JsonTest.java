package adit.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    @Test
    void readsTheFiguresOfAReport() {
        Object report = Json.parse("""
                { "start": {"version": "iperf 3.12"},
                  "intervals": [ {"sum": {"omitted": true}}, {"sum": {"omitted": false}} ],
                  "end": {"sum_received": {"bits_per_second": 1.5e9, "retransmits": -0}, "empty": {}, "none": []} }
                """);
        assertThat(Json.number(report, "end.sum_received.bits_per_second")).isEqualTo(1.5e9);
        assertThat(Json.string(report, "start.version")).isEqualTo("iperf 3.12");
        assertThat(Json.at(report, "intervals.1.sum.omitted")).isEqualTo(false);
        assertThat(Json.list(report, "intervals")).hasSize(2);
    }

    @Test
    void whatIsNotThereIsNaNEmptyOrNull() {
        Object report = Json.parse("{\"a\": [1, null]}");
        assertThat(Json.number(report, "a.b.c")).isNaN();
        assertThat(Json.number(report, "a.7")).isNaN();
        assertThat(Json.at(report, "a.1")).isNull();
        assertThat(Json.string(report, "a")).isEmpty();
        assertThat(Json.list(report, "b")).isEmpty();
    }

    @Test
    void readsEscapesAsRfc8259HasThem() {
        assertThat(Json.parse("\"a\\\"\\\\\\/\\n\\t\\u00b5\"")).isEqualTo("a\"\\/\n\tµ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[1", "{\"a\" 1}", "tru", "\"open", "1 2", "[,]"})
    void refusesWhatIsNotJson(String text) {
        assertThatThrownBy(() -> Json.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("JSON, character");
    }

    @Test
    void writesWhatRfc8259Allows() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("text", "a\"\\\n\u0001");
        object.put("numbers", Arrays.asList(1.5, Double.NaN, null));
        object.put("none", List.of());
        assertThat(Json.write(object)).isEqualTo("""
                        {
                          "text": "a\\"\\\\\\n\\u0001",
                          "numbers": [
                            1.5,
                            null,
                            null
                          ],
                          "none": []
                        }
                        """);
    }
}
