package adit.packet;

/// How the underlay addresses a packet, beside its octets: a socket takes this in a message header, a namespace
/// needs it written in front of the packet.
///
/// On the way out the tunnel fills it in; on the way in the underlay does. IPv4 addresses are the bits of an
/// int, ports and protocol are plain numbers.
public final class Addressing {
    /// The outer source: the local address on the way out (0: let the underlay choose), the peer's on the way
    /// in.
    public int source;
    /// The outer destination: the peer's address on the way out, the local one on the way in.
    public int destination;
    /// The outer IP protocol: 4, 41 or 137 for direct carriage, 17 for UDP, 1 for an ICMP message.
    public int protocol;
    /// The UDP source port; 0 when there is none.
    public int sourcePort;
    /// The UDP destination port; 0 when there is none.
    public int destinationPort;
    /// The outer DSCP and ECN octet.
    public int tos;
    /// The outer time to live.
    public int timeToLive;
    /// Whether the outer packet must not be fragmented.
    public boolean dontFragment;
    /// The index of the underlay's interface that the packet came in by, or must go out by; 0 for any.
    public int link;
    /// On the way in: how many octets in front of [PacketBuffer#head] still hold the outer headers, IP header
    /// first. 0 when the underlay took them away, as a UDP socket does.
    public int outerHeaderLength;
    /// On the way in: the packet is several UDP payloads of one flow, one behind the other as they came, each
    /// of so many octets but for the last, which may be shorter. 0 when it is one.
    public int joined;

    Addressing() {}

    /// Forgets everything.
    public void clear() {
        source = 0;
        destination = 0;
        protocol = 0;
        sourcePort = 0;
        destinationPort = 0;
        tos = 0;
        timeToLive = 0;
        dontFragment = false;
        link = 0;
        outerHeaderLength = 0;
        joined = 0;
    }

    /// Takes over what `other` says.
    public void copyFrom(Addressing other) {
        source = other.source;
        destination = other.destination;
        protocol = other.protocol;
        sourcePort = other.sourcePort;
        destinationPort = other.destinationPort;
        tos = other.tos;
        timeToLive = other.timeToLive;
        dontFragment = other.dontFragment;
        link = other.link;
        outerHeaderLength = other.outerHeaderLength;
        joined = other.joined;
    }
}
