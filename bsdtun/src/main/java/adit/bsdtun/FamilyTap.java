package adit.bsdtun;

import adit.packet.PacketBuffer;

/// Somebody who looks at the packets of a BSD interface, as bpf(4) does with DLT_NULL: the octets start at the
/// network header, and the address family comes beside them.
@FunctionalInterface
public interface FamilyTap {
    /// Which way a packet goes.
    enum Direction {
        /// Written by the opener, into the stack.
        IN,
        /// Sent by the stack.
        OUT
    }

    /// Shows a packet, on the thread that carries it. It is not the tap's: copy what shall stay, change
    /// nothing.
    void packet(int family, PacketBuffer p, Direction direction);
}
