package adit.program.config;

import adit.linux.IdleStrategy;
import adit.program.config.TunnelConfig.OffloadUse;
import adit.tunnel.Carrier;
import adit.tunnel.Mode;
import adit.tunnel.PathMtu;
import adit.tunnel.Tos;
import adit.tunnel.Ttl;
import adit.tunnel.TunnelSpec;
import adit.wire.Ip4Address;
import adit.wire.Ip6Address;
import adit.wire.IpPrefix;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/// Reads one element of `tunnels:`.
final class TunnelReader {
    static final List<String> KEYS = List.of(
            "name",
            "mode",
            "local",
            "remote",
            "carrier",
            "ttl",
            "tos",
            "pmtudisc",
            "mtu",
            "addresses",
            "routes",
            "queues",
            "offload",
            "idle");

    /// Linux: the least MTU of an IPv4 link, and the largest IP packet.
    static final int MIN_MTU = 68;

    static final int MAX_PACKET = 65535;
    /// MAX_TAP_QUEUES of Linux.
    static final int MAX_QUEUES = 256;

    static final Map<String, Mode> MODES = ordered("ipip", Mode.IPIP, "mplsip", Mode.MPLSIP, "any", Mode.ANY);
    static final Map<String, OffloadUse> OFFLOADS = ordered("auto", OffloadUse.AUTO, "off", OffloadUse.OFF);

    static final Map<String, IdleStrategy> IDLES =
            ordered("poll", IdleStrategy.POLL, "adaptive", IdleStrategy.ADAPTIVE, "busy", IdleStrategy.BUSY);

    private static final String INHERIT = "inherit";
    private static final String AUTO = "auto";

    private final Problems problems;
    private final Values values;

    TunnelReader(Problems problems) {
        this.problems = problems;
        this.values = new Values(problems);
    }

    private static <T> Map<String, T> ordered(String a, T first, String b, T second) {
        Map<String, T> map = new LinkedHashMap<>();
        map.put(a, first);
        map.put(b, second);
        return map;
    }

    private static <T> Map<String, T> ordered(String a, T first, String b, T second, String c, T third) {
        Map<String, T> map = ordered(a, first, b, second);
        map.put(c, third);
        return map;
    }

    Values values() {
        return values;
    }

    ReadTunnel read(Fields f) {
        int before = problems.errors();
        Optional<String> name = f.require("name", ", which is its device's").flatMap(this::name);
        Optional<Mode> mode = optional(f, "mode", Mode.IPIP, n -> values.word(n, "mode", MODES));
        Optional<Ip4Address> local = optional(f, "local", Ip4Address.ANY, n -> endpoint(n, "local"));
        Optional<Ip4Address> remote = f.require("remote", ", the peer's address; write any if the routes' via decides")
                .flatMap(n -> endpoint(n, "remote"));
        Optional<Carrier> carrier =
                optional(f, "carrier", new Carrier.Direct(), new CarrierReader(values, problems)::read);
        Optional<Ttl> ttl = optional(f, "ttl", Ttl.INHERIT, this::ttl);
        Optional<Tos> tos = optional(f, "tos", Tos.INHERIT, this::tos);
        Optional<Boolean> pmtudisc = optional(f, "pmtudisc", true, n -> values.truth(n, "pmtudisc"));
        OptionalInt mtu = f.get("mtu").map(n -> mtu(n, carrier)).orElse(OptionalInt.empty());
        List<InterfaceAddress> addresses = addresses(f, mode);
        List<Node> routeNodes = new ArrayList<>();
        List<RouteConfig> routes = routes(f, routeNodes);
        int queues = f.get("queues")
                .map(n -> values.number(n, "queues", 1, MAX_QUEUES))
                .orElse(OptionalInt.empty())
                .orElse(1);
        Optional<OffloadUse> offload =
                optional(f, "offload", OffloadUse.AUTO, n -> values.word(n, "offload", OFFLOADS));
        Optional<IdleStrategy> idle = optional(f, "idle", IdleStrategy.POLL, n -> values.word(n, "idle", IDLES));

        if (ttl.isPresent() && !ttl.get().inherited() && pmtudisc.equals(Optional.of(false))) {
            problems.error(
                    f.keyOrMapping("pmtudisc"),
                    "pmtudisc: false needs ttl: inherit; with a fixed ttl and no DF the packets of a loop would multiply");
        }
        if (remote.isPresent()) {
            if (!remote.get().isUnspecified() && remote.equals(local)) {
                problems.error(
                        f.keyOrMapping("remote"),
                        "local and remote are both " + remote.get()
                                + "; local is an address of this host, remote one of the peer's");
            }
            checkRoutes(f, remote.get(), routes, routeNodes);
        }
        mode.ifPresent(m -> checkFamilies(m, routes, routeNodes));
        if (problems.errors() > before) {
            return new ReadTunnel(name, Optional.empty(), f, routeNodes);
        }
        try {
            TunnelSpec spec = TunnelSpec.of(name.orElseThrow(), local.orElseThrow(), remote.orElseThrow())
                    .mode(mode.orElseThrow())
                    .carrier(carrier.orElseThrow())
                    .ttl(ttl.orElseThrow())
                    .tos(tos.orElseThrow())
                    .pathMtu(pmtudisc.orElseThrow() ? PathMtu.DISCOVER : PathMtu.IGNORE);
            TunnelConfig config =
                    new TunnelConfig(spec, mtu, addresses, routes, queues, offload.orElseThrow(), idle.orElseThrow());
            warnOfLoops(config, f);
            return new ReadTunnel(name, Optional.of(config), f, routeNodes);
        } catch (IllegalArgumentException e) {
            // The engine knows a rule that this reader does not.
            problems.error(f.keyOrMapping("name"), e.getMessage());
            return new ReadTunnel(name, Optional.empty(), f, routeNodes);
        }
    }

