package adit.netns;

import adit.device.Errno;
import adit.ip.InterfaceAddress;
import adit.ip.Ip4Ways;
import adit.ip.IpException;
import adit.ip.LearnedGateway;
import adit.ip.LearnedMtu;
import adit.ip.NextHop;
import adit.ip.Route;
import adit.ip.RouteType;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import adit.netlink.RouteMessage;
import adit.netlink.Rtnetlink;
import adit.port.Deadline;
import adit.wire.Ip4Address;
import adit.wire.IpAddress;
import java.util.Optional;

/// RTM_GETROUTE for one IPv4 address (Linux's `inet_rtm_getroute`).
final class Ip4RouteLookup {
    private static final int RTCF_LOCAL = 0x80000000;
    private static final int RTCF_MULTICAST = 0x20000000;
    private static final int RTCF_BROADCAST = 0x10000000;
    private static final int RTCF_REDIRECTED = 0x00040000;
    private static final int RTCF_DOREDIRECT = 0x01000000;
    /// There are no users here; everything is done by the first.
    private static final int ROOT = 0;

    private final Namespace namespace;
    private final RouteRequests routes;

    Ip4RouteLookup(Namespace namespace, RouteRequests routes) {
        this.namespace = namespace;
        this.routes = routes;
    }

    MessageWriter.Body find(RouteLookup.Question question) throws IpException {
        RouteMessage wanted = question.wanted();
        Ip4Address to = address(wanted.destination()).orElse(Ip4Address.ANY);
        Optional<Ip4Address> from = address(wanted.source());
        Ip4Ways.Question packet = new Ip4Ways.Question(from, to, wanted.tos());
        Ip4Ways ways = namespace.ip().configuration().ways4();
        Ip4Ways.Way way = question.in().isPresent()
                ? ways.inbound(packet, namespace.ip().of(question.in().get()))
                : outbound(ways, packet, wanted);
        if (question.asksForRoute()) {
            Route route = way.found()
                    .orElseThrow(() ->
                            new IpException(RouteLookup.GET, Errno.EHOSTUNREACH, "No route says which way to go."));
            return RouteBody.of(
                    route,
                    table(wanted, Optional.of(route)),
                    namespace.devices().now());
        }
        return body(question, packet, way);
    }

    /// The source is looked at before the device is.
    private Ip4Ways.Way outbound(Ip4Ways ways, Ip4Ways.Question packet, RouteMessage wanted) throws IpException {
        if (packet.source().isPresent()) {
            ways.requireOwn(packet.source().get());
        }
        return ways.outbound(packet, routes.device(wanted.device(), RouteLookup.GET, Errno.ENODEV));
    }

    private static Optional<Ip4Address> address(Optional<IpAddress> said) throws IpException {
        if (said.isPresent() && !(said.get() instanceof Ip4Address)) {
            throw new IpException(RouteLookup.GET, Errno.EINVAL, "An address is of another family than the request.");
        }
        return said.map(Ip4Address.class::cast).filter(a -> !a.isUnspecified());
    }

    /// Linux's `rt_fill_info`.
    private MessageWriter.Body body(RouteLookup.Question question, Ip4Ways.Question packet, Ip4Ways.Way way) {
        Optional<LearnedGateway> nearer = question.in().isPresent()
                ? Optional.empty()
                : way.followed()
                        .flatMap(hop -> namespace.ip().configuration().learnedGateway(packet.destination(), hop));
        RouteMessage.Builder b = RouteMessage.builder(Netlink.AF_INET)
                .destination(packet.destination(), Integer.SIZE)
                .table(table(question.wanted(), way.found()))
                .protocol(Rtnetlink.RTPROT_UNSPEC)
                .type(way.type().number())
                .scope(InterfaceAddress.SCOPE_UNIVERSE)
                .tos(way.found().map(r -> r.spec().tos()).orElse(0))
                .flags(Rtnetlink.RTM_F_CLONED | flags(way) | (nearer.isPresent() ? RTCF_REDIRECTED : 0))
                .device(way.out().index());
        nearer.<IpAddress>map(LearnedGateway::gateway)
                .or(() -> way.followed().filter(NextHop::hasGateway).flatMap(NextHop::gateway))
                .ifPresent(b::gateway);
        packet.source().ifPresent(source -> b.source(source, Integer.SIZE));
        way.source().ifPresent(b::preferredSource);
        Optional<LearnedMtu> learned = way.followed().isPresent() && way.type() == RouteType.UNICAST
                ? namespace.ip().configuration().learnedMtu(packet.destination())
                : Optional.empty();
        Route.Metrics known = way.followed()
                .flatMap(_ -> way.found())
                .map(r -> r.spec().metrics())
                .orElse(Route.Metrics.NONE);
        Route.Metrics metrics =
                learned.map(path -> RouteLookup.withMtu(known, path)).orElse(known);
        if (!metrics.equals(Route.Metrics.NONE)) {
            b.metrics(RouteBody.metrics(metrics));
        }
        RouteMessage message = b.build();
        long end = learned.map(LearnedMtu::nanosLeft)
                .or(() -> nearer.map(LearnedGateway::nanosLeft))
                .orElse(Deadline.NEVER);
        return w -> {
            RouteRequests.write(w, message);
            way.followed().flatMap(NextHop::encapsulation).ifPresent(e -> EncapAttributes.write(w, e));
            if (question.mark() != 0) {
                w.i32(Rtnetlink.RTA_MARK, question.mark());
            }
            question.in()
                    .ifPresentOrElse(in -> w.i32(Rtnetlink.RTA_IIF, in.index()), () -> w.i32(Rtnetlink.RTA_UID, ROOT));
            RouteTermsWords.cacheInfo(w, RouteTermsWords.ticks(end, 0));
        };
    }

    /// Without policy rules the local table is a part of the main one. Ways that no route says are of no table.
    private static int table(RouteMessage wanted, Optional<Route> found) {
        boolean asked = (wanted.flags() & (Rtnetlink.RTM_F_LOOKUP_TABLE | Rtnetlink.RTM_F_FIB_MATCH)) != 0;
        int table = found.map(r -> r.spec().table()).orElse(Rtnetlink.RT_TABLE_UNSPEC);
        return asked && table != Route.TABLE_LOCAL ? table : Route.TABLE_MAIN;
    }

    private static int flags(Ip4Ways.Way way) {
        int flags = 0;
        for (Ip4Ways.Trait trait : way.traits()) {
            flags |= switch (trait) {
                case LOCAL -> RTCF_LOCAL;
                case BROADCAST -> RTCF_BROADCAST;
                case MULTICAST -> RTCF_MULTICAST;
                case REDIRECT -> RTCF_DOREDIRECT;
            };
        }
        return flags;
    }
}
