package adit.program.config;

import adit.lab.CommandWords;
import adit.lab.HostSpec;
import adit.lab.ProgramSpec;
import adit.lab.Quantity;
import adit.lab.Sysctls;
import adit.wire.IpAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/// Reads one host of a lab's file.
final class HostReader {
    static final List<String> KEYS = List.of("name", "sysctl", "ip", "programs");
    static final List<String> PROGRAM_KEYS = List.of("type", "port", "to", "interval");
    static final Map<String, Type> TYPES = new LinkedHashMap<>();

    /// The words for programs.
    enum Type {
        ECHO,
        PING
    }

    static {
        TYPES.put("echo", Type.ECHO);
        TYPES.put("ping", Type.PING);
    }

    private final String file;
    private final Values values;
    private final Problems problems;

    HostReader(String file, Values values, Problems problems) {
        this.file = file;
        this.values = values;
        this.problems = problems;
    }

    HostSpec read(String name, Fields host) {
        return new HostSpec(name, sysctls(host), commands(host), programs(host));
    }

    private String where(Node node) {
        Position at = Position.of(node);
        return file + ":" + at.line() + ":" + at.column();
    }

    private List<HostSpec.Sysctl> sysctls(Fields host) {
        List<HostSpec.Sysctl> all = new ArrayList<>();
        Optional<Node> given = host.get("sysctl");
        List<String> known = new ArrayList<>(Sysctls.names());
        known.removeIf(Sysctls::isOfDevice);
        given.ifPresent(node -> known.addAll(ofDevices(node)));
        given.flatMap(node -> Fields.of(node, "sysctl", known, problems))
                .ifPresent(fields -> known.forEach(key -> fields.get(key)
                        .ifPresent(node -> values.number(node, key, 0, Sysctls.most(key))
                                .ifPresent(value -> all.add(new HostSpec.Sysctl(key, value, where(node)))))));
        return all;
    }

    /// The keys in a mapping that are settings of devices, whatever these are called.
    private static List<String> ofDevices(Node node) {
        return node instanceof MappingNode mapping
                ? mapping.getValue().stream()
                        .map(NodeTuple::getKeyNode)
                        .filter(ScalarNode.class::isInstance)
                        .map(key -> ((ScalarNode) key).getValue())
                        .filter(Sysctls::isOfDevice)
                        .distinct()
                        .toList()
                : List.of();
    }

    private List<HostSpec.Command> commands(Fields host) {
        List<HostSpec.Command> all = new ArrayList<>();
        host.get("ip").ifPresent(list -> {
            for (Node node : values.list(list, "ip")) {
                values.text(node, "a command line of ip, such as link set eth0 up")
                        .ifPresent(text -> {
                            if (isCommand(node, text)) {
                                all.add(new HostSpec.Command(text, where(node)));
                            }
                        });
            }
        });
        return all;
    }

    private boolean isCommand(Node node, String text) {
        try {
            List<String> words = CommandWords.split(text);
            if (words.isEmpty()) {
                problems.error(node, "an empty command");
            } else if (words.getFirst().equals("ip")) {
                problems.error(
                        node,
                        "leave \"ip\" away, did you mean \""
                                + text.strip().substring(2).strip() + "\"?");
            } else {
                return true;
            }
        } catch (IllegalArgumentException e) {
            problems.error(node, e.getMessage());
        }
        return false;
    }

    private List<ProgramSpec> programs(Fields host) {
        List<ProgramSpec> all = new ArrayList<>();
        host.get("programs").ifPresent(list -> {
            for (Node node : values.list(list, "programs")) {
                Fields.of(node, "a program", PROGRAM_KEYS, problems)
                        .flatMap(this::program)
                        .ifPresent(all::add);
            }
        });
        return all;
    }

    private Optional<ProgramSpec> program(Fields program) {
        Optional<Type> type = program.require("type", "").flatMap(node -> values.word(node, "program type", TYPES));
        if (type.isEmpty()) {
            return Optional.empty();
        }
        return switch (type.get()) {
            case ECHO -> {
                foreign(program, "echo", List.of("to", "interval"));
                OptionalInt port = program.get("port")
                        .map(node -> values.number(node, "port", 1, 0xffff))
                        .orElse(OptionalInt.of(ProgramSpec.Echo.USUAL_PORT));
                yield port.isEmpty() ? Optional.empty() : Optional.of(new ProgramSpec.Echo(port.getAsInt()));
            }
            case PING -> {
                foreign(program, "ping", List.of("port"));
                Optional<IpAddress> to =
                        program.require("to", "").flatMap(node -> values.parsed(node, "an address", IpAddress::parse));
                Optional<Long> interval = program.get("interval")
                        .map(this::interval)
                        .orElse(Optional.of(ProgramSpec.Ping.USUAL_INTERVAL_NANOS));
                yield to.isEmpty() || interval.isEmpty()
                        ? Optional.empty()
                        : Optional.of(new ProgramSpec.Ping(to.get(), interval.get()));
            }
        };
    }

    private Optional<Long> interval(Node node) {
        Optional<Long> nanos = values.parsed(node, "a time such as 500ms", Quantity::nanos);
        if (nanos.isPresent() && nanos.get() < ProgramSpec.Ping.MIN_INTERVAL_NANOS) {
            problems.error(node, "interval is at least " + Quantity.duration(ProgramSpec.Ping.MIN_INTERVAL_NANOS));
            return Optional.empty();
        }
        return nanos;
    }

    private void foreign(Fields program, String type, List<String> keys) {
        for (String key : keys) {
            if (program.get(key).isPresent()) {
                problems.error(program.keyOrMapping(key), "\"" + key + "\" is not for a program of type " + type);
            }
        }
    }
}
