package adit.iproute;

import adit.netlink.AttributeTable;
import adit.netlink.IfLink;

/// Shows tunnels as `ip tunnel` does.
final class TunnelPage {
    private static final int IPPROTO_IPIP = 4;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPPROTO_MPLS = 137;

    private final Session session;
    private final Page page;

    TunnelPage(Session session, Page page) {
        this.session = session;
        this.page = page;
    }

    /// Shows a tunnel in a line, and its statistics behind it where they are asked for.
    void show(LinkRow link) throws IpFailure {
        AttributeTable t = link.data();
        page.openObject();
        page.string("ifname", "%s: ", link.name());
        page.string("mode", "%s ", protocol(link, t) + "/ip");
        endpoint("remote", t, IfLink.IFLA_IPTUN_REMOTE);
        page.text(" ");
        endpoint("local", t, IfLink.IFLA_IPTUN_LOCAL);
        if (t.has(IfLink.IFLA_IPTUN_LINK) && t.i32(IfLink.IFLA_IPTUN_LINK) != 0) {
            page.string("dev", " dev %s", session.links().name(t.i32(IfLink.IFLA_IPTUN_LINK)));
        }
        int ttl = t.has(IfLink.IFLA_IPTUN_TTL) ? t.u8(IfLink.IFLA_IPTUN_TTL) : 0;
        if (ttl != 0) {
            page.number("ttl", " ttl %s", ttl);
        } else {
            page.text(" ttl inherit");
        }
        tos(t.has(IfLink.IFLA_IPTUN_TOS) ? t.u8(IfLink.IFLA_IPTUN_TOS) : 0);
        if (t.has(IfLink.IFLA_IPTUN_PMTUDISC) && t.u8(IfLink.IFLA_IPTUN_PMTUDISC) == 0) {
            page.jsonNull("nopmtudisc");
            page.text(" nopmtudisc");
        }
        page.closeObject();
        if (session.options().statistics() > 0) {
            statistics(link.attributes());
        }
        page.endInBoth();
    }

    private static String protocol(LinkRow link, AttributeTable t) {
        boolean sit = link.kind(IfLink.IFLA_INFO_KIND).equals(LinkKinds.SIT);
        int protocol =
                t.has(IfLink.IFLA_IPTUN_PROTO) ? t.u8(IfLink.IFLA_IPTUN_PROTO) : sit ? IPPROTO_IPV6 : IPPROTO_IPIP;
        return switch (protocol) {
            case IPPROTO_IPIP -> "ip";
            case IPPROTO_IPV6 -> "ipv6";
            case IPPROTO_MPLS -> "mpls";
            case 0 -> "any";
            default -> "unknown";
        };
    }

    private void endpoint(String key, AttributeTable t, int type) {
        boolean any = !t.has(type) || t.be32(type) == 0;
        String address = t.has(type) ? InetPrefix.text(Names.AF_INET, t, type) : "0.0.0.0";
        page.jsonString(key, address);
        page.text(key + " " + (any ? "any" : address));
    }

    private void tos(int tos) {
        if (tos == 1) {
            page.text(" tos inherit");
        } else if (tos != 0) {
            boolean inherits = !page.isJson() && (tos & 1) != 0;
            page.string("tos", " tos %s", inherits ? "inherit/" + Names.service(tos & ~1) : Names.service(tos));
        }
    }

    private void statistics(AttributeTable link) {
        if (!link.has(IfLink.IFLA_STATS64)) {
            return;
        }
        page.line();
        page.text("RX: Packets    Bytes        Errors CsumErrs OutOfSeq Mcasts");
        page.line();
        page.text("    %-10s %-12s %-6s %-8s %-8s %-8s".formatted(counters(link, 0, 2, 4, 13, 14, 8)));
        page.line();
        page.text("TX: Packets    Bytes        Errors DeadLoop NoRoute  NoBufs");
        page.line();
        page.text("    %-10s %-12s %-6s %-8s %-8s %-6s".formatted(counters(link, 1, 3, 5, 9, 17, 7)));
    }

    /// Counters by their place in `struct rtnl_link_stats64`.
    private static Object[] counters(AttributeTable link, int... indexes) {
        Object[] values = new Object[indexes.length];
        for (int i = 0; i < indexes.length; i++) {
            values[i] = LinkStatistics.counter(link, indexes[i]);
        }
        return values;
    }
}
