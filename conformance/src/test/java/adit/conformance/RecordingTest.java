package adit.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import adit.conformance.language.Scenario;
import adit.conformance.language.Scenario.Transcript;
import adit.conformance.language.ScenarioFile;
import adit.conformance.world.KernelWorld;
import adit.conformance.world.MemoryWorld;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/// What Linux 6.18 did with the scenarios is recorded beside them, so that the driver in memory can be compared
/// where nobody may make devices. `-Dconformance=record`, as root on that kernel, records anew.
class RecordingTest {
    private static final String VERSION = "6.18";
    private static final String FOLDER = "recorded/linux-" + VERSION;

    @Test
    void theRecordingIsWhatThisKernelDoes() throws IOException {
        Assumptions.assumeTrue(
                KernelWorld.version().equals(VERSION), "needs Linux " + VERSION + ": this is " + KernelWorld.version());
        Map<String, Transcript> kernel = KernelRun.transcripts();
        if ("record".equals(System.getProperty("conformance"))) {
            Recording.write(Path.of("src/test/resources", FOLDER), Scenarios.all(), kernel);
            return;
        }
        for (ScenarioFile file : Scenarios.all()) {
            Map<String, Transcript> recorded = Recording.read(Scenarios.resource("/" + FOLDER), file.topic());
            for (Scenario scenario : writtenDown(file)) {
                assertThat(recorded.get(scenario.title()))
                        .as("%s: %s", scenario.source(), scenario.title())
                        .isEqualTo(kernel.get(scenario.title()));
            }
            assertThat(recorded).hasSameSizeAs(writtenDown(file));
        }
    }

    @Test
    void theDriverInMemoryDoesWhatWasRecorded() throws IOException {
        Differences differences = Differences.read(Scenarios.resource("/differences.txt"));
        List<String> unlisted = new ArrayList<>();
        for (ScenarioFile file : Scenarios.all()) {
            Map<String, Transcript> recorded = Recording.read(Scenarios.resource("/" + FOLDER), file.topic());
            List<Scenario> scenarios = writtenDown(file);
            List<Transcript> memory = Performance.of(scenarios, MemoryWorld::create);
            for (int i = 0; i < scenarios.size(); i++) {
                Scenario scenario = scenarios.get(i);
                String difference = differences.unlisted(scenario, recorded.get(scenario.title()), memory.get(i));
                if (!difference.isEmpty()) {
                    unlisted.add(scenario.source() + ": " + scenario.title() + "\n" + difference);
                }
            }
        }
        assertThat(unlisted).isEmpty();
    }

    @Test
    void everyTopicIsRecorded() {
        assertThat(Scenarios.all())
                .allSatisfy(file -> assertThat(Scenarios.resource("/" + FOLDER).resolve(file.topic() + ".txt"))
                        .satisfies(f -> assertThat(Files.exists(f)).isTrue()));
    }

    private static List<Scenario> writtenDown(ScenarioFile file) {
        return file.scenarios().stream()
                .filter(s -> s.origin() == Scenario.Origin.WRITTEN)
                .toList();
    }
}
