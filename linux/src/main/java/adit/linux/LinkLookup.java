package adit.linux;

import adit.linux.LinkHop.Trust;
import adit.linux.sys.HostOrder;
import adit.netlink.AttributeReader;
import adit.netlink.IfLink;
import adit.netlink.LinkMessage;
import adit.netlink.MessageReader;
import adit.netlink.Neigh;
import adit.netlink.NeighbourMessage;
import adit.netlink.Netlink;
import adit.netlink.RouteMessage;
import adit.netlink.Rtnetlink;
import adit.wire.Ip4Address;
import adit.wire.Octets;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// Asks the kernel for the next hop on the link: the route (RTM_GETROUTE), its interface (RTM_GETLINK), and the
/// Ethernet address of the gateway, or of the destination where it is on the link (RTM_GETNEIGH, Linux 5.0).
///
/// Hears of changes of links, addresses, routes, rules and neighbours. Needs no privilege. For one thread.
final class LinkLookup implements LinkTable.Source {
    private static final int ROUTE_FIXED = 12;
    private static final int LINK_FIXED = 16;
    private static final int NEIGHBOUR_FIXED = 12;
    private static final int RTNLGRP_IPV4_RULE = 8;

    // Where the bodies, and the first attribute's payload, start in the requests.
    private static final int HEADER = 16;
    private static final int ROUTE_DESTINATION_AT = 32;
    private static final int ROUTE_SOURCE_AT = 40;
    private static final int LINK_INDEX_AT = HEADER + 4;
    private static final int NEIGHBOUR_INDEX_AT = HEADER + 4;
    private static final int NEIGHBOUR_DESTINATION_AT = 32;

    private static final int USABLE =
            Neigh.NUD_REACHABLE | Neigh.NUD_STALE | Neigh.NUD_DELAY | Neigh.NUD_PROBE | Neigh.NUD_PERMANENT;

    private static final int ETHERNET_ADDRESS = 6;
    private static final long GROUP_BIT = 1L << 40;

    private final NetlinkInquiry inquiry;
    private final Announcements announcements;
    private final MemorySegment routeToAny = route(Optional.empty());
    private final MemorySegment routeFromSource = route(Optional.of(Ip4Address.ANY));
    private final MemorySegment link = NetlinkInquiry.request(
            Rtnetlink.RTM_GETLINK, Netlink.NLM_F_REQUEST, w -> LinkMessage.of(0).writeTo(w));
    private final MemorySegment neighbour = NetlinkInquiry.request(
            Rtnetlink.RTM_GETNEIGH,
            Netlink.NLM_F_REQUEST,
            w -> NeighbourMessage.of(0, Ip4Address.ANY).writeTo(w));

    // The answers that are being read.
    private int device;
    private int nextHop;
    private int mtu;
    private long address;
    private long neighbourAddress;
    private Trust trust = Trust.KNOWN;

    private LinkLookup(NetlinkInquiry inquiry, Announcements announcements) {
        this.inquiry = inquiry;
        this.announcements = announcements;
    }

    private static MemorySegment route(Optional<Ip4Address> source) {
        RouteMessage lookup = RouteMessage.lookup(Ip4Address.ANY, source.map(a -> a));
        return NetlinkInquiry.request(Rtnetlink.RTM_GETROUTE, Netlink.NLM_F_REQUEST, lookup);
    }

    /// For the network namespace that the calling thread is in.
    static LinkLookup open() throws LinuxException {
        NetlinkInquiry inquiry = NetlinkInquiry.open(Netlink.NETLINK_ROUTE);
        try {
            Announcements announcements = Announcements.of(
                    Rtnetlink.RTNLGRP_LINK,
                    Rtnetlink.RTNLGRP_NEIGH,
                    Rtnetlink.RTNLGRP_IPV4_IFADDR,
                    Rtnetlink.RTNLGRP_IPV4_ROUTE,
                    RTNLGRP_IPV4_RULE);
            return new LinkLookup(inquiry, announcements);
        } catch (Throwable t) {
            inquiry.close();
            throw t;
        }
    }

    @Override
    public LinkHop hop(int source, int destination, LinkHop known) {
        RingObstacle obstacle = askRoute(source, destination);
        if (obstacle == RingObstacle.NONE) {
            obstacle = askLink();
        }
        if (obstacle == RingObstacle.NONE) {
            obstacle = askNeighbour();
        }
        if (obstacle != RingObstacle.NONE) {
            return known != null && known.obstacle() == obstacle ? known : LinkHop.not(obstacle);
        }
        return isAsBefore(known) ? known : new LinkHop(device, mtu, address, neighbourAddress, trust, obstacle);
    }

