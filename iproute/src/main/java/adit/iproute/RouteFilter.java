package adit.iproute;

import adit.netlink.AttributeTable;
import adit.netlink.Rtnetlink;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// Which routes are meant.
final class RouteFilter {
    private static final int LARGEST_OCTET = 255;
    private static final int VIA_FAMILY_LENGTH = 2;

    private final int family;
    /// The table, 0 for all.
    private int table = Rtnetlink.RT_TABLE_MAIN;

    private boolean cached;
    private OptionalInt protocol = OptionalInt.empty();
    private boolean anyProtocol;
    private OptionalInt scope = OptionalInt.empty();
    private OptionalInt type = OptionalInt.empty();
    private OptionalInt tos = OptionalInt.empty();
    private OptionalLong metric = OptionalLong.empty();
    private OptionalInt in = OptionalInt.empty();
    private OptionalInt out = OptionalInt.empty();
    private OptionalLong mark = OptionalLong.empty();
    private Optional<InetPrefix> rootDestination = Optional.empty();
    private Optional<InetPrefix> matchDestination = Optional.empty();
    private Optional<InetPrefix> rootSource = Optional.empty();
    private Optional<InetPrefix> matchSource = Optional.empty();
    private Optional<InetPrefix> via = Optional.empty();
    private Optional<InetPrefix> preferredSource = Optional.empty();
    private String inDevice;
    private String outDevice;

    private RouteFilter(int family) {
        this.family = family;
    }

    /// All routes of all tables: what a single answer needs.
    static RouteFilter all() {
        RouteFilter f = new RouteFilter(Names.AF_UNSPEC);
        f.table = 0;
        return f;
    }

    static RouteFilter parse(Session session, Words words) throws IpFailure {
        RouteFilter f = new RouteFilter(session.family());
        while (words.any()) {
            f.word(words.take(), words);
        }
        if (f.inDevice != null) {
            f.in = OptionalInt.of(session.links().required(f.inDevice));
        }
        if (f.outDevice != null) {
            f.out = OptionalInt.of(session.links().required(f.outDevice));
        }
        return f;
    }

    private void word(String word, Words words) throws IpFailure {
        switch (word) {
            case "dev", "oif" -> outDevice = words.value();
            case "iif" -> inDevice = words.value();
            case "tos" -> tos(words.value());
            case "mark" -> mark = OptionalLong.of(Numbers.unsigned(words.value(), Integer.SIZE, "invalid mark value"));
            case "preference" -> metric(words.value());
            case "via" -> via(words);
            case "src" -> preferredSource = Optional.of(InetPrefix.prefix(words.value(), family));
            default -> prefixWord(word, words);
        }
    }

    private void prefixWord(String word, Words words) throws IpFailure {
        if (Words.begins(word, "table")) {
            table(words.value());
        } else if (Words.begins(word, "cached", "cloned")) {
            cached = true;
        } else if (Words.begins(word, "dsfield")) {
            tos(words.value());
        } else if (Words.begins(word, "protocol")) {
            protocol(words.value());
        } else if (Words.begins(word, "scope")) {
            String text = words.value();
            scope = Names.scopes().number(text, LARGEST_OCTET);
            if (scope.isEmpty() && !text.equals("all")) {
                throw IpFailure.wrong("invalid \"scope\"\n", text);
            }
        } else if (Words.begins(word, "type")) {
            String text = words.value();
            type = Names.routeTypes().number(text, LARGEST_OCTET);
            if (type.isEmpty()) {
                throw IpFailure.wrong("node type value is invalid\n", text);
            }
        } else if (Words.begins(word, "metric", "priority")) {
            metric(words.value());
        } else if (Words.begins(word, "from")) {
            from(words);
        } else {
            to(Words.begins(word, "to") ? words.value() : word, words);
        }
    }

    private void table(String text) throws IpFailure {
        OptionalInt number = Names.tables().number(text, 0xffff_ffffL);
        if (number.isPresent()) {
            table = number.getAsInt();
            return;
        }
        switch (text) {
            case "all" -> table = 0;
            case "cache" -> cached = true;
            case "help" -> throw IpFailure.senseless(Help.ROUTE);
            default -> throw IpFailure.wrong("table id value is invalid\n", text);
        }
    }

