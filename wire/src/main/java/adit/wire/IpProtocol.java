package adit.wire;

/// Numbers of the IPv4 protocol field and the IPv6 next-header field, as IANA's "Protocol Numbers" lists them,
/// with their names.
public final class IpProtocol {
    /// The IPv6 hop-by-hop options header, RFC 8200 section 4.3.
    public static final int HOP_BY_HOP = 0;
    /// The Internet Control Message Protocol, RFC 792.
    public static final int ICMP = 1;
    /// The Internet Group Management Protocol, RFC 9776.
    public static final int IGMP = 2;
    /// IPv4 in IP, RFC 2003.
    public static final int IPIP = 4;
    /// The Transmission Control Protocol, RFC 9293.
    public static final int TCP = 6;
    /// The User Datagram Protocol, RFC 768.
    public static final int UDP = 17;
    /// IPv6 in IP, RFC 4213.
    public static final int IPV6 = 41;
    /// The IPv6 routing header, RFC 8200 section 4.4.
    public static final int ROUTING = 43;
    /// The IPv6 fragment header, RFC 8200 section 4.5.
    public static final int FRAGMENT = 44;
    /// Generic Routing Encapsulation, RFC 2784.
    public static final int GRE = 47;
    /// The Encapsulating Security Payload, RFC 4303.
    public static final int ESP = 50;
    /// The Authentication Header, RFC 4302.
    public static final int AH = 51;
    /// ICMP for IPv6, RFC 4443.
    public static final int ICMP6 = 58;
    /// The IPv6 next-header value that says that nothing follows, RFC 8200 section 4.7.
    public static final int NO_NEXT_HEADER = 59;
    /// The IPv6 destination options header, RFC 8200 section 4.6.
    public static final int DESTINATION_OPTIONS = 60;
    /// Open Shortest Path First, RFC 2328.
    public static final int OSPF = 89;
    /// The Stream Control Transmission Protocol, RFC 9260.
    public static final int SCTP = 132;
    /// UDP-Lite, RFC 3828.
    public static final int UDP_LITE = 136;
    /// An MPLS label stack in IP, RFC 4023.
    public static final int MPLS = 137;

    private IpProtocol() {}

    /// The name of `protocol` as people write it, or `protocol 200` when it has none here.
    public static String name(int protocol) {
        return switch (protocol) {
            case HOP_BY_HOP -> "hop-by-hop options";
            case ICMP -> "ICMP";
            case IGMP -> "IGMP";
            case IPIP -> "IPIP";
            case TCP -> "TCP";
            case UDP -> "UDP";
            case IPV6 -> "IPv6";
            case ROUTING -> "routing header";
            case FRAGMENT -> "fragment header";
            case GRE -> "GRE";
            case ESP -> "ESP";
            case AH -> "AH";
            case ICMP6 -> "ICMPv6";
            case NO_NEXT_HEADER -> "no next header";
            case DESTINATION_OPTIONS -> "destination options";
            case OSPF -> "OSPF";
            case SCTP -> "SCTP";
            case UDP_LITE -> "UDP-Lite";
            case MPLS -> "MPLS";
            default -> "protocol " + protocol;
        };
    }
}
