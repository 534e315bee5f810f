package adit.program.config;

import adit.tunnel.Carrier;
import adit.tunnel.TunnelSpec;
import adit.wire.Ip4Address;
import adit.wire.IpPrefix;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.nodes.Node;

/// Finds tunnels of one file that get in each other's way.
final class Alikes {
    private final Problems problems;
    private final Map<String, Node> names = new HashMap<>();
    private final Map<Endpoints, Node> endpoints = new HashMap<>();
    private final Map<IpPrefix, Node> routes = new HashMap<>();
    private final Map<Socket, Node> sockets = new HashMap<>();

    /// What tells a received packet's tunnel: neither the mode nor the peer's port does, since the peer may
    /// send from any port.
    private record Endpoints(Ip4Address local, Ip4Address remote, Class<?> carrier, int port) {
        static Endpoints of(TunnelSpec spec) {
            return new Endpoints(spec.local(), spec.remote(), spec.carrier().getClass(), portOf(spec.carrier()));
        }

        @Override
        public String toString() {
            return "local " + any(local) + ", remote " + any(remote) + ", " + name(carrier)
                    + (port == 0 ? "" : " port " + port);
        }
    }

    private record Socket(Ip4Address local, Class<?> carrier, int port) {}

    private Alikes(Problems problems) {
        this.problems = problems;
    }

    static void report(List<ReadTunnel> tunnels, Problems problems) {
        Alikes alikes = new Alikes(problems);
        for (ReadTunnel tunnel : tunnels) {
            tunnel.name().ifPresent(name -> alikes.addName(name, tunnel.fields()));
            tunnel.config().ifPresent(config -> alikes.add(config, tunnel));
        }
    }

    private void addName(String name, Fields fields) {
        Node node = fields.keyOrMapping("name");
        Node same = names.putIfAbsent(name, node);
        if (same != null) {
            problems.error(node, "a second tunnel named " + name + "; the first is in " + line(same));
        }
    }

    private void add(TunnelConfig config, ReadTunnel read) {
        TunnelSpec spec = config.spec();
        Endpoints ends = Endpoints.of(spec);
        Node same = endpoints.putIfAbsent(ends, read.fields().keyOrMapping("remote"));
        if (same != null) {
            problems.error(
                    read.fields().keyOrMapping("remote"),
                    "a second tunnel with " + ends
                            + ", so that nothing tells whose a received packet is; the first is in " + line(same));
        }
        reportSocket(spec, read.fields());
        for (int i = 0; i < config.routes().size(); i++) {
            Node node = read.routeNodes().get(i);
            IpPrefix to = config.routes().get(i).to();
            Node first = routes.putIfAbsent(to, node);
            if (first != null) {
                problems.error(node, "a second route to " + to + "; the first is in " + line(first));
            }
        }
    }

    /// One UDP port can't be FOU and GUE at once: nothing in a datagram tells which it is.
    private void reportSocket(TunnelSpec spec, Fields fields) {
        int port = portOf(spec.carrier());
        Socket mine = new Socket(spec.local(), spec.carrier().getClass(), port);
        Node node = fields.keyOrMapping("carrier");
        sockets.forEach((other, at) -> {
            boolean overlap =
                    other.local.equals(mine.local) || other.local.isUnspecified() || mine.local.isUnspecified();
            if (port != 0 && other.port == port && other.carrier != mine.carrier && overlap) {
                problems.error(
                        node,
                        "UDP port " + port + " is to be " + name(mine.carrier) + " here and " + name(other.carrier)
                                + " in " + line(at));
            }
        });
        sockets.putIfAbsent(mine, node);
    }

    private static int portOf(Carrier carrier) {
        return switch (carrier) {
            case Carrier.Direct _ -> 0;
            case Carrier.Fou fou -> fou.port();
            case Carrier.Gue gue -> gue.port();
        };
    }

    private static String name(Class<?> carrier) {
        return carrier.getSimpleName().toLowerCase(java.util.Locale.ROOT);
    }

    private static String any(Ip4Address address) {
        return address.isUnspecified() ? "any" : address.toString();
    }

    private static String line(Node node) {
        return "line " + Position.of(node).line();
    }
}
