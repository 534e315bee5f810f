package adit.program.config;

import adit.lab.CableSpec;
import adit.lab.HostSpec;
import adit.lab.LabSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.snakeyaml.engine.v2.nodes.Node;

/// Reads the whole of a lab's file: what is the lab's own here, hosts and cables by readers of their own.
final class LabReader {
    static final List<String> KEYS = List.of("name", "description", "time", "seed", "hosts", "cables");
    static final Map<String, LabSpec.Time> TIMES = new LinkedHashMap<>();
    static final int MAX_HOSTS = 1000;

    static {
        TIMES.put("virtual", LabSpec.Time.VIRTUAL);
        TIMES.put("real", LabSpec.Time.REAL);
    }

    private final String file;
    private final Problems problems;
    private final Values values;

    LabReader(String file, Problems problems) {
        this.file = file;
        this.problems = problems;
        this.values = new Values(problems);
    }

    Optional<LabSpec> read(Node root) {
        return Fields.of(root, "a lab", KEYS, problems).flatMap(this::read);
    }

    private Optional<LabSpec> read(Fields lab) {
        String name = lab.get("name")
                .map(node -> name(node, "the lab's name"))
                .orElseGet(() -> nameOfFile(lab))
                .orElse("lab");
        String description = lab.get("description")
                .flatMap(node -> values.text(node, "a line of text"))
                .orElse("");
        LabSpec.Time time = lab.get("time")
                .flatMap(node -> values.word(node, "time", TIMES))
                .orElse(LabSpec.Time.VIRTUAL);
        OptionalInt seed = lab.get("seed")
                .map(node -> values.number(node, "seed", 0, Integer.MAX_VALUE))
                .orElse(OptionalInt.of(1));
        Map<String, Node> names = new HashMap<>();
        List<HostSpec> hosts = hosts(lab, names);
        List<CableSpec> cables = cables(lab, names);
        if (problems.errors() > 0) {
            return Optional.empty();
        }
        return Optional.of(new LabSpec(name, description, time, seed.orElse(1), hosts, cables));
    }

    /// The file's name without folder and ending, where that will do.
    private Optional<String> nameOfFile(Fields lab) {
        String name = file.replaceFirst("^.*/", "").replaceFirst("\\.ya?ml$", "");
        if (LabSpec.isName(name)) {
            return Optional.of(name);
        }
        lab.require("name", ", since the file's name can't be it");
        return Optional.empty();
    }

    private Optional<String> name(Node node, String what) {
        Optional<String> name = values.text(node, what);
        if (name.isPresent() && !LabSpec.isName(name.get())) {
            problems.error(
                    node,
                    what + " is 1 to 40 letters, digits, '-', '_' and '.', beginning with a letter, not \""
                            + Values.shortened(name.get()) + "\"");
            return Optional.empty();
        }
        return name;
    }

    private List<HostSpec> hosts(Fields lab, Map<String, Node> names) {
        Optional<Node> list = lab.require("hosts", ", a list");
        if (list.isEmpty()) {
            return List.of();
        }
        int before = problems.errors();
        List<Node> nodes = values.list(list.get(), "hosts");
        if (nodes.isEmpty() && problems.errors() == before) {
            problems.error(list.get(), "no host in the list");
        }
        if (nodes.size() > MAX_HOSTS) {
            problems.error(list.get(), "more than " + MAX_HOSTS + " hosts");
            return List.of();
        }
        HostReader reader = new HostReader(file, values, problems);
        List<HostSpec> hosts = new ArrayList<>();
        for (Node node : nodes) {
            Fields.of(node, "a host", HostReader.KEYS, problems).ifPresent(fields -> {
                Optional<String> name = fields.require("name", "").flatMap(n -> name(n, "a host's name"));
                name.ifPresent(n -> unique(names, n, fields.keyOrMapping("name"), "host"));
                hosts.add(reader.read(name.orElse(""), fields));
            });
        }
        return hosts;
    }

    private void unique(Map<String, Node> names, String name, Node node, String what) {
        Node same = names.putIfAbsent(name, node);
        if (same != null) {
            problems.error(
                    node,
                    "a second " + what + " named " + name + "; the first is in line "
                            + Position.of(same).line());
        }
    }

    private List<CableSpec> cables(Fields lab, Map<String, Node> hosts) {
        CableReader reader = new CableReader(values, problems, hosts.keySet());
        List<CableSpec> cables = new ArrayList<>();
        Map<String, Node> names = new HashMap<>();
        lab.get("cables").ifPresent(list -> {
            for (Node node : values.list(list, "cables")) {
                Fields.of(node, "a cable", CableReader.KEYS, problems).ifPresent(fields -> {
                    Optional<String> name = fields.require("name", "").flatMap(n -> name(n, "a cable's name"));
                    name.ifPresent(n -> unique(names, n, fields.keyOrMapping("name"), "cable"));
                    reader.read(name.orElse(""), fields).ifPresent(cables::add);
                });
            }
        });
        return cables;
    }
}
