package adit.netlink;

/// Numbers of `linux/if.h`, `linux/if_link.h`, `linux/if_tunnel.h` and `linux/veth.h`: what links are made of.
/// Names and values are the kernel's.
public final class IfLink {
    /// Interface flag: switched on.
    public static final int IFF_UP = 1;
    /// Interface flag: has a broadcast address.
    public static final int IFF_BROADCAST = 2;
    /// Interface flag: the loopback device.
    public static final int IFF_LOOPBACK = 8;
    /// Interface flag: has one peer.
    public static final int IFF_POINTOPOINT = 16;
    /// Interface flag: up and operational (RFC 2863).
    public static final int IFF_RUNNING = 64;
    /// Interface flag: resolves no addresses.
    public static final int IFF_NOARP = 128;
    /// Interface flag: can multicast.
    public static final int IFF_MULTICAST = 4096;
    /// Interface flag: has a carrier.
    public static final int IFF_LOWER_UP = 65536;

    /// Hardware type: Ethernet.
    public static final int ARPHRD_ETHER = 1;
    /// Hardware type: IPv4 tunnel.
    public static final int ARPHRD_TUNNEL = 768;
    /// Hardware type: loopback.
    public static final int ARPHRD_LOOPBACK = 772;
    /// Hardware type: none, as TUN devices have.
    public static final int ARPHRD_NONE = 65534;

    /// Link attribute: hardware address.
    public static final int IFLA_ADDRESS = 1;
    /// Link attribute: hardware broadcast address, or a tunnel's peer.
    public static final int IFLA_BROADCAST = 2;
    /// Link attribute: name.
    public static final int IFLA_IFNAME = 3;
    /// Link attribute: MTU in octets, u32.
    public static final int IFLA_MTU = 4;
    /// Link attribute: the interface it stands on, u32.
    public static final int IFLA_LINK = 5;
    /// Link attribute: queueing discipline, a name.
    public static final int IFLA_QDISC = 6;
    /// Link attribute: the bridge or bond it belongs to, u32.
    public static final int IFLA_MASTER = 10;
    /// Link attribute: transmit queue length in packets, u32.
    public static final int IFLA_TXQLEN = 13;
    /// Link attribute: operational state of RFC 2863, u8.
    public static final int IFLA_OPERSTATE = 16;
    /// Link attribute: nested IFLA_INFO attributes.
    public static final int IFLA_LINKINFO = 18;
    /// Link attribute: the namespace of this process, u32.
    public static final int IFLA_NET_NS_PID = 19;
    /// Link attribute: alias, a text.
    public static final int IFLA_IFALIAS = 20;
    /// Link attribute: `struct rtnl_link_stats64`.
    public static final int IFLA_STATS64 = 23;
    /// Link attribute: group, u32.
    public static final int IFLA_GROUP = 27;
    /// Link attribute: the namespace that this descriptor names, u32.
    public static final int IFLA_NET_NS_FD = 28;
    /// Link attribute in a request: what else to tell, a bit mask.
    public static final int IFLA_EXT_MASK = 29;
    /// Link attribute: transmit queues, u32.
    public static final int IFLA_NUM_TX_QUEUES = 31;
    /// Link attribute: receive queues, u32.
    public static final int IFLA_NUM_RX_QUEUES = 32;
    /// Link attribute: whether there is a carrier, u8.
    public static final int IFLA_CARRIER = 33;
    /// Link attribute: the namespace that IFLA_LINK is in, u32.
    public static final int IFLA_LINK_NETNSID = 37;
    /// Link attribute: smallest MTU, u32.
    public static final int IFLA_MIN_MTU = 50;
    /// Link attribute: largest MTU, u32.
    public static final int IFLA_MAX_MTU = 51;
    /// 0 default, 1 dormant.
    public static final int IFLA_LINKMODE = 17;
    /// How many virtual functions.
    public static final int IFLA_NUM_VF = 21;
    /// What is particular to address families.
    public static final int IFLA_AF_SPEC = 26;
    /// How many want every frame.
    public static final int IFLA_PROMISCUITY = 30;
    /// How often the carrier came or went.
    public static final int IFLA_CARRIER_CHANGES = 35;
    /// Whether a protocol holds it down.
    public static final int IFLA_PROTO_DOWN = 39;
    /// The most segments of a super-packet.
    public static final int IFLA_GSO_MAX_SEGS = 40;
    /// The largest super-packet in octets.
    public static final int IFLA_GSO_MAX_SIZE = 41;
    /// What happened.
    public static final int IFLA_EVENT = 44;
    /// The namespace that it moved to.
    public static final int IFLA_NEW_NETNSID = 45;
    /// The index it has there, or is to have.
    public static final int IFLA_NEW_IFINDEX = 49;
    /// Its other names.
    public static final int IFLA_PROP_LIST = 52;
    /// Another name.
    public static final int IFLA_ALT_IFNAME = 53;
    /// The address it was made with.
    public static final int IFLA_PERM_ADDRESS = 54;
    /// The device of a bus that carries it.
    public static final int IFLA_PARENT_DEV_NAME = 56;
    /// The bus of that device.
    public static final int IFLA_PARENT_DEV_BUS_NAME = 57;
    /// The largest coalesced packet in octets.
    public static final int IFLA_GRO_MAX_SIZE = 58;
    /// The largest super-packet the device takes in octets.
    public static final int IFLA_TSO_MAX_SIZE = 59;
    /// The most segments the device makes.
    public static final int IFLA_TSO_MAX_SEGS = 60;
    /// How many want every multicast.
    public static final int IFLA_ALLMULTI = 61;

