package adit.conformance;

import adit.conformance.language.ScenarioFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/// The scenarios of this module.
final class Scenarios {
    private Scenarios() {}

    /// All topics, by name.
    static List<ScenarioFile> all() {
        try {
            return ScenarioFile.readAll(resource("/scenarios"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A file or folder beside the tests.
    static Path resource(String name) {
        try {
            return Path.of(Objects.requireNonNull(Scenarios.class.getResource(name), name)
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
