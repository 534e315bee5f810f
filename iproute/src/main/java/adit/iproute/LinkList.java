package adit.iproute;

import adit.netlink.IfAddr;
import adit.netlink.IfLink;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.Rtnetlink;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Lists links, and links with their addresses: `ip link show` and `ip address show`.
///
/// 1. [LinkFilter] reads which ones are meant;
/// 2. links are asked for, and addresses;
/// 3. links that lack what is asked of their addresses are left out;
/// 4. [LinkPage] and [AddressPage] show the rest.
final class LinkList {
    /// Leave virtual functions in, and statistics out.
    private static final int RTEXT_FILTER_VF = 1;

    private static final int RTEXT_FILTER_SKIP_STATS = 8;

    private final Session session;
    private final LinkFilter filter;

    private LinkList(Session session, LinkFilter filter) {
        this.session = session;
        this.filter = filter;
    }

    static void links(Session session, Words words) throws IpFailure {
        LinkFilter filter = LinkFilter.parse(session, Names.AF_PACKET, words, Help.LINK);
        new LinkList(session, filter).show(LinkPage.Scope.LINK);
    }

    static void addresses(Session session, Words words) throws IpFailure {
        LinkFilter filter = LinkFilter.parse(session, session.family(), words, Help.ADDRESS);
        new LinkList(session, filter).show(LinkPage.Scope.ADDRESS);
    }

    private void show(LinkPage.Scope scope) throws IpFailure {
        Page page = session.page();
        page.begin();
        if (scope == LinkPage.Scope.LINK && filter.device != null && !filter.hasGroup()) {
            showOne(page);
            page.finish();
            return;
        }
        List<LinkRow> links = filter.index == 0 ? dump(scope) : List.of(get(scope));
        List<AddressRow> addresses = filter.family == Names.AF_PACKET ? List.of() : addresses();
        for (LinkRow link : links) {
            if (filter.family == Names.AF_PACKET || isShown(link, addresses)) {
                show(link, addresses, page, scope);
            }
        }
        page.finish();
    }

    private void showOne(Page page) throws IpFailure {
        MessageWriter.Body request = w -> {
            fixedPart(w, Names.AF_PACKET, 0);
            w.string(LinkNames.isName(filter.device) ? IfLink.IFLA_IFNAME : IfLink.IFLA_ALT_IFNAME, filter.device);
            w.i32(IfLink.IFLA_EXT_MASK, RTEXT_FILTER_VF);
        };
        LinkRow link;
        try {
            link = LinkRow.read(session.netlink().get(Rtnetlink.RTM_GETLINK, request));
        } catch (Conversation.Refusal e) {
            session.complain(e.getMessage());
            page.finish();
            throw new IpFailure(IpFailure.ABSENT, "Cannot send link get request: " + ErrnoText.of(e.errno()));
        }
        page.openObject();
        if (filter.matches(link) && !filter.hasLabel()) {
            print(link, page, LinkPage.Scope.LINK);
        }
        page.closeObject();
    }

    private static void fixedPart(MessageWriter w, int family, int index) {
        w.u8(family).u8(0).u16(0).i32(index).i32(0).i32(0);
    }

    private List<LinkRow> dump(LinkPage.Scope scope) throws IpFailure {
        int family = scope == LinkPage.Scope.LINK ? Names.AF_PACKET : session.family();
        List<LinkRow> links = new ArrayList<>();
        dump(
                Rtnetlink.RTM_GETLINK,
                w -> {
                    fixedPart(w, family, 0);
                    if (family != Names.AF_UNSPEC && family != Names.AF_PACKET) {
                        // What a family alone says of links can't be filtered.
                        return;
                    }
                    w.i32(IfLink.IFLA_EXT_MASK, RTEXT_FILTER_VF);
                    if (filter.master() != 0) {
                        w.i32(IfLink.IFLA_MASTER, filter.master());
                    }
                    filter.kind()
                            .ifPresent(kind -> w.nested(
                                    IfLink.IFLA_LINKINFO,
                                    info -> info.octets(IfLink.IFLA_INFO_KIND, kind.getBytes(StandardCharsets.UTF_8))));
                },
                m -> {
                    session.links().remember(m);
                    links.add(LinkRow.read(m));
                });
        return links;
    }

