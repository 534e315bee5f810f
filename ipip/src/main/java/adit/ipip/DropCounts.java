package adit.ipip;

import adit.device.Counter;
import adit.device.DeviceStatistics;
import adit.tunnel.Drop;
import adit.tunnel.LinkStatistic;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;

/// Packets that are gone, by their reasons; the interface statistics that a reason raises are raised with it.
/// For any threads. Takes its memory with the first drop, so that a hundred thousand healthy tunnels need none.
final class DropCounts {
    private static final Drop[] REASONS = Drop.values();
    private static final Counter[][] RAISED = Arrays.stream(REASONS)
            .map(reason -> Arrays.stream(LinkStatistic.values())
                    .filter(reason::raises)
                    .map(statistic -> Counter.valueOf(statistic.name()))
                    .toArray(Counter[]::new))
            .toArray(Counter[][]::new);

    private volatile AtomicLongArray counts;

    @SuppressWarnings("EnumOrdinal") // an index into arrays of this run
    void count(Drop reason, DeviceStatistics statistics) {
        present().incrementAndGet(reason.ordinal());
        if (statistics != null) {
            for (Counter counter : RAISED[reason.ordinal()]) {
                statistics.add(counter, 1);
            }
        }
    }

    private AtomicLongArray present() {
        AtomicLongArray c = counts;
        return c == null ? make() : c;
    }

    private synchronized AtomicLongArray make() {
        if (counts == null) {
            counts = new AtomicLongArray(REASONS.length);
        }
        return counts;
    }

    /// Those that are not 0.
    @SuppressWarnings("EnumOrdinal") // as above
    Map<Drop, Long> all() {
        Map<Drop, Long> all = new EnumMap<>(Drop.class);
        AtomicLongArray c = counts;
        for (Drop reason : REASONS) {
            if (c != null && c.get(reason.ordinal()) != 0) {
                all.put(reason, c.get(reason.ordinal()));
            }
        }
        return all;
    }
}
