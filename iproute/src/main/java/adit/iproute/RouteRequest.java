package adit.iproute;

import adit.netlink.MessageWriter;
import adit.netlink.RouteHop;
import adit.netlink.Rtnetlink;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/// What `ip route add`, `change`, `replace`, `append` and `delete` say of a route.
final class RouteRequest implements MessageWriter.Body {
    private static final int RTA_FLOW = 11;
    private static final int RTA_PREF = 20;
    private static final int RTA_TTL_PROPAGATE = 26;
    private static final int RTA_NH_ID = 30;
    private static final int RTN_ANYCAST = 4;
    private static final int RTN_NAT = 10;
    private static final int LARGEST_OCTET = 255;
    private static final int LARGEST_WEIGHT = 256;
    private static final long LARGEST_REALM = 0xffff;

    private final Session session;
    private final Purpose purpose;
    private final List<MessageWriter.Body> attributes = new ArrayList<>();
    private final RouteMetricsText metrics = new RouteMetricsText();
    private int family;
    private int destinationLength;
    private int sourceLength;
    private int tos;
    private int table = Rtnetlink.RT_TABLE_MAIN;
    private int protocol;
    private int scope = Rtnetlink.RT_SCOPE_NOWHERE;
    private int type;
    private int flags;
    private String device;
    private boolean destinationSaid;
    private boolean typeSaid;
    private boolean scopeSaid;
    private boolean tableSaid;
    private boolean nextHopSaid;

    /// Whether a route is to be there or not.
    enum Purpose {
        PRESENT,
        DELETE
    }

    private RouteRequest(Session session, Purpose purpose) {
        this.session = session;
        this.purpose = purpose;
        this.family = session.family();
        if (purpose == Purpose.PRESENT) {
            protocol = Rtnetlink.RTPROT_BOOT;
            scope = Rtnetlink.RT_SCOPE_UNIVERSE;
            type = Rtnetlink.RTN_UNICAST;
        }
    }

    static RouteRequest parse(Session session, Purpose purpose, Words words) throws IpFailure {
        RouteRequest r = new RouteRequest(session, purpose);
        while (words.any() && !words.peek().equals("nexthop")) {
            r.word(words.take(), words);
        }
        r.finish(words);
        return r;
    }

    @Override
    public void writeTo(MessageWriter w) {
        w.u8(family).u8(destinationLength).u8(sourceLength).u8(tos);
        w.u8(Integer.compareUnsigned(table, LARGEST_OCTET) > 0 ? Rtnetlink.RT_TABLE_UNSPEC : table)
                .u8(protocol)
                .u8(scope)
                .u8(type)
                .i32(flags);
        attributes.forEach(a -> a.writeTo(w));
    }

    private void word(String word, Words words) throws IpFailure {
        switch (word) {
            case "src" -> address(Rtnetlink.RTA_PREFSRC, words.value());
            case "as" -> {
                String text = words.value();
                address(Rtnetlink.RTA_NEWDST, text.equals("to") ? words.value() : text);
            }
            case "via" -> {
                if (nextHopSaid) {
                    throw IpFailure.wrong("use nexthop syntax to specify multiple via\n", word);
                }
                nextHopSaid = true;
                attributes.add(via(words));
            }
            case "from" -> from(words.value());
            case "tos" -> tos(words.value());
            case "expires" -> number(Rtnetlink.RTA_EXPIRES, "expires", words.value());
            case "preference" -> number(Rtnetlink.RTA_PRIORITY, "metric", words.value());
            case "scope" -> {
                String text = words.value();
                scope = Names.scopes()
                        .number(text, LARGEST_OCTET)
                        .orElseThrow(() -> IpFailure.wrong("invalid \"scope\" value\n", text));
                scopeSaid = true;
            }
            case "onlink" -> flags |= Rtnetlink.RTNH_F_ONLINK;
            case "nhid" -> {
                number(RTA_NH_ID, "id", words.value());
                nextHopSaid = true;
            }
            case "dev", "oif" -> device = words.value();
            case "encap" -> attributes.add(RouteEncap.parse(words));
            default -> prefixWord(word, words);
        }
    }

