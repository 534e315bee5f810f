package adit.port;

import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import java.util.function.LongSupplier;

/// A port whose incoming packets come no faster than a rate: a token bucket. For a cable with a rate both ways,
/// wrap both ends.
///
/// What does not come yet waits in the port behind, so the queue of a cable is the queue of the bottleneck. For
/// one thread. Holds no packet.
public final class RatePort implements Port, Deadline {
    private static final double NANOS_PER_SECOND = 1e9;

    private final Port inner;
    private final Single line;
    private final double nanosPerOctet;
    private final long burstNanos;
    private final LongSupplier clock;
    // When the bucket is full again. Virtual scheduling: the same as counting tokens, without refills.
    private long full;

    /// Receives from `inner` at most `bitsPerSecond` on average and `burst` octets at once, on `clock`, which
    /// tells a monotonic time in nanoseconds. As with any token bucket a packet passes while there is any
    /// credit, so the burst may be exceeded by one packet.
    public RatePort(Port inner, long bitsPerSecond, int burst, LongSupplier clock) {
        if (bitsPerSecond < 1 || burst < 0) {
            throw new IllegalArgumentException("bitsPerSecond " + bitsPerSecond + ", burst " + burst);
        }
        this.inner = inner;
        this.line = new Single(inner);
        this.nanosPerOctet = 8 * NANOS_PER_SECOND / bitsPerSecond;
        this.burstNanos = nanos(burst);
        this.clock = clock;
        this.full = clock.getAsLong();
    }

    private long nanos(int octets) {
        return (long) Math.ceil(octets * nanosPerOctet);
    }

    @Override
    public int receive(PacketBatch into) {
        long now = clock.getAsLong();
        int count = 0;
        while (into.room() > 0 && full - burstNanos <= now) {
            PacketBuffer p = line.receive();
            if (p == null) {
                break;
            }
            full = Math.max(full, now) + nanos(p.length());
            into.add(p);
            count++;
        }
        return count;
    }

    /// When the next packet may come, if there is one.
    @Override
    public long deadline() {
        long next = full - burstNanos;
        return next > clock.getAsLong() ? next : NEVER;
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
        inner.close();
    }
}