    private LinkRow get(LinkPage.Scope scope) throws IpFailure {
        int mask = RTEXT_FILTER_VF | (session.options().statistics() == 0 ? RTEXT_FILTER_SKIP_STATS : 0);
        int family = scope == LinkPage.Scope.LINK ? Names.AF_PACKET : filter.family;
        MessageWriter.Body request = w -> {
            fixedPart(w, family, filter.index);
            w.i32(IfLink.IFLA_EXT_MASK, mask);
        };
        try {
            MessageReader m = session.netlink().get(Rtnetlink.RTM_GETLINK, request);
            session.links().remember(m);
            return LinkRow.read(m);
        } catch (Conversation.Refusal e) {
            throw e.failure(0);
        }
    }

    private List<AddressRow> addresses() throws IpFailure {
        List<AddressRow> addresses = new ArrayList<>();
        dump(
                Rtnetlink.RTM_GETADDR,
                w -> w.u8(filter.family).u8(0).u8(0).u8(0).i32(filter.index),
                m -> addresses.add(AddressRow.read(m)));
        return addresses;
    }

    private void dump(int type, MessageWriter.Body request, Consumer<MessageReader> row) throws IpFailure {
        try {
            session.netlink().dump(type, request, row);
        } catch (Conversation.Refusal e) {
            session.complain(e.getMessage());
            throw new IpFailure(0, "Dump terminated");
        }
    }

    /// Whether a link has an address that is meant, or none at all where that will do.
    private boolean isShown(LinkRow link, List<AddressRow> addresses) throws IpFailure {
        boolean bare = true;
        for (AddressRow address : addresses) {
            if (address.index() == link.index()) {
                bare = false;
                if (filter.matches(address, session.links())) {
                    return true;
                }
            }
        }
        return bare && filter.family == Names.AF_UNSPEC;
    }

    private void show(LinkRow link, List<AddressRow> addresses, Page page, LinkPage.Scope scope) throws IpFailure {
        IpOptions options = session.options();
        boolean withLink = options.brief() || !options.oneLine() || filter.family == Names.AF_PACKET;
        boolean matches = !withLink || filter.matches(link);
        page.openObject();
        if (withLink && matches && !filter.hasLabel()) {
            print(link, page, scope);
        }
        if (matches && filter.family != Names.AF_PACKET) {
            showAddresses(link, addresses, page);
        }
        boolean shown = withLink && matches && !filter.hasLabel() && !options.brief();
        if (shown && scope == LinkPage.Scope.ADDRESS && options.statistics() > 0) {
            LinkStatistics.show(page, options, link.attributes());
            page.line();
        }
        page.closeObject();
    }

    private void print(LinkRow link, Page page, LinkPage.Scope scope) throws IpFailure {
        LinkPage links = new LinkPage(session, page, scope);
        if (session.options().brief()) {
            links.brief(link, filter.family);
        } else {
            links.full(link, filter.family, LinkPage.Queue.SHOWN);
        }
    }

    private void showAddresses(LinkRow link, List<AddressRow> addresses, Page page) throws IpFailure {
        IpOptions options = session.options();
        AddressPage text = new AddressPage(session, page);
        page.openArray("addr_info");
        for (AddressRow address : addresses) {
            boolean its = address.index() == link.index()
                    && (filter.family == Names.AF_UNSPEC || filter.family == address.family())
                    && (!filter.upOnly() || link.isUp());
            if (!its) {
                continue;
            }
            page.openObject();
            if (filter.matches(address, session.links())) {
                if (options.brief()) {
                    text.brief(address);
                } else {
                    text.full(address, options.oneLine() ? AddressPage.Device.ON_THE_LINE : AddressPage.Device.ABOVE);
                }
            }
            page.closeObject();
        }
        page.closeArray();
        if (options.brief()) {
            page.end();
        }
    }

    /// What `ip address flush` needs.
    static LinkFilter filter(Session session, Words words) throws IpFailure {
        return LinkFilter.parse(session, session.family(), words, Help.ADDRESS);
    }

    static List<AddressRow> matching(Session session, LinkFilter filter) throws IpFailure {
        List<AddressRow> matching = new ArrayList<>();
        for (AddressRow address : new LinkList(session, filter).addresses()) {
            if (address.attributes().has(IfAddr.IFA_LOCAL)
                    || address.attributes().has(IfAddr.IFA_ADDRESS)) {
                if (filter.matches(address, session.links())) {
                    matching.add(address);
                }
            }
        }
        return matching;
    }
}
