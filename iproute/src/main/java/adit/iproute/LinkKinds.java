package adit.iproute;

import adit.netlink.AttributeTable;
import adit.netlink.IfLink;

/// What is particular to kinds of links: how each shows its data. Kinds that are not here show their name
/// alone.
final class LinkKinds {
    static final String TUN = "tun";
    static final String IPIP = "ipip";
    static final String SIT = "sit";
    static final String VETH = "veth";

    private LinkKinds() {}

    /// Shows the data of a link of a kind, an object of its own in JSON.
    static void show(String kind, AttributeTable info, Page page, Session session) throws IpFailure {
        switch (kind) {
            case TUN -> {
                page.openObject("info_data");
                TunKind.show(info.nested(IfLink.IFLA_INFO_DATA), page);
                page.closeObject();
            }
            case IPIP, SIT -> {
                page.openObject("info_data");
                if (info.has(IfLink.IFLA_INFO_DATA)) {
                    IpTunnelKind.show(info.nested(IfLink.IFLA_INFO_DATA), page, session);
                }
                page.closeObject();
            }
            default -> {}
        }
    }
}
