package adit.ipip;

import adit.ip.Ip4Carriage;
import adit.underlay.Path;
import java.util.concurrent.atomic.AtomicReferenceArray;

/// The ways that outer packets of a namespace's tunnels take, remembered until a route changes: Linux's
/// `dst_cache`, in a fixed number of places that tunnels share. For any threads; allocates when a way is looked
/// up anew.
final class Ways {
    /// The bits of the former type of service that routing looks at.
    private static final int TOS = 0x1c;

    private static final int BITS = 10;
    private static final long MULTIPLIER = 0x9e37_79b9_7f4a_7c15L;

    private final Ip4Carriage carriage;
    private final AtomicReferenceArray<Known> places = new AtomicReferenceArray<>(1 << BITS);

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
        if (known == null || !known.answers(source, destination, tos, link) || !carriage.isCurrent(known.way)) {
            Ip4Carriage.Way way = carriage.way(source, destination, tos & TOS, link);
            if (way == null) {
                return null;
            }
            known = new Known(source, destination, tos & TOS, link, way, path(way));
            places.setRelease(place, known);
            return known;
        }
        Path path = known.path;
        if (path.mtu() != carriage.mtu(known.way)
                || (path.pinned() == Path.Pinned.YES) != carriage.isLocked(known.way)) {
            known = new Known(source, destination, tos & TOS, link, known.way, path(known.way));
            places.setRelease(place, known);
        }
        return known;
    }

    private Path path(Ip4Carriage.Way way) {
        return new Path(
                carriage.mtu(way),
                carriage.isLocked(way) ? Path.Pinned.YES : Path.Pinned.NO,
                way.device().index());
    }

    private static int place(int source, int destination, int link) {
        long key = ((long) source << 32 | (destination & 0xffff_ffffL)) + link;
        return (int) ((key * MULTIPLIER) >>> (Long.SIZE - BITS));
    }
}
