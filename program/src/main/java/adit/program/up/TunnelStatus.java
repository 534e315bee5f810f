package adit.program.up;

import adit.linux.IdleStrategy;
import adit.program.config.TunnelConfig;
import adit.tunnel.Drop;
import adit.tunnel.Event;
import adit.tunnel.LinkStatistic;
import adit.tunnel.LinkStatistics;
import adit.tunnel.TunnelCounters;
import adit.tunnel.TunnelSpec;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How a tunnel fares.
///
/// @param spec how it is set up
/// @param present whether its device is there
/// @param index the index of its device; 0 while there is none
/// @param mtu the MTU of its device, in octets; 0 while there is none
/// @param offload which offloads it uses
/// @param idle how its threads rest; nothing where it has none of its own
/// @param statistics the interface statistics, those of earlier devices included
/// @param drops how many packets were dropped for each reason that occurred
/// @param events how often what is worth knowing occurred
public record TunnelStatus(
        TunnelSpec spec,
        boolean present,
        int index,
        int mtu,
        OffloadStatus offload,
        Optional<IdleStrategy> idle,
        LinkStatistics statistics,
        Map<Drop, Long> drops,
        Map<Event, Long> events) {

    static TunnelStatus of(Overlay o, OffloadStatus offload, IdleStrategy idle, List<TunnelCounters> workers) {
        return new TunnelStatus(
                o.config().spec(),
                !o.device().isGone(),
                o.device().index(),
                o.device().mtu(),
                offload,
                Optional.of(idle),
                LinkStatistics.of(workers),
                drops(workers),
                events(workers));
    }

    /// A tunnel whose device can't be made at the moment.
    static TunnelStatus absent(TunnelConfig config, List<TunnelCounters> workers) {
        return new TunnelStatus(
                config.spec(),
                false,
                0,
                0,
                OffloadStatus.NONE,
                Optional.of(config.idle()),
                LinkStatistics.of(workers),
                drops(workers),
                events(workers));
    }

    /// That of a tunnel whose device is in memory.
    ///
    /// @param workers what each worker has counted for it
    public static TunnelStatus inMemory(TunnelSpec spec, int mtu, List<TunnelCounters> workers) {
        return new TunnelStatus(
                spec,
                true,
                0,
                mtu,
                OffloadStatus.IN_MEMORY,
                Optional.empty(),
                LinkStatistics.of(workers),
                drops(workers),
                events(workers));
    }

    static Map<Drop, Long> drops(List<TunnelCounters> workers) {
        Map<Drop, Long> drops = new EnumMap<>(Drop.class);
        for (Drop drop : Drop.values()) {
            long n = workers.stream().mapToLong(w -> w.drops(drop)).sum();
            if (n != 0) {
                drops.put(drop, n);
            }
        }
        return drops;
    }

    static Map<Event, Long> events(List<TunnelCounters> workers) {
        Map<Event, Long> events = new EnumMap<>(Event.class);
        for (Event event : Event.values()) {
            long n = workers.stream().mapToLong(w -> w.events(event)).sum();
            if (n != 0) {
                events.put(event, n);
            }
        }
        return events;
    }

    /// One of the interface statistics.
    public long value(LinkStatistic statistic) {
        return statistics.value(statistic);
    }
}
