package adit.program.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/// The schema for editors says what the reader does. JSON is YAML, so the same library reads it.
class SchemaTest {
    private Map<?, ?> schema;

    @BeforeEach
    void readSchema() throws IOException {
        Path file = Path.of("").toAbsolutePath().getParent().resolve("docs/tunnels.schema.json");
        schema = (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file));
    }

    private Object at(Object... path) {
        Object here = schema;
        for (Object step : path) {
            here = step instanceof Integer i ? ((List<?>) here).get(i) : ((Map<?, ?>) here).get(step);
            assertThat(here).as("%s of %s", step, List.of(path)).isNotNull();
        }
        return here;
    }

    private List<String> keys(Object... path) {
        return ((Map<?, ?>) at(path)).keySet().stream().map(Object::toString).toList();
    }

    @Test
    void hasTheKeysOfTheReader() {
        assertThat(keys("$defs", "tunnel", "properties")).isEqualTo(TunnelReader.KEYS);
        assertThat(keys("$defs", "carrier", "properties")).isEqualTo(CarrierReader.KEYS);
        assertThat(keys("$defs", "route", "oneOf", 1, "properties")).isEqualTo(RouteReader.KEYS);
    }

    @Test
    void hasTheWordsOfTheReader() {
        assertThat(at("$defs", "tunnel", "properties", "mode", "enum"))
                .isEqualTo(List.copyOf(TunnelReader.MODES.keySet()));
        assertThat(at("$defs", "tunnel", "properties", "offload", "enum"))
                .isEqualTo(List.copyOf(TunnelReader.OFFLOADS.keySet()));
        assertThat(at("$defs", "tunnel", "properties", "idle", "enum"))
                .isEqualTo(List.copyOf(TunnelReader.IDLES.keySet()));
        assertThat(at("$defs", "carrier", "properties", "type", "enum"))
                .isEqualTo(List.copyOf(CarrierReader.TYPES.keySet()));
    }

    @Test
    void hasTheRangesOfTheReader() {
        assertThat(at("$defs", "tunnel", "properties", "mtu", "oneOf", 1, "minimum"))
                .isEqualTo(TunnelReader.MIN_MTU);
        assertThat(at("$defs", "tunnel", "properties", "mtu", "oneOf", 1, "maximum"))
                .isEqualTo(TunnelReader.MAX_PACKET - 20);
        assertThat(at("$defs", "tunnel", "properties", "queues", "maximum")).isEqualTo(TunnelReader.MAX_QUEUES);
    }

    @Test
    void itsPatternForNamesAgreesWithTheReader() {
        String pattern = at("$defs", "tunnel", "properties", "name", "pattern").toString();
        for (char c = 0; c < 0x180; c++) {
            assertAgrees(pattern, "a" + c);
            assertAgrees(pattern, String.valueOf(c));
        }
        for (String name : List.of("..", "...", "all", "alla", "default", "abcdefghijklmno", "abcdefghijklmnop", "")) {
            assertAgrees(pattern, name);
        }
    }

    private static void assertAgrees(String pattern, String name) {
        String escaped = name.chars().mapToObj("\\u%04x"::formatted).collect(Collectors.joining());
        String text = "tunnels: [{name: \"" + escaped + "\", remote: 1.2.3.4}]";
        boolean sound = UpConfig.read("f", text.getBytes(UTF_8)).config().isPresent();
        assertThat(name.matches(pattern)).as(escaped).isEqualTo(sound);
    }
}
