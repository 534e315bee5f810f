package adit.ip;

/// Why the IP layer gave up a packet. Each raises the statistic that Linux raises, if it raises one.
public enum IpDrop {
    /// The link layer addressed another host.
    OTHERHOST(null),
    /// Neither IPv4, IPv6 nor ARP.
    UNHANDLED_PROTO(null),
    /// The IPv4 header is too short, of another version, or contradicts itself.
    IP_INHDR(IpCounter.IP_IN_HDR_ERRORS),
    /// The IPv4 header checksum is wrong.
    IP_CSUM(IpCounter.IP_IN_HDR_ERRORS),
    /// The IPv4 packet is shorter than it says.
    PKT_TOO_SMALL(IpCounter.IP_IN_TRUNCATED),
    /// The field of its checksum, which is yet to be made, stands behind the packet's end.
    CHECKSUM_CUT(IpCounter.IP_IN_DISCARDS),
    /// An IPv4 option is wrong, or a source route, which is not heeded.
    IP_OPTIONS(IpCounter.IP_IN_HDR_ERRORS),
    /// A source route, which is not heeded.
    SOURCE_ROUTED(null),
    /// The IPv4 source can't be one that comes in here: a group, 0.0.0.0, a loopback, this host itself.
    IP_INVALID_SOURCE(null),
    /// The IPv4 destination can't be one that comes in here: 0.0.0.0, a loopback.
    IP_INVALID_DEST(null),
    /// A group that nobody here is in.
    NOT_JOINED(null),
    /// No IPv4 route, or one that says unreachable, prohibited or blackhole.
    IP_INNOROUTES(IpCounter.IP_IN_NO_ROUTES),
    /// An IPv4 route that says unreachable, prohibited or blackhole.
    IP_REJECTED(null),
    /// For another host, and this one does not forward.
    IP_NOT_FORWARDING(IpCounter.IP_IN_ADDR_ERRORS),
    /// The time to live ran out.
    IP_TTL(IpCounter.IP_IN_HDR_ERRORS),
    /// Longer than the way ahead takes, and not to be cut.
    IP_TOO_BIG(IpCounter.IP_FRAG_FAILS),
    /// A super-packet that is none and can't be cut.
    SEGMENTATION(null),
    /// No buffer was free.
    NOMEM(IpCounter.IP_IN_DISCARDS),
    /// Nobody takes this protocol.
    IP_NOPROTO(IpCounter.IP_IN_UNKNOWN_PROTOS),
    /// A reassembly that came to nothing.
    FRAG(IpCounter.IP_REASM_FAILS),
    /// No link address was to be had for the next hop.
    NEIGH_FAILED(null),
    /// Too many packets wait for the next hop's link address.
    NEIGH_QUEUEFULL(null),
    /// No route for a packet made here.
    OUT_NO_ROUTE(IpCounter.IP_OUT_NO_ROUTES),
    /// An ICMP message that is too short or has a wrong checksum.
    ICMP(IpCounter.ICMP_IN_ERRORS),
    /// An ICMP message that nothing is to be done about.
    ICMP_IGNORED(null),
    /// A UDP datagram that is too short or has a wrong checksum.
    UDP(IpCounter.UDP_IN_ERRORS),
    /// A UDP datagram to a port that nobody has.
    NO_SOCKET(IpCounter.UDP_NO_PORTS),
    /// A TCP segment: there is no TCP here.
    TCP(null),
    /// A socket's queue is full.
    SOCKET_RCVBUFF(null),
    /// An ARP packet that is wrong or of no interest.
    ARP(null),
    /// The IPv6 header is too short, of another version, or its addresses can't be.
    IP6_INHDR(IpCounter.IP6_IN_HDR_ERRORS),
    /// The IPv6 packet is shorter than it says.
    IP6_TOO_SMALL(IpCounter.IP6_IN_TRUNCATED),
    /// An IPv6 extension header is wrong.
    IP6_EXTENSION(IpCounter.IP6_IN_HDR_ERRORS),
    /// A routing header that would have segments walk on, which is not heeded.
    IP6_SEGMENT_ROUTED(null),
    /// For another host, and this one does not forward IPv6; from a source that must not be forwarded; or to many, with
    /// a routing header.
    IP6_ADDRESS(IpCounter.IP6_IN_ADDR_ERRORS),
    /// No IPv6 route.
    IP6_INNOROUTES(IpCounter.IP6_IN_NO_ROUTES),
    /// The hop limit ran out.
    IP6_HOP_LIMIT(IpCounter.IP6_IN_HDR_ERRORS),
    /// Longer than the way ahead takes.
    IP6_TOO_BIG(IpCounter.IP6_IN_TOO_BIG_ERRORS),
    /// IPv6 is off on this device, or on all.
    IP6_DISABLED(IpCounter.IP6_IN_DISCARDS),
    /// Nobody takes this protocol.
    IP6_NOPROTO(IpCounter.IP6_IN_UNKNOWN_PROTOS),
    /// A reassembly that came to nothing.
    IP6_FRAG(IpCounter.IP6_REASM_FAILS),
    /// No route for a packet made here.
    IP6_OUT_NO_ROUTE(IpCounter.IP6_OUT_NO_ROUTES),
    /// An ICMPv6 message that is too short or has a wrong checksum.
    ICMP6(IpCounter.ICMP6_IN_ERRORS),
    /// A UDP datagram over IPv6 that is too short or has a wrong checksum.
    UDP6(IpCounter.UDP6_IN_ERRORS),
    /// A UDP datagram over IPv6 to a port that nobody has.
    NO_SOCKET6(IpCounter.UDP6_NO_PORTS),
    /// A message of neighbour discovery that is wrong or of no interest.
    NDISC(null),
    /// An MPLS label that comes in where none is heeded, or an incomplete one.
    MPLS_INPUT(null),
    /// An MPLS label without a route.
    MPLS_NO_ROUTE(null),
    /// The time to live of an MPLS label ran out.
    MPLS_TTL(null),
    /// A labelled packet that does not fit the way ahead, or a way that is down.
    MPLS_TOO_BIG(null),
    /// Neither IPv4 nor IPv6 below the last label.
    MPLS_NOT_IP(null);

    private final IpCounter counter;

    IpDrop(IpCounter counter) {
        this.counter = counter;
    }

    IpCounter counter() {
        return counter;
    }
}
