package adit.ip;

import adit.packet.PacketBuffer;

/// Takes IPv4 packets of one protocol that are for this host: a tunnel, say.
@FunctionalInterface
public interface ProtocolHandler {
    /// Takes a whole packet that a route of `type` says is for this host, on whichever thread brought it.
    /// Octets start at the IP header, which is sound; the packet is the handler's.
    void receive(IpInterface in, PacketBuffer p, RouteType type);
}
