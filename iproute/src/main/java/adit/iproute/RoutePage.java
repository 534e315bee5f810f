package adit.iproute;

import adit.netlink.AttributeTable;
import adit.netlink.RouteHop;
import adit.netlink.Rtnetlink;
import java.util.Arrays;
import java.util.List;

/// Shows routes.
final class RoutePage {
    private static final int RTA_FLOW = 11;
    private static final int RTA_PREF = 20;
    private static final int RTA_TTL_PROPAGATE = 26;
    private static final int RTA_NH_ID = 30;

    // struct rta_cacheinfo
    private static final int CLIENT_REFERENCES = 0;
    private static final int LAST_USE = 4;
    private static final int EXPIRES = 8;
    private static final int ERROR = 12;
    private static final int USED = 16;
    private static final int ID = 20;
    private static final int USER_HZ = 100;

    private static final int SMALLEST_HEXADECIMAL_MARK = 16;

    private static final List<Flag> FLAGS = List.of(
            new Flag("dead", 1),
            new Flag("onlink", 4),
            new Flag("pervasive", 2),
            new Flag("offload", 8),
            new Flag("trap", 64),
            new Flag("notify", 0x100),
            new Flag("linkdown", 16),
            new Flag("unresolved", 32),
            new Flag("rt_offload", 0x4000),
            new Flag("rt_trap", 0x8000),
            new Flag("rt_offload_failed", 0x2000_0000));
    private static final List<Flag> CACHE_FLAGS = List.of(
            new Flag("local", 0x8000_0000),
            new Flag("reject", 0x4000_0000),
            new Flag("mc", 0x2000_0000),
            new Flag("brd", 0x1000_0000),
            new Flag("dst-nat", 0x0800_0000),
            new Flag("src-nat", 0x0080_0000),
            new Flag("masq", 0x0040_0000),
            new Flag("dst-direct", 0x0002_0000),
            new Flag("src-direct", 0x0400_0000),
            new Flag("redirected", 0x0004_0000),
            new Flag("redirect", 0x0100_0000),
            new Flag("fastroute", 0x0020_0000),
            new Flag("notify", 0x0001_0000),
            new Flag("proxy", 0x0008_0000));

    private record Flag(String name, int bit) {}

    private final Session session;
    private final Page page;
    private final RouteFilter filter;

    RoutePage(Session session, Page page, RouteFilter filter) {
        this.session = session;
        this.page = page;
        this.filter = filter;
    }

    void show(RouteRow r) throws IpFailure {
        AttributeTable t = r.attributes();
        int bits = InetPrefix.bits(r.family());
        boolean detailed = session.options().detailed();
        page.openObject();
        if (r.life() == LinkRow.Life.GONE) {
            page.truth("deleted", "Deleted ");
        }
        if ((r.type() != Rtnetlink.RTN_UNICAST || detailed) && filter.showsType(r.type())) {
            page.string("type", "%s ", session.name(Names.routeTypes(), r.type()));
        }
        prefixes(r, bits);
        if (t.has(RTA_NH_ID)) {
            page.number("nhid", "nhid %s ", t.u32(RTA_NH_ID));
        }
        way(r, t, bits);
        if (t.has(Rtnetlink.RTA_OIF) && filter.showsOut()) {
            device("dev", t.i32(Rtnetlink.RTA_OIF));
        }
        origin(r, detailed);
        if (t.has(Rtnetlink.RTA_PREFSRC) && filter.showsPreferredSource(bits)) {
            page.string("prefsrc", "src %s ", InetPrefix.text(r.family(), t, Rtnetlink.RTA_PREFSRC));
        }
        if (t.has(Rtnetlink.RTA_PRIORITY) && filter.showsMetric()) {
            page.number("metric", "metric %s ", t.u32(Rtnetlink.RTA_PRIORITY));
        }
        flags(r.flags());
        mark(t);
        if (t.has(RTA_FLOW)) {
            realms(t.i32(RTA_FLOW));
        }
        if (t.has(Rtnetlink.RTA_UID)) {
            page.number("uid", "uid %s ", t.u32(Rtnetlink.RTA_UID));
        }
        cache(r, t);
        if (t.has(Rtnetlink.RTA_METRICS)) {
            RouteMetricsText.show(t.nested(Rtnetlink.RTA_METRICS), page);
        }
        if (t.has(Rtnetlink.RTA_IIF) && filter.showsIn()) {
            device("iif", t.i32(Rtnetlink.RTA_IIF));
        }
        preference(t);
        if (t.has(Rtnetlink.RTA_MULTIPATH)) {
            nextHops(r, t.octets(Rtnetlink.RTA_MULTIPATH));
        }
        page.end();
        page.closeObject();
    }

