package adit.underlay;

/// Why a [HeaderUnderlay] dropped a packet.
public enum UnderlayDrop {
    /// Inbound: shorter than its header, or than it says it is.
    TRUNCATED("shorter than it says"),
    /// Inbound: not IPv4.
    BAD_VERSION("not IPv4"),
    /// Inbound: header and total length contradict each other.
    BAD_LENGTH("header and total length contradict each other"),
    /// Inbound: the header checksum does not match.
    BAD_HEADER_CHECKSUM("the header checksum does not match"),
    /// Inbound: for another host.
    NOT_OURS("for another host"),
    /// Inbound: it claims to come from this host.
    OWN_SOURCE("claims to come from this host"),
    /// Inbound: a protocol that is not handed up, see [HeaderUnderlay.Accepts].
    UNKNOWN_PROTOCOL("a protocol that nobody here speaks"),
    /// Inbound: a UDP header that is cut short or lies about the length.
    BAD_UDP("the UDP header is malformed"),
    /// Inbound: the UDP checksum does not match.
    BAD_UDP_CHECKSUM("the UDP checksum does not match"),
    /// Inbound: an ICMP message that is cut short or whose checksum does not match.
    BAD_ICMP("the ICMP message is malformed"),
    /// Inbound: an ICMP message that is no error, to a tunnel.
    NOT_AN_ERROR("an ICMP message that is no error"),
    /// Inbound: an ICMP error about a packet that is none of ours, or that quotes too little of it.
    FOREIGN_ERROR("an ICMP error about a packet of somebody else"),
    /// Outbound: the port refused some of the fragments of a packet that had to be split.
    FRAGMENT_REFUSED("the port refused a fragment");

    private final String description;

    UnderlayDrop(String description) {
        this.description = description;
    }

    /// The reason for people, in one clause.
    public String description() {
        return description;
    }
}
