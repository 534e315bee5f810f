package adit.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What docs/linux-tun.md names as shown is there: scenarios by file and name, tests by class and method.
class FactsTest {
    private static final Pattern FACT = Pattern.compile("^- \\*\\*(\\d+\\.\\d+)\\*\\* ", Pattern.MULTILINE);
    private static final Pattern SHOWN = Pattern.compile("\\[([a-z-]+): ([^\\]]+)\\]|\\[(\\w+Test)(?:#(\\w+))?\\]");
    private static final Pattern SCENARIO = Pattern.compile("^scenario (.+)$", Pattern.MULTILINE);

    private final Path root = root();
    private final String page = Files.readString(root.resolve("docs/linux-tun.md"));

    FactsTest() throws IOException {}

    private static Path root() {
        Path p = Path.of("").toAbsolutePath();
        while (!Files.exists(p.resolve("ARCHITECTURE.md"))) {
            p = p.getParent();
        }
        return p;
    }

    private Map<String, Set<String>> scenarios() throws IOException {
        Map<String, Set<String>> all = new HashMap<>();
        try (Stream<Path> files = Files.list(root.resolve("conformance/src/test/resources/scenarios"))) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString().replace(".txt", "");
                Set<String> names = SCENARIO.matcher(Files.readString(file))
                        .results()
                        .map(found -> found.group(1).strip())
                        .collect(Collectors.toSet());
                all.put(name, names);
            }
        }
        return all;
    }

    private Map<String, String> tests() throws IOException {
        Map<String, String> all = new HashMap<>();
        for (String module : List.of("tun", "netns", "linux", "offload", "ipip")) {
            try (Stream<Path> files = Files.walk(root.resolve(module + "/src/test/java"))) {
                for (Path file :
                        files.filter(f -> f.toString().endsWith("Test.java")).toList()) {
                    all.put(file.getFileName().toString().replace(".java", ""), Files.readString(file));
                }
            }
        }
        return all;
    }

    @Test
    void everyFactIsShownSomewhere() {
        String[] facts = FACT.split(page);
        assertThat(facts).hasSizeGreaterThan(70);
        assertThat(Arrays.stream(facts).skip(1))
                .allSatisfy(fact -> assertThat(fact).containsPattern(SHOWN));
        List<String> numbers =
                FACT.matcher(page).results().map(found -> found.group(1)).toList();
        assertThat(numbers).doesNotHaveDuplicates();
    }

    @Test
    void whatShowsAFactIsThere() throws IOException {
        Map<String, Set<String>> scenarios = scenarios();
        Map<String, String> tests = tests();
        List<String> missing = new ArrayList<>();
        Matcher shown = SHOWN.matcher(page);
        while (shown.find()) {
            if (shown.group(1) != null) {
                Set<String> present = scenarios.getOrDefault(shown.group(1), Set.of());
                for (String name : shown.group(2).split(";")) {
                    if (!present.contains(name.strip().replaceAll("\\s+", " "))) {
                        missing.add(shown.group(1) + ": " + name.strip());
                    }
                }
            } else {
                String source = tests.getOrDefault(shown.group(3), "");
                String method = shown.group(4);
                if (source.isEmpty() || (method != null && !source.contains("void " + method + "("))) {
                    missing.add(shown.group());
                }
            }
        }
        assertThat(missing).isEmpty();
    }

    @Test
    void everyFileOfScenariosShowsAFact() throws IOException {
        Set<String> named = new TreeSet<>();
        Matcher shown = SHOWN.matcher(page);
        while (shown.find()) {
            if (shown.group(1) != null) {
                named.add(shown.group(1));
            }
        }
        // Orders of calls show nothing by themselves that other files don't.
        named.add("orders");
        assertThat(named).isEqualTo(new TreeSet<>(scenarios().keySet()));
    }
}
