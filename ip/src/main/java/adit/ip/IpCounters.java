package adit.ip;

import adit.device.Counters;
import java.util.EnumMap;
import java.util.Map;

/// What the IP layer of one namespace has counted. Raised by any thread without a lock.
public final class IpCounters {
    private final Counters counters = new Counters(IpCounter.values().length);
    private final Counters drops = new Counters(IpDrop.values().length);

    IpCounters() {}

    void count(IpCounter counter) {
        counters.add(counter.ordinal(), 1);
    }

    void drop(IpDrop why) {
        drop(why, 1);
    }

    void drop(IpDrop why, int packets) {
        drops.add(why.ordinal(), packets);
        if (why.counter() != null) {
            counters.add(why.counter().ordinal(), packets);
        }
    }

    /// The present value.
    public long get(IpCounter counter) {
        return counters.sum(counter.ordinal());
    }

    /// How many packets were dropped for this reason.
    public long get(IpDrop why) {
        return drops.sum(why.ordinal());
    }

    /// All statistics that are not 0.
    public Map<IpCounter, Long> counters() {
        Map<IpCounter, Long> all = new EnumMap<>(IpCounter.class);
        for (IpCounter counter : IpCounter.values()) {
            if (get(counter) != 0) {
                all.put(counter, get(counter));
            }
        }
        return all;
    }

    /// All reasons for which packets were dropped, with how many.
    public Map<IpDrop, Long> drops() {
        Map<IpDrop, Long> all = new EnumMap<>(IpDrop.class);
        for (IpDrop drop : IpDrop.values()) {
            if (get(drop) != 0) {
                all.put(drop, get(drop));
            }
        }
        return all;
    }

    /// Everything that is not 0.
    @Override
    public String toString() {
        return counters() + " " + drops();
    }
}
