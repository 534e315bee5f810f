package adit.iproute;

import adit.netlink.AttributeTable;
import adit.netlink.IfLink;
import adit.netlink.MessageReader;
import adit.netlink.Rtnetlink;

/// A link as a message tells it: the fixed part and all attributes.
///
/// ```
/// | family | 0 | link type | index | flags | change | attributes
/// ```
///
/// @param life whether the message tells of its end
/// @param family the family of the message
/// @param linkType an ARPHRD number
/// @param index its index
/// @param flags IFF flags
/// @param attributes IFLA attributes
record LinkRow(Life life, int family, int linkType, int index, int flags, AttributeTable attributes) {
    /// The octets of the fixed part.
    static final int FIXED_LENGTH = 16;

    /// Whether something is or was.
    enum Life {
        PRESENT,
        GONE
    }

    static LinkRow read(MessageReader m) {
        return new LinkRow(
                m.type() == Rtnetlink.RTM_DELLINK ? Life.GONE : Life.PRESENT,
                m.u8(0),
                m.u16(2),
                m.i32(4),
                m.i32(8),
                AttributeTable.read(m.attributes(FIXED_LENGTH)));
    }

    boolean isUp() {
        return (flags & IfLink.IFF_UP) != 0;
    }

    String name() {
        return attributes.has(IfLink.IFLA_IFNAME) ? attributes.string(IfLink.IFLA_IFNAME) : "if" + index;
    }

    /// The kind of link, or of its master, empty when it has none.
    String kind(int attribute) {
        AttributeTable info = attributes.nested(IfLink.IFLA_LINKINFO);
        return info.has(attribute) ? info.string(attribute) : "";
    }

    /// What is particular to its kind; empty when nothing is.
    AttributeTable data() {
        return attributes.nested(IfLink.IFLA_LINKINFO).nested(IfLink.IFLA_INFO_DATA);
    }
}
