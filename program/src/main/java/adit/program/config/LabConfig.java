package adit.program.config;

import adit.lab.LabSpec;
import adit.program.config.Problem.Severity;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The file of `adit lab`.
public final class LabConfig {
    /// The largest file that is read, in octets. Whoever reads a file need not read more than one octet beyond.
    public static final int MAX_SIZE = YamlDocument.MAX_SIZE;

    private LabConfig() {}

    /// Every key that a file may have.
    public static List<String> keys() {
        return Stream.of(LabReader.KEYS, HostReader.KEYS, CableReader.KEYS)
                .flatMap(List::stream)
                .distinct()
                .toList();
    }

    /// What reading a file came to.
    ///
    /// @param lab what it says; nothing when there was an error
    /// @param problems errors and warnings, in the order of the file
    public record Outcome(Optional<LabSpec> lab, List<Problem> problems) {
        /// Copies the list.
        public Outcome {
            problems = List.copyOf(problems);
        }

        /// How many problems are errors.
        public long errors() {
            return problems.stream().filter(p -> p.severity() == Severity.ERROR).count();
        }
    }

    /// Reads a file.
    ///
    /// @param file its name, for the problems, and for the lab's name when it does not say one
    /// @param octets what is in it
    public static Outcome read(String file, byte[] octets) {
        Problems problems = new Problems(file);
        Optional<LabSpec> lab =
                YamlDocument.parse(octets, problems, "hosts").flatMap(root -> new LabReader(file, problems).read(root));
        return new Outcome(problems.errors() == 0 ? lab : Optional.empty(), problems.sorted());
    }
}
