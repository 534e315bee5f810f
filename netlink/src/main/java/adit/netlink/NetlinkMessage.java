package adit.netlink;

import java.util.Optional;

/// What stands behind a netlink header, in words. Each kind reads itself from a [MessageReader] and writes itself by a
/// [MessageWriter], so that both a client and a server can be built on it.
///
/// Reading ignores attributes that are not known here, as netlink asks of everybody. Absent attributes read as empty
/// optionals, and empty optionals are not written.
public sealed interface NetlinkMessage extends MessageWriter.Body
        permits LinkMessage, AddressMessage, RouteMessage, NeighbourMessage, ErrorMessage, FamilyMessage, FouMessage {
    /// Reads the message of the protocol NETLINK_ROUTE that `m` stands on; empty when it is of a kind not known here.
    static Optional<NetlinkMessage> readRoute(MessageReader m) {
        return Optional.ofNullable(
                switch (m.type()) {
                    case Netlink.NLMSG_ERROR, Netlink.NLMSG_DONE -> ErrorMessage.read(m);
                    case Rtnetlink.RTM_NEWLINK, Rtnetlink.RTM_DELLINK, Rtnetlink.RTM_GETLINK, Rtnetlink.RTM_SETLINK ->
                        LinkMessage.read(m);
                    case Rtnetlink.RTM_NEWADDR, Rtnetlink.RTM_DELADDR, Rtnetlink.RTM_GETADDR -> AddressMessage.read(m);
                    case Rtnetlink.RTM_NEWROUTE, Rtnetlink.RTM_DELROUTE, Rtnetlink.RTM_GETROUTE -> RouteMessage.read(m);
                    case Rtnetlink.RTM_NEWNEIGH, Rtnetlink.RTM_DELNEIGH, Rtnetlink.RTM_GETNEIGH ->
                        NeighbourMessage.read(m);
                    default -> null;
                });
    }
}
