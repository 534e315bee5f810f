package adit.netns;

import adit.ip.NextHop;
import adit.ip.Route;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import adit.netlink.RouteHop;
import adit.netlink.RouteMetrics;
import adit.netlink.Rtnetlink;
import adit.wire.IpPrefix;
import java.util.OptionalInt;

/// A route as rtnetlink tells it, attribute by attribute in Linux's order (`fib_dump_info`, `rt6_fill_node`).
final class RouteBody {
    private static final int LARGEST_TABLE_OF_HEADER = 255;
    private static final int RT_TABLE_COMPAT = 252;

    private RouteBody() {}

    /// As if the route were in this table, and as of `now` for one that comes to an end.
    static MessageWriter.Body of(Route route, int table, long now) {
        return w -> {
            header(w, route, table);
            if (route.isIp4()) {
                priority(w, route);
                metrics(w, route);
                preferredSource(w, route);
                hops(w, route);
            } else {
                preferredSource(w, route);
                metrics(w, route);
                priority(w, route);
                hops(w, route);
                RouteTermsWords.write(w, route, now);
            }
        };
    }

    private static void header(MessageWriter w, Route route, int table) {
        Route.Spec s = route.spec();
        IpPrefix to = s.destination();
        boolean fits = Integer.compareUnsigned(table, LARGEST_TABLE_OF_HEADER) <= 0;
        w.u8(route.isIp4() ? Netlink.AF_INET : Netlink.AF_INET6)
                .u8(to.length())
                .u8(0)
                .u8(s.tos());
        w.u8(fits ? table : RT_TABLE_COMPAT)
                .u8(s.protocol())
                .u8(s.scope())
                .u8(s.type().number());
        w.i32(route.hops().size() == 1 ? flags(route, route.hops().getFirst()) : flags(route));
        w.i32(Rtnetlink.RTA_TABLE, table);
        if (to.length() > 0) {
            w.octets(Rtnetlink.RTA_DST, AddressRequests.octets(to.address()));
        }
    }

    private static void priority(MessageWriter w, Route route) {
        if (route.spec().priority() != 0 || !route.isIp4()) {
            w.i32(Rtnetlink.RTA_PRIORITY, route.spec().priority());
        }
    }

    private static void metrics(MessageWriter w, Route route) {
        if (!route.spec().metrics().equals(Route.Metrics.NONE)) {
            w.nested(Rtnetlink.RTA_METRICS, metrics(route.spec().metrics()));
        }
    }

    static RouteMetrics metrics(Route.Metrics m) {
        return new RouteMetrics(
                m.mtu() == 0 ? OptionalInt.empty() : OptionalInt.of(m.mtu()),
                m.mtuLocked() ? 1 << Rtnetlink.RTAX_MTU : 0,
                m.hopLimit() == 0 ? OptionalInt.empty() : OptionalInt.of(m.hopLimit()),
                m.advertisedSegmentSize() == 0 ? OptionalInt.empty() : OptionalInt.of(m.advertisedSegmentSize()));
    }

    private static void preferredSource(MessageWriter w, Route route) {
        route.spec().preferredSource().ifPresent(s -> w.octets(Rtnetlink.RTA_PREFSRC, AddressRequests.octets(s)));
    }

    private static void hops(MessageWriter w, Route route) {
        if (route.hops().size() > 1) {
            w.nested(Rtnetlink.RTA_MULTIPATH, all -> {
                for (NextHop hop : route.hops()) {
                    int index = hop.device().index();
                    RouteHop.write(all, flags(route, hop), hop.weight(), index, h -> {
                        gateway(h, hop);
                        encapsulation(h, hop);
                    });
                }
            });
        } else if (!route.hops().isEmpty()) {
            NextHop hop = route.hops().getFirst();
            gateway(w, hop);
            w.i32(Rtnetlink.RTA_OIF, hop.device().index());
            encapsulation(w, hop);
        }
    }

    private static void gateway(MessageWriter w, NextHop hop) {
        hop.gateway().ifPresent(g -> w.octets(Rtnetlink.RTA_GATEWAY, AddressRequests.octets(g)));
    }

    private static void encapsulation(MessageWriter w, NextHop hop) {
        hop.encapsulation().ifPresent(e -> EncapAttributes.write(w, e));
    }

    /// Of a next hop.
    private static int flags(Route route, NextHop hop) {
        return (hop.onLink() ? Rtnetlink.RTNH_F_ONLINK : 0)
                | (route.isLinkDown(hop) ? Rtnetlink.RTNH_F_LINKDOWN : 0)
                | (hop.isDead() ? Rtnetlink.RTNH_F_DEAD : 0);
    }

    /// Of a route of several next hops, or of none.
    private static int flags(Route route) {
        return (route.marks().contains(Route.Mark.ON_LINK) ? Rtnetlink.RTNH_F_ONLINK : 0)
                | (route.marks().contains(Route.Mark.LINK_DOWN) ? Rtnetlink.RTNH_F_LINKDOWN : 0);
    }
}
