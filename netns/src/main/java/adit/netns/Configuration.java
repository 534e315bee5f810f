package adit.netns;

import adit.device.Device;
import adit.device.Errno;
import adit.ip.IpException;
import adit.netlink.AddressMessage;
import adit.netlink.ErrorMessage;
import adit.netlink.IfLink;
import adit.netlink.LinkInfo;
import adit.netlink.LinkMessage;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.NeighbourMessage;
import adit.netlink.Netlink;
import adit.netlink.OctetString;
import adit.netlink.Rtnetlink;
import adit.wire.Ip4InterfaceAddress;
import adit.wire.Ip6InterfaceAddress;
import adit.wire.IpAddress;
import adit.wire.MacAddress;
import java.lang.foreign.MemorySegment;

/// Links, addresses, routes and neighbours of a namespace, in the words of `ip`. Each call is one netlink
/// request; what is refused is an [IpException] with Linux's error number.
///
/// ```java
/// ns.configure().link("tun0").up().mtu(1400);
/// ns.configure().address("tun0", "10.0.0.1/24");
/// ns.configure().route("default").via("10.0.0.2").add();
/// ns.configure().neighbour("eth0", "10.1.0.9", "02:00:00:00:00:09");
/// ```
public final class Configuration {
    private static final int LARGEST_REQUEST = 4096;

    private final Namespace namespace;

    Configuration(Namespace namespace) {
        this.namespace = namespace;
    }

    void request(String call, int type, int flags, MessageWriter.Body body) throws IpException {
        MemorySegment s = MemorySegment.ofArray(new byte[LARGEST_REQUEST]);
        MessageWriter w =
                new MessageWriter(s).message(type, Netlink.NLM_F_REQUEST | Netlink.NLM_F_ACK | flags, 1, 0, body);
        try (NetlinkSession session = namespace.netlink()) {
            session.option(Netlink.NETLINK_EXT_ACK, 1);
            session.send(s.asSlice(0, w.length()));
            byte[] answer = session.receive();
            MessageReader m = new MessageReader(MemorySegment.ofArray(answer), 0, answer.length);
            m.next();
            ErrorMessage end = ErrorMessage.read(m);
            if (end.errno() != 0) {
                throw new IpException(call, end.errno(), end.text().orElse(""));
            }
        }
    }

    int index(String link) throws IpException {
        Device device = namespace.devices().byName(link);
        if (device == null) {
            throw new IpException("link", Errno.ENODEV, "there is no link " + link);
        }
        return device.index();
    }

    // ---- Links

    /// The link of a name, to be changed.
    public Link link(String name) throws IpException {
        return new Link(this, name, index(name));
    }

    /// Makes an interface with nothing behind it.
    public Configuration dummy(String name) throws IpException {
        return make(name, LinkInfo.of("dummy"));
    }

    /// Makes a pair of interfaces joined by a cable, both in this namespace.
    public Configuration veth(String name, String peer) throws IpException {
        return make(name, LinkInfo.veth(LinkMessage.of(peer)));
    }

    /// An IPv4 tunnel, to be added or changed. The namespace must have been opened with an extension that
    /// brings the kind `ipip`.
    public TunnelWords tunnel(String name) {
        return new TunnelWords(this, name);
    }

    private Configuration make(String name, LinkInfo info) throws IpException {
        request(
                "link add " + name,
                Rtnetlink.RTM_NEWLINK,
                Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL,
                LinkMessage.builder().name(name).info(info).build());
        return this;
    }

    /// A link to be changed.
    public static final class Link {
        private final Configuration configuration;
        private final String name;
        private final int index;

        private Link(Configuration configuration, String name, int index) {
            this.configuration = configuration;
            this.name = name;
            this.index = index;
        }

        private Link set(String what, LinkMessage.Builder b) throws IpException {
            configuration.request(
                    "link set " + name + " " + what,
                    Rtnetlink.RTM_NEWLINK,
                    0,
                    b.index(index).build());
            return this;
        }

        /// Brings it up.
        public Link up() throws IpException {
            return set("up", LinkMessage.builder().flags(IfLink.IFF_UP, IfLink.IFF_UP));
        }

        /// Takes it down.
        public Link down() throws IpException {
            return set("down", LinkMessage.builder().flags(0, IfLink.IFF_UP));
        }

        /// Gives it an MTU in octets.
        public Link mtu(int octets) throws IpException {
            return set("mtu " + octets, LinkMessage.builder().mtu(octets));
        }

        /// Gives it a transmit queue length in packets.
        public Link transmitQueueLength(int packets) throws IpException {
            return set("txqueuelen " + packets, LinkMessage.builder().transmitQueueLength(packets));
        }

        /// Gives it an Ethernet address.
        public Link address(MacAddress mac) throws IpException {
            return set("address " + mac, LinkMessage.builder().address(octets(mac)));
        }

        /// Gives it another name.
        public Link rename(String to) throws IpException {
            set("name " + to, LinkMessage.builder().name(to));
            return new Link(configuration, to, index);
        }

        /// Deletes it.
        public void delete() throws IpException {
            configuration.request("link del " + name, Rtnetlink.RTM_DELLINK, 0, LinkMessage.of(index));
        }

        /// Its index.
        public int index() {
            return index;
        }
    }

    private static OctetString octets(MacAddress mac) {
        byte[] octets = new byte[MacAddress.LENGTH];
        mac.emit(MemorySegment.ofArray(octets), 0);
        return OctetString.of(octets);
    }

    // ---- Addresses

    /// Gives a link an address such as `10.0.0.1/24` or `2001:db8::1/64`.
    public Configuration address(String link, String address) throws IpException {
        request(
                "address add " + address + " dev " + link,
                Rtnetlink.RTM_NEWADDR,
                Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL,
                address(index(link), address));
        return this;
    }

    /// Takes an address from a link.
    public Configuration removeAddress(String link, String address) throws IpException {
        request("address del " + address + " dev " + link, Rtnetlink.RTM_DELADDR, 0, address(index(link), address));
        return this;
    }

    private static AddressMessage address(int index, String text) {
        if (text.indexOf(':') >= 0) {
            Ip6InterfaceAddress a = Ip6InterfaceAddress.parse(text);
            return AddressMessage.of(index, a.address(), a.prefixLength(), 0);
        }
        Ip4InterfaceAddress a = Ip4InterfaceAddress.parse(text);
        return AddressMessage.of(index, a.address(), a.prefixLength(), 0);
    }

    // ---- Routes

    /// A route to a prefix such as `10.0.0.0/8`, or to `default`, to be added, replaced or deleted. `default`
    /// means IPv4 unless the gateway says otherwise.
    public RouteWords route(String destination) {
        return new RouteWords(this, destination);
    }

    /// A route for packets behind an MPLS label.
    public LabelWords label(int label) {
        return new LabelWords(this, label);
    }

    // ---- Neighbours

    /// Says what the link address of a neighbour is, for good.
    public Configuration neighbour(String link, String address, String mac) throws IpException {
        request(
                "neighbour replace " + address + " dev " + link,
                Rtnetlink.RTM_NEWNEIGH,
                Netlink.NLM_F_CREATE | Netlink.NLM_F_REPLACE,
                NeighbourMessage.permanent(index(link), IpAddress.parse(address), octets(MacAddress.parse(mac))));
        return this;
    }

    /// Forgets a neighbour.
    public Configuration removeNeighbour(String link, String address) throws IpException {
        request(
                "neighbour del " + address + " dev " + link,
                Rtnetlink.RTM_DELNEIGH,
                0,
                NeighbourMessage.of(index(link), IpAddress.parse(address)));
        return this;
    }
}
