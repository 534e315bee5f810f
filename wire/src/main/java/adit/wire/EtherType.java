package adit.wire;

/// EtherType numbers, as IANA's "IEEE 802 Numbers" lists them, with their names.
public final class EtherType {
    /// Values below this one are lengths of an IEEE 802.3 frame, not types.
    public static final int FIRST = 0x0600;
    /// IPv4, RFC 894.
    public static final int IPV4 = 0x0800;
    /// The Address Resolution Protocol, RFC 826.
    public static final int ARP = 0x0806;
    /// Transparent Ethernet bridging, RFC 1701.
    public static final int TRANSPARENT_ETHERNET = 0x6558;
    /// An IEEE 802.1Q customer tag.
    public static final int VLAN = 0x8100;
    /// IPv6, RFC 2464.
    public static final int IPV6 = 0x86dd;
    /// An MPLS label stack, RFC 5332 (formerly: unicast, RFC 3032).
    public static final int MPLS = 0x8847;
    /// An MPLS label stack with an upstream-assigned label, RFC 5332 (formerly: multicast).
    public static final int MPLS_UPSTREAM = 0x8848;
    /// An IEEE 802.1ad service tag.
    public static final int SERVICE_VLAN = 0x88a8;
    /// The Link Layer Discovery Protocol, IEEE 802.1AB.
    public static final int LLDP = 0x88cc;

    private EtherType() {}

    /// The name of `etherType` as people write it, or the number as `0x88b5` when it has none here.
    public static String name(int etherType) {
        return switch (etherType) {
            case IPV4 -> "IPv4";
            case ARP -> "ARP";
            case TRANSPARENT_ETHERNET -> "TEB";
            case VLAN -> "802.1Q";
            case IPV6 -> "IPv6";
            case MPLS -> "MPLS";
            case MPLS_UPSTREAM -> "MPLS-upstream";
            case SERVICE_VLAN -> "802.1ad";
            case LLDP -> "LLDP";
            default -> "0x%04x".formatted(etherType);
        };
    }
}
