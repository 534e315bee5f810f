package adit.device;

import adit.packet.PacketBuffer;

/// Somebody who looks at the packets of a device, as a packet socket does.
@FunctionalInterface
public interface PacketTap {
    /// Which way a packet goes.
    enum Direction {
        /// Into the stack.
        RECEIVED,
        /// Out of the stack.
        SENT
    }

    /// Shows a packet, on the thread that carries it. It is not the tap's: copy what shall stay, change
    /// nothing. Octets start at the link header if the device has one.
    void packet(Device device, PacketBuffer p, Direction direction);
}
