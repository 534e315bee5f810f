package adit.iproute;

import adit.netlink.AttributeReader;
import adit.netlink.AttributeTable;
import adit.netlink.IfLink;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;

/// Shows links, as `ip link` and as `ip address` do.
final class LinkPage {
    private static final List<String> STATES =
            List.of("UNKNOWN", "NOTPRESENT", "DOWN", "LOWERLAYERDOWN", "TESTING", "DORMANT", "UP");
    private static final List<String> MODES = List.of("DEFAULT", "DORMANT");
    private static final List<String> EVENTS = List.of(
            "NONE", "REBOOT", "FEATURE CHANGE", "BONDING FAILOVER", "NOTIFY PEERS", "RESEND IGMP", "BONDING OPTION");
    private static final List<String> GENERATION_MODES = List.of("eui64", "none", "stable_secret", "random");

    private final Session session;
    private final Page page;
    private final Scope scope;

    /// Which command shows the link.
    enum Scope {
        /// `ip link`: all of it.
        LINK,
        /// `ip address`: what addresses need.
        ADDRESS
    }

    LinkPage(Session session, Page page, Scope scope) {
        this.session = session;
        this.page = page;
        this.scope = scope;
    }

    /// The number of a state, whatever its case.
    static OptionalInt stateNumber(String text) {
        int number = STATES.indexOf(text.toUpperCase(Locale.ROOT));
        return number < 0 ? OptionalInt.empty() : OptionalInt.of(number);
    }

    /// The number of a way to make IPv6 addresses, whatever its case.
    static OptionalInt generationModeNumber(String text) {
        int number = GENERATION_MODES.indexOf(text.toLowerCase(Locale.ROOT));
        return number < 0 ? OptionalInt.empty() : OptionalInt.of(number);
    }

    /// Shows a link on one line without its end, for names, state and addresses side by side.
    void brief(LinkRow link, int family) throws IpFailure {
        deleted(link);
        LinkFlags.Parent parent = name(link, true);
        state(link);
        if (family == Names.AF_PACKET) {
            if (link.attributes().has(IfLink.IFLA_ADDRESS)) {
                page.string("address", "%s ", address(link, IfLink.IFLA_ADDRESS));
            }
            LinkFlags.show(page, link.flags(), parent);
            page.end();
        }
    }

    /// Shows a link. `family` is what was asked for, 0 for all.
    void full(LinkRow link, int family, Queue queue) throws IpFailure {
        AttributeTable t = link.attributes();
        deleted(link);
        page.number("ifindex", "%s: ", link.index());
        LinkFlags.Parent parent = name(link, false);
        LinkFlags.show(page, link.flags(), parent);
        number(t, IfLink.IFLA_MTU, "mtu", "mtu %s ");
        string(t, IfLink.IFLA_QDISC, "qdisc", "qdisc %s ");
        if (t.has(IfLink.IFLA_MASTER)) {
            page.string("master", "master %s ", session.links().name(t.i32(IfLink.IFLA_MASTER)));
        }
        state(link);
        if (scope == Scope.LINK && t.has(IfLink.IFLA_LINKMODE)) {
            indexed(MODES, t.u8(IfLink.IFLA_LINKMODE), "linkmode", "mode %s ");
        }
        if (t.has(IfLink.IFLA_GROUP)) {
            page.string("group", "group %s ", session.name(Names.groups(), t.i32(IfLink.IFLA_GROUP)));
        }
        if (queue == Queue.SHOWN) {
            // What a family alone says of a link lacks it.
            int length = t.has(IfLink.IFLA_TXQLEN)
                    ? t.i32(IfLink.IFLA_TXQLEN)
                    : session.links().queueLength(link.index());
            if (length != 0) {
                page.number("txqlen", "qlen %s", length);
            }
        }
        if (t.has(IfLink.IFLA_EVENT) && t.i32(IfLink.IFLA_EVENT) != 0) {
            indexed(EVENTS, t.i32(IfLink.IFLA_EVENT), "event", "event %s ");
        }
        boolean detailed = session.options().detailed();
        if (family == Names.AF_UNSPEC || family == Names.AF_PACKET || detailed) {
            addresses(link);
        }
        namespaces(t);
        if (t.has(IfLink.IFLA_PROTO_DOWN) && t.u8(IfLink.IFLA_PROTO_DOWN) != 0) {
            page.truth("proto_down", " protodown on ");
        }
        if (detailed) {
            details(link);
        }
        if ((scope == Scope.LINK || detailed) && t.has(IfLink.IFLA_IFALIAS)) {
            page.line();
            page.text("    ");
            page.string("ifalias", "alias %s", t.string(IfLink.IFLA_IFALIAS));
        }
        if (scope == Scope.LINK && session.options().statistics() > 0) {
            page.line();
            LinkStatistics.show(page, session.options(), t);
        }
        otherNames(t);
        page.end();
    }

