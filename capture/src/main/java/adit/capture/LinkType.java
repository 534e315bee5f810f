package adit.capture;

/// What the octets of a captured packet begin with: a LINKTYPE number.
///
/// @param number the number, 0 to 65535; any, since files may hold types that nobody here knows
public record LinkType(int number) {
    /// BSD loopback: the address family in four octets of the byte order of the host that captured.
    public static final LinkType NULL = new LinkType(0);
    /// Ethernet II, without the frame check sequence.
    public static final LinkType ETHERNET = new LinkType(1);
    /// An IPv4 or IPv6 packet; the version nibble tells which.
    public static final LinkType RAW = new LinkType(101);
    /// OpenBSD loopback: as [#NULL], big-endian.
    public static final LinkType LOOP = new LinkType(108);
    /// Linux cooked: direction, hardware type, address and EtherType in 16 octets.
    public static final LinkType LINUX_SLL = new LinkType(113);
    /// An IPv4 packet.
    public static final LinkType IPV4 = new LinkType(228);
    /// An IPv6 packet.
    public static final LinkType IPV6 = new LinkType(229);
    /// Linux cooked, version 2: EtherType, interface index and more in 20 octets.
    public static final LinkType LINUX_SLL2 = new LinkType(276);

    /// Refuses what does not fit into 16 bits.
    public LinkType {
        if (number < 0 || number > 0xffff) {
            throw new IllegalArgumentException("link type " + number);
        }
    }

    /// The name that tcpdump lists it under, or the number.
    @Override
    public String toString() {
        return switch (number) {
            case 0 -> "NULL";
            case 1 -> "EN10MB";
            case 101 -> "RAW";
            case 108 -> "LOOP";
            case 113 -> "LINUX_SLL";
            case 228 -> "IPV4";
            case 229 -> "IPV6";
            case 276 -> "LINUX_SLL2";
            default -> Integer.toString(number);
        };
    }
}