    /// Link info: the kind of link, a name.
    public static final int IFLA_INFO_KIND = 1;
    /// Link info: attributes of that kind, nested.
    public static final int IFLA_INFO_DATA = 2;
    /// Statistics of the kind.
    public static final int IFLA_INFO_XSTATS = 3;
    /// The kind of its master.
    public static final int IFLA_INFO_SLAVE_KIND = 4;
    /// What is particular to a port of that kind.
    public static final int IFLA_INFO_SLAVE_DATA = 5;
    /// Data of a veth: a whole link message for the other end.
    public static final int VETH_INFO_PEER = 1;

    /// Data of a TUN device: the user who may attach, u32.
    public static final int IFLA_TUN_OWNER = 1;
    /// Data of a TUN device: the group that may attach, u32.
    public static final int IFLA_TUN_GROUP = 2;
    /// Data of a TUN device: 1 for TUN, 2 for TAP, u8.
    public static final int IFLA_TUN_TYPE = 3;
    /// Data of a TUN device: whether frames have packet information, u8.
    public static final int IFLA_TUN_PI = 4;
    /// Data of a TUN device: whether frames have a virtio-net header, u8.
    public static final int IFLA_TUN_VNET_HDR = 5;
    /// Data of a TUN device: whether it outlives its file, u8.
    public static final int IFLA_TUN_PERSIST = 6;
    /// Data of a TUN device: whether it may have many queues, u8.
    public static final int IFLA_TUN_MULTI_QUEUE = 7;
    /// Data of a TUN device: attached queues, u32.
    public static final int IFLA_TUN_NUM_QUEUES = 8;
    /// Data of a TUN device: detached queues, u32.
    public static final int IFLA_TUN_NUM_DISABLED_QUEUES = 9;

    /// Data of an IP tunnel: the underlay interface, u32.
    public static final int IFLA_IPTUN_LINK = 1;
    /// Data of an IP tunnel: outer source, be32.
    public static final int IFLA_IPTUN_LOCAL = 2;
    /// Data of an IP tunnel: outer destination, be32.
    public static final int IFLA_IPTUN_REMOTE = 3;
    /// Data of an IP tunnel: time to live, 0 inherits, u8.
    public static final int IFLA_IPTUN_TTL = 4;
    /// Data of an IP tunnel: DSCP and ECN, an odd value inherits, u8.
    public static final int IFLA_IPTUN_TOS = 5;
    /// Data of an IP tunnel: flags of sit, u16.
    public static final int IFLA_IPTUN_FLAGS = 8;
    /// Data of an IP tunnel: inner protocol, 4, 137 or 0 for any, u8.
    public static final int IFLA_IPTUN_PROTO = 9;
    /// Data of an IP tunnel: whether outer packets carry DF, u8.
    public static final int IFLA_IPTUN_PMTUDISC = 10;
    /// The IPv6 prefix of 6rd.
    public static final int IFLA_IPTUN_6RD_PREFIX = 11;
    /// The IPv4 prefix of its relays.
    public static final int IFLA_IPTUN_6RD_RELAY_PREFIX = 12;
    /// Its length.
    public static final int IFLA_IPTUN_6RD_PREFIXLEN = 13;
    /// Its length.
    public static final int IFLA_IPTUN_6RD_RELAY_PREFIXLEN = 14;
    /// Data of an IP tunnel: 0 none, 1 FOU, 2 GUE, u16.
    public static final int IFLA_IPTUN_ENCAP_TYPE = 15;
    /// Data of an IP tunnel: 1 checksum, 2 checksum over IPv6, 4 remote checksum, u16.
    public static final int IFLA_IPTUN_ENCAP_FLAGS = 16;
    /// Data of an IP tunnel: UDP source port, 0 chooses, be16.
    public static final int IFLA_IPTUN_ENCAP_SPORT = 17;
    /// Data of an IP tunnel: UDP destination port, be16.
    public static final int IFLA_IPTUN_ENCAP_DPORT = 18;
    /// Data of an IP tunnel: external mode, by being there.
    public static final int IFLA_IPTUN_COLLECT_METADATA = 19;
    /// Data of an IP tunnel: the mark of outer packets, u32.
    public static final int IFLA_IPTUN_FWMARK = 20;

    /// Attribute of AF_INET6 within [#IFLA_AF_SPEC]: how the link's identifier is made.
    public static final int IFLA_INET6_ADDR_GEN_MODE = 8;

    private IfLink() {}
}
