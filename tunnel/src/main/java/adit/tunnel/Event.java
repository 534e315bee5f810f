package adit.tunnel;

/// What is worth counting though no packet was lost by it.
public enum Event {
    /// Inbound: an outer ECN mark that has no business on the inner packet; somebody on the way marks packets
    /// of a sender who did not ask for it. Counted for the packets that [Drop#ECN] takes too.
    ECN_UNEXPECTED("congestion marks on packets that are not capable of ECN"),
    /// Inbound: an ICMP message that the underlay passed up, whatever became of it.
    ICMP_HEARD("ICMP messages from the underlay"),
    /// Inbound: of those, the ones that raised the tunnel's error count.
    ICMP_NOTED("ICMP errors about the tunnel's packets"),
    /// Outbound: the sender of an inner packet was told that it is too large for the path.
    TOLD_TOO_BIG("inner senders told that a packet is too large"),
    /// Outbound: the sender of an inner packet was told that the peer can't be reached.
    TOLD_UNREACHABLE("inner senders told that the peer is unreachable"),
    /// Inbound: the outer sender was told that nothing here takes its packet.
    TOLD_NO_TUNNEL("peers told that there is no tunnel for them"),
    /// Inbound: the overlay refused a super-packet and took its segments; it gets no more super-packets of that
    /// kind.
    SUPER_PACKET_REFUSED("super-packets that the overlay refused"),
    /// An ICMP message was due, but the rules forbid one about such a packet, the rate limit was reached, or
    /// there was no way to send it.
    NOT_TOLD("ICMP messages suppressed");

    private final String description;

    Event(String description) {
        this.description = description;
    }

    /// What was counted, for people.
    public String description() {
        return description;
    }
}
