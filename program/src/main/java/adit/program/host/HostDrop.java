package adit.program.host;

/// Why a [MemoryHost] dropped a packet above its IP layer. What the IP layer drops it counts itself, see
/// [MemoryHost#underlay].
public enum HostDrop {
    /// An ICMP message that this host does not use.
    UNKNOWN_ICMP("an ICMP message that this host does not use"),
    /// An echo reply to nothing that was asked.
    UNKNOWN_ECHO("an echo reply to nothing that was asked"),
    /// An echo reply whose data is not what was sent.
    DAMAGED_ECHO("an echo reply with other data than was sent"),
    /// A TCP header that is cut short or lies about its length.
    BAD_TCP("the TCP header is malformed"),
    /// The TCP checksum does not match.
    BAD_TCP_CHECKSUM("the TCP checksum does not match"),
    /// A segment for no connection of this host; answered by a reset.
    NO_CONNECTION("a segment for no connection"),
    /// A UDP datagram: nobody listens.
    NO_LISTENER("a UDP datagram, and nobody listens"),
    /// Nothing could be sent because buffers or places in the queue ran out.
    NO_BUFFER("no buffer to answer with"),
    /// The port refused a packet for another reason than being full.
    REFUSED("the port refused it");

    private final String description;

    HostDrop(String description) {
        this.description = description;
    }

    /// The reason for people, in one clause.
    public String description() {
        return description;
    }
}
