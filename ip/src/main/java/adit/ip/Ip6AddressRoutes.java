package adit.ip;

import adit.port.Deadline;
import adit.wire.Ip6Address;
import adit.wire.Ip6Prefix;
import java.util.List;
import java.util.Optional;

/// The routes that IPv6 addresses bring and take with them: to this host, to its links, and to the groups there.
/// Under the control lock.
final class Ip6AddressRoutes {
    private static final Ip6Prefix GROUPS = Ip6Prefix.parse("ff00::/8");
    private static final int ALL = Ip6Prefix.MAX_LENGTH;
    /// A prefix of this length has no address of all its routers: both of its addresses are hosts' (RFC 6164).
    private static final int LINK_OF_TWO = 127;
    private static final int PRIORITY = 256;

    private final IpStack stack;
    private final Ip6Routes routes;

    Ip6AddressRoutes(IpStack stack, Ip6Routes routes) {
        this.stack = stack;
        this.routes = routes;
    }

    /// The routes of a new address. The loopback's that the stack gives it has itself alone on its link.
    void connect(IpInterface link, InterfaceAddress a, IpListener.Origin origin) {
        boolean isAlone = origin == IpListener.Origin.STACK && link.isLoopback();
        if (a.bringsPrefixRoute() && !isAlone) {
            prefix(link, a);
        }
        complete(link, a);
    }

    /// The routes of an address that nobody else has (Linux's `addrconf_dad_completed`).
    void complete(IpInterface link, InterfaceAddress a) {
        own(link, a);
        if (stack.forwards6()) {
            joinRouters(link, a);
        }
        peer(a).ifPresent(peer -> add(link, RouteType.UNICAST, peer, Route.TABLE_MAIN, priority(a), Deadline.NEVER));
    }

    /// The routes of an address on a link that went up.
    void restore(IpInterface link, InterfaceAddress a) {
        if (a.has(InterfaceAddress.PERMANENT)) {
            own(link, a);
            if (a.bringsPrefixRoute()) {
                prefix(link, a);
            }
        }
    }

    /// The route to the address itself, which is there whether the link is up or not.
    private void own(IpInterface link, InterfaceAddress a) {
        add(link, RouteType.LOCAL, whole(a.local()), Route.TABLE_LOCAL, 0, Deadline.NEVER);
    }

    private static Ip6Prefix whole(adit.wire.IpAddress address) {
        return new Ip6Prefix((Ip6Address) address, ALL);
    }

    private static Optional<Ip6Prefix> peer(InterfaceAddress a) {
        return a.hasPeer() ? Optional.of(whole(a.peer())) : Optional.empty();
    }

    private void prefix(IpInterface link, InterfaceAddress a) {
        prefix(link, a, (Ip6Prefix) a.link());
    }

    private void prefix(IpInterface link, InterfaceAddress a, Ip6Prefix to) {
        add(
                link,
                RouteType.UNICAST,
                to,
                Route.TABLE_MAIN,
                priority(a),
                a.lifetime().end());
    }

    private static int priority(InterfaceAddress a) {
        return a.priority() == 0 ? PRIORITY : a.priority();
    }

    /// Joins the address of all routers on a link (RFC 4291 section 2.6.1), to which a route leads from the first
    /// time until it was left as many times. Linux counts so (`__ipv6_dev_ac_inc`). Since it joins once more where
    /// a link asks for link addresses otherwise, such an address stays for good; its route goes when the link goes
    /// down, and does not come back.
    void joinRouters(IpInterface link, InterfaceAddress a) {
        if (hasRouters(a) && link.routers6.merge(routers(a), 1, Integer::sum) == 1) {
            add(link, RouteType.ANYCAST, routers(a), Route.TABLE_LOCAL, 0, Deadline.NEVER);
        }
    }

    /// Leaves it once.
    void leaveRouters(IpInterface link, InterfaceAddress a) {
        boolean isLast =
                link.routers6.computeIfPresent(routers(a), (_, count) -> count == 1 ? null : count - 1) == null;
        if (hasRouters(a) && isLast) {
            remove(link, RouteType.ANYCAST, routers(a));
        }
    }

    private static boolean hasRouters(InterfaceAddress a) {
        return a.prefixLength() < LINK_OF_TWO
                && !((Ip6Prefix) a.link()).address().isUnspecified();
    }

    private static Ip6Prefix routers(InterfaceAddress a) {
        return whole(((Ip6Prefix) a.link()).address());
    }

