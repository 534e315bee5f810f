package adit.ip;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/// What the IP layer of one namespace has counted. Raised by any thread without a lock.
public final class IpCounters {
    private final LongAdder[] counters = adders(IpCounter.values().length);
    private final LongAdder[] drops = adders(IpDrop.values().length);

    IpCounters() {}

    private static LongAdder[] adders(int count) {
        LongAdder[] adders = new LongAdder[count];
        for (int i = 0; i < count; i++) {
            adders[i] = new LongAdder();
        }
        return adders;
    }

    void count(IpCounter counter) {
        counters[counter.ordinal()].increment();
    }

    void count(IpCounter counter, int amount) {
        counters[counter.ordinal()].add(amount);
    }

    void drop(IpDrop why) {
        drops[why.ordinal()].increment();
        if (why.counter() != null) {
            counters[why.counter().ordinal()].increment();
        }
    }

    /// The present value.
    public long get(IpCounter counter) {
        return counters[counter.ordinal()].sum();
    }

    /// How many packets were dropped for this reason.
    public long get(IpDrop why) {
        return drops[why.ordinal()].sum();
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
