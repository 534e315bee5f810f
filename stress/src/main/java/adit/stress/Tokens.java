package adit.stress;

import adit.packet.PacketBuffer;
import adit.packet.PacketPool;

/// Packets that tests put through rings and queues. Nobody writes to them, because all iterations use the same ones:
/// what a packet carries from thread to thread stands in the test's own fields.
final class Tokens {
    static final PacketBuffer FIRST;
    static final PacketBuffer SECOND;

    static {
        // Stays for the life of the process.
        @SuppressWarnings("resource")
        PacketPool pool = new PacketPool(2, 0, 64);
        FIRST = pool.lend();
        SECOND = pool.lend();
    }

    private Tokens() {}

    /// 0 for none, 1 for the first, 2 for the second.
    static int number(PacketBuffer p) {
        return p == null ? 0 : p.equals(FIRST) ? 1 : 2;
    }
}
