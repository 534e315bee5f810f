package adit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adit.conformance.language.Scenario;
import adit.conformance.language.ScenarioFile;
import adit.conformance.language.ScriptException;
import adit.conformance.language.Step;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScenariosTest {
    @Test
    void atLeastSixHundredScenariosWereWrittenDown() {
        List<Scenario> all =
                Scenarios.all().stream().flatMap(f -> f.scenarios().stream()).toList();
        assertThat(all.stream().map(Scenario::source).distinct()).hasSizeGreaterThan(600);
        assertThat(all.stream().filter(s -> s.origin() == Scenario.Origin.WRITTEN))
                .hasSizeGreaterThan(1700);
        assertThat(all).hasSizeGreaterThan(3400);
    }

    @Test
    void titlesAreUniqueSoThatATranscriptSaysWhichItIs() {
        assertThat(Scenarios.all().stream().flatMap(f -> f.scenarios().stream()).map(Scenario::title))
                .doesNotHaveDuplicates();
    }

    @Test
    void eachRowOfAForIsACase() {
        ScenarioFile file = ScenarioFile.parse(
                "x.txt",
                List.of(
                        "# a comment",
                        "scenario one of {n}",
                        "  for n m = 1 a | 2 b",
                        "  {m} = open  # another",
                        "",
                        "scenario plain",
                        "  devices"));
        assertThat(file.scenarios())
                .extracting(Scenario::title)
                .containsExactly("one of {n} {n=1, m=a}", "one of {n} {n=2, m=b}", "plain");
        assertThat(file.scenarios().get(1).steps()).extracting(Step::text).containsExactly("b = open");
        assertThat(file.scenarios().get(1).steps().getFirst().source()).hasToString("x.txt:4");
    }

    @Test
    void severalForsMultiplyAndAreNotCountedAsWrittenDown() {
        ScenarioFile file = ScenarioFile.parse(
                "x.txt", List.of("scenario s", "  for n = 1 | 2", "  for m = 0..2", "  mtu t{n} {m}"));
        assertThat(file.scenarios()).hasSize(6).allMatch(s -> s.origin() == Scenario.Origin.COUNTED);
        assertThat(file.scenarios().getLast().steps().getFirst().text()).isEqualTo("mtu t2 2");
    }

    @ParameterizedTest
    @CsvSource({
        "fly away,                      no such step: fly",
        "ioctl a TUNFLY,                TUNFLY",
        "ioctl a TUNSETIFF flags=FLY,   FLY",
        "write a zz,                    zz",
        "write a udp4(1,                no )",
        "mtu t0 many,                   many",
        "mtu t{x} 5,                    no such variable: {x}",
        "a = fly,                       nothing to assign",
        "read a 2000 gone=1,            there=OCTETS",
        "flag t0 GREEN 1,               no such flag: GREEN",
        "p = start poll a FULL,         no such event: FULL",
        "p = start write a,             nothing to start",
        "close,                         ",
    })
    void aLineThatIsNotUnderstoodIsNamed(String line, String complaint) {
        assertThatThrownBy(() -> ScenarioFile.parse("x.txt", List.of("scenario s", "  devices", "  " + line)))
                .isInstanceOf(ScriptException.class)
                .hasMessageStartingWith("x.txt:3: ")
                .hasMessageContaining(complaint == null ? "" : complaint);
    }

    @Test
    void aStepOutsideOfAScenarioIsRefused() {
        assertThatThrownBy(() -> ScenarioFile.parse("x.txt", List.of("devices")))
                .isInstanceOf(ScriptException.class)
                .hasMessageContaining("neither a scenario nor a step");
        assertThatThrownBy(() -> ScenarioFile.parse("x.txt", List.of("scenario empty")))
                .isInstanceOf(ScriptException.class)
                .hasMessageContaining("without steps");
        assertThatThrownBy(() ->
                        ScenarioFile.parse("x.txt", List.of("scenario s", "  devices", "scenario s", "  devices")))
                .isInstanceOf(ScriptException.class)
                .hasMessageContaining("second");
    }
}