    /// Addresses of types that send packets elsewhere are those of the family itself.
    private void prefixes(RouteRow r, int bits) {
        AttributeTable t = r.attributes();
        String destination;
        if (t.has(Rtnetlink.RTA_DST)) {
            destination = InetPrefix.text(r.family(), t, Rtnetlink.RTA_DST)
                    + (r.destinationLength() == bits ? "" : "/" + r.destinationLength());
        } else {
            destination = r.destinationLength() == 0 ? "default" : "0/" + r.destinationLength() + " ";
        }
        page.string("dst", "%s ", destination);
        if (t.has(Rtnetlink.RTA_SRC)) {
            String source = InetPrefix.text(r.family(), t, Rtnetlink.RTA_SRC)
                    + (r.sourceLength() == bits ? "" : "/" + r.sourceLength());
            page.string("from", "from %s ", source);
        } else if (r.sourceLength() != 0) {
            page.string("src", "from %s ", "0/" + r.sourceLength());
        }
    }

    private void way(RouteRow r, AttributeTable t, int bits) {
        newDestination(r, t);
        if (t.has(Rtnetlink.RTA_ENCAP)) {
            RouteEncap.show(t, page);
        }
        if (r.tos() != 0 && filter.showsTos()) {
            page.string(
                    "tos",
                    "tos %s ",
                    session.options().names() == IpOptions.NumberNames.NUMERIC
                            ? "0x%02x".formatted(r.tos())
                            : Names.service(r.tos()));
        }
        if (t.has(Rtnetlink.RTA_GATEWAY) && filter.showsGateway(bits)) {
            page.string("gateway", "via %s ", InetPrefix.text(r.family(), t, Rtnetlink.RTA_GATEWAY));
        }
        via(t);
    }

    private void newDestination(RouteRow r, AttributeTable t) {
        if (t.has(Rtnetlink.RTA_NEWDST)) {
            page.string("to", "as to %s ", InetPrefix.text(r.family(), t, Rtnetlink.RTA_NEWDST));
        }
    }

    private void via(AttributeTable t) {
        if (!t.has(Rtnetlink.RTA_VIA)) {
            return;
        }
        int family = t.u16(Rtnetlink.RTA_VIA);
        byte[] octets = t.octets(Rtnetlink.RTA_VIA);
        String host = InetPrefix.text(family, Arrays.copyOfRange(octets, 2, octets.length));
        page.openObject("via");
        page.string("family", "via %s ", InetPrefix.familyName(family));
        page.string("host", "%s ", host);
        page.closeObject();
    }

    private void device(String key, int index) throws IpFailure {
        page.string(key, key + " %s ", session.links().name(index));
    }

    private void origin(RouteRow r, boolean detailed) {
        if (r.table() != 0 && (r.table() != Rtnetlink.RT_TABLE_MAIN || detailed) && filter.showsTable()) {
            page.string("table", "table %s ", session.name(Names.tables(), r.table()));
        }
        if (r.isCloned()) {
            return;
        }
        if ((r.protocol() != Rtnetlink.RTPROT_BOOT || detailed) && filter.showsProtocol()) {
            page.string("protocol", "proto %s ", session.name(Names.protocols(), r.protocol()));
        }
        if ((r.scope() != Rtnetlink.RT_SCOPE_UNIVERSE || detailed) && filter.showsScope()) {
            page.string("scope", "scope %s ", session.name(Names.scopes(), r.scope()));
        }
    }

    private void flags(int flags) {
        page.openArray("flags");
        for (Flag flag : FLAGS) {
            if ((flags & flag.bit()) != 0) {
                page.string(null, "%s ", flag.name());
            }
        }
        page.closeArray();
    }

    private void mark(AttributeTable t) {
        if (!t.has(Rtnetlink.RTA_MARK) || t.i32(Rtnetlink.RTA_MARK) == 0) {
            return;
        }
        long mark = t.u32(Rtnetlink.RTA_MARK);
        page.jsonNumber("mark", mark);
        page.text("mark " + (mark >= SMALLEST_HEXADECIMAL_MARK ? "0x" + Long.toHexString(mark) : mark) + " ");
    }

