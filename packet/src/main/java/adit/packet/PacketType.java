package adit.packet;

/// Whom a packet's link layer addressed, as the receiving device saw it: the `pkt_type` of Linux.
public enum PacketType {
    /// This host; also every packet of a device without link addresses.
    HOST,
    /// Everybody on the link.
    BROADCAST,
    /// A group.
    MULTICAST,
    /// Somebody else: an IP layer drops it, a bridge does not.
    OTHERHOST
}
