package adit.linux;

/// Why packets go by the raw socket and not by a packet ring.
public enum RingObstacle {
    /// They go by the ring.
    NONE(""),
    /// The caller wanted no ring.
    UNWANTED("not wanted"),
    /// There was none to say it of.
    NOTHING_SENT("nothing was sent yet"),
    /// The kernel has no packet sockets, or doesn't let this process have one.
    NO_PACKET_SOCKET("a packet socket can't be opened"),
    /// There is no memory for the ring.
    NO_RING("the ring can't be made"),
    /// There are IPsec policies for what leaves.
    IPSEC("IPsec policies apply to what leaves"),
    /// There are netfilter rules.
    NETFILTER("nftables or iptables has rules for IPv4"),
    /// The kernel doesn't tell this process about policies and rules.
    UNKNOWN_RULES("whether IPsec or netfilter rules apply is not to be learned"),
    /// The sender has named no source address; the kernel chooses one.
    NO_SOURCE("the tunnel has no local address"),
    /// The sender wants another interface than the route's.
    OTHER_INTERFACE("the tunnel is bound to another interface than the route's"),
    /// There is no route to the destination.
    NO_ROUTE("no route"),
    /// The destination is this host, or many.
    NOT_UNICAST("the destination is this host's own, broadcast or multicast"),
    /// The route leads into another tunnel of the kernel's, or over an IPv6 gateway.
    UNUSUAL_ROUTE("the route encapsulates or has an IPv6 gateway"),
    /// The interface is none with neighbours in Ethernet.
    NOT_ETHERNET("the interface is not an Ethernet with ARP"),
    /// The interface is down or without a carrier.
    LINK_DOWN("the interface is down"),
    /// Nobody has answered ARP yet.
    NO_NEIGHBOUR("the next hop's Ethernet address is not known");

    private final String text;

    RingObstacle(String text) {
        this.text = text;
    }

    /// For people; empty for [#NONE].
    public String text() {
        return text;
    }
}
