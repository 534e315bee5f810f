package adit.tunnel;

import adit.wire.Ip4Address;
import java.util.Objects;

/// How a tunnel is set up. An instance can always be built into a [Tunnel]: what makes no sense is refused
/// here, with a message for people.
///
/// ```java
/// TunnelSpec spec = TunnelSpec.of("site-b", Ip4Address.parse("192.0.2.1"), Ip4Address.parse("198.51.100.7"))
///         .mode(Mode.ANY)
///         .carrier(new Carrier.Gue(6080, 6080, Carrier.UdpChecksum.OFF));
/// ```
///
/// @param name the device's name, 1 to 15 characters
/// @param mode what it carries
/// @param local the outer source; 0.0.0.0 for any
/// @param remote the outer destination; 0.0.0.0 for any, then the next hop of each inner packet decides
/// @param carrier what carries it
/// @param ttl the outer time to live
/// @param tos the outer DSCP
/// @param pathMtu what it does about the path MTU
/// @param link the index of the underlay interface that it is bound to, 0 for none
/// @param steering where the outer parameters come from
/// @param mark the mark on outer packets, 0 for none
public record TunnelSpec(
        String name,
        Mode mode,
        Ip4Address local,
        Ip4Address remote,
        Carrier carrier,
        Ttl ttl,
        Tos tos,
        PathMtu pathMtu,
        int link,
        Steering steering,
        int mark) {
    /// The longest name of a Linux network interface, in characters.
    public static final int MAX_NAME_LENGTH = 15;

    /// Refuses what makes no sense.
    public TunnelSpec {
        checkName(name);
        Objects.requireNonNull(mode, "mode");
        Objects.requireNonNull(local, "local");
        Objects.requireNonNull(remote, "remote");
        Objects.requireNonNull(carrier, "carrier");
        Objects.requireNonNull(ttl, "ttl");
        Objects.requireNonNull(tos, "tos");
        Objects.requireNonNull(pathMtu, "pathMtu");
        Objects.requireNonNull(steering, "steering");
        if (link < 0) {
            throw new IllegalArgumentException("link " + link + " is not an interface index");
        }
        if (!ttl.inherited() && pathMtu == PathMtu.IGNORE) {
            throw new IllegalArgumentException("a fixed ttl needs path MTU discovery: without DF the packets of a "
                    + "routing loop would multiply; take ttl inherit or discover the path MTU");
        }
        if (steering == Steering.EXTERNAL && !(local.isUnspecified() && remote.isUnspecified())) {
            throw new IllegalArgumentException(
                    "an external tunnel takes its addresses from each packet; leave local and remote out");
        }
        if (!remote.isUnspecified() && local.equals(remote)) {
            throw new IllegalArgumentException("local and remote are both " + local);
        }
    }

    /// An ipip tunnel over direct IP with inherited TTL, TOS 0 and path MTU discovery: the defaults of `ip
    /// tunnel add`.
    public static TunnelSpec of(String name, Ip4Address local, Ip4Address remote) {
        return new TunnelSpec(
                name,
                Mode.IPIP,
                local,
                remote,
                new Carrier.Direct(),
                Ttl.INHERIT,
                Tos.ZERO,
                PathMtu.DISCOVER,
                0,
                Steering.CONFIGURED,
                0);
    }

    /// An external-mode tunnel over direct IP.
    public static TunnelSpec external(String name) {
        return of(name, Ip4Address.ANY, Ip4Address.ANY).steering(Steering.EXTERNAL);
    }

    private static void checkName(String name) {
        if (name.isEmpty() || name.length() > MAX_NAME_LENGTH) {
            throw new IllegalArgumentException(
                    "tunnel name '%s' is not of 1 to %s characters".formatted(name, MAX_NAME_LENGTH));
        }
        if (name.equals(".") || name.equals("..") || name.chars().anyMatch(TunnelSpec::forbidden)) {
            throw new IllegalArgumentException(
                    "tunnel name '%s' is not an interface name: no '/', no ':', no blank, not '.' or '..'"
                            .formatted(name));
        }
    }

    private static boolean forbidden(int c) {
        return c == '/' || c == ':' || c <= ' ' || c > '~';
    }

    /// The same with this mode.
    public TunnelSpec mode(Mode mode) {
        return new TunnelSpec(name, mode, local, remote, carrier, ttl, tos, pathMtu, link, steering, mark);
    }

    /// The same over this carrier.
    public TunnelSpec carrier(Carrier carrier) {
        return new TunnelSpec(name, mode, local, remote, carrier, ttl, tos, pathMtu, link, steering, mark);
    }

    /// The same with this outer time to live.
    public TunnelSpec ttl(Ttl ttl) {
        return new TunnelSpec(name, mode, local, remote, carrier, ttl, tos, pathMtu, link, steering, mark);
    }

    /// The same with this outer DSCP.
    public TunnelSpec tos(Tos tos) {
        return new TunnelSpec(name, mode, local, remote, carrier, ttl, tos, pathMtu, link, steering, mark);
    }

    /// The same with this treatment of the path MTU.
    public TunnelSpec pathMtu(PathMtu pathMtu) {
        return new TunnelSpec(name, mode, local, remote, carrier, ttl, tos, pathMtu, link, steering, mark);
    }

    /// The same bound to the underlay interface of this index, 0 for none.
    public TunnelSpec link(int link) {
        return new TunnelSpec(name, mode, local, remote, carrier, ttl, tos, pathMtu, link, steering, mark);
    }

    /// The same with this source of the outer parameters.
    public TunnelSpec steering(Steering steering) {
        return new TunnelSpec(name, mode, local, remote, carrier, ttl, tos, pathMtu, link, steering, mark);
    }

    /// The same with this mark on outer packets, 0 for none.
    public TunnelSpec mark(int mark) {
        return new TunnelSpec(name, mode, local, remote, carrier, ttl, tos, pathMtu, link, steering, mark);
    }
}
