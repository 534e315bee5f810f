package adit.port;

import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import java.util.function.LongSupplier;

/// A port whose incoming packets come a fixed time late, in order. For a cable with delay both ways, wrap both
/// ends.
///
/// The delay counts from the receive call that finds the packet, so the holder has to ask again and again, as
/// an engine's turn does. At most a given number of packets are under way; further ones wait in the port
/// behind. For one thread. Owns the packets under way and releases them on close.
public final class DelayPort implements Port, Deadline {
    private final Port inner;
    private final Single line;
    private final long nanos;
    private final LongSupplier clock;
    private final PacketBuffer[] packets;
    private final long[] due;
    private int first;
    private int count;

    /// Receives from `inner` by `nanos` later on `clock`, which tells a monotonic time in nanoseconds, with at
    /// most `capacity` packets under way.
    public DelayPort(Port inner, long nanos, LongSupplier clock, int capacity) {
        if (nanos < 0 || capacity < 1) {
            throw new IllegalArgumentException("nanos " + nanos + ", capacity " + capacity);
        }
        this.inner = inner;
        this.line = new Single(inner);
        this.nanos = nanos;
        this.clock = clock;
        this.packets = new PacketBuffer[capacity];
        this.due = new long[capacity];
    }

    @Override
    public int receive(PacketBatch into) {
        long now = clock.getAsLong();
        takeIn(now);
        int delivered = 0;
        while (count > 0 && due[first] <= now && into.room() > 0) {
            into.add(removeFirst());
            delivered++;
        }
        return delivered;
    }

    private void takeIn(long now) {
        while (count < packets.length) {
            PacketBuffer p = line.receive();
            if (p == null) {
                return;
            }
            int last = (first + count++) % packets.length;
            packets[last] = p;
            due[last] = now + nanos;
        }
    }

    private PacketBuffer removeFirst() {
        PacketBuffer p = packets[first];
        packets[first] = null;
        first = (first + 1) % packets.length;
        count--;
        return p;
    }

    /// When the first packet under way arrives.
    @Override
    public long deadline() {
        return count == 0 ? NEVER : due[first];
    }

    @Override
    public int send(PacketBatch batch) {
        return inner.send(batch);
    }

    @Override
    public int mtu() {
        return inner.mtu();
    }

    @Override
    public void close() {
        while (count > 0) {
            removeFirst().release();
        }
        inner.close();
    }
}
