package adit.netlink;

/// Numbers of `linux/rtnetlink.h`: message types, and what routes are made of. Names and values are the kernel's.
public final class Rtnetlink {
    /// A link is there, or shall be made or changed.
    public static final int RTM_NEWLINK = 16;
    /// A link is gone, or shall go.
    public static final int RTM_DELLINK = 17;
    /// Which links are there?
    public static final int RTM_GETLINK = 18;
    /// A link shall be changed.
    public static final int RTM_SETLINK = 19;
    /// An address is there, or shall be added.
    public static final int RTM_NEWADDR = 20;
    /// An address is gone, or shall go.
    public static final int RTM_DELADDR = 21;
    /// Which addresses are there?
    public static final int RTM_GETADDR = 22;
    /// A route is there, or shall be added or replaced.
    public static final int RTM_NEWROUTE = 24;
    /// A route is gone, or shall go.
    public static final int RTM_DELROUTE = 25;
    /// Which routes are there? Without NLM_F_DUMP: which one leads to this address?
    public static final int RTM_GETROUTE = 26;
    /// A neighbour is there, or shall be added or replaced.
    public static final int RTM_NEWNEIGH = 28;
    /// A neighbour is gone, or shall go.
    public static final int RTM_DELNEIGH = 29;
    /// Which neighbours are there?
    public static final int RTM_GETNEIGH = 30;

    /// A link gets further names.
    public static final int RTM_NEWLINKPROP = 108;
    /// Further names of a link are gone.
    public static final int RTM_DELLINKPROP = 109;

    /// Multicast group: links.
    public static final int RTNLGRP_LINK = 1;
    /// Multicast group: neighbours.
    public static final int RTNLGRP_NEIGH = 3;
    /// Multicast group: IPv4 addresses.
    public static final int RTNLGRP_IPV4_IFADDR = 5;
    /// Multicast group: IPv4 routes.
    public static final int RTNLGRP_IPV4_ROUTE = 7;
    /// Multicast group: IPv6 addresses.
    public static final int RTNLGRP_IPV6_IFADDR = 9;
    /// Multicast group: IPv6 routes.
    public static final int RTNLGRP_IPV6_ROUTE = 11;
    /// Multicast group: MPLS routes.
    public static final int RTNLGRP_MPLS_ROUTE = 27;

    /// Route attribute: the destination; of AF_MPLS routes the incoming label.
    public static final int RTA_DST = 1;
    /// Route attribute: the source that the route is for.
    public static final int RTA_SRC = 2;
    /// Route attribute: the interface the packet came in by, u32.
    public static final int RTA_IIF = 3;
    /// Route attribute: the interface the packet leaves by, u32.
    public static final int RTA_OIF = 4;
    /// Route attribute: the next hop, of the route's own family.
    public static final int RTA_GATEWAY = 5;
    /// Route attribute: the priority, u32; the smallest wins.
    public static final int RTA_PRIORITY = 6;
    /// Route attribute: the source address of packets that have none.
    public static final int RTA_PREFSRC = 7;
    /// Route attribute: nested RTAX attributes.
    public static final int RTA_METRICS = 8;
    /// Route attribute: `struct rta_cacheinfo`.
    public static final int RTA_CACHEINFO = 12;
    /// Route attribute: the table, u32.
    public static final int RTA_TABLE = 15;
    /// Route attribute: the mark of the packet, u32.
    public static final int RTA_MARK = 16;
    /// Route attribute: a next hop of another family, u16 family in front of it.
    public static final int RTA_VIA = 18;
    /// Route attribute: the labels that replace the incoming one.
    public static final int RTA_NEWDST = 19;
    /// Route attribute: the kind of RTA_ENCAP, u16.
    public static final int RTA_ENCAP_TYPE = 21;
    /// Route attribute: what is put in front of packets, nested.
    public static final int RTA_ENCAP = 22;
    /// Route attribute: the user whose packet it is, u32.
    public static final int RTA_UID = 25;

    /// Metric: a bit mask of the metrics that path MTU discovery must leave alone.
    public static final int RTAX_LOCK = 1;
    /// Metric: the path MTU in octets.
    public static final int RTAX_MTU = 2;
    /// Metric: the TCP segment size to announce, in octets.
    public static final int RTAX_ADVMSS = 8;
    /// Metric: the time to live of packets that have none.
    public static final int RTAX_HOPLIMIT = 10;

    /// RTA_ENCAP_TYPE: an MPLS label stack.
    public static final int LWTUNNEL_ENCAP_MPLS = 1;
    /// RTA_ENCAP_TYPE: the metadata of an external-mode tunnel.
    public static final int LWTUNNEL_ENCAP_IP = 2;
    /// Within RTA_ENCAP of LWTUNNEL_ENCAP_MPLS: the label stack.
    public static final int MPLS_IPTUNNEL_DST = 1;

    /// Route type: any, in a request.
    public static final int RTN_UNSPEC = 0;
    /// Route type: leads to one host.
    public static final int RTN_UNICAST = 1;
    /// Route type: this host itself.
    public static final int RTN_LOCAL = 2;
    /// Route type: everybody on a link.
    public static final int RTN_BROADCAST = 3;
    /// Route type: a group.
    public static final int RTN_MULTICAST = 5;
    /// Route type: dropped in silence.
    public static final int RTN_BLACKHOLE = 6;
    /// Route type: answered with "host unreachable".
    public static final int RTN_UNREACHABLE = 7;
    /// Route type: answered with "administratively prohibited".
    public static final int RTN_PROHIBIT = 8;
    /// Route type: go on with the next table.
    public static final int RTN_THROW = 9;

    /// Who made a route: unknown.
    public static final int RTPROT_UNSPEC = 0;
    /// Who made a route: the kernel, for an address.
    public static final int RTPROT_KERNEL = 2;
    /// Who made a route: somebody while booting; what `ip` says by default.
    public static final int RTPROT_BOOT = 3;
    /// Who made a route: the administrator.
    public static final int RTPROT_STATIC = 4;

    /// Scope: anywhere.
    public static final int RT_SCOPE_UNIVERSE = 0;
    /// Scope: directly on a link.
    public static final int RT_SCOPE_LINK = 253;
    /// Scope: within this host.
    public static final int RT_SCOPE_HOST = 254;
    /// Scope: nowhere; in a delete request: any.
    public static final int RT_SCOPE_NOWHERE = 255;

    /// Table: given by RTA_TABLE, or the usual one.
    public static final int RT_TABLE_UNSPEC = 0;
    /// Table: the usual one.
    public static final int RT_TABLE_MAIN = 254;
    /// Table: this host's own addresses.
    public static final int RT_TABLE_LOCAL = 255;

    /// Route flag: no packets take it.
    public static final int RTNH_F_DEAD = 1;
    /// Route flag: take the gateway to be on the link, whatever its address.
    public static final int RTNH_F_ONLINK = 4;
    /// Route flag: the link is down.
    public static final int RTNH_F_LINKDOWN = 16;
    /// Route flag: an answer for one destination, not a route of the table.
    public static final int RTM_F_CLONED = 512;
    /// Route flag in a request: answer with the table that was used.
    public static final int RTM_F_LOOKUP_TABLE = 4096;
    /// Route request flag: answer with the route that was found, not with what follows from it.
    public static final int RTM_F_FIB_MATCH = 8192;

    /// Route attribute: several next hops, `struct rtnexthop` each.
    public static final int RTA_MULTIPATH = 9;
    /// Route attribute: in how many seconds it is over, of IPv6.
    public static final int RTA_EXPIRES = 23;

    private Rtnetlink() {}
}
