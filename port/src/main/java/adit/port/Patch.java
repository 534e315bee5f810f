package adit.port;

import adit.packet.PacketBatch;

/// Joins two ports: what comes out of one goes into the other, both ways. What a port refuses is dropped and
/// counted.
///
/// With a wrapper around one of them this makes the way *to* a port bad, slow or narrow, since wrappers work on
/// what comes in. For one thread. Owns neither port.
public final class Patch implements Turn {
    private final Port first;
    private final Port second;
    private final PacketBatch batch = new PacketBatch(64);
    private long refused;

    /// Joins these two.
    public Patch(Port first, Port second) {
        this.first = first;
        this.second = second;
    }

    @Override
    public int turn(long nowNanos) {
        return move(first, second) + move(second, first);
    }

    private int move(Port from, Port to) {
        int count = from.receive(batch);
        if (count > 0) {
            to.send(batch);
            refused += batch.size();
            batch.releaseAll();
        }
        return count;
    }

    /// How many packets were dropped because the other port refused them.
    public long refused() {
        return refused;
    }
}
