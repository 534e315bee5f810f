package adit.underlay;

import adit.packet.PacketBatch;

/// The network that carries a tunnel. Never blocks, never throws for a packet. Sending and receiving may be on
/// different threads.
public interface Underlay extends AutoCloseable {
    /// Adds to `into` the payloads that are there now and answers how many. [adit.packet.PacketBuffer#addressing]
    /// says where each came from. An ICMP error that the underlay met comes as a packet too: protocol 1, its octets
    /// the ICMP message (RFC 792) from the type on, quoting the outer IP header of the packet that caused it.
    int receive(PacketBatch into);

    /// Takes packets out of `batch` and sends them as their addressing says. Those that stay are refused, each with
    /// its [adit.packet.Refusal]. Of packets that were taken and could not be sent all the same, a later call tells
    /// [PacketBatch#late].
    int send(PacketBatch batch);

    /// The way to `destination` from `source` (0: any) as it is known now; [Path#NONE] when there is none. Cheap
    /// enough to ask for each packet.
    Path path(int source, int destination);

    /// Octets that [#send] needs free in front of each packet.
    int headroom();

    @Override
    void close();
}
