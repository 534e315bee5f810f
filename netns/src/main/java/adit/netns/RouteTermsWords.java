package adit.netns;

import adit.ip.Route;
import adit.netlink.AttributeReader;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.Rtnetlink;
import adit.port.Deadline;

/// What rtnetlink says of the terms on which a route is kept: how long it has still, and the preference of its
/// router, which IPv6 alone knows.
final class RouteTermsWords {
    private static final int RTA_PREF = 20;
    private static final int PREF_HIGH = 1;
    private static final int PREF_LOW = 3;

    /// Where the time that is left stands in `struct rta_cacheinfo`, and how long that is.
    private static final int EXPIRES = 8;

    private static final int CACHE_INFO_LENGTH = 32;
    private static final long NANOS_A_TICK = 10_000_000;
    private static final long SECOND = 1_000_000_000;
    /// More seconds are for ever (Linux's `addrconf_timeout_fixup`).
    private static final long MOST_SECONDS = 0x7fff_ffffL;

    private RouteTermsWords() {}

    /// The terms that a request of `now` asks for.
    static Route.Terms terms(MessageReader m, long now) {
        Route.Preference preference = Route.Preference.MEDIUM;
        long end = Deadline.NEVER;
        AttributeReader a = m.attributes(RouteRequests.FIXED_LENGTH);
        while (a.next()) {
            if (a.type() == RTA_PREF) {
                preference = preference(a.u8());
            }
            if (a.type() == Rtnetlink.RTA_EXPIRES) {
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
}
