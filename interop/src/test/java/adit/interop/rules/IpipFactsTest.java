package adit.interop.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The list of facts in docs/ipip.md, and the tests that it names.
class IpipFactsTest {
    private static final List<String> TESTS = List.of(
            "CoalescedRulesTest",
            "DecapsulationRulesTest",
            "DifferentialTest",
            "ExternalRulesTest",
            "ForwardingRulesTest",
            "IdentificationRulesTest",
            "InboundRulesTest",
            "LookupRulesTest",
            "OpenChecksumRulesTest",
            "OtherProtocolsRulesTest",
            "OutboundRulesTest",
            "SuperPacketRulesTest",
            "TunnelAttributesTest",
            "TunnelIoctlTest",
            "UnderlayErrorRulesTest",
            "WaysRulesTest");

    private static final Pattern FACT =
            Pattern.compile("^- \\*\\*\\d+\\.\\d+\\*\\* (.*(?:\\n  .*)*)", Pattern.MULTILINE);
    private static final Pattern NAMED = Pattern.compile("([A-Za-z0-9]+Test)#([a-zA-Z0-9]+)");
    private static final Pattern LINES = Pattern.compile("\\[ip: ([^\\]]*)\\]");
    private static final Pattern METHOD =
            Pattern.compile("@(?:Test|ParameterizedTest)\\b.*?\\n    void ([a-zA-Z0-9]+)\\(", Pattern.DOTALL);

    private static Path top() {
        Path p = Path.of("").toAbsolutePath();
        while (!Files.exists(p.resolve("ARCHITECTURE.md"))) {
            p = p.getParent();
        }
        return p;
    }

    private static String page() throws IOException {
        return Files.readString(top().resolve("docs/ipip.md"));
    }

    /// The tests of a class, in this module or in that of the driver.
    private static Set<String> methods(String test) throws IOException {
        Path here = top().resolve("interop/src/test/java/adit/interop/rules/" + test + ".java");
        Path there = top().resolve("ipip/src/test/java/adit/ipip/" + test + ".java");
        return found(METHOD, Files.readString(Files.exists(here) ? here : there), 1);
    }

    private static Set<String> found(Pattern pattern, String text, int group) {
        return pattern.matcher(text)
                .results()
                .map((MatchResult r) -> r.group(group))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void everyFactNamesATest() throws IOException {
        Set<String> facts = found(FACT, page(), 1);
        assertThat(facts).hasSizeGreaterThan(60).allMatch(fact -> fact.contains("Test#") || fact.contains("[ip: "));
    }

    @Test
    void everyTestThatIsNamedIsThere() throws IOException {
        for (MatchResult named : NAMED.matcher(page()).results().toList()) {
            assertThat(methods(named.group(1))).contains(named.group(2));
        }
    }

    @Test
    void everyTestOfTheseClassesIsNamed() throws IOException {
        Set<String> named = found(NAMED, page(), 0);
        for (String test : TESTS) {
            assertThat(methods(test)).isNotEmpty();
            for (String method : methods(test)) {
                assertThat(named).contains(test + "#" + method);
            }
        }
    }

    @Test
    void theGroupsOfCommandLinesAreThoseThatAreNamed() throws IOException {
        Set<String> named = new TreeSet<>();
        for (String groups : found(LINES, page(), 1)) {
            named.addAll(List.of(groups.split("; ")));
        }
        assertThat(named).isEqualTo(new TreeSet<>(IpDisplayTest.titles()));
    }
}
