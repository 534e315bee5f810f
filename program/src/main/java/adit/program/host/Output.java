package adit.program.host;

import adit.packet.Addressing;
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.packet.Refusal;
import adit.underlay.Path;
import adit.underlay.Underlay;
import java.util.function.LongSupplier;

/// A host's transmit queue. What the port has no room for waits here; who makes packets asks for room first.
final class Output {
    private static final int CAPACITY = 64;
    private static final int TIME_TO_LIVE = 64;

    private final Underlay underlay;
    private final PacketPool pool;
    private final int address;
    private final PacketBatch queue = new PacketBatch(CAPACITY);
    private final LongSupplier clock;
    private final long[] drops;

    Output(Underlay underlay, PacketPool pool, int address, LongSupplier clock, long[] drops) {
        this.underlay = underlay;
        this.pool = pool;
        this.address = address;
        this.clock = clock;
        this.drops = drops;
    }

    /// The time in milliseconds, for timestamps.
    long milliseconds() {
        return clock.getAsLong() / 1_000_000;
    }

    int address() {
        return address;
    }

    Path path(int destination) {
        return underlay.path(address, destination);
    }

    void drop(HostDrop reason) {
        drops[reason.ordinal()]++;
    }

    /// An empty buffer for a packet that [#send] will have room for, or null.
    PacketBuffer lend() {
        return queue.room() > 0 ? pool.lend() : null;
    }

    /// Queues `p`, whose octets are the payload of an IP packet. It is dropped when there is no room.
    void send(PacketBuffer p, int destination, int protocol, boolean dontFragment) {
        if (queue.room() == 0) {
            drop(HostDrop.NO_BUFFER);
            p.release();
            return;
        }
        Addressing a = p.addressing();
        a.clear();
        a.source = address;
        a.destination = destination;
        a.protocol = protocol;
        a.timeToLive = TIME_TO_LIVE;
        a.dontFragment = dontFragment;
        queue.add(p);
    }

    /// Hands the queue to the IP layer and answers how many packets left. Those that were refused for want of
    /// room stay, the others are dropped.
    int flush() {
        int sent = underlay.send(queue);
        int kept = 0;
        for (int i = 0; i < queue.size(); i++) {
            PacketBuffer p = queue.get(i);
            if (p.refusal() == Refusal.FULL) {
                queue.set(kept++, p);
            } else {
                drop(HostDrop.REFUSED);
                p.release();
            }
        }
        queue.truncate(kept);
        return sent;
    }

    void close() {
        queue.releaseAll();
    }
}
