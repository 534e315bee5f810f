package adit.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// docs/library.md shows code that runs.
class LibraryPageTest {
    private static final Pattern BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

    @Test
    void showsWhatTheExamplesHave() throws IOException {
        String sources = flat(Sources.read("examples/src/main/java/adit/examples/Reflector.java"))
                + flat(Sources.read("examples/src/test/java/adit/examples/ReflectorTest.java"));
        List<String> blocks = BLOCK.matcher(Sources.read("docs/library.md"))
                .results()
                .map((MatchResult m) -> m.group(1))
                .toList();
        assertThat(blocks).hasSizeGreaterThan(5);
        assertThat(blocks).allSatisfy(block -> assertThat(sources).contains(flat(block)));
    }

    /// Without indentation, which is less on the page.
    private static String flat(String code) {
        return code.lines().map(String::strip).collect(Collectors.joining("\n", "", "\n"));
    }
}
