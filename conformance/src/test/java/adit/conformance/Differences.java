package adit.conformance;

import adit.conformance.language.Scenario;
import adit.conformance.language.Scenario.Transcript;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// The short list of what the driver in memory does otherwise than the kernel, each with its reason. A file of
/// three lines for each difference:
///
/// ```
/// in TITLE          the scenario, its variables' values left out; * for any
/// at STEP           a regular expression of the steps whose outcome differs
/// because REASON
/// ```
///
/// A difference that is met nowhere must come off the list: [#unmet].
final class Differences {
    private final List<Difference> list = new ArrayList<>();
    private final Set<Difference> met = new LinkedHashSet<>();

    /// One of them.
    private record Difference(String title, Pattern step, String reason) {
        boolean covers(Scenario scenario, String stepText) {
            boolean here = title.equals("*")
                    || scenario.title().equals(title)
                    || scenario.title().startsWith(title + " {");
            return here && step.matcher(stepText).matches();
        }
    }

    static Differences read(Path file) throws IOException {
        Differences all = new Differences();
        List<String> lines = Files.readAllLines(file).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .toList();
        if (lines.size() % 3 != 0) {
            throw new IOException(file + ": three lines make a difference");
        }
        for (int i = 0; i < lines.size(); i += 3) {
            all.list.add(new Difference(
                    after("in ", lines.get(i)),
                    Pattern.compile(after("at ", lines.get(i + 1))),
                    after("because ", lines.get(i + 2))));
        }
        return all;
    }

    private static String after(String word, String line) throws IOException {
        if (!line.startsWith(word)) {
            throw new IOException("a line that begins with \"" + word + "\" is wanted, not: " + line);
        }
        return line.substring(word.length()).strip();
    }

    /// The steps of which the transcripts tell otherwise and that are not on the list, kernel before memory;
    /// empty when all is well.
    synchronized String unlisted(Scenario scenario, Transcript kernel, Transcript memory) {
        StringBuilder all = new StringBuilder();
        boolean any = false;
        for (int i = 0; i < scenario.steps().size(); i++) {
            String step = scenario.steps().get(i).text();
            String expected = kernel.lines().get(i);
            String actual = memory.lines().get(i);
            if (expected.equals(actual)) {
                all.append("    ").append(expected).append('\n');
                continue;
            }
            Difference known = list.stream()
                    .filter(d -> d.covers(scenario, step))
                    .findFirst()
                    .orElse(null);
            if (known == null) {
                any = true;
                all.append("  K ")
                        .append(expected)
                        .append("\n  M ")
                        .append(actual)
                        .append('\n');
            } else {
                met.add(known);
                all.append("    ").append(expected).append("   (differs, as listed)\n");
            }
        }
        return any ? all.toString() : "";
    }

    /// The listed differences that were met nowhere.
    synchronized List<String> unmet() {
        return list.stream()
                .filter(d -> !met.contains(d))
                .map(d -> d.title() + " at " + d.step())
                .toList();
    }
}
