package adit.lab;

import adit.device.Counter;
import adit.device.Device;
import adit.device.Drop;
import adit.device.DropReason;
import adit.ip.IpDrop;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What a host has dropped, at one moment. Two of them, subtracted, say what happened in between.
final class DropCounts {
    /// Statistics that say that a packet is gone, where no reason does.
    private static final Set<Counter> ERRORS = Set.of(
            Counter.RX_ERRORS,
            Counter.TX_ERRORS,
            Counter.RX_DROPPED,
            Counter.TX_DROPPED,
            Counter.COLLISIONS,
            Counter.RX_LENGTH_ERRORS,
            Counter.RX_CRC_ERRORS,
            Counter.RX_FRAME_ERRORS,
            Counter.TX_ABORTED_ERRORS,
            Counter.TX_CARRIER_ERRORS);

    private final Map<IpDrop, Long> ip;
    private final Map<String, Map<Drop, Long>> devices = new LinkedHashMap<>();
    private final Map<String, Map<DropReason, Long>> own = new LinkedHashMap<>();
    private final Map<String, Map<Counter, Long>> errors = new LinkedHashMap<>();

    private DropCounts(Map<IpDrop, Long> ip) {
        this.ip = ip;
    }

    static DropCounts of(LabHost host) {
        DropCounts now = new DropCounts(host.namespace().counters().drops());
        for (Device device : host.namespace().devices().devices()) {
            now.devices.put(device.name(), device.statistics().drops());
            now.own.put(device.name(), device.ownDrops());
            Map<Counter, Long> raised = new HashMap<>(device.statistics().counters());
            raised.keySet().retainAll(ERRORS);
            now.errors.put(device.name(), raised);
        }
        return now;
    }

    /// A line for each reason for which packets were dropped since `before`.
    List<String> since(DropCounts before) {
        List<String> lines = new ArrayList<>();
        ip.forEach((why, count) -> {
            if (count > before.ip.getOrDefault(why, 0L)) {
                DropWords.of(why).ifPresent(lines::add);
            }
        });
        devices.forEach((name, drops) -> {
            Map<Drop, Long> was = before.devices.getOrDefault(name, Map.of());
            List<Drop> raised = drops.keySet().stream()
                    .filter(why -> drops.get(why) > was.getOrDefault(why, 0L))
                    .toList();
            raised.forEach(why -> lines.add(name + ": " + DropWords.of(why)));
            boolean hasOwn = own(name, before, lines);
            if (raised.isEmpty() && !hasOwn) {
                errors(name, before, lines);
            }
        });
        return lines;
    }

    /// Whether the device of that name has dropped something for a reason of its own.
    private boolean own(String name, DropCounts before, List<String> lines) {
        Map<DropReason, Long> was = before.own.getOrDefault(name, Map.of());
        boolean any = false;
        for (Map.Entry<DropReason, Long> drop : own.get(name).entrySet()) {
            if (drop.getValue() > was.getOrDefault(drop.getKey(), 0L)) {
                lines.add(name + ": " + DropWords.of(drop.getKey()));
                any = true;
            }
        }
        return any;
    }

    private void errors(String name, DropCounts before, List<String> lines) {
        Map<Counter, Long> was = before.errors.getOrDefault(name, Map.of());
        errors.get(name).forEach((counter, count) -> {
            if (count > was.getOrDefault(counter, 0L)) {
                lines.add(name + ": counted under " + counter.name().toLowerCase(java.util.Locale.ROOT));
            }
        });
    }
}
