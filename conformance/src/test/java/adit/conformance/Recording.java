package adit.conformance;

import adit.conformance.language.Scenario;
import adit.conformance.language.Scenario.Transcript;
import adit.conformance.language.ScenarioFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a kernel did with the scenarios that were written down, as text: for each its title behind `# `, then a
/// line for each step. It comes from a kernel alone; the driver in memory is compared with it where no kernel
/// can be asked.
final class Recording {
    private static final String TITLE = "# ";

    private Recording() {}

    /// Writes a file for each topic into `folder`.
    static void write(Path folder, List<ScenarioFile> files, Map<String, Transcript> transcripts) throws IOException {
        Files.createDirectories(folder);
        for (ScenarioFile file : files) {
            List<String> lines = new ArrayList<>();
            for (Scenario scenario : file.scenarios()) {
                if (scenario.origin() == Scenario.Origin.WRITTEN) {
                    lines.add(TITLE + scenario.title());
                    lines.addAll(transcripts.get(scenario.title()).lines());
                }
            }
            Files.write(folder.resolve(file.topic() + ".txt"), lines);
        }
    }

    /// Reads what was recorded of a topic, by title.
    static Map<String, Transcript> read(Path folder, String topic) throws IOException {
        Map<String, Transcript> all = new LinkedHashMap<>();
        List<String> lines = new ArrayList<>();
        String title = null;
        for (String line : Files.readAllLines(folder.resolve(topic + ".txt"))) {
            if (line.startsWith(TITLE)) {
                if (title != null) {
                    all.put(title, new Transcript(List.copyOf(lines)));
                }
                title = line.substring(TITLE.length());
                lines.clear();
            } else {
                lines.add(line);
            }
        }
        if (title != null) {
            all.put(title, new Transcript(List.copyOf(lines)));
        }
        return all;
    }
}
