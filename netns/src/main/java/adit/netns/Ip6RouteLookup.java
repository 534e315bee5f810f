package adit.netns;

import adit.device.Device;
import adit.device.Errno;
import adit.ip.IpException;
import adit.ip.LearnedMtu;
import adit.ip.NextHop;
import adit.ip.Route;
import adit.ip.RouteType;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import adit.netlink.RouteMessage;
import adit.netlink.Rtnetlink;
import adit.port.Deadline;
import adit.wire.Ip6Address;
import adit.wire.IpAddress;
import java.util.Optional;

/// RTM_GETROUTE for one IPv6 address (Linux's `inet6_rtm_getroute`).
final class Ip6RouteLookup {
    private static final String GET = "RTM_GETROUTE";

    private final Namespace namespace;

    Ip6RouteLookup(Namespace namespace) {
        this.namespace = namespace;
    }

    /// Which way packets made here go that leave by `device`, empty for any, or by which route.
    MessageWriter.Body find(RouteMessage wanted, Optional<Device> device) throws IpException {
        Ip6Address to = address(wanted.destination());
        Ip6Address from = address(wanted.source());
        Route route = namespace
                .ip()
                .configuration()
                .routes()
                .lookup6(from, to, device)
                .orElseThrow(() -> new IpException(GET, Errno.ENETUNREACH, "There is no route."));
        if (route.spec().type().rejects()) {
            throw new IpException(GET, errno(route.spec().type()), "The route rejects packets.");
        }
        if ((wanted.flags() & Rtnetlink.RTM_F_FIB_MATCH) != 0) {
            return RouteRequests.body(
                    route, route.spec().table(), namespace.devices().now());
        }
        return way(route, from, to);
    }

    private static Ip6Address address(Optional<IpAddress> said) throws IpException {
        if (said.orElse(Ip6Address.ANY) instanceof Ip6Address ip6) {
            return ip6;
        }
        throw new IpException(GET, Errno.EINVAL, "An address is of another family than the request.");
    }

    private static int errno(RouteType type) {
        return switch (type) {
            case BLACKHOLE -> Errno.EINVAL;
            case PROHIBIT -> Errno.EACCES;
            case UNREACHABLE -> Errno.EHOSTUNREACH;
            default -> Errno.EAGAIN;
        };
    }

    private MessageWriter.Body way(Route route, Ip6Address from, Ip6Address to) {
        Route.Spec s = route.spec();
        NextHop hop = route.hops().getFirst();
        Optional<LearnedMtu> learned = namespace.ip().configuration().learnedMtu(to);
        RouteMessage.Builder b = RouteMessage.builder(Netlink.AF_INET6)
                .destination(to, to.length() * Byte.SIZE)
                .source(from, from.length() * Byte.SIZE)
                .table(s.table())
                .protocol(s.protocol())
                .type(s.type().number())
                .priority(s.priority())
                .flags(learned.isPresent() ? Rtnetlink.RTM_F_CLONED : 0)
                .device((route.isOwn() ? namespace.loopback() : hop.device()).index());
        hop.gateway().ifPresent(b::gateway);
        namespace.ip().configuration().source(route, to).ifPresent(b::preferredSource);
        Route.Metrics metrics =
                learned.map(path -> RouteLookup.withMtu(s.metrics(), path)).orElse(s.metrics());
        if (!metrics.equals(Route.Metrics.NONE)) {
            b.metrics(RouteRequests.metrics(metrics));
        }
        RouteMessage message = b.build();
        long now = namespace.devices().now();
        long end = learned.map(path -> now + path.nanosLeft()).orElse(Deadline.NEVER);
        return w -> {
            message.writeTo(w);
            Ip6RouteWords.write(w, s.terms().preference(), Ip6RouteWords.ticks(end, now));
        };
    }
}
