package adit.wire;

/// What the first octet of a run belongs to: where [PacketPrinter] starts reading. Captures name it by the
/// numbers of the "Link-layer header types" list that tcpdump.org keeps.
public enum LinkLayer {
    /// A BSD loopback header: the address family in four octets, in the byte order of the host that captured.
    LOOPBACK(0),
    /// An Ethernet header.
    ETHERNET(1),
    /// An IPv4 or IPv6 header, by its first four bits.
    RAW_IP(101),
    /// A Linux "cooked" header, version 1, from captures on all interfaces.
    LINUX_SLL(113),
    /// An MPLS label stack.
    MPLS(219),
    /// An IPv4 header.
    IPV4(228),
    /// An IPv6 header.
    IPV6(229),
    /// A Linux "cooked" header, version 2, from captures on all interfaces.
    LINUX_SLL2(276),
    /// The packet information of a TUN file: see [TunPi]. Captures have no number for it.
    TUN_PI(-1);

    private final int number;

    LinkLayer(int number) {
        this.number = number;
    }

    /// The number in captures; -1 when there is none.
    public int number() {
        return number;
    }

    /// The link layer of `number` in a capture.
    ///
    /// @throws IllegalArgumentException when it is none of these
    public static LinkLayer ofNumber(int number) {
        for (LinkLayer layer : values()) {
            if (layer.number == number && number >= 0) {
                return layer;
            }
        }
        throw new IllegalArgumentException("link-layer type " + number
                + " is not known (known: 0 loopback, 1 Ethernet, 101 raw IP, 113 and 276 Linux cooked, 219 MPLS,"
                + " 228 IPv4, 229 IPv6)");
    }
}
