package adit.port;

import adit.packet.PacketBatch;

/// A place where packets come and go: a TUN queue, one end of a cable, a capture file. Never blocks, never throws for
/// a packet.
///
/// Receiving and sending may be on different threads, each on one at a time.
public interface Port extends AutoCloseable {
    /// Adds to `into` the packets that are there now, at most as many as it has room for, and answers how many. They
    /// are the caller's from then on. [adit.packet.PacketBuffer#protocol] says what each one is.
    int receive(PacketBatch into);

    /// Takes packets out of `batch` and answers how many. Those taken belong to the port; those that stay in the
    /// batch are refused, in their old order, each with its [adit.packet.Refusal].
    int send(PacketBatch batch);

    /// The largest packet, in octets, that this port takes at present.
    int mtu();

    /// Ends the port and wakes whoever waits for it. Closing again does nothing.
    @Override
    void close();
}
