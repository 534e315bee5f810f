package adit.conformance.language;

import adit.conformance.language.Scenario.Origin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Reads the scenarios of a topic.
///
/// @param topic the file's name without its ending
/// @param scenarios one for each case
public record ScenarioFile(String topic, List<Scenario> scenarios) {
    private static final String OPENING = "scenario ";
    private static final Pattern RANGE = Pattern.compile("(\\d+)\\.\\.(\\d+)");
    private static final Pattern VARIABLE = Pattern.compile("\\{(\\w+)}");

    /// Reads a file of scenarios. Throws [ScriptException] with the first line that is not understood.
    public static ScenarioFile read(Path file) throws IOException {
        String name = file.getFileName().toString();
        return parse(name, Files.readAllLines(file));
    }

    /// All files of a folder, by name.
    public static List<ScenarioFile> readAll(Path folder) throws IOException {
        List<ScenarioFile> files = new ArrayList<>();
        try (Stream<Path> list = Files.list(folder)) {
            for (Path file :
                    list.filter(f -> f.toString().endsWith(".txt")).sorted().toList()) {
                files.add(read(file));
            }
        }
        return files;
    }

    /// Understands `lines` of a file called `name`.
    public static ScenarioFile parse(String name, List<String> lines) {
        List<Scenario> scenarios = new ArrayList<>();
        Set<String> titles = new HashSet<>();
        Block block = null;
        for (int i = 0; i < lines.size(); i++) {
            Source source = new Source(name, i + 1);
            String line = lines.get(i);
            int comment = line.startsWith("#") ? 0 : line.indexOf(" #");
            String text = comment < 0 ? line : line.substring(0, comment);
            if (text.isBlank()) {
                continue;
            }
            if (text.startsWith(OPENING)) {
                if (block != null) {
                    block.finish(scenarios);
                }
                block = new Block(source, text.substring(OPENING.length()).strip());
                if (!titles.add(block.title)) {
                    throw new ScriptException(source, "a second scenario of this title");
                }
            } else if (block == null || !Character.isWhitespace(text.charAt(0))) {
                throw new ScriptException(source, "neither a scenario nor a step of one: " + text);
            } else {
                block.add(source, text.strip());
            }
        }
        if (block != null) {
            block.finish(scenarios);
        }
        return new ScenarioFile(name.replace(".txt", ""), List.copyOf(scenarios));
    }

    /// A scenario while it is read.
    private static final class Block {
        private final Source source;
        private final String title;
        private final List<Source> sources = new ArrayList<>();
        private final List<String> lines = new ArrayList<>();
        private List<Map<String, String>> rows = List.of(Map.of());
        private Origin origin = Origin.WRITTEN;
        private int multiplications;

        Block(Source source, String title) {
            this.source = source;
            this.title = title;
        }

        void add(Source at, String text) {
            if (text.startsWith("for ")) {
                multiply(at, text.substring("for ".length()));
            } else {
                sources.add(at);
                lines.add(text);
            }
        }

        /// Each row so far, with each row of this `for`.
        private void multiply(Source at, String text) {
            int equals = text.indexOf(" = ");
            if (equals < 0) {
                throw new ScriptException(at, "for NAMES = ROWS is wanted");
            }
            String[] names = text.substring(0, equals).strip().split("\\s+");
            String values = text.substring(equals + 3).strip();
            List<String[]> given = new ArrayList<>();
            Matcher range = RANGE.matcher(values);
            if (range.matches()) {
                origin = Origin.COUNTED;
                for (int i = Integer.parseInt(range.group(1)); i <= Integer.parseInt(range.group(2)); i++) {
                    given.add(new String[] {Integer.toString(i)});
                }
            } else {
                for (String row : values.split("\\|")) {
                    String[] words = names.length == 1
                            ? new String[] {row.strip()}
                            : row.strip().split("\\s+");
                    if (words.length != names.length) {
                        throw new ScriptException(at, "a row of " + names.length + " words is wanted, not: " + row);
                    }
                    given.add(words);
                }
            }
            if (++multiplications > 1) {
                origin = Origin.COUNTED;
            }
            List<Map<String, String>> product = new ArrayList<>();
            for (Map<String, String> row : rows) {
                for (String[] words : given) {
                    Map<String, String> longer = new LinkedHashMap<>(row);
                    for (int i = 0; i < names.length; i++) {
                        longer.put(names[i], words[i]);
                    }
                    product.add(longer);
                }
            }
            rows = product;
        }

        void finish(List<Scenario> scenarios) {
            if (lines.isEmpty()) {
                throw new ScriptException(source, "a scenario without steps");
            }
            for (Map<String, String> row : rows) {
                List<Step> steps = new ArrayList<>();
                for (int i = 0; i < lines.size(); i++) {
                    steps.add(step(sources.get(i), lines.get(i), row));
                }
                String values = row.isEmpty() ? "" : " " + row;
                scenarios.add(new Scenario(title + values, origin, source, List.copyOf(steps)));
            }
        }

        private static Step step(Source at, String line, Map<String, String> row) {
            Matcher m = VARIABLE.matcher(line);
            StringBuilder filled = new StringBuilder();
            while (m.find()) {
                String value = row.get(m.group(1));
                if (value == null) {
                    throw new ScriptException(at, "no such variable: " + m.group());
                }
                m.appendReplacement(filled, Matcher.quoteReplacement(value));
            }
            String text = m.appendTail(filled).toString().strip();
            try {
                return new Step(at, text, StepParser.parse(text));
            } catch (RuntimeException e) {
                throw new ScriptException(at, text + ": " + e.getMessage());
            }
        }
    }
}
