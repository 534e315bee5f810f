package adit.device;

import java.util.EnumMap;
import java.util.Map;

/// What a device has counted, its statistics and its reasons for drops. Raised by any thread without a lock or
/// an allocation.
public final class DeviceStatistics {
    private static final Drop[] DROPS = Drop.values();

    private final Counters counters = new Counters(Counter.values().length);
    private final Counters drops = new Counters(DROPS.length);

    /// Statistics that are all 0.
    public DeviceStatistics() {}

    /// Raises `counter` by `amount`.
    public void add(Counter counter, long amount) {
        counters.add(counter.ordinal(), amount);
    }

    /// Counts one packet of `octets` octets received.
    public void received(int octets) {
        counters.add(Counter.RX_PACKETS.ordinal(), 1, Counter.RX_BYTES.ordinal(), octets);
    }

    /// Counts one packet of `octets` octets transmitted.
    public void transmitted(int octets) {
        counters.add(Counter.TX_PACKETS.ordinal(), 1, Counter.TX_BYTES.ordinal(), octets);
    }

    /// Counts one packet dropped, under its reason and under the statistic that the reason raises.
    public void drop(Drop why) {
        drops.add(why.ordinal(), 1);
        Counter counter = why.counter();
        if (counter != null) {
            counters.add(counter.ordinal(), 1);
        }
    }

    /// The present value.
    public long get(Counter counter) {
        return counters.sum(counter.ordinal());
    }

    /// How many packets were dropped for this reason.
    public long get(Drop why) {
        return drops.sum(why.ordinal());
    }

    /// All statistics that are not 0.
    public Map<Counter, Long> counters() {
        Map<Counter, Long> all = new EnumMap<>(Counter.class);
        for (Counter counter : Counter.values()) {
            long value = get(counter);
            if (value != 0) {
                all.put(counter, value);
            }
        }
        return all;
    }

    /// All reasons for which packets were dropped, with how many.
    public Map<Drop, Long> drops() {
        Map<Drop, Long> all = new EnumMap<>(Drop.class);
        for (Drop drop : DROPS) {
            long value = get(drop);
            if (value != 0) {
                all.put(drop, value);
            }
        }
        return all;
    }

    @Override
    public String toString() {
        return counters() + " " + drops();
    }
}