    /// Whether the queue's length is shown; events leave it out.
    enum Queue {
        SHOWN,
        HIDDEN
    }

    private void deleted(LinkRow link) {
        if (link.life() == LinkRow.Life.GONE) {
            page.truth("deleted", "Deleted ");
        }
    }

    /// Shows the name and the link below, and tells how that is.
    private LinkFlags.Parent name(LinkRow link, boolean padded) throws IpFailure {
        AttributeTable t = link.attributes();
        String below = null;
        LinkFlags.Parent parent = LinkFlags.Parent.UP_OR_NONE;
        if (t.has(IfLink.IFLA_LINK)) {
            int index = t.i32(IfLink.IFLA_LINK);
            if (index == 0) {
                page.jsonNull("link");
                below = "NONE";
            } else if (t.has(IfLink.IFLA_LINK_NETNSID)) {
                page.jsonNumber("link_index", index);
                below = "if" + index;
            } else {
                below = session.links().name(index);
                page.jsonString("link", below);
                parent = (session.links().flags(index) & IfLink.IFF_UP) == 0
                        ? LinkFlags.Parent.DOWN
                        : LinkFlags.Parent.UP_OR_NONE;
            }
        }
        String name = below == null || page.isJson() ? link.name() : link.name() + "@" + below;
        if (page.isJson()) {
            page.string("ifname", "", name);
        } else {
            page.text(padded ? "%-16s ".formatted(name) : name + ": ");
        }
        return parent;
    }

    private void state(LinkRow link) {
        if (!link.attributes().has(IfLink.IFLA_OPERSTATE)) {
            return;
        }
        int state = link.attributes().u8(IfLink.IFLA_OPERSTATE);
        if (state >= STATES.size()) {
            page.jsonNumber("operstate_index", state);
            page.text("state 0x" + Integer.toHexString(state));
        } else {
            page.jsonString("operstate", STATES.get(state));
            page.text(
                    session.options().brief()
                            ? "%-14s ".formatted(STATES.get(state))
                            : "state " + STATES.get(state) + " ");
        }
    }

    private void addresses(LinkRow link) {
        AttributeTable t = link.attributes();
        page.line();
        page.string("link_type", "    link/%s ", session.linkType(link.linkType()));
        if (t.has(IfLink.IFLA_ADDRESS)) {
            page.string("address", "%s", address(link, IfLink.IFLA_ADDRESS));
        }
        if (t.has(IfLink.IFLA_BROADCAST)) {
            boolean peer = (link.flags() & IfLink.IFF_POINTOPOINT) != 0;
            page.text(peer ? " peer " : " brd ");
            if (peer) {
                page.jsonTruth("link_pointtopoint", true);
            }
            page.string("broadcast", "%s", address(link, IfLink.IFLA_BROADCAST));
        }
        if (t.has(IfLink.IFLA_PERM_ADDRESS)
                && !(t.has(IfLink.IFLA_ADDRESS)
                        && Arrays.equals(t.octets(IfLink.IFLA_ADDRESS), t.octets(IfLink.IFLA_PERM_ADDRESS)))) {
            page.text(" permaddr ");
            page.string("permaddr", "%s", address(link, IfLink.IFLA_PERM_ADDRESS));
        }
    }

    private static String address(LinkRow link, int attribute) {
        return LinkAddress.text(link.attributes().octets(attribute), link.linkType());
    }

    private void namespaces(AttributeTable t) {
        if (t.has(IfLink.IFLA_LINK_NETNSID)) {
            int id = t.i32(IfLink.IFLA_LINK_NETNSID);
            page.jsonNumber("link_netnsid", id);
            page.text(" link-netnsid " + (id >= 0 ? Integer.toString(id) : "unknown"));
        }
        if (t.has(IfLink.IFLA_NEW_NETNSID)) {
            page.text(" new-netnsid " + t.i32(IfLink.IFLA_NEW_NETNSID));
        }
        if (t.has(IfLink.IFLA_NEW_IFINDEX)) {
            page.text(" new-ifindex " + t.i32(IfLink.IFLA_NEW_IFINDEX));
        }
    }

