package adit.program.config;

import adit.lab.LabSpec;
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

    /// Reads a file.
    ///
    /// @param file its name, for the problems, and for the lab's name when it does not say one
    /// @param octets what is in it
    public static Reading<LabSpec> read(String file, byte[] octets) {
        Problems problems = new Problems(file);
        Optional<LabSpec> lab =
                YamlDocument.parse(octets, problems, "hosts").flatMap(root -> new LabReader(file, problems).read(root));
        return Reading.of(lab, problems);
    }
}
