package adit.ipip;

import adit.ip.Ip4Carriage;
import adit.underlay.Path;
import java.util.concurrent.atomic.AtomicReferenceArray;

/// The ways that outer packets of a namespace's tunnels take, remembered until a route changes. A tunnel whose
/// packets all go one way keeps it itself, as Linux's `dst_cache` does, and has it looked after here; the others share
/// a fixed number of places. For any threads; allocates when a way is looked up anew.
final class Ways {
    /// The bits of the former type of service that routing looks at.
    private static final int TOS = 0x1c;

    private static final int BITS = 10;
    private static final long MULTIPLIER = 0x9e37_79b9_7f4a_7c15L;

    private final Ip4Carriage carriage;
    private final AtomicReferenceArray<Known> places = new AtomicReferenceArray<>(1 << BITS);
    /// What was made last: most ways of a host are alike, and then share one.
    private volatile Path lastPath = Path.NONE;

    /// A way and what was asked for it; null when there was none, and the path as of then.
    record Known(int source, int destination, int tos, int link, Ip4Carriage.Way way, Path path) {
        boolean answers(int source, int destination, int tos, int link) {
            return this.source == source
                    && this.destination == destination
                    && this.tos == (tos & TOS)
                    && this.link == link;
        }
    }

    Ways(Ip4Carriage carriage) {
        this.carriage = carriage;
    }

    /// The way for packets of this kind as of now; null when there is none.
    Known to(int source, int destination, int tos, int link) {
        int place = place(source, destination, link);
        Known known = places.getAcquire(place);
        if (!stands(known, source, destination, tos, link)) {
            known = find(source, destination, tos, link);
            if (known != null) {
                places.setRelease(place, known);
            }
        }
        return known;
    }

    /// Whether that is still the way for packets of this kind; `known` may be null.
    boolean stands(Known known, int source, int destination, int tos, int link) {
        return known != null
                && known.answers(source, destination, tos, link)
                && carriage.isCurrent(known.way)
                && known.path.mtu() == carriage.mtu(known.way)
                && (known.path.pinned() == Path.Pinned.YES) == carriage.isLocked(known.way);
    }

    /// The way for packets of this kind, looked up anew; null when there is none.
    Known find(int source, int destination, int tos, int link) {
        Ip4Carriage.Way way = carriage.way(source, destination, tos & TOS, link);
        return way == null ? null : new Known(source, destination, tos & TOS, link, way, path(way));
    }

    private Path path(Ip4Carriage.Way way) {
        Path last = lastPath;
        Path path = new Path(
                carriage.mtu(way),
                carriage.isLocked(way) ? Path.Pinned.YES : Path.Pinned.NO,
                way.device().index());
        if (path.equals(last)) {
            return last;
        }
        lastPath = path;
        return path;
    }

    private static int place(int source, int destination, int link) {
        long key = ((long) source << 32 | (destination & 0xffff_ffffL)) + link;
        return (int) ((key * MULTIPLIER) >>> (Long.SIZE - BITS));
    }
}
