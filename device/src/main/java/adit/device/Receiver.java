package adit.device;

import adit.packet.PacketBuffer;

/// What stands above the devices of a namespace: the IP stack.
@FunctionalInterface
public interface Receiver {
    /// Takes a packet that came in by `device`, on whichever thread brought it, possibly several at once. The
    /// octets start at the network header; for a device with link addresses that header stands in front of them
    /// still. [PacketBuffer#protocol] and [PacketBuffer#packetType] are set. The packet is the receiver's.
    void receive(Device device, PacketBuffer p);
}
