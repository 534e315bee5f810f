package adit.packet;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;

/// A bounded queue of packets from one producing thread to one consuming thread, first in, first out. No lock, no
/// allocation after construction; both sides always return at once.
///
/// Two positions only ever grow: how many packets were offered and how many were polled. The producer alone writes
/// the first and the consumer alone the second, each with release semantics after it has touched the slot; the other
/// side reads it with acquire semantics, and then sees the slot and everything the producer wrote into the packet
/// (the Java memory model's acquire and release modes, JEP 193). Each side keeps the other's position as it last saw
/// it, so that the shared cache line moves between cores once per ring, not once per packet.
///
/// A ring carries references. It does not make the pool behind them thread-safe: a packet that crosses threads has to
/// go home by a second ring and be released where it was lent.
public final class PacketRing {
    private static final VarHandle POSITION = MethodHandles.arrayElementVarHandle(long[].class);

    // Positions in one array of longs, each writer's pair two cache lines from the other's and from both ends:
    // processors fetch lines in pairs, and the array's header and whatever lies behind it are not to be dragged along.
    private static final int OFFERED = 16;
    private static final int POLLED_AS_SEEN_BY_PRODUCER = 17;
    private static final int POLLED = 32;
    private static final int OFFERED_AS_SEEN_BY_CONSUMER = 33;
    private static final int POSITIONS = 48;

    private final long[] positions = new long[POSITIONS];
    private final PacketBuffer[] slots;
    private final int capacity;
    private final int mask;

    /// A ring for at most `capacity` packets, 1 to 2^30.
    public PacketRing(int capacity) {
        if (capacity < 1 || capacity > 1 << 30) {
            throw new IllegalArgumentException("capacity " + capacity);
        }
        int slots = capacity == 1 ? 1 : Integer.highestOneBit(capacity - 1) << 1;
        this.slots = new PacketBuffer[slots];
        this.capacity = capacity;
        this.mask = slots - 1;
    }

    /// Appends `p` and answers true, or answers false when the ring is full: then `p` stays the caller's. For the
    /// producing thread alone.
    public boolean offer(PacketBuffer p) {
        Objects.requireNonNull(p);
        long offered = positions[OFFERED];
        if (offered - positions[POLLED_AS_SEEN_BY_PRODUCER] >= capacity) {
            long polled = (long) POSITION.getAcquire(positions, POLLED);
            positions[POLLED_AS_SEEN_BY_PRODUCER] = polled;
            if (offered - polled >= capacity) {
                return false;
            }
        }
        slots[(int) offered & mask] = p;
        POSITION.setRelease(positions, OFFERED, offered + 1);
        return true;
    }

    /// Takes the oldest packet out, or answers null when there is none. For the consuming thread alone.
    public PacketBuffer poll() {
        long polled = positions[POLLED];
        if (polled == positions[OFFERED_AS_SEEN_BY_CONSUMER]) {
            long offered = (long) POSITION.getAcquire(positions, OFFERED);
            positions[OFFERED_AS_SEEN_BY_CONSUMER] = offered;
            if (polled == offered) {
                return null;
            }
        }
        int slot = (int) polled & mask;
        PacketBuffer p = slots[slot];
        slots[slot] = null;
        POSITION.setRelease(positions, POLLED, polled + 1);
        return p;
    }

    /// Adds to `into` the oldest packets, at most as many as it has room for, and answers how many. For the consuming
    /// thread alone.
    public int poll(PacketBatch into) {
        int count = 0;
        while (into.room() > 0) {
            PacketBuffer p = poll();
            if (p == null) {
                break;
            }
            into.add(p);
            count++;
        }
        return count;
    }

    /// How many packets wait. Exact on a thread that is both producer and consumer; elsewhere it was true a moment
    /// ago.
    public int size() {
        long polled = (long) POSITION.getAcquire(positions, POLLED);
        long offered = (long) POSITION.getAcquire(positions, OFFERED);
        return (int) Math.min(offered - polled, capacity);
    }
}
