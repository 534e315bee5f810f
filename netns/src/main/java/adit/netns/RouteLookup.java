package adit.netns;

import adit.device.Device;
import adit.device.DeviceFlags;
import adit.device.Errno;
import adit.ip.InterfaceAddress;
import adit.ip.IpException;
import adit.ip.LearnedMtu;
import adit.ip.NextHop;
import adit.ip.Route;
import adit.ip.RouteType;
import adit.netlink.AttributeReader;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import adit.netlink.RouteMessage;
import adit.netlink.Rtnetlink;
import adit.wire.Ip4Address;
import adit.wire.IpAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/// RTM_GETROUTE for one address: which way packets made here go.
final class RouteLookup {
    private static final String GET = "RTM_GETROUTE";
    private static final int RTCF_LOCAL = 0x80000000;
    private static final int RTCF_MULTICAST = 0x20000000;
    private static final int RTCF_BROADCAST = 0x10000000;
    /// There are no users here; everything is done by the first.
    private static final int ROOT = 0;

    private final Namespace namespace;
    private final RouteRequests routes;
    private final Ip6RouteLookup ip6;

    RouteLookup(Namespace namespace, RouteRequests routes) {
        this.namespace = namespace;
        this.routes = routes;
        this.ip6 = new Ip6RouteLookup(namespace);
    }

    /// Which way packets to an address go, or by which route.
    MessageWriter.Body find(MessageReader m) throws IpException {
        RouteMessage wanted = RouteRequests.read(m, GET);
        int mark = 0;
        AttributeReader a = m.attributes(RouteRequests.FIXED_LENGTH);
        while (a.next()) {
            if (a.type() == Rtnetlink.RTA_IIF) {
                throw new IpException(GET, Errno.EOPNOTSUPP, "The way of packets that come in is not told.");
            }
            mark = a.type() == Rtnetlink.RTA_MARK ? a.i32() : mark;
        }
        if (wanted.family() == Netlink.AF_INET6) {
            return ip6.find(wanted, routes.device(wanted.device(), GET, Errno.ENODEV));
        }
        if (wanted.source().isPresent()) {
            requireOwn(wanted.source().get());
        }
        IpAddress to = wanted.destination().orElse(Ip4Address.ANY);
        Route route = namespace
                .ip()
                .configuration()
                .routes()
                .lookup(to, wanted.tos(), routes.device(wanted.device(), GET, Errno.ENODEV))
                .orElseThrow(() -> new IpException(GET, Errno.ENETUNREACH, "There is no route."));
        switch (route.spec().type()) {
            case BLACKHOLE -> throw new IpException(GET, Errno.EINVAL, "The route is a blackhole.");
            case PROHIBIT -> throw new IpException(GET, Errno.EACCES, "The route prohibits it.");
            case UNREACHABLE -> throw new IpException(GET, Errno.EHOSTUNREACH, "The route says unreachable.");
            default -> {}
        }
        if ((wanted.flags() & Rtnetlink.RTM_F_FIB_MATCH) != 0) {
            return RouteRequests.body(route, table(wanted, route));
        }
        return way(wanted, to, route, mark);
    }

    private void requireOwn(IpAddress from) throws IpException {
        if (from.isMulticast() || from.isUnspecified() || from.equals(Ip4Address.BROADCAST)) {
            throw new IpException(GET, Errno.EINVAL, "Nothing can be from " + from + ".");
        }
        boolean isOwn = namespace
                .ip()
                .configuration()
                .routes()
                .lookup(from, Optional.empty())
                .filter(r -> r.spec().type() == RouteType.LOCAL)
                .isPresent();
        if (!isOwn) {
            throw new IpException(GET, Errno.ENETUNREACH, "Nothing from here is from " + from + ".");
        }
    }

    private MessageWriter.Body way(RouteMessage wanted, IpAddress to, Route route, int mark) throws IpException {
        NextHop hop = route.hops().getFirst();
        Device out = route.spec().type() == RouteType.LOCAL ? namespace.loopback() : hop.device();
        RouteMessage.Builder b = RouteMessage.builder(wanted.family())
                .destination(to, to.length() * Byte.SIZE)
                .table(table(wanted, route))
                .protocol(Rtnetlink.RTPROT_UNSPEC)
                .type(route.spec().type().number())
                .scope(InterfaceAddress.SCOPE_UNIVERSE)
                .tos(route.spec().tos())
                .flags(Rtnetlink.RTM_F_CLONED | cacheFlags(route.spec().type(), out));
        b.device(out.index());
        hop.gateway().filter(_ -> hop.hasGateway()).ifPresent(b::gateway);
        if (wanted.source().isPresent()) {
            b.source(wanted.source().get(), wanted.source().get().length() * Byte.SIZE);
        } else {
            Optional<IpAddress> source = namespace.ip().configuration().source(route, to);
            boolean leaves = !out.equals(namespace.loopback());
            if (leaves && source.filter(IpAddress::isLoopback).isPresent()) {
                throw new IpException(GET, Errno.EINVAL, "No packet from " + source.get() + " leaves this host.");
            }
            source.ifPresent(b::preferredSource);
        }
        Optional<LearnedMtu> learned = namespace.ip().configuration().learnedMtu(to);
        Route.Metrics metrics = learned.map(path -> withMtu(route.spec().metrics(), path))
                .orElse(route.spec().metrics());
        if (!metrics.equals(Route.Metrics.NONE)) {
            b.metrics(RouteRequests.metrics(metrics));
        }
        RouteMessage message = b.build();
        return w -> {
            message.writeTo(w);
            hop.encapsulation().ifPresent(e -> EncapAttributes.write(w, e));
            if (mark != 0) {
                w.i32(Rtnetlink.RTA_MARK, mark);
            }
            w.i32(Rtnetlink.RTA_UID, ROOT);
            learned.ifPresent(path -> w.octets(Rtnetlink.RTA_CACHEINFO, cacheInfo(path)));
        };
    }

    /// Of IPv4 Linux knows no local table here: without policy rules it is a part of the main one.
    private static int table(RouteMessage wanted, Route route) {
        boolean asked = (wanted.flags() & (Rtnetlink.RTM_F_LOOKUP_TABLE | Rtnetlink.RTM_F_FIB_MATCH)) != 0;
        boolean isJoined = route.isIp4() && route.spec().table() == Route.TABLE_LOCAL;
        return asked && !isJoined ? route.spec().table() : Route.TABLE_MAIN;
    }

    /// What Linux's IPv4 says of a way that it has found (RTCF).
    private static int cacheFlags(RouteType type, Device out) {
        int stays = (out.flags() & DeviceFlags.LOOPBACK) != 0 ? RTCF_LOCAL : 0;
        return switch (type) {
            case LOCAL -> RTCF_LOCAL;
            case BROADCAST -> RTCF_LOCAL | RTCF_BROADCAST;
            case MULTICAST -> RTCF_LOCAL | RTCF_MULTICAST;
            default -> stays;
        };
    }

    static Route.Metrics withMtu(Route.Metrics m, LearnedMtu path) {
        return new Route.Metrics(
                path.octets(), path.locked() || m.mtuLocked(), m.hopLimit(), m.advertisedSegmentSize());
    }

    /// `struct rta_cacheinfo`: of its eight numbers only when the path is forgotten, in hundredths of a second.
    private static byte[] cacheInfo(LearnedMtu path) {
        return ByteBuffer.allocate(8 * Integer.BYTES)
                .order(ByteOrder.nativeOrder())
                .putInt(2 * Integer.BYTES, Math.toIntExact(path.nanosLeft() / 10_000_000))
                .array();
    }
}
