package adit.ip;

import adit.device.Device;
import adit.packet.PacketBuffer;
import adit.packet.UdpTunnel;

/// Takes the datagrams of a UDP socket that carries packets of its own, before they are queued for anybody.
@FunctionalInterface
public interface UdpEncapsulation {
    /// Takes a datagram that has been looked at. Octets start at the IP header; the UDP header stands
    /// `transport` octets behind it, and its checksum is right. The packet is the taker's.
    void receive(IpInterface in, PacketBuffer p, int transport, RouteType type);

    /// What it takes out of datagrams that come in by `device`, so that those which follow each other can be joined
    /// on their way here.
    default UdpTunnel tunnel(Device device) {
        return UdpTunnel.NONE;
    }
}
