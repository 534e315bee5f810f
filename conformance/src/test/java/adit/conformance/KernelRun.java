package adit.conformance;

import adit.conformance.language.Scenario;
import adit.conformance.language.Scenario.Transcript;
import adit.conformance.language.ScenarioFile;
import adit.conformance.world.KernelWorld;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;

/// What the running kernel does with every scenario. Asked once, for all tests.
final class KernelRun {
    private static Map<String, Transcript> transcripts;

    private KernelRun() {}

    /// Transcripts by the scenarios' titles. Skips the test where the kernel can't be asked; with
    /// `-Dconformance=required` it fails there.
    static synchronized Map<String, Transcript> transcripts() {
        String missing = KernelWorld.missing();
        if (!missing.isEmpty() && "required".equals(System.getProperty("conformance"))) {
            throw new AssertionError(missing);
        }
        Assumptions.assumeTrue(missing.isEmpty(), missing);
        if (transcripts == null) {
            List<Scenario> all = new ArrayList<>();
            for (ScenarioFile file : Scenarios.all()) {
                all.addAll(file.scenarios());
            }
            transcripts = byTitle(all, Performance.of(all, KernelWorld::create));
        }
        return transcripts;
    }

    static Map<String, Transcript> byTitle(List<Scenario> scenarios, List<Transcript> transcripts) {
        Map<String, Transcript> all = new LinkedHashMap<>();
        for (int i = 0; i < scenarios.size(); i++) {
            all.put(scenarios.get(i).title(), transcripts.get(i));
        }
        return all;
    }
}
