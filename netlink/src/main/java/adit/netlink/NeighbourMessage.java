package adit.netlink;

import adit.wire.IpAddress;
import java.util.Optional;

/// A neighbour: the body of RTM_NEWNEIGH, RTM_DELNEIGH and RTM_GETNEIGH.
///
/// ```
/// | family | 0 | 0 0 | interface index | state | flags | type | attributes
/// ```
///
/// @param family AF_INET or AF_INET6; AF_UNSPEC asks for all
/// @param index the interface index
/// @param state NUD flags
/// @param flags NTF flags
/// @param type an RTN number
/// @param destination its IP address
/// @param linkAddress its hardware address
public record NeighbourMessage(
        int family,
        int index,
        int state,
        int flags,
        int type,
        Optional<IpAddress> destination,
        Optional<OctetString> linkAddress)
        implements NetlinkMessage {
    private static final int FIXED_LENGTH = 12;

    /// The request for all neighbours of a family.
    public static NeighbourMessage ofFamily(int family) {
        return new NeighbourMessage(family, 0, 0, 0, 0, Optional.empty(), Optional.empty());
    }

    /// A neighbour that stays until it is deleted.
    public static NeighbourMessage permanent(int index, IpAddress destination, OctetString linkAddress) {
        return new NeighbourMessage(
                Addresses.family(destination),
                index,
                Neigh.NUD_PERMANENT,
                0,
                0,
                Optional.of(destination),
                Optional.of(linkAddress));
    }

    /// A neighbour to be deleted.
    public static NeighbourMessage of(int index, IpAddress destination) {
        return new NeighbourMessage(
                Addresses.family(destination), index, 0, 0, 0, Optional.of(destination), Optional.empty());
    }

    /// Reads the message that `m` stands on.
    public static NeighbourMessage read(MessageReader m) {
        Optional<IpAddress> destination = Optional.empty();
        Optional<OctetString> linkAddress = Optional.empty();
        AttributeReader a = m.attributes(FIXED_LENGTH);
        while (a.next()) {
            switch (a.type()) {
                case Neigh.NDA_DST -> destination = Optional.of(Addresses.read(a));
                case Neigh.NDA_LLADDR -> linkAddress = Optional.of(OctetString.of(a.octets()));
                default -> {}
            }
        }
        return new NeighbourMessage(m.u8(0), m.i32(4), m.u16(8), m.u8(10), m.u8(11), destination, linkAddress);
    }

    @Override
    public void writeTo(MessageWriter w) {
        w.u8(family).u8(0).u16(0).i32(index).u16(state).u8(flags).u8(type);
        destination.ifPresent(v -> w.octets(Neigh.NDA_DST, Addresses.octets(v)));
        linkAddress.ifPresent(v -> w.octets(Neigh.NDA_LLADDR, v.octets()));
    }
}
