package adit.ip;

import adit.packet.PacketBuffer;

/// Takes packets of one IP protocol that are for this host: a tunnel, say.
@FunctionalInterface
public interface ProtocolHandler {
    /// Takes a whole packet, on whichever thread brought it. Octets start at the IP header, which is sound; the
    /// packet is the handler's.
    void receive(IpInterface in, PacketBuffer p);
}