    private void realms(int flow) {
        int from = flow >>> 16;
        String to = session.name(Names.realms(), flow & 0xffff);
        page.openObject("flow");
        page.text(from == 0 ? "realm " : "realms ");
        if (from != 0) {
            page.string("from", "%s/", session.name(Names.realms(), from));
        }
        page.string("to", "%s ", to);
        page.closeObject();
    }

    private void cache(RouteRow r, AttributeTable t) {
        if (r.family() == Names.AF_INET && r.isCloned()) {
            cacheFlags(r.flags() & ~0xffff);
        }
        boolean shown = r.family() == Names.AF_INET || r.family() == Names.AF_INET6;
        if (!shown || !t.has(Rtnetlink.RTA_CACHEINFO)) {
            return;
        }
        int expires = cacheField(t, EXPIRES);
        if (expires != 0) {
            page.number("expires", "expires %ssec ", expires / USER_HZ);
        }
        if (cacheField(t, ERROR) != 0) {
            page.number("error", "error %s ", Integer.toUnsignedLong(cacheField(t, ERROR)));
        }
        if (session.options().statistics() > 0) {
            unlessZero("users", "users %s ", cacheField(t, CLIENT_REFERENCES));
            unlessZero("used", "used %s ", cacheField(t, USED));
            if (cacheField(t, LAST_USE) != 0) {
                page.number("age", "age %ssec ", cacheField(t, LAST_USE) / USER_HZ);
            }
        }
        int id = cacheField(t, ID);
        if (id != 0) {
            page.jsonString("ipid", "0x" + Integer.toHexString(id));
            page.text("ipid 0x%04x ".formatted(id));
        }
    }

    private static int cacheField(AttributeTable t, int offset) {
        return t.i32(Rtnetlink.RTA_CACHEINFO, offset);
    }

    private void unlessZero(String key, String format, int value) {
        if (value != 0) {
            page.number(key, format, Integer.toUnsignedLong(value));
        }
    }

    private void cacheFlags(int flags) {
        page.line();
        page.text("    cache ");
        page.openArray("cache");
        int rest = flags;
        if (rest != 0) {
            page.text("<");
        }
        for (Flag flag : CACHE_FLAGS) {
            if ((rest & flag.bit()) != 0) {
                rest &= ~flag.bit();
                page.string(null, rest == 0 ? "%s> " : "%s,", flag.name());
            }
        }
        if (rest != 0) {
            page.string("flags", "%s>", Integer.toHexString(rest));
        }
        page.closeArray();
    }

    private void preference(AttributeTable t) {
        if (t.has(RTA_PREF)) {
            switch (t.u8(RTA_PREF)) {
                case 3 -> page.string("pref", "pref %s", "low");
                case 0 -> page.string("pref", "pref %s", "medium");
                case 1 -> page.string("pref", "pref %s", "high");
                default -> page.number("pref", "%s", t.u8(RTA_PREF));
            }
        }
        if (t.has(RTA_TTL_PROPAGATE)) {
            boolean enabled = t.u8(RTA_TTL_PROPAGATE) != 0;
            page.truth("ttl-propogate", "ttl-propogate " + (enabled ? "enabled" : "disabled"), enabled);
        }
    }

    private void nextHops(RouteRow r, byte[] octets) throws IpFailure {
        page.openArray("nexthops");
        for (RouteHop hop : RouteHop.read(octets)) {
            AttributeTable t = hop.attributes();
            page.openObject();
            page.line();
            page.text("\tnexthop ");
            RouteEncap.show(t, page);
            newDestination(r, t);
            if (t.has(Rtnetlink.RTA_GATEWAY)) {
                page.string("gateway", "via %s ", InetPrefix.text(r.family(), t, Rtnetlink.RTA_GATEWAY));
            }
            via(t);
            if (t.has(RTA_FLOW)) {
                realms(t.i32(RTA_FLOW));
            }
            page.string("dev", "dev %s ", session.links().name(hop.index()));
            if (r.family() != Names.AF_MPLS) {
                page.number("weight", "weight %s ", hop.weight());
            }
            flags(hop.flags());
            page.closeObject();
        }
        page.closeArray();
    }
}
