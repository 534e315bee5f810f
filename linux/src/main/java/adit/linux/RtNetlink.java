package adit.linux;

import adit.linux.NetlinkSocket.Request;
import adit.netlink.AddressMessage;
import adit.netlink.IfAddr;
import adit.netlink.IfLink;
import adit.netlink.LinkInfo;
import adit.netlink.LinkMessage;
import adit.netlink.NeighbourMessage;
import adit.netlink.Netlink;
import adit.netlink.OctetString;
import adit.netlink.RouteMessage;
import adit.netlink.Rtnetlink;
import adit.wire.Ip6Address;
import adit.wire.IpAddress;
import adit.wire.MacAddress;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;

/// Links, addresses, routes and neighbours of a network namespace: what `ip` does, without running it.
///
/// ```java
/// try (RtNetlink net = RtNetlink.open()) {
///     net.createVethPair("v0", LinkMessage.of("v1"));
///     int v0 = net.link("v0").index();
///     net.addAddress(v0, IpAddress.parse("192.0.2.1"), 24);
///     net.setUp(v0);
/// }
/// ```
///
/// Asking needs no privilege, changing needs CAP_NET_ADMIN. What the kernel refuses is a [LinuxException] that goes
/// by the request's name, such as `RTM_NEWROUTE`, with the kernel's own words. Methods may be called from any thread;
/// they take their turns.
public final class RtNetlink implements AutoCloseable {
    private final NetlinkSocket socket;

    private RtNetlink(NetlinkSocket socket) {
        this.socket = socket;
    }

    /// For the namespace that the calling thread is in.
    public static RtNetlink open() throws LinuxException {
        return new RtNetlink(NetlinkSocket.open(Netlink.NETLINK_ROUTE));
    }

    // ---- Links

    /// All links.
    public List<LinkMessage> links() throws IOException {
        return socket.dump(new Request("RTM_GETLINK", ""), Rtnetlink.RTM_GETLINK, LinkMessage.of(0), LinkMessage::read);
    }

    /// The link of a name.
    public LinkMessage link(String name) throws IOException {
        return link(LinkMessage.of(name), name);
    }

    /// The link of an index.
    public LinkMessage link(int index) throws IOException {
        return link(LinkMessage.of(index), subject(index));
    }

    private LinkMessage link(LinkMessage which, String subject) throws IOException {
        return socket.ask(new Request("RTM_GETLINK", subject), Rtnetlink.RTM_GETLINK, 0, which, LinkMessage::read)
                .getFirst();
    }

    /// Makes the link that `link` describes. Fails when its name is taken.
    public void create(LinkMessage link) throws IOException {
        socket.change(
                new Request("RTM_NEWLINK", link.name().orElse("")),
                Rtnetlink.RTM_NEWLINK,
                Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL,
                link);
    }

    /// Makes two interfaces joined as by a cable. `peer` names the other end and may say in which namespace it is to
    /// be.
    public void createVethPair(String name, LinkMessage peer) throws IOException {
        create(LinkMessage.builder().name(name).info(LinkInfo.veth(peer)).build());
    }

    /// Changes what `link` says of the link that it names by index, or by name when that is 0.
    public void change(LinkMessage link) throws IOException {
        if (link.index() == 0) {
            socket.change(new Request("RTM_NEWLINK", link.name().orElse("")), Rtnetlink.RTM_NEWLINK, 0, link);
        } else {
            changeLink("RTM_NEWLINK", Rtnetlink.RTM_NEWLINK, link);
        }
    }

    /// Switches a link on.
    public void setUp(int index) throws IOException {
        change(LinkMessage.builder()
                .index(index)
                .flags(IfLink.IFF_UP, IfLink.IFF_UP)
                .build());
    }

    /// Switches a link off.
    public void setDown(int index) throws IOException {
        change(LinkMessage.builder().index(index).flags(0, IfLink.IFF_UP).build());
    }

    /// Sets a link's MTU in octets.
    public void setMtu(int index, int mtu) throws IOException {
        change(LinkMessage.builder().index(index).mtu(mtu).build());
    }

    /// Sets how many packets a link's transmit queue holds.
    public void setTransmitQueueLength(int index, int packets) throws IOException {
        change(LinkMessage.builder().index(index).transmitQueueLength(packets).build());
    }

    /// Sets a link's Ethernet address.
    public void setHardwareAddress(int index, MacAddress address) throws IOException {
        change(LinkMessage.builder().index(index).address(octets(address)).build());
    }

    /// Gives a link another name. The link must be down, on kernels before 6.2.
    public void rename(int index, String name) throws IOException {
        change(LinkMessage.builder().index(index).name(name).build());
    }

    /// Moves a link to another namespace. It goes down on the way, and loses its addresses.
    public void move(int index, Netns namespace) throws IOException {
        int held = namespace.fd().holdOrThrow();
        try {
            change(LinkMessage.builder()
                    .index(index)
                    .namespace(new LinkMessage.Namespace.OfDescriptor(held))
                    .build());
        } finally {
            namespace.fd().leave();
        }
    }

    /// Deletes a link; of a veth pair both ends go.
    public void deleteLink(int index) throws IOException {
        changeLink("RTM_DELLINK", Rtnetlink.RTM_DELLINK, LinkMessage.of(index));
    }

    /// Asks for a change of the link of an index. A failure tells its name, as far as it has one by then.
    private void changeLink(String call, int type, LinkMessage link) throws IOException {
        try {
            socket.change(new Request(call, subject(link.index())), type, 0, link);
        } catch (LinuxException e) {
            throw new LinuxException(call, named(link.index()), e.errno(), e.hint());
        }
    }

