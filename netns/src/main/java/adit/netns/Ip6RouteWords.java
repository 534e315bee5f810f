package adit.netns;

import adit.ip.NextHop;
import adit.ip.Route;
import adit.netlink.AttributeReader;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.Rtnetlink;
import adit.port.Deadline;
import java.nio.ByteOrder;

/// What rtnetlink says of routes of IPv6 alone: router preference, end, and next hops that share packets.
final class Ip6RouteWords {
    private static final int RTA_PREF = 20;
    private static final int RTA_EXPIRES = 23;
    private static final int PREF_HIGH = 1;
    private static final int PREF_LOW = 3;
    private static final int RTNH_F_DEAD = 1;

    /// Where the time that is left stands in `struct rta_cacheinfo`, and how long that is.
    private static final int EXPIRES = 8;

    private static final int CACHE_INFO_LENGTH = 32;
    private static final long NANOS_A_TICK = 10_000_000;
    private static final long SECOND = 1_000_000_000;
    /// More seconds are for ever (Linux's `addrconf_timeout_fixup`).
    private static final long MOST_SECONDS = 0x7fff_ffffL;

    private Ip6RouteWords() {}

    /// The terms that a request of `now` asks for.
    static Route.Terms terms(MessageReader m, long now) {
        Route.Preference preference = Route.Preference.MEDIUM;
        long end = Deadline.NEVER;
        AttributeReader a = m.attributes(RouteRequests.FIXED_LENGTH);
        while (a.next()) {
            if (a.type() == RTA_PREF) {
                preference = preference(a.u8());
            }
            if (a.type() == RTA_EXPIRES) {
                long seconds = Integer.toUnsignedLong(a.i32());
                end = seconds > MOST_SECONDS ? Deadline.NEVER : now + seconds * SECOND;
            }
        }
        return new Route.Terms(preference, end);
    }

    private static Route.Preference preference(int number) {
        return switch (number) {
            case PREF_HIGH -> Route.Preference.HIGH;
            case PREF_LOW -> Route.Preference.LOW;
            default -> Route.Preference.MEDIUM;
        };
    }

    private static int number(Route.Preference preference) {
        return switch (preference) {
            case MEDIUM -> 0;
            case HIGH -> PREF_HIGH;
            case LOW -> PREF_LOW;
        };
    }

    /// The flags of a next hop.
    static int flags(Route route, NextHop hop) {
        return (hop.onLink() ? Rtnetlink.RTNH_F_ONLINK : 0)
                | (route.isLinkDown(hop) ? Rtnetlink.RTNH_F_LINKDOWN : 0)
                | (route.isDead(hop) ? RTNH_F_DEAD : 0);
    }

    /// How many ticks are left until `end`; 0 for something without one.
    static int ticks(long end, long now) {
        return end == Deadline.NEVER ? 0 : (int) ((end - now) / NANOS_A_TICK);
    }

    /// Writes what stands behind the rest.
    static void write(MessageWriter w, Route route, long now) {
        write(w, route.spec().terms().preference(), ticks(route.spec().terms().end(), now));
    }

    static void write(MessageWriter w, Route.Preference preference, int ticks) {
        cacheInfo(w, ticks);
        w.u8(RTA_PREF, number(preference));
    }

    /// Writes `struct rta_cacheinfo`, of whose eight numbers only the ticks that are left are known.
    static void cacheInfo(MessageWriter w, int ticks) {
        w.nested(Rtnetlink.RTA_CACHEINFO, c -> {
            for (int at = 0; at < CACHE_INFO_LENGTH; at += Integer.BYTES) {
                c.i32(at == EXPIRES ? ticks : 0);
            }
        });
    }

    /// Writes the next hops of a route that has several.
    static void writeHops(MessageWriter w, Route route) {
        w.nested(Rtnetlink.RTA_MULTIPATH, all -> {
            for (NextHop hop : route.hops()) {
                int weight = hop.weight() - 1;
                int flags = flags(route, hop);
                boolean littleEndian = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
                // Flags and weight stand where an attribute has its type.
                all.nested(littleEndian ? weight << Byte.SIZE | flags : flags << Byte.SIZE | weight, h -> {
                    h.i32(hop.device().index());
                    hop.gateway().ifPresent(g -> h.octets(Rtnetlink.RTA_GATEWAY, AddressRequests.octets(g)));
                });
            }
        });
    }
}
