package adit.program.config;

import adit.wire.Ip4Address;
import adit.wire.IpPrefix;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;

/// Reads `10.2.0.0/16` and `{ to: 10.2.0.0/16, via: 198.51.100.9 }`.
final class RouteReader {
    static final List<String> KEYS = List.of("to", "via");

    private static final String PREFIX = "a prefix such as 10.2.0.0/16";

    private final Values values;
    private final Problems problems;

    RouteReader(Values values, Problems problems) {
        this.values = values;
        this.problems = problems;
    }

    Optional<RouteConfig> read(Node node) {
        if (!(node instanceof MappingNode)) {
            return prefix(node).map(to -> new RouteConfig(to, Optional.empty()));
        }
        return Fields.of(node, "a route", KEYS, problems).flatMap(this::read);
    }

    private Optional<RouteConfig> read(Fields route) {
        Optional<IpPrefix> to = route.require("to", "").flatMap(this::prefix);
        Optional<Ip4Address> via = route.get("via").flatMap(this::via);
        boolean sound = via.isPresent() || route.get("via").isEmpty();
        return to.filter(_ -> sound).map(prefix -> new RouteConfig(prefix, via));
    }

    private Optional<IpPrefix> prefix(Node node) {
        Optional<IpPrefix> prefix = values.parsed(node, PREFIX, IpPrefix::parse);
        if (prefix.isPresent() && prefix.get().address().isMulticast()) {
            problems.error(node, prefix.get() + " is multicast, which a route to one peer can't carry");
        }
        return prefix;
    }

    private Optional<Ip4Address> via(Node node) {
        Optional<Ip4Address> via = values.parsed(node, "an IPv4 address", Ip4Address::parse);
        if (via.isPresent()
                && (via.get().isUnspecified()
                        || via.get().isMulticast()
                        || via.get().isBroadcast())) {
            problems.error(node, "via " + via.get() + " is not the address of one peer");
            return Optional.empty();
        }
        return via;
    }
}
