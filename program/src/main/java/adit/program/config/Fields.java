package adit.program.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/// The keys and values of one mapping. Unknown keys and keys given twice are reported at once.
final class Fields {
    private final Node mapping;
    private final String owner;
    private final Problems problems;
    private final Map<String, Node> values = new HashMap<>();
    private final Map<String, Node> keys = new HashMap<>();

    private Fields(Node mapping, String owner, Problems problems) {
        this.mapping = mapping;
        this.owner = owner;
        this.problems = problems;
    }

    /// The fields of `node`, or nothing, with a problem reported, when it is no mapping.
    ///
    /// @param owner what has these fields, with its article, such as `a tunnel`
    /// @param known the keys that it may have
    static Optional<Fields> of(Node node, String owner, List<String> known, Problems problems) {
        if (!(node instanceof MappingNode mapping) || !node.getTag().equals(Tag.MAP)) {
            problems.error(
                    node,
                    owner + " is a mapping with the keys " + String.join(", ", known) + ", not " + Values.kind(node));
            return Optional.empty();
        }
        Fields fields = new Fields(mapping, owner, problems);
        for (NodeTuple entry : mapping.getValue()) {
            fields.add(entry, known);
        }
        return Optional.of(fields);
    }

    private void add(NodeTuple entry, List<String> known) {
        Node keyNode = entry.getKeyNode();
        if (!(keyNode instanceof ScalarNode scalar)) {
            problems.error(keyNode, "a key is a word, not " + Values.kind(keyNode));
            return;
        }
        String key = scalar.getValue();
        if (!known.contains(key)) {
            problems.error(
                    keyNode,
                    "unknown key \"" + Values.shortened(key) + "\" in " + owner + Suggestion.among(key, known));
        } else if (keys.containsKey(key)) {
            problems.error(
                    keyNode,
                    "\"" + key + "\" a second time; the first is in line "
                            + Position.of(keys.get(key)).line());
        } else {
            keys.put(key, keyNode);
            values.put(key, entry.getValueNode());
        }
    }

    /// The value of `key`, if it is there.
    Optional<Node> get(String key) {
        return Optional.ofNullable(values.get(key));
    }

    /// Where `key` stands; the beginning of the mapping when it is not there.
    Node keyOrMapping(String key) {
        return keys.getOrDefault(key, mapping);
    }

    /// The value of `key`; a problem with `advice` when it is missing.
    Optional<Node> require(String key, String advice) {
        if (!keys.containsKey(key)) {
            problems.error(mapping, owner + " needs \"" + key + "\"" + advice);
        }
        return get(key);
    }
}
