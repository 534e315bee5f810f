package adit.program.ip;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// A random sequence of `ip` commands, most of which make sense, with looks at what has become of all in between. A
/// seed gives the same each time.
abstract class Walk {
    private static final int LOOK_AFTER = 6;
    private static final List<String> DEVICES = List.of("v0", "v1", "v2", "v3", "t0", "p0", "lo", "zz");
    private static final List<String> BEGINNING = List.of(
            "link set lo up",
            "link add v0 address 02:00:00:00:00:10 type veth peer name v1 address 02:00:00:00:00:11",
            "tuntap add t0 mode tun",
            "tuntap add p0 mode tap",
            "link set p0 address 02:00:00:00:00:20");

    final Random random;

    Walk(long seed) {
        random = new Random(seed);
    }

    /// What shows everything there is.
    abstract List<String> shows();

    abstract String command();

    /// The words behind `ip`, line by line.
    final List<String> lines(int commands) {
        List<String> lines = new ArrayList<>(BEGINNING);
        for (int i = 1; i <= commands; i++) {
            lines.add(command());
            if (i % LOOK_AFTER == 0) {
                lines.add(one(shows()));
            }
        }
        lines.addAll(shows());
        return lines;
    }

    final String links() {
        return one(
                "link add v2 address 02:00:00:00:00:12 type veth peer name v3 address 02:00:00:00:00:13",
                "link add v2 mtu 1400 address 02:00:00:00:00:12 type veth peer name v3 address 02:00:00:00:00:13",
                "link del " + device(),
                "tuntap add t0 mode tun",
                "tuntap del t0 mode tun",
                "tuntap del p0 mode tap",
                "link set n0 name v2",
                "link set n1 name v0",
                "link set n2 name t0");
    }

    /// What the host is told beside `ip`: whether it forwards.
    final String setting(String key) {
        return "sysctl " + key + "=" + random.nextInt(2);
    }

    final String device() {
        return one(DEVICES);
    }

    final String onOff() {
        return one("on", "off");
    }

    final String mac() {
        return "02:00:00:00:%02x:%02x".formatted(random.nextInt(4), random.nextInt(256));
    }

    final String sometimes(String words) {
        return random.nextInt(5) == 0 ? words : "";
    }

    final String one(String... choices) {
        return choices[random.nextInt(choices.length)];
    }

    private String one(List<String> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}
