package adit.program.config;

import adit.lab.CableSpec;
import adit.lab.LineSpec;
import adit.lab.Quantity;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.snakeyaml.engine.v2.nodes.Node;

/// Reads one cable of a lab's file.
final class CableReader {
    static final List<String> KEYS = List.of("name", "ends", "mtu", "loss", "delay", "rate", "queue");

    private static final int MAX_DEVICE_NAME = 15;

    private final Values values;
    private final Problems problems;
    private final Collection<String> hosts;
    private final Map<CableSpec.Plug, Node> plugs = new HashMap<>();

    CableReader(Values values, Problems problems, Collection<String> hosts) {
        this.values = values;
        this.problems = problems;
        this.hosts = hosts;
    }

    Optional<CableSpec> read(String name, Fields cable) {
        int before = problems.errors();
        List<CableSpec.Plug> ends = ends(cable);
        OptionalInt mtu = cable.get("mtu")
                .map(node -> values.number(node, "mtu", CableSpec.MIN_MTU, CableSpec.MAX_MTU))
                .orElse(OptionalInt.of(CableSpec.USUAL_MTU));
        LineSpec perfect = LineSpec.PERFECT;
        double loss = cable.get("loss")
                .flatMap(node -> values.parsed(node, "a share such as 5%", Quantity::probability))
                .orElse(perfect.loss());
        long delay = cable.get("delay").flatMap(this::delay).orElse(perfect.delayNanos());
        long rate = cable.get("rate")
                .flatMap(node -> values.parsed(node, "a rate such as 10mbit", Quantity::bitsPerSecond))
                .orElse(perfect.bitsPerSecond());
        OptionalInt queue = cable.get("queue")
                .map(node -> values.number(node, "queue", 1, LineSpec.MAX_QUEUE))
                .orElse(OptionalInt.of(perfect.queue()));
        if (problems.errors() > before) {
            return Optional.empty();
        }
        LineSpec line = new LineSpec(loss, delay, rate, queue.orElseThrow());
        return Optional.of(new CableSpec(name, ends.getFirst(), ends.getLast(), mtu.orElseThrow(), line));
    }

    private Optional<Long> delay(Node node) {
        Optional<Long> nanos = values.parsed(node, "a time such as 10ms", Quantity::nanos);
        if (nanos.isPresent() && nanos.get() > LineSpec.MAX_DELAY_NANOS) {
            problems.error(node, "delay is at most " + Quantity.duration(LineSpec.MAX_DELAY_NANOS));
            return Optional.empty();
        }
        return nanos;
    }

    private List<CableSpec.Plug> ends(Fields cable) {
        Optional<Node> list = cable.require("ends", ", such as [left:eth0, right:eth0]");
        if (list.isEmpty()) {
            return List.of();
        }
        int before = problems.errors();
        List<Node> nodes = values.list(list.get(), "ends");
        if (nodes.size() != 2 && problems.errors() == before) {
            problems.error(list.get(), "a cable has two ends, such as [left:eth0, right:eth0], not " + nodes.size());
        }
        return nodes.stream().flatMap(node -> plug(node).stream()).toList();
    }

    private Optional<CableSpec.Plug> plug(Node node) {
        Optional<String> text = values.text(node, "HOST:DEVICE");
        if (text.isEmpty()) {
            return Optional.empty();
        }
        int colon = text.get().indexOf(':');
        if (colon < 0) {
            problems.error(
                    node, "expected HOST:DEVICE, such as left:eth0, not \"" + Values.shortened(text.get()) + "\"");
            return Optional.empty();
        }
        CableSpec.Plug plug =
                new CableSpec.Plug(text.get().substring(0, colon), text.get().substring(colon + 1));
        if (!hosts.contains(plug.host())) {
            problems.error(
                    node,
                    "there is no host \"" + Values.shortened(plug.host()) + "\""
                            + Suggestion.among(plug.host(), hosts));
        }
        if (!isDevice(plug.device())) {
            problems.error(
                    node,
                    "a device's name is 1 to " + MAX_DEVICE_NAME
                            + " characters without blanks, '/' and ':', and not lo, not \""
                            + Values.shortened(plug.device()) + "\"");
        }
        Node taken = plugs.putIfAbsent(plug, node);
        if (taken != null) {
            problems.error(
                    node,
                    "a second cable in " + plug + "; the first is in line "
                            + Position.of(taken).line());
        }
        return Optional.of(plug);
    }

    private static boolean isDevice(String name) {
        return name.matches("[!-$&-.0-9;-~]{1," + MAX_DEVICE_NAME + "}")
                && !List.of("lo", ".", "..", "all", "default").contains(name);
    }
}