    private boolean isAsBefore(LinkHop known) {
        return known != null
                && known.isOpen()
                && known.device() == device
                && known.mtu() == mtu
                && known.source() == address
                && known.neighbour() == neighbourAddress
                && known.trust() == trust;
    }

    private RingObstacle askRoute(int source, int destination) {
        MemorySegment request = source == 0 ? routeToAny : routeFromSource;
        Octets.put32(request, ROUTE_DESTINATION_AT, destination);
        if (source != 0) {
            Octets.put32(request, ROUTE_SOURCE_AT, source);
        }
        if (!inquiry.ask(request) || inquiry.answer().type() != Rtnetlink.RTM_NEWROUTE) {
            return RingObstacle.NO_ROUTE;
        }
        MessageReader m = inquiry.answer();
        if (m.u8(7) != Rtnetlink.RTN_UNICAST) {
            return RingObstacle.NOT_UNICAST;
        }
        device = 0;
        nextHop = destination;
        boolean usual = true;
        AttributeReader a = m.attributes(ROUTE_FIXED);
        while (a.next()) {
            switch (a.type()) {
                case Rtnetlink.RTA_OIF -> device = a.i32();
                case Rtnetlink.RTA_GATEWAY -> nextHop = a.be32();
                case Rtnetlink.RTA_VIA, Rtnetlink.RTA_ENCAP, Rtnetlink.RTA_NEWDST -> usual = false;
                default -> {}
            }
        }
        return !usual ? RingObstacle.UNUSUAL_ROUTE : device == 0 ? RingObstacle.NO_ROUTE : RingObstacle.NONE;
    }

    private RingObstacle askLink() {
        HostOrder.put32(link, LINK_INDEX_AT, device);
        if (!inquiry.ask(link) || inquiry.answer().type() != Rtnetlink.RTM_NEWLINK) {
            return RingObstacle.LINK_DOWN;
        }
        MessageReader m = inquiry.answer();
        int flags = m.i32(8);
        if (m.u16(2) != IfLink.ARPHRD_ETHER || (flags & (IfLink.IFF_NOARP | IfLink.IFF_LOOPBACK)) != 0) {
            return RingObstacle.NOT_ETHERNET;
        }
        int wanted = IfLink.IFF_UP | IfLink.IFF_RUNNING;
        if ((flags & wanted) != wanted) {
            return RingObstacle.LINK_DOWN;
        }
        mtu = 0;
        address = 0;
        AttributeReader a = m.attributes(LINK_FIXED);
        while (a.next()) {
            switch (a.type()) {
                case IfLink.IFLA_MTU -> mtu = a.i32();
                case IfLink.IFLA_ADDRESS -> address = a.length() == ETHERNET_ADDRESS ? a.be48() : 0;
                default -> {}
            }
        }
        return mtu > 0 && address != 0 ? RingObstacle.NONE : RingObstacle.NOT_ETHERNET;
    }

    private RingObstacle askNeighbour() {
        HostOrder.put32(neighbour, NEIGHBOUR_INDEX_AT, device);
        Octets.put32(neighbour, NEIGHBOUR_DESTINATION_AT, nextHop);
        if (!inquiry.ask(neighbour) || inquiry.answer().type() != Rtnetlink.RTM_NEWNEIGH) {
            return RingObstacle.NO_NEIGHBOUR;
        }
        MessageReader m = inquiry.answer();
        int state = m.u16(8);
        neighbourAddress = 0;
        AttributeReader a = m.attributes(NEIGHBOUR_FIXED);
        while (a.next()) {
            if (a.type() == Neigh.NDA_LLADDR && a.length() == ETHERNET_ADDRESS) {
                neighbourAddress = a.be48();
            }
        }
        if ((state & USABLE) == 0 || neighbourAddress == 0 || (neighbourAddress & GROUP_BIT) != 0) {
            return RingObstacle.NO_NEIGHBOUR;
        }
        trust = (state & Neigh.NUD_STALE) != 0 ? Trust.STALE : Trust.KNOWN;
        return RingObstacle.NONE;
    }

    @Override
    public boolean changed() {
        return announcements.any();
    }

    @Override
    public void close() {
        inquiry.close();
        announcements.close();
    }
}