    private void prefixWord(String word, Words words) throws IpFailure {
        if (Words.begins(word, "dsfield")) {
            tos(words.value());
        } else if (Words.begins(word, "metric", "priority")) {
            number(Rtnetlink.RTA_PRIORITY, "metric", words.value());
        } else if (!word.startsWith("r") && metrics.take(word, words)) {
            return;
        } else if (Words.begins(word, "reordering") || Words.is(word, "rtt", "rto_min", "rttv", "rttva", "rttvar")) {
            metrics.take(word, words);
        } else if (Words.begins(word, "realms")) {
            attributes.add(realms(words.value()));
        } else if (Words.begins(word, "protocol")) {
            String text = words.value();
            protocol = Names.protocols()
                    .number(text, LARGEST_OCTET)
                    .orElseThrow(() -> IpFailure.wrong("\"protocol\" value is invalid\n", text));
        } else if (Words.begins(word, "table")) {
            table(words.value());
        } else if (Words.begins(word, "pref")) {
            preference(words.value());
        } else if (Words.begins(word, "ttl-propagate")) {
            propagate(words.value());
        } else {
            to(word, words);
        }
    }

    private void address(int attribute, String text) throws IpFailure {
        InetPrefix a = InetPrefix.address(text, family);
        family = family == Names.AF_UNSPEC ? a.family() : family;
        attributes.add(w -> w.octets(attribute, a.octets()));
    }

    /// A next hop, perhaps of another family than the route's.
    private MessageWriter.Body via(Words words) throws IpFailure {
        String text = words.value();
        OptionalInt named = Names.families().byName(text);
        InetPrefix a = named.isPresent()
                ? InetPrefix.address(words.value(), named.getAsInt())
                : InetPrefix.address(text, family);
        family = family == Names.AF_UNSPEC ? a.family() : family;
        return a.family() == family
                ? w -> w.octets(Rtnetlink.RTA_GATEWAY, a.octets())
                : w -> w.nested(Rtnetlink.RTA_VIA, v -> v.u16(a.family()).octets(a.octets()));
    }

    private void from(String text) throws IpFailure {
        InetPrefix p = InetPrefix.prefix(text, family);
        family = family == Names.AF_UNSPEC ? p.family() : family;
        if (p.octets().length > 0) {
            attributes.add(w -> w.octets(Rtnetlink.RTA_SRC, p.octets()));
        }
        sourceLength = p.length();
    }

    private void tos(String text) throws IpFailure {
        tos = Names.serviceNumber(text).orElseThrow(() -> IpFailure.wrong("\"tos\" value is invalid\n", text));
    }

    private void number(int attribute, String keyword, String text) throws IpFailure {
        long value = Numbers.unsigned(text, Integer.SIZE, "\"" + keyword + "\" value is invalid\n");
        attributes.add(w -> w.i32(attribute, (int) value));
    }

    private static MessageWriter.Body realms(String text) throws IpFailure {
        int slash = text.indexOf('/');
        IpFailure wrong = IpFailure.wrong("\"realm\" value is invalid\n", text);
        int from = slash < 0
                ? 0
                : Names.realms().number(text.substring(0, slash), LARGEST_REALM).orElseThrow(() -> wrong);
        int to = Names.realms().number(text.substring(slash + 1), LARGEST_REALM).orElseThrow(() -> wrong);
        return w -> w.i32(RTA_FLOW, from << 16 | to);
    }

    private void table(String text) throws IpFailure {
        table = Names.tables()
                .number(text, 0xffff_ffffL)
                .orElseThrow(() -> IpFailure.wrong("\"table\" value is invalid\n", text));
        tableSaid = true;
        if (Integer.compareUnsigned(table, LARGEST_OCTET) > 0) {
            int large = table;
            attributes.add(w -> w.i32(Rtnetlink.RTA_TABLE, large));
        }
    }

    private void preference(String text) throws IpFailure {
        int value = switch (text) {
            case "low" -> 3;
            case "medium" -> 0;
            case "high" -> 1;
            default -> (int) Numbers.unsigned(text, Byte.SIZE, "\"pref\" value is invalid\n");
        };
        attributes.add(w -> w.u8(RTA_PREF, value));
    }

    private void propagate(String text) throws IpFailure {
        if (!Words.begins(text, "enabled", "disabled")) {
            throw IpFailure.wrong("\"ttl-propagate\" value is invalid\n", text);
        }
        int value = Words.begins(text, "enabled") ? 1 : 0;
        attributes.add(w -> w.u8(RTA_TTL_PROPAGATE, value));
    }

    private void to(String word, Words words) throws IpFailure {
        String text = word.equals("to") ? words.value() : word;
        boolean digit = text.charAt(0) >= '0' && text.charAt(0) <= '9';
        OptionalInt named = digit ? OptionalInt.empty() : Names.routeTypes().number(text, LARGEST_OCTET);
        if (named.isPresent()) {
            type = named.getAsInt();
            typeSaid = true;
            text = words.value();
        }
        if (Words.begins(text, "help")) {
            throw IpFailure.senseless(Help.ROUTE);
        }
        if (destinationSaid) {
            throw IpFailure.duplicateOrGarbage("to", text);
        }
        InetPrefix p = InetPrefix.prefix(text, family);
        family = family == Names.AF_UNSPEC ? p.family() : family;
        destinationLength = p.length();
        destinationSaid = true;
        if (p.octets().length > 0) {
            attributes.add(w -> w.octets(Rtnetlink.RTA_DST, p.octets()));
        }
    }