    private static <T> Optional<T> optional(Fields f, String key, T absent, Function<Node, Optional<T>> reader) {
        return f.get(key).map(reader).orElse(Optional.of(absent));
    }

    /// The rules of Linux's dev_valid_name, and of the names that it reserves or takes for patterns.
    private Optional<String> name(Node node) {
        Optional<String> text = values.text(node, "a name");
        if (text.isEmpty()) {
            return text;
        }
        String name = text.get();
        int octets = name.getBytes(StandardCharsets.UTF_8).length;
        String wrong = "";
        if (name.isEmpty()) {
            wrong = "an empty name";
        } else if (octets > TunnelSpec.MAX_NAME_LENGTH) {
            wrong = "\"" + Values.shortened(name) + "\" has " + octets + " octets, and a device's name at most "
                    + TunnelSpec.MAX_NAME_LENGTH;
        } else if (name.equals(".") || name.equals("..") || name.equals("all") || name.equals("default")) {
            wrong = "\"" + name + "\" can't be a device's name";
        } else {
            int bad = name.codePoints()
                    .filter(TunnelReader::notInNames)
                    .findFirst()
                    .orElse(-1);
            if (bad >= 0) {
                wrong = "a device's name has no "
                        + (bad == ' ' ? "blank" : "'" + Values.shortened(Character.toString(bad)) + "'")
                        + nearest(name);
            }
        }
        if (!wrong.isEmpty()) {
            problems.error(node, wrong);
            return Optional.empty();
        }
        return text;
    }

    private static boolean notInNames(int c) {
        return c <= ' ' || c > '~' || c == '/' || c == ':' || c == '%';
    }

