package adit.program.config;

import adit.tunnel.Carrier;
import adit.tunnel.Carrier.UdpChecksum;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/// Reads `carrier: { type: fou, port: 5555, peer-port: 5555, checksum: false }`.
final class CarrierReader {
    static final List<String> KEYS = List.of("type", "port", "peer-port", "checksum");

    /// The words for the types.
    enum Type {
        DIRECT,
        FOU,
        GUE
    }

    static final Map<String, Type> TYPES = new LinkedHashMap<>();

    static {
        TYPES.put("direct", Type.DIRECT);
        TYPES.put("fou", Type.FOU);
        TYPES.put("gue", Type.GUE);
    }

    private final Values values;
    private final Problems problems;

    CarrierReader(Values values, Problems problems) {
        this.values = values;
        this.problems = problems;
    }

    Optional<Carrier> read(Node node) {
        if (node instanceof ScalarNode scalar && TYPES.containsKey(scalar.getValue())) {
            String port = scalar.getValue().equals("direct") ? "" : ", port: 5555";
            problems.error(node, "a carrier is a mapping, did you mean { type: " + scalar.getValue() + port + " }?");
            return Optional.empty();
        }
        return Fields.of(node, "a carrier", KEYS, problems).flatMap(this::read);
    }

    private Optional<Carrier> read(Fields carrier) {
        Optional<Type> type = carrier.get("type")
                .map(node -> values.word(node, "carrier type", TYPES))
                .orElse(Optional.of(Type.DIRECT));
        OptionalInt port = port(carrier, "port");
        OptionalInt peerPort = port(carrier, "peer-port");
        Optional<Boolean> checksum = carrier.get("checksum")
                .map(node -> values.truth(node, "checksum"))
                .orElse(Optional.of(false));
        if (type.isEmpty()) {
            return Optional.empty();
        }
        if (type.get() == Type.DIRECT) {
            for (String key : KEYS.subList(1, KEYS.size())) {
                if (carrier.get(key).isPresent()) {
                    problems.error(
                            carrier.keyOrMapping(key),
                            "\"" + key + "\" is for type fou and gue; this carrier is direct");
                }
            }
            return Optional.of(new Carrier.Direct());
        }
        if (carrier.require("port", ", the UDP port that it receives on").isEmpty()
                || port.isEmpty()
                || checksum.isEmpty()
                || (peerPort.isEmpty() && carrier.get("peer-port").isPresent())) {
            return Optional.empty();
        }
        int own = port.getAsInt();
        int peer = peerPort.orElse(own);
        UdpChecksum udpChecksum = checksum.get() ? UdpChecksum.ON : UdpChecksum.OFF;
        return Optional.of(
                type.get() == Type.FOU
                        ? new Carrier.Fou(own, peer, udpChecksum)
                        : new Carrier.Gue(own, peer, udpChecksum));
    }

    private OptionalInt port(Fields carrier, String key) {
        return carrier.get(key).map(node -> values.number(node, key, 1, 0xffff)).orElse(OptionalInt.empty());
    }
}