    private void tos(String text) throws IpFailure {
        tos = Names.serviceNumber(text);
        if (tos.isEmpty()) {
            throw IpFailure.wrong("TOS value is invalid\n", text);
        }
    }

    private void protocol(String text) throws IpFailure {
        protocol = Names.protocols().number(text, LARGEST_OCTET);
        anyProtocol = text.equals("all");
        if (protocol.isEmpty() && !anyProtocol) {
            throw IpFailure.wrong("invalid \"protocol\"\n", text);
        }
    }

    private void metric(String text) throws IpFailure {
        metric = OptionalLong.of(Numbers.unsigned(text, Integer.SIZE, "\"metric\" value is invalid\n"));
    }

    private void via(Words words) throws IpFailure {
        String text = words.value();
        OptionalInt named = Names.families().byName(text);
        via = Optional.of(InetPrefix.prefix(
                named.isPresent() ? words.value() : text, named.isPresent() ? named.getAsInt() : family));
    }

    private void from(Words words) throws IpFailure {
        String text = words.value();
        if (Words.begins(text, "root")) {
            rootSource = Optional.of(InetPrefix.prefix(words.value(), family));
        } else if (Words.begins(text, "match")) {
            matchSource = Optional.of(InetPrefix.prefix(words.value(), family));
        } else {
            matchSource = Optional.of(InetPrefix.prefix(Words.begins(text, "exact") ? words.value() : text, family));
            rootSource = matchSource;
        }
    }

    private void to(String text, Words words) throws IpFailure {
        if (Words.begins(text, "root")) {
            rootDestination = Optional.of(InetPrefix.prefix(words.value(), family));
        } else if (Words.begins(text, "match")) {
            matchDestination = Optional.of(InetPrefix.prefix(words.value(), family));
        } else {
            matchDestination =
                    Optional.of(InetPrefix.prefix(Words.begins(text, "exact") ? words.value() : text, family));
            rootDestination = matchDestination;
        }
    }

    /// The family to ask for: IPv4 when none was named, unless all tables are meant.
    int dumpFamily() {
        return family == Names.AF_UNSPEC && table != 0 ? Names.AF_INET : family;
    }

    int table() {
        return table;
    }

    boolean cached() {
        return cached;
    }

    int protocol() {
        return protocol.orElse(0);
    }

    OptionalInt out() {
        return out;
    }

    // What was asked for is not said again in each row.

    boolean showsTable() {
        return table == 0;
    }

    boolean showsProtocol() {
        return protocol.isEmpty();
    }

    boolean showsScope() {
        return scope.isEmpty();
    }

    boolean showsTos() {
        return tos.isEmpty();
    }

    boolean showsMetric() {
        return metric.isEmpty();
    }

    boolean showsIn() {
        return in.isEmpty();
    }

    boolean showsOut() {
        return out.isEmpty();
    }

    boolean showsType(int itsType) {
        return type.isEmpty() || type.getAsInt() == itsType;
    }

    boolean showsGateway(int bits) {
        return via.isEmpty() || via.get().length() != bits;
    }

    boolean showsPreferredSource(int bits) {
        return preferredSource.isEmpty() || preferredSource.get().length() != bits;
    }

    boolean matches(RouteRow r) {
        AttributeTable t = r.attributes();
        return (family == Names.AF_UNSPEC || family == r.family())
                && cached == r.isCloned()
                && (table == 0 || table == r.table())
                && !isTakenForAnotherTable(r)
                && (protocol.isEmpty() || protocol.getAsInt() == r.protocol())
                && (scope.isEmpty() || scope.getAsInt() == r.scope())
                && (type.isEmpty() || type.getAsInt() == r.type())
                && (tos.isEmpty() || tos.getAsInt() == r.tos())
                && (metric.isEmpty() || metric.getAsLong() == u32(t, Rtnetlink.RTA_PRIORITY))
                && (in.isEmpty() || in.getAsInt() == u32(t, Rtnetlink.RTA_IIF))
                && (out.isEmpty() || out.getAsInt() == u32(t, Rtnetlink.RTA_OIF))
                && (mark.isEmpty() || mark.getAsLong() == u32(t, Rtnetlink.RTA_MARK))
                && within(rootDestination, matchDestination, r, Rtnetlink.RTA_DST, r.destinationLength())
                && within(rootSource, matchSource, r, Rtnetlink.RTA_SRC, r.sourceLength())
                && matchesGateway(r)
                && matchesPreferredSource(r);
    }

