package adit.ip;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;

/// The neighbours on one link in one family, by address. Any thread may look for one; what changes the table is
/// under the lock of its [Neighbours].
final class NeighbourTable {
    private static final int BUCKETS = 256;
    private static final VarHandle BUCKET = MethodHandles.arrayElementVarHandle(Neighbour[].class);

    private final Neighbour[] buckets = new Neighbour[BUCKETS];
    private int size;

    private static int bucket(long high, long low) {
        return AddressBits.hash(high, low) & (BUCKETS - 1);
    }

    /// The neighbour of this address, or null.
    Neighbour find(long high, long low) {
        Neighbour n = (Neighbour) BUCKET.getAcquire(buckets, bucket(high, low));
        while (n != null && (n.high != high || n.low != low)) {
            n = n.next;
        }
        return n;
    }

    int size() {
        return size;
    }

    /// All of them, in no order.
    List<Neighbour> all() {
        List<Neighbour> all = new ArrayList<>(size);
        for (Neighbour first : buckets) {
            for (Neighbour n = first; n != null; n = n.next) {
                all.add(n);
            }
        }
        return all;
    }

    /// Of those that are of no use, the one that was used longest ago; null when all are of use.
    Neighbour dispensable() {
        Neighbour oldest = null;
        for (Neighbour n : all()) {
            boolean isOfUse = switch (n.state) {
                case NONE, FAILED, STALE -> false;
                default -> true;
            };
            if (!isOfUse && (oldest == null || n.used - oldest.used < 0)) {
                oldest = n;
            }
        }
        return oldest;
    }

    /// Adds one whose address is not there.
    void add(Neighbour n) {
        int i = bucket(n.high, n.low);
        n.next = buckets[i];
        BUCKET.setRelease(buckets, i, n);
        size++;
    }

    /// Takes one out that is there.
    void remove(Neighbour gone) {
        int i = bucket(gone.high, gone.low);
        Neighbour n = buckets[i];
        if (n == gone) {
            BUCKET.setRelease(buckets, i, gone.next);
        } else {
            while (n.next != gone) {
                n = n.next;
            }
            n.next = gone.next;
        }
        size--;
    }
}
