package adit.netns.offload;

import adit.ip.IpCounter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/// What the kernel's IP layer has counted in the network namespace of the calling thread.
final class KernelIpCounters {
    private static final Path NET = Path.of("/proc/thread-self/net");
    private static final List<String> OWN =
            List.of("Icmp6OutRouterSolicits", "Icmp6OutMLDv2Reports", "Icmp6OutGroupMembResponses");

    private static final int ATTEMPTS = 100;
    private static final long REST_NANOS = 1_000_000;

    private KernelIpCounters() {}

    /// All that [IpCounter] knows; those that this kernel does not have are absent. What the kernel says by itself to
    /// groups of routers is taken off. Read until it stays as it is: of what is said on another processor meanwhile
    /// some counters would know and others not.
    static Map<IpCounter, Long> read() throws IOException {
        Map<String, Long> before = Map.of();
        Map<String, Long> named = readAll();
        for (int i = 0; i < ATTEMPTS && !named.equals(before); i++) {
            LockSupport.parkNanos(REST_NANOS);
            before = named;
            named = readAll();
        }
        Map<IpCounter, Long> all = new EnumMap<>(IpCounter.class);
        for (IpCounter counter : IpCounter.values()) {
            Long value = named.get(counter.group() + counter.field());
            if (value != null) {
                all.put(counter, value);
            }
        }
        for (String own : OWN) {
            all.merge(IpCounter.IP6_OUT_REQUESTS, -named.getOrDefault(own, 0L), Long::sum);
            all.merge(IpCounter.ICMP6_OUT_MSGS, -named.getOrDefault(own, 0L), Long::sum);
        }
        return all;
    }

    private static Map<String, Long> readAll() throws IOException {
        Map<String, Long> named = new HashMap<>();
        readLines(named, "snmp");
        readLines(named, "netstat");
        for (String line : Files.readAllLines(NET.resolve("snmp6"))) {
            String[] words = line.split("\\s+");
            named.put(words[0], Long.parseLong(words[1]));
        }
        return named;
    }

    /// A line of names and one of values for each group.
    private static void readLines(Map<String, Long> named, String file) throws IOException {
        List<String> lines = Files.readAllLines(NET.resolve(file));
        for (int i = 0; i + 1 < lines.size(); i += 2) {
            String[] names = lines.get(i).split(" ");
            String[] values = lines.get(i + 1).split(" ");
            String group = names[0].substring(0, names[0].length() - 1);
            for (int at = 1; at < names.length; at++) {
                named.put(group + names[at], Long.parseLong(values[at]));
            }
        }
    }
}
