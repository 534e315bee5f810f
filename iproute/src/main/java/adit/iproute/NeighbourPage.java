package adit.iproute;

import adit.netlink.AttributeTable;
import adit.netlink.Neigh;
import adit.netlink.Rtnetlink;

/// Shows neighbours.
final class NeighbourPage {
    static final int NTF_USE = 0x01;
    static final int NTF_EXT_LEARNED = 0x10;
    static final int NTF_OFFLOADED = 0x20;
    static final int NTF_ROUTER = 0x80;
    static final int NTF_EXT_MANAGED = 0x1;
    static final int NDA_PROTOCOL = 12;
    static final int NDA_FLAGS_EXT = 15;
    static final int LARGEST_PROTOCOL = 255;
    /// Times are counted in hundredths of a second.
    private static final int USER_HZ = 100;

    private static final int CONFIRMED = 0;
    private static final int USED = 4;
    private static final int UPDATED = 8;
    /// Where in NDA_CACHEINFO the number of references stands.
    static final int REFERENCES = 12;

    private final Session session;
    private final Page page;

    /// Whether a neighbour's link is shown.
    enum Device {
        SHOWN,
        /// It is the one that was asked for.
        KNOWN
    }

    NeighbourPage(Session session, Page page) {
        this.session = session;
        this.page = page;
    }

    void show(NeighbourRow row, Device device) throws IpFailure {
        page.openObject();
        if (row.type() == Rtnetlink.RTM_DELNEIGH) {
            page.truth("deleted", "Deleted ");
        } else if (row.type() == Rtnetlink.RTM_GETNEIGH) {
            word("miss");
        }
        if (session.options().brief()) {
            brief(row, device);
        } else {
            full(row, device);
        }
        page.end();
        page.closeObject();
    }

    private void word(String key) {
        page.jsonNull(key);
        page.text(key + " ");
    }

    private static int addressFamily(NeighbourRow row) {
        return switch (row.attributes().length(Neigh.NDA_DST)) {
            case 4 -> Names.AF_INET;
            case 16 -> Names.AF_INET6;
            default -> row.family();
        };
    }

    private String linkAddress(NeighbourRow row) {
        return LinkAddress.text(
                row.attributes().octets(Neigh.NDA_LLADDR), session.links().linkType(row.index()));
    }

    private void brief(NeighbourRow row, Device device) throws IpFailure {
        AttributeTable t = row.attributes();
        if (t.has(Neigh.NDA_DST)) {
            padded("dst", 39, InetPrefix.text(addressFamily(row), t, Neigh.NDA_DST));
        }
        if (device == Device.SHOWN && row.index() != 0) {
            padded("dev", 16, session.links().name(row.index()));
        }
        if (t.has(Neigh.NDA_LLADDR)) {
            session.links().name(row.index());
            page.string("lladdr", "%s", linkAddress(row));
        }
    }

    private void padded(String key, int width, String value) {
        page.jsonString(key, value);
        page.text(("%-" + width + "s ").formatted(value));
    }

    private void full(NeighbourRow row, Device device) throws IpFailure {
        AttributeTable t = row.attributes();
        if (t.has(Neigh.NDA_DST)) {
            page.string("dst", "%s ", InetPrefix.text(addressFamily(row), t, Neigh.NDA_DST));
        }
        if (device == Device.SHOWN && row.index() != 0) {
            page.string("dev", "dev %s ", session.links().name(row.index()));
        }
        if (t.has(Neigh.NDA_LLADDR)) {
            session.links().name(row.index());
            page.string("lladdr", "lladdr %s ", linkAddress(row));
        }
        flags(row);
        if (session.options().statistics() > 0) {
            statistics(t);
        }
        if (row.state() != 0) {
            NeighbourStates.show(page, row.state());
        }
        if (t.has(NDA_PROTOCOL) && t.u8(NDA_PROTOCOL) != 0) {
            page.string("protocol", "proto %s ", session.name(Names.protocols(), t.u8(NDA_PROTOCOL)));
        }
    }

    private void flags(NeighbourRow row) {
        AttributeTable t = row.attributes();
        int extended = t.has(NDA_FLAGS_EXT) ? t.i32(NDA_FLAGS_EXT) : 0;
        if ((row.flags() & NTF_ROUTER) != 0) {
            word("router");
        }
        if ((row.flags() & Neigh.NTF_PROXY) != 0) {
            word("proxy");
        }
        if ((extended & NTF_EXT_MANAGED) != 0) {
            word("managed");
        }
        if ((row.flags() & NTF_EXT_LEARNED) != 0) {
            word("extern_learn");
        }
        if ((row.flags() & NTF_OFFLOADED) != 0) {
            word("offload");
        }
    }

    private void statistics(AttributeTable t) {
        if (t.has(Neigh.NDA_CACHEINFO)) {
            int references = t.i32(Neigh.NDA_CACHEINFO, REFERENCES);
            if (references != 0) {
                page.number("refcnt", " ref %s", Integer.toUnsignedLong(references));
            }
            seconds("used", " used %s", t, USED);
            seconds("confirmed", "/%s", t, CONFIRMED);
            seconds("updated", "/%s", t, UPDATED);
        }
        if (t.has(Neigh.NDA_PROBES)) {
            page.number("probes", "probes %s ", t.u32(Neigh.NDA_PROBES));
        }
    }

    private void seconds(String key, String format, AttributeTable t, int offset) {
        page.number(key, format, Integer.toUnsignedLong(t.i32(Neigh.NDA_CACHEINFO, offset)) / USER_HZ);
    }
}
