package adit.ip;

import adit.wire.Ip4Address;
import adit.wire.Ip4Prefix;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The routes that IPv4 addresses bring and take with them: to this host, to its links, to their broadcasts and groups.
/// Under the control lock.
final class Ip4AddressRoutes {
    private final Ip4Routes routes;

    Ip4AddressRoutes(Ip4Routes routes) {
        this.routes = routes;
    }

    /// The routes that an IPv4 address brings (Linux's `fib_add_ifaddr`).
    void connect(IpInterface link, InterfaceAddress a) {
        Ip4Prefix own = new Ip4Prefix((Ip4Address) a.local(), 32);
        routes.bring(route(link, RouteType.LOCAL, own, primary(link, a), 0));
        if (!link.device().isUp()) {
            return;
        }
        a.broadcast().filter(b -> !b.isBroadcast()).ifPresent(b -> broadcast(link, b, primary(link, a)));
        Ip4Prefix prefix = (Ip4Prefix) a.link();
        boolean isLink = !prefix.address().isUnspecified()
                && !a.has(InterfaceAddress.SECONDARY)
                && (!prefix.address().equals(a.local()) || a.prefixLength() < 32);
        if (!isLink) {
            return;
        }
        bringPrefix(link, a);
        if (a.prefixLength() < 31) {
            broadcast(link, prefix.broadcast(), a);
        }
    }

    /// A broadcast address is no neighbour who could be asked (Linux's `arp_invalidate`).
    private void broadcast(IpInterface link, Ip4Address all, InterfaceAddress a) {
        routes.bring(route(link, RouteType.BROADCAST, new Ip4Prefix(all, 32), a, 0));
        link.neighbours4.deleteUnresolved(all);
    }

    /// Adds the route to the link of a primary address.
    void bringPrefix(IpInterface link, InterfaceAddress a) {
        if (a.bringsPrefixRoute()) {
            routes.bring(prefixRoute(link, a));
        }
    }

    /// Takes away the route to the link of a primary address.
    void takePrefix(IpInterface link, InterfaceAddress a) {
        if (a.bringsPrefixRoute()) {
            routes.take(prefixRoute(link, a));
        }
    }

    private static Route prefixRoute(IpInterface link, InterfaceAddress a) {
        RouteType type = link.isLoopback() ? RouteType.LOCAL : RouteType.UNICAST;
        return route(link, type, (Ip4Prefix) a.link(), a, a.priority());
    }

    /// The address whose link a secondary one shares; the address itself if it is a primary one.
    static InterfaceAddress primary(IpInterface link, InterfaceAddress a) {
        for (InterfaceAddress b : link.addresses4) {
            boolean shares = b.prefixLength() == a.prefixLength() && b.link().equals(a.link());
            if (a.has(InterfaceAddress.SECONDARY) && !b.has(InterfaceAddress.SECONDARY) && shares) {
                return b;
            }
        }
        return a;
    }

    private static Route route(IpInterface link, RouteType type, Ip4Prefix to, InterfaceAddress a, int priority) {
        int table = type == RouteType.UNICAST ? Route.TABLE_MAIN : Route.TABLE_LOCAL;
        int scope = type == RouteType.LOCAL ? InterfaceAddress.SCOPE_HOST : InterfaceAddress.SCOPE_LINK;
        Route.Spec spec = new Route.Spec(
                to, table, type, scope, Route.PROTOCOL_KERNEL, 0, priority, Optional.of(a.local()), Route.Metrics.NONE);
        int hopScope = type == RouteType.LOCAL ? InterfaceAddress.SCOPE_NOWHERE : InterfaceAddress.SCOPE_HOST;
        return new Route(spec, List.of(new NextHop(link.device(), null, hopScope, 1, false)));
    }

    /// Takes away the routes that an IPv4 address brought, but for those that one of `others` brings as well: it stays
    /// on the same link and has the same source in its routes (Linux's `fib_del_ifaddr`).
    void disconnect(IpInterface link, InterfaceAddress a, InterfaceAddress primary, InterfaceAddress... others) {
        Ip4Prefix prefix = (Ip4Prefix) a.link();
        boolean isPrimary = primary.equals(a);
        if (isPrimary) {
            takePrefix(link, a);
        }
        List<InterfaceAddress> stay = Arrays.stream(others)
                .filter(b -> primary(link, b).local().equals(primary.local()))
                .toList();
        a.broadcast().ifPresent(b -> broadcastGone(link, b, primary, stay));
        if (isPrimary && a.prefixLength() < 31) {
            broadcastGone(link, prefix.broadcast(), primary, stay);
        }
        if (stay.stream().noneMatch(b -> b.local().equals(a.local()))) {
            Ip4Prefix own = new Ip4Prefix((Ip4Address) a.local(), 32);
            routes.take(route(link, RouteType.LOCAL, own, primary, 0));
            routes.sourceGone(own.address());
        }
    }

    private void broadcastGone(
            IpInterface link, Ip4Address address, InterfaceAddress primary, List<InterfaceAddress> stay) {
        boolean isKept = stay.stream()
                .anyMatch(b -> b.broadcast().filter(address::equals).isPresent()
                        || (!b.has(InterfaceAddress.SECONDARY)
                                && b.prefixLength() < 31
                                && ((Ip4Prefix) b.link()).broadcast().equals(address)));
        if (!isKept) {
            routes.take(route(link, RouteType.BROADCAST, new Ip4Prefix(address, 32), primary, 0));
        }
    }
}
