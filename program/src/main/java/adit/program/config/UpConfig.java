package adit.program.config;

import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.Node;

/// What `adit up` is to bring up.
///
/// @param tunnels at least one, in the order of the file
public record UpConfig(List<TunnelConfig> tunnels) {
    /// The largest file that is read, in octets. Whoever reads a file need not read more than one octet beyond.
    public static final int MAX_SIZE = YamlDocument.MAX_SIZE;

    /// Copies the list.
    public UpConfig {
        tunnels = List.copyOf(tunnels);
    }

    /// Reads a file.
    ///
    /// @param file its name, for the problems
    /// @param octets what is in it
    public static Reading<UpConfig> read(String file, byte[] octets) {
        Problems problems = new Problems(file);
        Optional<UpConfig> config =
                YamlDocument.parse(octets, problems, "tunnels").flatMap(root -> read(root, problems));
        return Reading.of(config, problems);
    }

    private static Optional<UpConfig> read(Node root, Problems problems) {
        Optional<Fields> file = Fields.of(root, "the file", List.of("tunnels"), problems);
        if (file.isEmpty()) {
            return Optional.empty();
        }
        Optional<Node> tunnels = file.get().require("tunnels", ", a list");
        if (tunnels.isEmpty()) {
            return Optional.empty();
        }
        TunnelReader reader = new TunnelReader(problems);
        List<Node> nodes = reader.values().list(tunnels.get(), "tunnels");
        if (nodes.isEmpty() && problems.errors() == 0) {
            problems.error(tunnels.get(), "no tunnel in the list");
        }
        List<ReadTunnel> read = nodes.stream()
                .map(node -> Fields.of(node, "a tunnel", TunnelReader.KEYS, problems))
                .flatMap(Optional::stream)
                .map(reader::read)
                .toList();
        Alikes.report(read, problems);
        return Optional.of(
                new UpConfig(read.stream().flatMap(t -> t.config().stream()).toList()));
    }
}
