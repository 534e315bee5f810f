package adit.netns;

import adit.device.Device;
import adit.device.Errno;
import adit.ip.IpException;
import adit.ip.LearnedMtu;
import adit.ip.NextHop;
import adit.ip.Route;
import adit.ip.RouteType;
import adit.ip.Routes;
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
    private static final String GET = RouteLookup.GET;

    private final Namespace namespace;

    Ip6RouteLookup(Namespace namespace) {
        this.namespace = namespace;
    }

    MessageWriter.Body find(RouteLookup.Question question) throws IpException {
        RouteMessage wanted = question.wanted();
        Ip6Address to = address(wanted.destination());
        Ip6Address from = address(wanted.source());
        Optional<Route> found = question.in().isPresent()
                ? namespace
                        .ip()
                        .configuration()
                        .routes()
                        .inbound6(to, question.in().get())
                : outbound(wanted.device().orElse(0), from, to);
        Route route = found.orElseThrow(() -> new IpException(GET, Errno.ENETUNREACH, "There is no route."));
        if (route.spec().type().rejects()) {
            throw new IpException(GET, errno(route.spec().type()), "The route rejects packets.");
        }
        if (question.in().isPresent() && route.spec().destination().address().isMulticast()) {
            throw new IpException(GET, Errno.EMSGSIZE, "Nothing here knows who forwards to groups.");
        }
        if (question.asksForRoute()) {
            MessageWriter.Body body = RouteBody.of(
                    route, route.spec().table(), namespace.devices().now());
            return w -> {
                body.writeTo(w);
                writeIn(w, question);
            };
        }
        int device = question.in().isPresent() ? 0 : wanted.device().orElse(0);
        Optional<Device> out =
                Optional.ofNullable(device == 0 ? null : namespace.devices().byIndex(device));
        NextHop hop = namespace.ip().configuration().hop(route, from, to, out);
        return way(question, route, hop, from, to);
    }

    /// No route leads by a device that is not there, which is an error only where one must.
    private Optional<Route> outbound(int device, Ip6Address from, Ip6Address to) {
        Optional<Device> out =
                Optional.ofNullable(device == 0 ? null : namespace.devices().byIndex(device));
        boolean isLost = device != 0 && out.isEmpty() && Routes.isByDeviceAlone(from, to);
        return isLost
                ? Optional.empty()
                : namespace.ip().configuration().routes().lookup6(from, to, out);
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

    private MessageWriter.Body way(
            RouteLookup.Question question, Route route, NextHop hop, Ip6Address from, Ip6Address to) {
        Route.Spec s = route.spec();
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
        route.spec()
                .preferredSource()
                .or(() -> question.in().isPresent()
                        ? Optional.empty()
                        : namespace.ip().configuration().source(route, hop, to))
                .ifPresent(b::preferredSource);
        Route.Metrics metrics =
                learned.map(path -> RouteLookup.withMtu(s.metrics(), path)).orElse(s.metrics());
        if (!metrics.equals(Route.Metrics.NONE)) {
            b.metrics(RouteBody.metrics(metrics));
        }
        RouteMessage message = b.build();
        long now = namespace.devices().now();
        long end = learned.map(path -> now + path.nanosLeft()).orElse(Deadline.NEVER);
        return w -> {
            RouteRequests.write(w, message);
            writeIn(w, question);
            RouteTermsWords.write(w, s.terms().preference(), RouteTermsWords.ticks(end, now));
        };
    }

    private static void writeIn(MessageWriter w, RouteLookup.Question question) {
        question.in().ifPresent(in -> w.i32(Rtnetlink.RTA_IIF, in.index()));
    }
}
