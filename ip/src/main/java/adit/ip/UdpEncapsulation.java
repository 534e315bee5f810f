package adit.ip;

import adit.packet.PacketBuffer;

/// Takes the datagrams of a UDP socket that carries packets of its own, before they are queued for anybody.
@FunctionalInterface
public interface UdpEncapsulation {
    /// Takes a datagram that has been looked at. Octets start at the IP header; the UDP header stands
    /// `transport` octets behind it, and its checksum is right. The packet is the taker's.
    void receive(IpInterface in, PacketBuffer p, int transport, RouteType type);
}
