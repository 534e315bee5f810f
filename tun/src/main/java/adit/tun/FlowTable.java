package adit.tun;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;

/// Which queue the packets of a flow come in by, so that its packets back go out by the same: at most 4096
/// flows in 1024 chains, each for three seconds after its last packet.
///
/// Looking up and refreshing take no lock. Whoever learns a new flow first takes a flag; who finds it taken
/// leaves the flow for its next packet to teach. A chain is changed only under that flag; a reader that follows
/// a link which changes under it can miss its flow but never gets another's queue, because hash and queue are
/// one word.
final class FlowTable {
    static final int MAX_FLOWS = 4096;
    static final long LIFETIME_NANOS = 3_000_000_000L;

    /// How much later a packet has to be than the one before to count as later. Linux counts in jiffies, of 1 ms
    /// at the least. Entries of different queues are neighbours in memory, which each of them would otherwise
    /// claim with every packet.
    private static final long TICK_NANOS = 1_000_000;

    private static final int CHAINS = 1024;
    private static final int END = -1;
    private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle INTS = MethodHandles.arrayElementVarHandle(int[].class);

    private final int[] first = new int[CHAINS];
    private final int[] next = new int[MAX_FLOWS];
    // The hash in the high half, the queue in the low half.
    private final long[] flows = new long[MAX_FLOWS];
    private final long[] updated = new long[MAX_FLOWS];
    private final int[] free = new int[MAX_FLOWS];
    private final AtomicBoolean changing = new AtomicBoolean();
    private int freeCount = MAX_FLOWS;

    FlowTable() {
        Arrays.fill(first, END);
        for (int i = 0; i < MAX_FLOWS; i++) {
            free[i] = MAX_FLOWS - 1 - i;
        }
    }

    /// The queue of a flow, or -1 when it is not known at `now`.
    int queue(int hash, long now) {
        int i = find(hash);
        if (i < 0 || now - (long) LONGS.getOpaque(updated, i) >= LIFETIME_NANOS) {
            return -1;
        }
        long flow = (long) LONGS.getAcquire(flows, i);
        return (int) (flow >>> 32) == hash ? (int) flow : -1;
    }

    private int find(int hash) {
        int i = (int) INTS.getAcquire(first, hash & (CHAINS - 1));
        // Bounded, because a chain may change while it is walked.
        for (int steps = 0; i != END && steps < MAX_FLOWS; steps++) {
            if ((int) ((long) LONGS.getAcquire(flows, i) >>> 32) == hash) {
                return i;
            }
            i = (int) INTS.getAcquire(next, i);
        }
        return END;
    }

    /// Learns that a flow came in by `queue` at `now`.
    void learn(int hash, int queue, long now) {
        int i = find(hash);
        if (i >= 0) {
            if (now - (long) LONGS.getOpaque(updated, i) >= TICK_NANOS) {
                LONGS.setOpaque(updated, i, now);
            }
            long flow = pack(hash, queue);
            if ((long) LONGS.getOpaque(flows, i) != flow) {
                LONGS.setRelease(flows, i, flow);
            }
            return;
        }
        if (!changing.compareAndSet(false, true)) {
            return;
        }
        try {
            if (find(hash) >= 0) {
                return;
            }
            if (freeCount == 0) {
                remove(now, LIFETIME_NANOS, END);
            }
            if (freeCount > 0) {
                int slot = free[--freeCount];
                LONGS.setOpaque(updated, slot, now);
                LONGS.setRelease(flows, slot, pack(hash, queue));
                int chain = hash & (CHAINS - 1);
                INTS.setRelease(next, slot, first[chain]);
                INTS.setRelease(first, chain, slot);
            }
        } finally {
            changing.set(false);
        }
    }

    /// How many flows are known, those among them that have ended but were not yet forgotten.
    int size() {
        return MAX_FLOWS - freeCount;
    }

    private static long pack(int hash, int queue) {
        return ((long) hash << 32) | (queue & 0xffff_ffffL);
    }

    /// Forgets the flows of a queue. For the control path: it waits for whoever is learning.
    void forget(int queue) {
        while (!changing.compareAndSet(false, true)) {
            Thread.onSpinWait();
        }
        try {
            remove(0, Long.MAX_VALUE, queue);
        } finally {
            changing.set(false);
        }
    }

    /// Takes out the flows that nothing was heard of for so long, and those of `queue`.
    private void remove(long now, long silence, int queue) {
        for (int chain = 0; chain < CHAINS; chain++) {
            int before = END;
            int i = first[chain];
            while (i != END) {
                int after = next[i];
                boolean silent = now - (long) LONGS.getOpaque(updated, i) >= silence;
                if (silent || (int) (long) LONGS.getOpaque(flows, i) == queue) {
                    if (before == END) {
                        INTS.setRelease(first, chain, after);
                    } else {
                        INTS.setRelease(next, before, after);
                    }
                    free[freeCount++] = i;
                } else {
                    before = i;
                }
                i = after;
            }
        }
    }
}
