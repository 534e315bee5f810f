package adit.iproute;

import adit.netlink.AttributeTable;
import adit.netlink.IfAddr;
import java.util.Arrays;

/// Shows addresses.
final class AddressPage {
    private static final int IFA_ANYCAST = 5;
    private static final int FOREVER = -1;
    private static final int PREFERRED = 0;
    private static final int VALID = 4;

    private final Session session;
    private final Page page;

    AddressPage(Session session, Page page) {
        this.session = session;
        this.page = page;
    }

    /// Which link an address belongs to is said on its own line when no link is shown above it.
    enum Device {
        ABOVE,
        ON_THE_LINE
    }

    /// Shows address and length alone, for a line of several.
    void brief(AddressRow row) {
        deleted(row);
        addresses(row);
    }

    void full(AddressRow row, Device device) throws IpFailure {
        deleted(row);
        if (device == Device.ON_THE_LINE) {
            String name = session.links().name(row.index());
            page.jsonNumber("index", row.index());
            page.jsonString("dev", name);
            page.text(row.index() + ": " + name);
        }
        String family = InetPrefix.familyName(row.family());
        if (family.startsWith("?")) {
            page.number("family_index", "    family %s ", row.family());
        } else {
            page.string("family", "    %s ", family);
        }
        addresses(row);
        AttributeTable t = row.attributes();
        if (t.has(IfAddr.IFA_BROADCAST)) {
            page.text("brd ");
            page.string("broadcast", "%s ", InetPrefix.text(row.family(), t, IfAddr.IFA_BROADCAST));
        }
        if (t.has(IFA_ANYCAST)) {
            page.text("any ");
            page.string("anycast", "%s ", InetPrefix.text(row.family(), t, IFA_ANYCAST));
        }
        page.string("scope", "scope %s ", session.name(Names.scopes(), row.scope()));
        AddressFlags.show(page, row);
        if (t.has(IfAddr.IFA_LABEL)) {
            page.string("label", "%s", t.string(IfAddr.IFA_LABEL));
        }
        if (t.has(IfAddr.IFA_CACHEINFO)) {
            page.line();
            page.text("       valid_lft ");
            lifetime("valid_life_time", t.i32(IfAddr.IFA_CACHEINFO, VALID), false);
            page.text(" preferred_lft ");
            boolean deprecated = (row.flags() & AddressFlags.DEPRECATED) != 0;
            lifetime("preferred_life_time", t.i32(IfAddr.IFA_CACHEINFO, PREFERRED), deprecated);
        }
        page.end();
    }

    private void deleted(AddressRow row) {
        if (row.life() == LinkRow.Life.GONE) {
            page.truth("deleted", "Deleted ");
        }
    }

    private void addresses(AddressRow row) {
        if (!row.hasAddress()) {
            return;
        }
        page.string("local", "%s", InetPrefix.text(row.family(), row.local()));
        if (!Arrays.equals(row.local(), row.address())) {
            page.text(" peer ");
            page.string("address", "%s", InetPrefix.text(row.family(), row.address()));
        }
        page.number("prefixlen", "/%s ", row.prefixLength());
        if (row.attributes().has(IfAddr.IFA_RT_PRIORITY)) {
            page.number("metric", "metric %s ", row.attributes().u32(IfAddr.IFA_RT_PRIORITY));
        }
    }

    /// A lifetime; one that is over counts below zero.
    private void lifetime(String key, int seconds, boolean over) {
        if (seconds == FOREVER) {
            page.jsonNumber(key, Integer.toUnsignedLong(seconds));
            page.text("forever");
        } else {
            page.number(key, "%ssec", over ? seconds : Integer.toUnsignedLong(seconds));
        }
    }
}
