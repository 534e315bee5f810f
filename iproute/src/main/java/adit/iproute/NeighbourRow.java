package adit.iproute;

import adit.netlink.AttributeTable;
import adit.netlink.MessageReader;
import adit.netlink.OctetString;

/// A neighbour as a message tells it.
///
/// @param type the message's type
/// @param family an AF number
/// @param index the link's index
/// @param state NUD flags
/// @param flags NTF flags
/// @param attributes NDA attributes
/// @param message the whole message
record NeighbourRow(
        int type, int family, int index, int state, int flags, AttributeTable attributes, OctetString message) {
    /// The octets of the fixed part.
    static final int FIXED_LENGTH = 12;

    static NeighbourRow read(MessageReader m) {
        return new NeighbourRow(
                m.type(),
                m.u8(0),
                m.i32(4),
                m.u16(8),
                m.u8(10),
                AttributeTable.read(m.attributes(FIXED_LENGTH)),
                OctetString.of(m.octets()));
    }
}
