package adit.bsdtun;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The numbered facts of docs/netbsd-tun.md, and the tests that show them.
class FactsTest {
    private static final Pattern FACT = Pattern.compile("^- \\*\\*(\\d+\\.\\d+)\\*\\* ", Pattern.MULTILINE);

    private static final List<Class<?>> TESTS = List.of(
            LifeTest.class,
            InterfaceSocketTest.class,
            OutputTest.class,
            FileIoctlsTest.class,
            ReadTest.class,
            WriteTest.class,
            ReadinessTest.class,
            LaterRevisionTest.class);

    private static Set<String> written() throws IOException {
        Path p = Path.of("").toAbsolutePath();
        while (!Files.exists(p.resolve("ARCHITECTURE.md"))) {
            p = p.getParent();
        }
        String text = Files.readString(p.resolve("docs/netbsd-tun.md"));
        return FACT.matcher(text)
                .results()
                .map((MatchResult r) -> r.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void everyFactHasATestAndEveryTestAFact() throws IOException {
        Set<String> named = new TreeSet<>();
        for (Class<?> test : TESTS) {
            for (Method method : test.getDeclaredMethods()) {
                Fact fact = method.getAnnotation(Fact.class);
                if (fact != null) {
                    named.addAll(Arrays.asList(fact.value()));
                }
            }
        }
        assertThat(written()).hasSizeGreaterThan(60);
        assertThat(named).isEqualTo(written());
    }
}
