package adit.device;

import adit.packet.PacketBuffer;
import adit.packet.UdpTunnel;

/// What stands above the devices of a namespace: the IP stack.
@FunctionalInterface
public interface Receiver {
    /// Takes a packet that came in by `device`, on whichever thread brought it, possibly several at once. The
    /// octets start at the network header; for a device with link addresses that header stands in front of them
    /// still. [PacketBuffer#protocol] and [PacketBuffer#packetType] are set. The packet is the receiver's.
    void receive(Device device, PacketBuffer p);

    /// What the UDP port that a datagram goes to takes out of its datagrams. For whoever joins packets before they
    /// are received: the datagram in `p` came in by `device`, or is about to; its IPv4 header stands `network`
    /// octets behind the head, and its UDP header `transport` octets. Whether its destination is an address of this
    /// host is not asked, as in Linux.
    default UdpTunnel tunnelAt(Device device, PacketBuffer p, int network, int transport) {
        return UdpTunnel.NONE;
    }
}
