package adit.tunnel;

import adit.packet.PacketBuffer;

/// Outer UDP source ports that are the same for each packet of an inner flow, so that routers and network cards
/// spread the flows.
public final class FlowPorts {
    /// The range from which Linux takes source ports by default.
    private static final int FIRST = 32768;

    private static final int COUNT = 60999 - FIRST + 1;

    private FlowPorts() {}

    /// The port for `p`, an inner packet announced by IP protocol number `protocol`: 32768 to 60999.
    public static int of(PacketBuffer p, int protocol) {
        int hash = p.flowHash() != 0 ? p.flowHash() : InnerPacket.flowHash(p, protocol);
        return FIRST + (int) (((hash & 0xffff_ffffL) * COUNT) >>> Integer.SIZE);
    }
}
