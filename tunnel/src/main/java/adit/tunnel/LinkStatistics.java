package adit.tunnel;

import java.util.EnumMap;
import java.util.Map;

/// The interface statistics of a tunnel, summed over its workers at one moment. They are derived from what was
/// sent, received and dropped, so that the drop table explains every error.
///
/// @param values each statistic; those that are 0 are there too
public record LinkStatistics(Map<LinkStatistic, Long> values) {
    /// Takes a copy.
    public LinkStatistics {
        values = Map.copyOf(values);
    }

    /// The sum over all of these counters.
    public static LinkStatistics of(Iterable<TunnelCounters> workers) {
        Map<LinkStatistic, Long> sum = new EnumMap<>(LinkStatistic.class);
        for (LinkStatistic statistic : LinkStatistic.values()) {
            sum.put(statistic, 0L);
        }
        for (TunnelCounters counters : workers) {
            sum.merge(LinkStatistic.RX_PACKETS, counters.rxPackets(), Long::sum);
            sum.merge(LinkStatistic.RX_BYTES, counters.rxOctets(), Long::sum);
            sum.merge(LinkStatistic.TX_PACKETS, counters.txPackets(), Long::sum);
            sum.merge(LinkStatistic.TX_BYTES, counters.txOctets(), Long::sum);
            for (Drop reason : Drop.values()) {
                long dropped = counters.drops(reason);
                for (LinkStatistic statistic : LinkStatistic.values()) {
                    if (reason.raises(statistic)) {
                        sum.merge(statistic, dropped, Long::sum);
                    }
                }
            }
        }
        return new LinkStatistics(sum);
    }

    /// One statistic.
    public long value(LinkStatistic statistic) {
        return values.get(statistic);
    }
}
