package adit.conformance.world;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// A link as rtnetlink tells it: the attributes that a TUN driver or its administrator decides about, by name.
///
/// @param index the interface index
/// @param name its name
/// @param attributes values in the transcript's words
/// @param statistics the fields of rtnl_link_stats64, in the struct's order; rx_otherhost_dropped, which IP
///     counts and no device, and what follows it are not shown
public record LinkView(int index, String name, SortedMap<String, String> attributes, List<Long> statistics) {
    private static final int GROUP_AND_LOCAL = 3;
    private static final int LOCAL_UNICAST = 2;
    private static final int ETHERNET = 6;
    private static final List<String> COUNTERS = List.of(
            "rx_packets",
            "tx_packets",
            "rx_bytes",
            "tx_bytes",
            "rx_errors",
            "tx_errors",
            "rx_dropped",
            "tx_dropped",
            "multicast",
            "collisions",
            "rx_length_errors",
            "rx_over_errors",
            "rx_crc_errors",
            "rx_frame_errors",
            "rx_fifo_errors",
            "rx_missed_errors",
            "tx_aborted_errors",
            "tx_carrier_errors",
            "tx_fifo_errors",
            "tx_heartbeat_errors",
            "tx_window_errors",
            "rx_compressed",
            "tx_compressed",
            "rx_nohandler");

    private static final Map<Integer, String> FLAGS = new TreeMap<>(Map.ofEntries(
            Map.entry(0x1, "UP"),
            Map.entry(0x2, "BROADCAST"),
            Map.entry(0x10, "POINTOPOINT"),
            Map.entry(0x40, "RUNNING"),
            Map.entry(0x80, "NOARP"),
            Map.entry(0x100, "PROMISC"),
            Map.entry(0x200, "ALLMULTI"),
            Map.entry(0x1000, "MULTICAST"),
            Map.entry(0x10000, "LOWER_UP"),
            Map.entry(0x20000, "DORMANT")));

    /// The IFF flags by name.
    public static String flags(int flags) {
        List<String> names = new ArrayList<>();
        int rest = flags;
        for (Map.Entry<Integer, String> flag : FLAGS.entrySet()) {
            if ((flags & flag.getKey()) != 0) {
                names.add(flag.getValue());
                rest &= ~flag.getKey();
            }
        }
        if (rest != 0) {
            names.add("0x" + Integer.toHexString(rest));
        }
        return String.join("+", names);
    }

    /// The IFF flag of a name.
    public static int flag(String name) {
        return FLAGS.entrySet().stream()
                .filter(e -> e.getValue().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no such flag: " + name))
                .getKey();
    }

    /// A link-layer address. One that a device made up for itself is only said to be that: addresses that
    /// scenarios choose are all zero in octets 1 to 4. Of one that another link type has cut or lengthened only
    /// the length is told.
    public static String address(byte[] octets) {
        if (octets.length != ETHERNET) {
            return "of " + octets.length;
        }
        boolean chosen = (octets[1] | octets[2] | octets[3] | octets[4]) == 0;
        boolean local = (octets[0] & GROUP_AND_LOCAL) == LOCAL_UNICAST;
        return chosen || !local ? HexFormat.of().formatHex(octets) : "random";
    }

    /// The attributes in a line.
    public String line() {
        return attributes.entrySet().stream()
                .map(e -> e.getKey() + "=" + e.getValue())
                .collect(Collectors.joining(" "));
    }

    /// Whether packets are spread over several queues.
    public boolean isSpread() {
        return Integer.parseInt(attributes.getOrDefault("queues", "1")) > 1;
    }

    /// The counters that are not 0, in a line.
    public String counters() {
        List<String> shown = new ArrayList<>();
        for (int i = 0; i < Math.min(COUNTERS.size(), statistics.size()); i++) {
            if (statistics.get(i) != 0) {
                shown.add(COUNTERS.get(i) + "=" + statistics.get(i));
            }
        }
        return shown.isEmpty() ? "none" : String.join(" ", shown);
    }
}
