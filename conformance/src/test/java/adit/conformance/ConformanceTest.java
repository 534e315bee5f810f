package adit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import adit.conformance.language.Scenario;
import adit.conformance.language.Scenario.Transcript;
import adit.conformance.language.ScenarioFile;
import adit.conformance.world.MemoryWorld;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/// Every scenario, in the running kernel and in memory.
class ConformanceTest {
    @TestFactory
    Stream<DynamicNode> theDriverInMemoryDoesWhatTheKernelDoes() throws IOException {
        Map<String, Transcript> kernel = KernelRun.transcripts();
        Differences differences = Differences.read(Scenarios.resource("/differences.txt"));
        List<DynamicNode> topics = new ArrayList<>();
        for (ScenarioFile file : Scenarios.all()) {
            List<Transcript> memory = Performance.of(file.scenarios(), MemoryWorld::create);
            List<DynamicNode> cases = new ArrayList<>();
            for (int i = 0; i < memory.size(); i++) {
                Scenario scenario = file.scenarios().get(i);
                String unlisted = differences.unlisted(scenario, kernel.get(scenario.title()), memory.get(i));
                cases.add(dynamicTest(
                        scenario.title(),
                        () -> assertThat(unlisted)
                                .as("%s: %s%n%s", scenario.source(), scenario.title(), unlisted)
                                .isEmpty()));
            }
            topics.add(dynamicContainer(file.topic(), cases));
        }
        topics.add(dynamicTest(
                "every difference on the list is still there",
                () -> assertThat(differences.unmet()).isEmpty()));
        return topics.stream();
    }
}