    /// Takes away the routes that an address brought, but for those that another one on its link brings. Called when
    /// the interface does not have it any more.
    void disconnect(IpInterface link, InterfaceAddress a) {
        if (stack.forwards6()) {
            leaveRouters(link, a);
        }
        peer(a).ifPresent(peer -> removeFirst(link, peer));
        remove(link, RouteType.LOCAL, whole(a.local()));
        leavePrefix(link, a);
    }

    /// Has routes forget an address that somebody took away or that has ended.
    void forget(InterfaceAddress a) {
        routes.forgetSource((Ip6Address) a.local());
    }

    /// The route to the link of an address goes with the last one there that is good for ever; where others remain,
    /// it goes with these.
    private void leavePrefix(IpInterface link, InterfaceAddress a) {
        if (!a.has(InterfaceAddress.PERMANENT) || !a.bringsPrefixRoute()) {
            return;
        }
        long end = Long.MIN_VALUE;
        for (InterfaceAddress b : link.addresses6) {
            boolean isBeside = !b.local().equals(a.local())
                    && b.prefixLength() == a.prefixLength()
                    && b.link().equals(a.link());
            if (isBeside && (b.has(InterfaceAddress.PERMANENT) || !b.bringsPrefixRoute())) {
                return;
            }
            if (isBeside) {
                end = Math.max(end, b.lifetime().end());
            }
        }
        Route route = routes.prefixRoute(link, (Ip6Prefix) a.link());
        if (route == null) {
            return;
        }
        if (end == Long.MIN_VALUE) {
            routes.remove(route);
        } else if (route.spec().terms().end() == Deadline.NEVER) {
            routes.renew(route, end);
        }
    }

    /// An address is there with another lifetime, priority or peer than before (Linux's `inet6_addr_modify`).
    void renew(IpInterface link, InterfaceAddress old, InterfaceAddress renewed) {
        boolean newPeer = renewed.hasPeer() && !renewed.peer().equals(old.peer());
        if (newPeer && old.hasPeer()) {
            removeFirst(link, Ip6Prefix.of((Ip6Address) old.peer(), old.prefixLength()));
        }
        boolean had = old.has(InterfaceAddress.PERMANENT) && old.bringsPrefixRoute();
        if (!renewed.bringsPrefixRoute()) {
            if (had) {
                leavePrefix(link, old);
            }
            return;
        }
        boolean modified = had && modify(link, renewed, (Ip6Prefix) renewed.link());
        if (!modified) {
            prefix(link, renewed);
        }
        if (renewed.hasPeer()) {
            Ip6Prefix peer = Ip6Prefix.of((Ip6Address) renewed.peer(), renewed.prefixLength());
            if (had) {
                modified = modify(link, renewed, peer);
            }
            if (!modified) {
                prefix(link, renewed, peer);
            }
        }
    }

    private boolean modify(IpInterface link, InterfaceAddress a, Ip6Prefix to) {
        Route route = routes.prefixRoute(link, to);
        if (route == null) {
            return false;
        }
        if (route.spec().priority() != priority(a)) {
            routes.remove(route);
            prefix(link, a, to);
        } else {
            routes.renew(route, a.lifetime().end());
        }
        return true;
    }

    private void removeFirst(IpInterface link, Ip6Prefix to) {
        Route route = routes.prefixRoute(link, to);
        if (route != null) {
            routes.remove(route);
        }
    }

    private void remove(IpInterface link, RouteType type, Ip6Prefix to) {
        routes.removeOwn(link, type, to);
    }

    /// The route to all groups, which a link with IPv6 has.
    void groups(IpInterface link) {
        add(link, RouteType.MULTICAST, GROUPS, Route.TABLE_LOCAL, PRIORITY, Deadline.NEVER);
    }

    private void add(IpInterface link, RouteType type, Ip6Prefix to, int table, int priority, long end) {
        if (type != RouteType.LOCAL
                && type != RouteType.ANYCAST
                && !link.device().isUp()) {
            return;
        }
        Route.Spec spec = new Route.Spec(
                to,
                table,
                type,
                InterfaceAddress.SCOPE_UNIVERSE,
                Route.PROTOCOL_KERNEL,
                0,
                priority,
                Optional.empty(),
                Route.Metrics.NONE,
                new Route.Terms(Route.Preference.MEDIUM, end));
        Route route = new Route(spec, List.of(new NextHop(link.device(), null, InterfaceAddress.SCOPE_LINK, 1, false)));
        routes.offer(route.rejects ? route.onUsualTerms() : route);
    }
}
