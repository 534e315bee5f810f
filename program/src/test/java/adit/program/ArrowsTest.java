package adit.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The map in ARCHITECTURE.md, as a law: a folder may use what stands below it and nothing else.
class ArrowsTest {
    private static final Pattern REQUIRES =
            Pattern.compile("^\\s*requires\\s+(?:transitive\\s+|static\\s+)*([\\w.]+)\\s*;", Pattern.MULTILINE);
    private static final Pattern MAP_ROW = Pattern.compile("^(\\w+) {2,}.*$", Pattern.MULTILINE);

    private static final Path ROOT = root();

    private static Path root() {
        Path p = Path.of("").toAbsolutePath();
        while (!Files.exists(p.resolve("ARCHITECTURE.md"))) {
            p = p.getParent();
        }
        return p;
    }

    private static Map<String, Set<String>> requires() throws IOException {
        Map<String, Set<String>> all = new TreeMap<>();
        try (Stream<Path> folders = Files.list(ROOT)) {
            for (Path folder : folders.toList()) {
                Path descriptor = folder.resolve("src/main/java/module-info.java");
                if (Files.exists(descriptor)) {
                    Set<String> needs = new TreeSet<>();
                    Matcher m = REQUIRES.matcher(Files.readString(descriptor));
                    while (m.find()) {
                        needs.add(m.group(1));
                    }
                    all.put(folder.getFileName().toString(), needs);
                }
            }
        }
        return all;
    }

    /// The folders in the order of the map, top first.
    private static String[] drawn() throws IOException {
        String text = Files.readString(ROOT.resolve("ARCHITECTURE.md"));
        String map = text.substring(text.indexOf("## Map"), text.indexOf("## How a packet walks"));
        String drawing = map.substring(map.indexOf("```") + 3, map.lastIndexOf("```"));
        return MAP_ROW.matcher(drawing).results().map(r -> r.group(1)).toArray(String[]::new);
    }

    @Test
    void arrowsPointDownTheMap() throws IOException {
        String[] order = drawn();
        Map<String, Integer> rank = new TreeMap<>();
        for (int i = 0; i < order.length; i++) {
            rank.put(order[i], i);
        }
        Map<String, Set<String>> requires = requires();
        assertThat(requires).hasSizeGreaterThanOrEqualTo(8);
        requires.forEach((folder, needs) -> {
            assertThat(rank).as("ARCHITECTURE.md draws %s", folder).containsKey(folder);
            for (String need : needs) {
                if (need.startsWith("adit.")) {
                    String below = need.substring("adit.".length());
                    assertThat(rank.get(folder))
                            .as("%s may not use %s", folder, below)
                            .isLessThan(rank.get(below));
                }
            }
        });
    }

    @Test
    void libraryModulesNeedTheJdkAlone() throws IOException {
        Set<String> programs = Set.of("program", "interop", "bench");
        requires().forEach((folder, needs) -> {
            if (!programs.contains(folder)) {
                assertThat(needs).as(folder).allMatch(n -> n.startsWith("adit.") || n.equals("java.base"));
            }
        });
    }

    @Test
    void nativeCallsStandInLinuxAlone() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            assertThat(files.filter(f -> f.toString().endsWith(".java"))
                            .filter(f -> f.toString().contains("/src/main/"))
                            .filter(f -> !f.startsWith(ROOT.resolve("linux")))
                            .filter(ArrowsTest::linksNativeCode))
                    .isEmpty();
        }
    }

    private static boolean linksNativeCode(Path file) {
        try {
            String text = Files.readString(file);
            return text.contains("java.lang.foreign.Linker") || text.contains("sun.misc.Unsafe");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
