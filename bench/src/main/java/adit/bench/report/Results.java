package adit.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// One run: where and how it was made, and for each program what it is and its samples.
///
/// @param setting facts about the machine and the run, by name, in the order in which the page shows them
/// @param rows one for each program, in the order of the table
public record Results(Map<String, String> setting, List<Row> rows) {
    /// One program.
    ///
    /// @param name its name on the command line
    /// @param title its name in the table
    /// @param version as the program or its package tells
    /// @param settings how it was run
    /// @param obstacle why there are no samples, or not all; empty when nothing stood in the way
    /// @param samples one for each round
    public record Row(
            String name,
            String title,
            String version,
            String settings,
            String obstacle,
            List<Map<Metric, Double>> samples) {
        /// The spread of one metric over the rounds.
        public Spread spread(Metric metric) {
            return Spread.of(samples.stream()
                    .map(s -> s.getOrDefault(metric, Double.NaN))
                    .toList());
        }
    }

    /// Reads what [#write] wrote.
    public static Results read(Path file) throws IOException {
        Object json = Json.parse(Files.readString(file));
        Map<String, String> setting = new LinkedHashMap<>();
        if (Json.at(json, "setting") instanceof Map<?, ?> facts) {
            facts.forEach((name, value) -> setting.put(name.toString(), value.toString()));
        }
        List<Row> rows = new ArrayList<>();
        for (Object row : Json.list(json, "programs")) {
            List<Map<Metric, Double>> samples = new ArrayList<>();
            for (Object sample : Json.list(row, "samples")) {
                Map<Metric, Double> values = new EnumMap<>(Metric.class);
                for (Metric metric : Metric.values()) {
                    values.put(metric, Json.number(sample, metric.key()));
                }
                samples.add(values);
            }
            rows.add(new Row(
                    Json.string(row, "name"),
                    Json.string(row, "title"),
                    Json.string(row, "version"),
                    Json.string(row, "settings"),
                    Json.string(row, "obstacle"),
                    samples));
        }
        return new Results(setting, rows);
    }

    /// Writes the run as JSON.
    public void write(Path file) throws IOException {
        List<Object> programs = new ArrayList<>();
        for (Row row : rows) {
            Map<String, Object> program = new LinkedHashMap<>();
            program.put("name", row.name());
            program.put("title", row.title());
            program.put("version", row.version());
            program.put("settings", row.settings());
            program.put("obstacle", row.obstacle());
            List<Object> samples = new ArrayList<>();
            for (Map<Metric, Double> sample : row.samples()) {
                Map<String, Object> values = new LinkedHashMap<>();
                sample.forEach((metric, value) -> values.put(metric.key(), value));
                samples.add(values);
            }
            program.put("samples", samples);
            programs.add(program);
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("setting", setting);
        json.put("programs", programs);
        Files.createDirectories(file.getParent());
        Files.writeString(file, Json.write(json));
    }
}
