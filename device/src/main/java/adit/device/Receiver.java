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

    /// What the port takes out of its datagrams to which the one in `p` goes that came in by `device`, or will
    /// come: its IPv4 header stands `network` octets behind the head, its UDP header `transport`. Linux asks as
    /// little whether the address is this host's.
    default UdpTunnel tunnelAt(Device device, PacketBuffer p, int network, int transport) {
        return UdpTunnel.NONE;
    }
}