    private String named(int index) {
        try {
            return link(index).name().orElse(subject(index));
        } catch (IOException e) {
            return subject(index);
        }
    }

    // ---- Addresses

    /// All addresses, of both families.
    public List<AddressMessage> addresses() throws IOException {
        return socket.dump(
                new Request("RTM_GETADDR", ""),
                Rtnetlink.RTM_GETADDR,
                AddressMessage.ofFamily(Netlink.AF_UNSPEC),
                AddressMessage::read);
    }

    /// Adds an address to a link. An IPv6 address can be used at once: no duplicates are looked for.
    public void addAddress(int index, IpAddress address, int prefixLength) throws IOException {
        int flags = address instanceof Ip6Address ? IfAddr.IFA_F_NODAD : 0;
        addAddress(AddressMessage.of(index, address, prefixLength, flags));
    }

    /// Adds an address. Fails when it is there already.
    public void addAddress(AddressMessage address) throws IOException {
        changeAddress("RTM_NEWADDR", Rtnetlink.RTM_NEWADDR, Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL, address);
    }

    /// Deletes an address of a link.
    public void deleteAddress(int index, IpAddress address, int prefixLength) throws IOException {
        changeAddress("RTM_DELADDR", Rtnetlink.RTM_DELADDR, 0, AddressMessage.of(index, address, prefixLength, 0));
    }

    private void changeAddress(String call, int type, int flags, AddressMessage address) throws IOException {
        try {
            socket.change(new Request(call, address.toString()), type, flags, address);
        } catch (LinuxException e) {
            String subject = address.toString().replace(subject(address.index()), named(address.index()));
            throw new LinuxException(call, subject, e.errno(), e.hint());
        }
    }

    // ---- Routes

    /// All routes of a family, of all tables. Routes that the kernel keeps for single destinations (what path MTU
    /// discovery learned) are not among them.
    public List<RouteMessage> routes(int family) throws IOException {
        return socket.dump(
                new Request("RTM_GETROUTE", ""),
                Rtnetlink.RTM_GETROUTE,
                RouteMessage.builder(family)
                        .table(0)
                        .protocol(0)
                        .type(Rtnetlink.RTN_UNSPEC)
                        .build(),
                RouteMessage::read);
    }

    /// Adds a route. Fails when there is one to the same destination with the same priority.
    public void addRoute(RouteMessage route) throws IOException {
        newRoute(route, Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL);
    }

    /// Adds a route, or puts it in the place of the one to the same destination with the same priority.
    public void replaceRoute(RouteMessage route) throws IOException {
        newRoute(route, Netlink.NLM_F_CREATE | Netlink.NLM_F_REPLACE);
    }

    private void newRoute(RouteMessage route, int flags) throws IOException {
        socket.change(new Request("RTM_NEWROUTE", subject(route)), Rtnetlink.RTM_NEWROUTE, flags, route);
    }

    /// Deletes the route that matches all that `route` says.
    public void deleteRoute(RouteMessage route) throws IOException {
        socket.change(new Request("RTM_DELROUTE", subject(route)), Rtnetlink.RTM_DELROUTE, 0, route);
    }

    /// The way that packets from `source` (empty: any) to `destination` take, with what path MTU discovery learned.
    /// Fails with ENETUNREACH, EHOSTUNREACH or EACCES when there is none; when the source is not this host's, with
    /// EINVAL or ENETUNREACH.
    public RouteMessage routeTo(IpAddress destination, Optional<IpAddress> source) throws IOException {
        return socket.ask(
                        new Request("RTM_GETROUTE", destination.toString()),
                        Rtnetlink.RTM_GETROUTE,
                        0,
                        RouteMessage.lookup(destination, source),
                        RouteMessage::read)
                .getFirst();
    }

    // ---- Neighbours

    /// All neighbours of a family.
    public List<NeighbourMessage> neighbours(int family) throws IOException {
        return socket.dump(
                new Request("RTM_GETNEIGH", ""),
                Rtnetlink.RTM_GETNEIGH,
                NeighbourMessage.ofFamily(family),
                NeighbourMessage::read);
    }

    /// Says for good which Ethernet address a neighbour has.
    public void replaceNeighbour(int index, IpAddress address, MacAddress linkAddress) throws IOException {
        socket.change(
                new Request("RTM_NEWNEIGH", address.toString()),
                Rtnetlink.RTM_NEWNEIGH,
                Netlink.NLM_F_CREATE | Netlink.NLM_F_REPLACE,
                NeighbourMessage.permanent(index, address, octets(linkAddress)));
    }

    /// Forgets a neighbour.
    public void deleteNeighbour(int index, IpAddress address) throws IOException {
        socket.change(
                new Request("RTM_DELNEIGH", address.toString()),
                Rtnetlink.RTM_DELNEIGH,
                0,
                NeighbourMessage.of(index, address));
    }

    private static OctetString octets(MacAddress address) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = arena.allocate(MacAddress.LENGTH);
            address.emit(s, 0);
            return OctetString.of(s.toArray(ValueLayout.JAVA_BYTE));
        }
    }

    private static String subject(int index) {
        return "interface " + index;
    }

    private static String subject(RouteMessage route) {
        if (route.label().isPresent()) {
            return "label " + route.label().get().labels().getFirst();
        }
        return route.destination().map(d -> d + "/" + route.destinationLength()).orElse("default");
    }

    @Override
    public void close() {
        socket.close();
    }
}
