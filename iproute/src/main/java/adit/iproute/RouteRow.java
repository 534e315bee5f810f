package adit.iproute;

import adit.netlink.AttributeTable;
import adit.netlink.MessageReader;
import adit.netlink.OctetString;
import adit.netlink.Rtnetlink;

/// A route as a message tells it.
///
/// ```
/// | family | destination length | source length | tos | table | protocol | scope | type | flags | attributes
/// ```
///
/// @param life whether the message tells of its end
/// @param family an AF number
/// @param destinationLength how many bits of the destination count
/// @param sourceLength how many bits of the source count
/// @param tos whose packets it is for
/// @param table an RT_TABLE number, from the header or the attribute
/// @param protocol an RTPROT number
/// @param scope an RT_SCOPE number
/// @param type an RTN number
/// @param flags RTNH_F and RTM_F flags
/// @param attributes RTA attributes
/// @param message the whole message
record RouteRow(
        LinkRow.Life life,
        int family,
        int destinationLength,
        int sourceLength,
        int tos,
        int table,
        int protocol,
        int scope,
        int type,
        int flags,
        AttributeTable attributes,
        OctetString message) {
    /// The octets of the fixed part.
    static final int FIXED_LENGTH = 12;

    static RouteRow read(MessageReader m) {
        AttributeTable t = AttributeTable.read(m.attributes(FIXED_LENGTH));
        return new RouteRow(
                m.type() == Rtnetlink.RTM_DELROUTE ? LinkRow.Life.GONE : LinkRow.Life.PRESENT,
                m.u8(0),
                m.u8(1),
                m.u8(2),
                m.u8(3),
                t.has(Rtnetlink.RTA_TABLE) ? t.i32(Rtnetlink.RTA_TABLE) : m.u8(4),
                m.u8(5),
                m.u8(6),
                m.u8(7),
                m.i32(8),
                t,
                OctetString.of(m.octets()));
    }

    boolean isCloned() {
        return (flags & Rtnetlink.RTM_F_CLONED) != 0;
    }
}
