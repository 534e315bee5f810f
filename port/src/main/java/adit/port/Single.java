package adit.port;

import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;

/// Moves single packets through a port, for wrappers that decide packet by packet.
final class Single {
    private final Port port;
    private final PacketBatch batch = new PacketBatch(1);

    Single(Port port) {
        this.port = port;
    }

    /// Sends `p`. Answers false when the port refused it: then it is still the caller's.
    boolean send(PacketBuffer p) {
        batch.add(p);
        boolean taken = port.send(batch) == 1;
        batch.clear();
        return taken;
    }

    /// The next packet, or null when there is none now.
    PacketBuffer receive() {
        if (port.receive(batch) == 0) {
            return null;
        }
        PacketBuffer p = batch.get(0);
        batch.clear();
        return p;
    }
}
