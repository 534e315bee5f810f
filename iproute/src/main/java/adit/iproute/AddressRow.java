package adit.iproute;

import adit.netlink.AttributeTable;
import adit.netlink.IfAddr;
import adit.netlink.MessageReader;
import adit.netlink.OctetString;
import adit.netlink.Rtnetlink;

/// An address of a link as a message tells it.
///
/// @param life whether the message tells of its end
/// @param family AF_INET or AF_INET6
/// @param prefixLength how many bits its link shares
/// @param flags all IFA flags
/// @param scope an RT_SCOPE number
/// @param index the link's index
/// @param attributes IFA attributes
/// @param message the whole message
record AddressRow(
        LinkRow.Life life,
        int family,
        int prefixLength,
        int flags,
        int scope,
        int index,
        AttributeTable attributes,
        OctetString message) {
    /// The octets of the fixed part.
    static final int FIXED_LENGTH = 8;

    static AddressRow read(MessageReader m) {
        AttributeTable t = AttributeTable.read(m.attributes(FIXED_LENGTH));
        return new AddressRow(
                m.type() == Rtnetlink.RTM_DELADDR ? LinkRow.Life.GONE : LinkRow.Life.PRESENT,
                m.u8(0),
                m.u8(1),
                t.has(IfAddr.IFA_FLAGS) ? t.i32(IfAddr.IFA_FLAGS) : m.u8(2),
                m.u8(3),
                m.i32(4),
                t,
                OctetString.of(m.octets()));
    }

    boolean hasAddress() {
        return attributes.has(IfAddr.IFA_LOCAL) || attributes.has(IfAddr.IFA_ADDRESS);
    }

    /// The link's own address.
    byte[] local() {
        return attributes.octets(attributes.has(IfAddr.IFA_LOCAL) ? IfAddr.IFA_LOCAL : IfAddr.IFA_ADDRESS);
    }

    /// The other end's address, or again the own.
    byte[] address() {
        return attributes.octets(attributes.has(IfAddr.IFA_ADDRESS) ? IfAddr.IFA_ADDRESS : IfAddr.IFA_LOCAL);
    }
}