    private void finish(Words words) throws IpFailure {
        boolean nextHops = words.any();
        if (!destinationSaid) {
            throw IpFailure.senseless(Help.ROUTE);
        }
        if (device != null) {
            int index = session.links().required(device);
            attributes.add(w -> w.i32(Rtnetlink.RTA_OIF, index));
        }
        if (!metrics.isEmpty()) {
            attributes.add(w -> w.nested(Rtnetlink.RTA_METRICS, metrics));
        }
        if (nextHops) {
            nextHops(words);
        }
        family = family == Names.AF_UNSPEC ? Names.AF_INET : family;
        if (!tableSaid && isLocal()) {
            table = Rtnetlink.RT_TABLE_LOCAL;
        }
        if (!scopeSaid) {
            scope = defaultScope(nextHops || nextHopSaid);
        }
        if (!typeSaid && family == Names.AF_MPLS) {
            type = Rtnetlink.RTN_UNICAST;
        }
    }

    private boolean isLocal() {
        return switch (type) {
            case Rtnetlink.RTN_LOCAL, Rtnetlink.RTN_BROADCAST, RTN_NAT, RTN_ANYCAST -> true;
            default -> false;
        };
    }

    private int defaultScope(boolean hasNextHop) {
        if (family == Names.AF_INET6 || family == Names.AF_MPLS) {
            return Rtnetlink.RT_SCOPE_UNIVERSE;
        }
        return switch (type) {
            case Rtnetlink.RTN_LOCAL, RTN_NAT -> Rtnetlink.RT_SCOPE_HOST;
            case Rtnetlink.RTN_BROADCAST, Rtnetlink.RTN_MULTICAST, RTN_ANYCAST -> Rtnetlink.RT_SCOPE_LINK;
            case Rtnetlink.RTN_UNICAST, Rtnetlink.RTN_UNSPEC -> {
                if (purpose == Purpose.DELETE) {
                    yield Rtnetlink.RT_SCOPE_NOWHERE;
                }
                yield hasNextHop ? scope : Rtnetlink.RT_SCOPE_LINK;
            }
            default -> scope;
        };
    }

    private void nextHops(Words words) throws IpFailure {
        List<MessageWriter.Body> hops = new ArrayList<>();
        while (words.any()) {
            String word = words.take();
            if (!word.equals("nexthop")) {
                throw IpFailure.senseless("Error: \"nexthop\" or end of line is expected instead of \"" + word + "\"");
            }
            if (!words.any()) {
                throw IpFailure.senseless("Error: unexpected end of line after \"nexthop\"");
            }
            hops.add(nextHop(words));
        }
        attributes.add(w -> w.nested(Rtnetlink.RTA_MULTIPATH, m -> hops.forEach(h -> h.writeTo(m))));
    }

    /// Of a next hop `ip` says that it makes no sense where its device is not there.
    private int hopDevice(String name) throws IpFailure {
        try {
            return session.links().required(name);
        } catch (IpFailure e) {
            throw IpFailure.senseless(e.getMessage() + "\nError: cannot parse nexthop");
        }
    }

    private MessageWriter.Body nextHop(Words words) throws IpFailure {
        List<MessageWriter.Body> said = new ArrayList<>();
        int hopFlags = 0;
        int index = 0;
        int weight = 1;
        boolean more = true;
        while (more && words.any()) {
            String word = words.take();
            switch (word) {
                case "via" -> said.add(via(words));
                case "dev" -> index = hopDevice(words.value());
                case "weight" -> {
                    String text = words.value();
                    long number = Numbers.unsigned(text, Integer.SIZE, "\"weight\" is invalid\n");
                    if (number == 0 || number > LARGEST_WEIGHT) {
                        throw IpFailure.wrong("\"weight\" is invalid\n", text);
                    }
                    weight = (int) number;
                }
                case "onlink" -> hopFlags |= Rtnetlink.RTNH_F_ONLINK;
                case "encap" -> said.add(RouteEncap.parse(words));
                default -> {
                    if (Words.begins(word, "realms")) {
                        said.add(realms(words.value()));
                    } else {
                        words.putBack();
                        more = false;
                    }
                }
            }
        }
        int link = index;
        int share = weight;
        int shown = hopFlags;
        return w -> RouteHop.write(w, shown, share, link, h -> said.forEach(a -> a.writeTo(h)));
    }
}
