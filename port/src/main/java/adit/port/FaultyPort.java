package adit.port;

import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import java.lang.foreign.ValueLayout;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/// A port whose incoming line is bad: it loses, damages, duplicates and reorders what comes, by dice. For a
/// cable that is bad both ways, wrap both ends.
///
/// A damaged packet has a single bit flipped, the most likely and hardest to detect damage. A reordered one
/// waits until the next one has overtaken it, or [#PATIENCE_NANOS] when none comes. The same seed gives the
/// same faults for the same packets.
///
/// Receiving is for one thread. Sending goes straight on, so it may be on another where the inner port allows that.
/// Owns the packet it holds back and releases it on close.
public final class FaultyPort implements Port, Deadline {
    /// How long a packet waits to be overtaken, in nanoseconds.
    public static final long PATIENCE_NANOS = 10_000_000;

    /// What happened so far.
    ///
    /// @param lost packets that vanished
    /// @param corrupted packets that came with one bit flipped
    /// @param duplicated packets that came twice
    /// @param reordered packets that were held back for another to overtake
    public record Count(long lost, long corrupted, long duplicated, long reordered) {}

    private final Port inner;
    private final Single line;
    private final Faults faults;
    private final RandomGenerator dice;
    private final PacketPool pool;
    private final LongSupplier clock;
    private PacketBuffer held;
    private long patience;
    private long lost;
    private long corrupted;
    private long duplicated;
    private long reordered;

    /// Receives from `inner` with `faults` as `dice` decides. Duplicates are lent from `pool`; when it has none
    /// there is no duplicate. `clock` tells a monotonic time in nanoseconds.
    public FaultyPort(Port inner, Faults faults, RandomGenerator dice, PacketPool pool, LongSupplier clock) {
        this.inner = inner;
        this.line = new Single(inner);
        this.faults = faults;
        this.dice = dice;
        this.pool = pool;
        this.clock = clock;
    }

    /// Receives from `inner` and loses each packet with the probability `loss`, 0 to 1, as `dice` decides.
    public static FaultyPort losing(Port inner, double loss, RandomGenerator dice) {
        // Neither held back nor doubled is anything, so there is no need of a clock or a pool.
        return new FaultyPort(inner, Faults.NONE.withLoss(loss), dice, null, () -> 0);
    }

    @Override
    public int receive(PacketBatch into) {
        int before = into.size();
        while (into.room() > 0) {
            PacketBuffer p = line.receive();
            if (p == null) {
                break;
            }
            arrive(p, into);
        }
        if (held != null && into.room() > 0 && patience <= clock.getAsLong()) {
            letGo(into);
        }
        return into.size() - before;
    }

    private void arrive(PacketBuffer p, PacketBatch into) {
        if (happens(faults.loss())) {
            lost++;
            p.release();
            return;
        }
        if (p.length() > 0 && happens(faults.corruption())) {
            corrupted++;
            flip(p, dice.nextInt(p.length() * 8));
        }
        if (held == null && happens(faults.reordering())) {
            reordered++;
            held = p;
            patience = clock.getAsLong() + PATIENCE_NANOS;
            return;
        }
        into.add(p);
        if (happens(faults.duplication())) {
            duplicate(p, into);
        }
        if (held != null && into.room() > 0) {
            letGo(into);
        }
    }

    private boolean happens(double probability) {
        return probability > 0 && dice.nextDouble() < probability;
    }

    private static void flip(PacketBuffer p, int bit) {
        int at = p.head() + (bit >> 3);
        byte was = p.segment().get(ValueLayout.JAVA_BYTE, at);
        p.segment().set(ValueLayout.JAVA_BYTE, at, (byte) (was ^ 1 << (bit & 7)));
    }

    private void duplicate(PacketBuffer p, PacketBatch into) {
        PacketBuffer twin = into.room() > 0 ? pool.lend() : null;
        if (twin != null) {
            twin.copyFrom(p);
            into.add(twin);
            duplicated++;
        }
    }

    private void letGo(PacketBatch into) {
        into.add(held);
        held = null;
    }

    /// When the packet held back comes though none has overtaken it.
    @Override
    public long deadline() {
        return held == null ? NEVER : patience;
    }

    @Override
    public int send(PacketBatch batch) {
        return inner.send(batch);
    }

    /// What happened so far.
    public Count count() {
        return new Count(lost, corrupted, duplicated, reordered);
    }

    @Override
    public int mtu() {
        return inner.mtu();
    }

    @Override
    public void close() {
        if (held != null) {
            held.release();
            held = null;
        }
        inner.close();
    }
}