    /// The end of a message: the name with a hyphen for what no name has.
    private static String nearest(String name) {
        String mended = name.codePoints()
                .map(c -> notInNames(c) ? '-' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        boolean anyLetter = mended.codePoints().anyMatch(Character::isLetterOrDigit);
        return anyLetter ? ", did you mean \"" + mended + "\"?" : "; printable ASCII such as site-b is right";
    }

    private Optional<Ip4Address> endpoint(Node node, String key) {
        if (Values.isWord(node, "any")) {
            return Optional.of(Ip4Address.ANY);
        }
        Optional<Ip4Address> address = values.parsed(node, "an IPv4 address or any", text -> {
            if (text.indexOf(':') >= 0) {
                Ip6Address.parse(text);
                throw new IllegalArgumentException(key + " " + text + " is an IPv6 address, and tunnels go over IPv4");
            }
            return Ip4Address.parse(text);
        });
        if (address.isPresent() && (address.get().isMulticast() || address.get().isBroadcast())) {
            problems.error(node, key + " " + address.get() + " is not the address of one host");
            return Optional.empty();
        }
        return address;
    }

    private Optional<Ttl> ttl(Node node) {
        if (Values.isWord(node, INHERIT)) {
            return Optional.of(Ttl.INHERIT);
        }
        OptionalInt number = values.number(node, "ttl", 1, 255, INHERIT);
        return number.isPresent() ? Optional.of(Ttl.fixed(number.getAsInt())) : Optional.empty();
    }

    private Optional<Tos> tos(Node node) {
        if (Values.isWord(node, INHERIT)) {
            return Optional.of(Tos.INHERIT);
        }
        OptionalInt number = values.number(node, "tos", 0, 255, INHERIT);
        return number.isPresent() ? Optional.of(new Tos(number.getAsInt())) : Optional.empty();
    }

    private OptionalInt mtu(Node node, Optional<Carrier> carrier) {
        if (Values.isWord(node, AUTO)) {
            return OptionalInt.empty();
        }
        int max = MAX_PACKET - carrier.orElse(new Carrier.Direct()).overhead();
        return values.number(node, "mtu", MIN_MTU, max, AUTO);
    }

    private List<InterfaceAddress> addresses(Fields f, Optional<Mode> mode) {
        List<InterfaceAddress> read = new ArrayList<>();
        for (Node node :
                f.get("addresses").map(n -> values.list(n, "addresses")).orElse(List.of())) {
            Optional<InterfaceAddress> address =
                    values.parsed(node, "an address such as 10.1.0.1/30", InterfaceAddress::parse);
            if (address.isEmpty()) {
                continue;
            }
            InterfaceAddress a = address.get();
            if (a.address().isMulticast()
                    || a.address().isUnspecified()
                    || a.address().isLoopback()
                    || a.address().equals(Ip4Address.BROADCAST)) {
                problems.error(node, a.address() + " can't be a device's address");
            } else if (a.address() instanceof Ip6Address && mode.isPresent() && mode.get() != Mode.ANY) {
                problems.error(node, a + " is IPv6, which only mode: any carries");
            } else if (read.stream().anyMatch(other -> other.address().equals(a.address()))) {
                problems.error(node, a.address() + " a second time");
            } else {
                warnOfLoneAddress(node, a);
                read.add(a);
            }
        }
        return read;
    }

    /// An address without a length is one host's, as for `ip address add`. That is rarely meant, since then the
    /// peer's address is not behind the device.
    private void warnOfLoneAddress(Node node, InterfaceAddress a) {
        if (node instanceof ScalarNode scalar && scalar.getValue().indexOf('/') < 0) {
            problems.warning(
                    node,
                    a.address() + " has no length and is taken for " + a
                            + ", which makes nothing else reachable; write the length to say so, or that of its network");
        }
    }

    private List<RouteConfig> routes(Fields f, List<Node> nodes) {
        RouteReader reader = new RouteReader(values, problems);
        List<RouteConfig> read = new ArrayList<>();
        for (Node node : f.get("routes").map(n -> values.list(n, "routes")).orElse(List.of())) {
            reader.read(node).ifPresent(route -> {
                read.add(route);
                nodes.add(node);
            });
        }
        return read;
    }

    /// Where the remote is any the next hop of each route is the peer; elsewhere a next hop means nothing.
    private void checkRoutes(Fields f, Ip4Address remote, List<RouteConfig> routes, List<Node> nodes) {
        if (remote.isUnspecified() && f.get("routes").isEmpty()) {
            problems.error(
                    f.keyOrMapping("remote"),
                    "remote: any needs routes with via, such as { to: 10.2.0.0/16, via: 198.51.100.9 }, which say where "
                            + "packets go");
        }
        for (int i = 0; i < routes.size(); i++) {
            RouteConfig route = routes.get(i);
            if (remote.isUnspecified() && route.to().address() instanceof Ip6Address) {
                problems.error(nodes.get(i), "an IPv6 route has no IPv4 next hop, and with remote: any that is needed");
            } else if (remote.isUnspecified() && route.via().isEmpty()) {
                problems.error(
                        nodes.get(i),
                        "remote is any, so this route needs via, the peer: { to: " + route.to() + ", via: ADDRESS }");
            } else if (!remote.isUnspecified() && route.via().isPresent()) {
                problems.error(nodes.get(i), "via is for remote: any; here all packets go to remote " + remote);
            }
        }
    }

    private void checkFamilies(Mode mode, List<RouteConfig> routes, List<Node> nodes) {
        for (int i = 0; i < routes.size(); i++) {
            IpPrefix to = routes.get(i).to();
            if (to.address() instanceof Ip6Address && mode != Mode.ANY) {
                problems.error(nodes.get(i), to + " is IPv6, which only mode: any carries");
            }
        }
    }

    /// A peer that is itself reached through the tunnel is a loop, unless the host has a better route to it.
    private void warnOfLoops(TunnelConfig config, Fields f) {
        for (RouteConfig route : config.routes()) {
            Ip4Address peer = route.via().orElse(config.spec().remote());
            if (!peer.isUnspecified() && route.to().contains(peer)) {
                problems.warning(
                        f.keyOrMapping("routes"),
                        "the peer " + peer + " is inside the route " + route.to()
                                + ": without a longer route to it that leads elsewhere, packets go round in the tunnel");
            }
        }
    }
}