    /// While iproute2 has seen no route of IPv6 outside the main table, it takes the kernel for one without tables,
    /// and local routes for those of the local one.
    private boolean isTakenForAnotherTable(RouteRow r) {
        return r.family() == Names.AF_INET6 && table == Rtnetlink.RT_TABLE_MAIN && r.type() == Rtnetlink.RTN_LOCAL;
    }

    private static long u32(AttributeTable t, int type) {
        return t.has(type) ? t.u32(type) : 0;
    }

    /// Whether a route's prefix lies within `root` and contains `match`.
    private static boolean within(
            Optional<InetPrefix> root, Optional<InetPrefix> match, RouteRow r, int attribute, int length) {
        byte[] address = r.attributes().has(attribute)
                ? r.attributes().octets(attribute)
                : new byte[InetPrefix.bits(r.family()) / Byte.SIZE];
        return root.filter(p -> isMeant(p))
                        .map(p -> isWithinRoot(p, r, address, length))
                        .orElse(true)
                && match.filter(p -> isMeant(p))
                        .map(p -> containsMatch(p, r, address, length))
                        .orElse(true);
    }

    /// `any` of no family asks for nothing.
    private static boolean isMeant(InetPrefix p) {
        return p.family() != Names.AF_UNSPEC || p.lengthGiven() == InetPrefix.Given.WRITTEN;
    }

    private static boolean isFamily(InetPrefix p, RouteRow r) {
        return p.family() == Names.AF_UNSPEC || p.family() == r.family();
    }

    private static boolean isWithinRoot(InetPrefix root, RouteRow r, byte[] address, int length) {
        return isFamily(root, r) && root.length() <= length && sameBits(address, root.octets(), root.length());
    }

    private static boolean containsMatch(InetPrefix match, RouteRow r, byte[] address, int length) {
        return isFamily(match, r) && match.length() >= length && sameBits(address, match.octets(), length);
    }

    private static boolean sameBits(byte[] a, byte[] b, int bits) {
        return bits <= 0 || (a.length == b.length && InetPrefix.sameBits(a, b, bits));
    }

    private boolean matchesGateway(RouteRow r) {
        if (via.isEmpty() || !isMeant(via.get())) {
            return true;
        }
        AttributeTable t = r.attributes();
        InetPrefix wanted = via.get();
        byte[] gateway = new byte[InetPrefix.bits(r.family()) / Byte.SIZE];
        int itsFamily = r.family();
        if (t.has(Rtnetlink.RTA_GATEWAY)) {
            gateway = t.octets(Rtnetlink.RTA_GATEWAY);
        } else if (t.has(Rtnetlink.RTA_VIA)) {
            itsFamily = t.u16(Rtnetlink.RTA_VIA);
            byte[] octets = t.octets(Rtnetlink.RTA_VIA);
            gateway = Arrays.copyOfRange(octets, VIA_FAMILY_LENGTH, octets.length);
        }
        return wanted.family() == itsFamily && sameBits(gateway, wanted.octets(), wanted.length());
    }

    private boolean matchesPreferredSource(RouteRow r) {
        if (preferredSource.isEmpty() || !isMeant(preferredSource.get())) {
            return true;
        }
        InetPrefix wanted = preferredSource.get();
        byte[] source = r.attributes().has(Rtnetlink.RTA_PREFSRC)
                ? r.attributes().octets(Rtnetlink.RTA_PREFSRC)
                : new byte[InetPrefix.bits(r.family()) / Byte.SIZE];
        return wanted.family() == r.family() && sameBits(source, wanted.octets(), wanted.length());
    }
}
