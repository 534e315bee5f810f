package adit.netlink;

/// What stands behind a netlink header, in words. Each kind reads itself from a [MessageReader] and writes itself by a
/// [MessageWriter], so that both a client and a server can be built on it.
///
/// Reading ignores attributes that are not known here, as netlink asks of everybody. Absent attributes read as empty
/// optionals, and empty optionals are not written.
public sealed interface NetlinkMessage extends MessageWriter.Body
        permits LinkMessage, AddressMessage, RouteMessage, NeighbourMessage, ErrorMessage, FamilyMessage, FouMessage {}
