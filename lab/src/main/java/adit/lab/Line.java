package adit.lab;

import adit.packet.PacketBuffer;
import adit.port.Deadline;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/// One direction of a cable.
///
/// A packet waits until those in front of it have left, leaves at the line's rate, is on its way for the delay
/// and arrives, unless it is lost. What finds the queue full is refused. Packets never overtake each other.
/// Under the lab's lock; owns the packets under way.
final class Line implements Deadline {
    /// How many packets may be waiting or under way together.
    private static final int MOST = 1 << 15;

    private static final int FIRST_CAPACITY = 64;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    /// What became of a packet that was sent.
    enum Fate {
        /// It is on its way.
        CARRIED,
        /// It is on its way and will not arrive; it is released.
        LOST,
        /// There was no room; it is the sender's still.
        FULL
    }

    private final RandomGenerator dice;
    private final LongSupplier clock;
    private final Consumer<PacketBuffer> arrival;
    private LineSpec spec;
    private PacketBuffer[] packets = new PacketBuffer[FIRST_CAPACITY];
    private long[] leaves = new long[FIRST_CAPACITY];
    private long[] arrives = new long[FIRST_CAPACITY];
    private int first;
    private int count;
    private long free;
    private long lastArrival;
    private long carried;
    private long lost;
    private long full;

    Line(LineSpec spec, RandomGenerator dice, LongSupplier clock, Consumer<PacketBuffer> arrival) {
        this.spec = spec;
        this.dice = dice;
        this.clock = clock;
        this.arrival = arrival;
    }

    void spec(LineSpec other) {
        spec = other;
    }

    Fate send(PacketBuffer p) {
        long now = clock.getAsLong();
        if (count == MOST || waiting(now) > spec.queue()) {
            full++;
            return Fate.FULL;
        }
        long begins = Math.max(now, free);
        long left = begins + serialization(p.length());
        free = left;
        if (spec.loss() > 0 && dice.nextDouble() < spec.loss()) {
            lost++;
            p.release();
            return Fate.LOST;
        }
        carried++;
        lastArrival = Math.max(lastArrival, left + spec.delayNanos());
        add(p, left, lastArrival);
        return Fate.CARRIED;
    }

    private long serialization(int octets) {
        return spec.bitsPerSecond() == 0
                ? 0
                : Math.ceilDiv(octets * (long) Byte.SIZE * NANOS_PER_SECOND, spec.bitsPerSecond());
    }

    /// How many packets have not left yet, the one that is leaving included.
    private int waiting(long now) {
        int waiting = 0;
        while (waiting < count && leaves[first + count - 1 - waiting & leaves.length - 1] > now) {
            waiting++;
        }
        return waiting;
    }

    private void add(PacketBuffer p, long left, long arrival) {
        if (count == packets.length) {
            grow();
        }
        int last = first + count & packets.length - 1;
        packets[last] = p;
        leaves[last] = left;
        arrives[last] = arrival;
        count++;
    }

    private void grow() {
        int size = packets.length;
        PacketBuffer[] morePackets = new PacketBuffer[2 * size];
        long[] moreLeaves = new long[2 * size];
        long[] moreArrivals = new long[2 * size];
        for (int i = 0; i < size; i++) {
            int from = first + i & size - 1;
            morePackets[i] = packets[from];
            moreLeaves[i] = leaves[from];
            moreArrivals[i] = arrives[from];
        }
        packets = morePackets;
        leaves = moreLeaves;
        arrives = moreArrivals;
        first = 0;
    }

    /// Hands over what has arrived, and answers how many packets that was.
    int turn(long now) {
        int moved = 0;
        while (count > 0 && arrives[first] <= now) {
            PacketBuffer p = packets[first];
            packets[first] = null;
            first = first + 1 & packets.length - 1;
            count--;
            moved++;
            arrival.accept(p);
        }
        return moved;
    }

    @Override
    public long deadline() {
        return count == 0 ? NEVER : arrives[first];
    }

    long carried() {
        return carried;
    }

    long lost() {
        return lost;
    }

    long full() {
        return full;
    }

    /// Releases all that is under way.
    void clear() {
        for (int i = 0; i < count; i++) {
            packets[first + i & packets.length - 1].release();
        }
        Arrays.fill(packets, null);
        count = 0;
    }
}