    private void details(LinkRow link) throws IpFailure {
        AttributeTable t = link.attributes();
        number(t, IfLink.IFLA_PROMISCUITY, "promiscuity", " promiscuity %s ");
        number(t, IfLink.IFLA_ALLMULTI, "allmulti", " allmulti %s ");
        number(t, IfLink.IFLA_MIN_MTU, "min_mtu", "minmtu %s ");
        number(t, IfLink.IFLA_MAX_MTU, "max_mtu", "maxmtu %s ");
        if (t.has(IfLink.IFLA_LINKINFO)) {
            kind(link);
        }
        if (scope == Scope.LINK) {
            AttributeTable inet6 = t.nested(IfLink.IFLA_AF_SPEC).nested(Names.AF_INET6);
            if (inet6.has(IfLink.IFLA_INET6_ADDR_GEN_MODE)) {
                int mode = inet6.u8(IfLink.IFLA_INET6_ADDR_GEN_MODE);
                String text = mode < GENERATION_MODES.size() ? GENERATION_MODES.get(mode) : "0x%02x".formatted(mode);
                page.string("inet6_addr_gen_mode", "addrgenmode %s ", text);
            }
        }
        number(t, IfLink.IFLA_NUM_TX_QUEUES, "num_tx_queues", "numtxqueues %s ");
        number(t, IfLink.IFLA_NUM_RX_QUEUES, "num_rx_queues", "numrxqueues %s ");
        number(t, IfLink.IFLA_GSO_MAX_SIZE, "gso_max_size", "gso_max_size %s ");
        number(t, IfLink.IFLA_GSO_MAX_SEGS, "gso_max_segs", "gso_max_segs %s ");
        number(t, IfLink.IFLA_TSO_MAX_SIZE, "tso_max_size", "tso_max_size %s ");
        number(t, IfLink.IFLA_TSO_MAX_SEGS, "tso_max_segs", "tso_max_segs %s ");
        number(t, IfLink.IFLA_GRO_MAX_SIZE, "gro_max_size", "gro_max_size %s ");
        string(t, IfLink.IFLA_PARENT_DEV_BUS_NAME, "parentbus", "parentbus %s ");
        string(t, IfLink.IFLA_PARENT_DEV_NAME, "parentdev", "parentdev %s ");
    }

    private void kind(LinkRow link) throws IpFailure {
        AttributeTable info = link.attributes().nested(IfLink.IFLA_LINKINFO);
        page.openObject("linkinfo");
        if (info.has(IfLink.IFLA_INFO_KIND)) {
            String kind = info.string(IfLink.IFLA_INFO_KIND);
            page.line();
            page.string("info_kind", "    %s ", kind);
            LinkKinds.show(kind, info, page, session);
        }
        if (info.has(IfLink.IFLA_INFO_SLAVE_KIND)) {
            page.line();
            page.string("info_slave_kind", "    %s_slave ", info.string(IfLink.IFLA_INFO_SLAVE_KIND));
        }
        page.closeObject();
    }

    private void otherNames(AttributeTable t) {
        if (!t.has(IfLink.IFLA_PROP_LIST)) {
            return;
        }
        page.openArray("altnames");
        AttributeReader names = t.elements(IfLink.IFLA_PROP_LIST);
        while (names.next()) {
            if (names.type() == IfLink.IFLA_ALT_IFNAME) {
                page.line();
                page.text("    altname ");
                page.string(null, "%s", names.string());
            }
        }
        page.closeArray();
    }

    private void number(AttributeTable t, int type, String key, String format) {
        if (t.has(type)) {
            page.number(key, format, t.u32(type));
        }
    }

    private void string(AttributeTable t, int type, String key, String format) {
        if (t.has(type)) {
            page.string(key, format, t.string(type));
        }
    }

    /// Shows a word of a list, or the number that has none.
    private void indexed(List<String> words, int index, String key, String format) {
        if (index >= 0 && index < words.size()) {
            page.string(key, format, words.get(index));
        } else {
            page.number(key + "_index", format, index);
        }
    }
}
