package adit.lab;

import adit.netns.Namespace;
import java.util.List;

/// The settings of `/proc/sys/net` that a namespace in memory has.
public final class Sysctls {
    private static final String IP4_FORWARDING = "net.ipv4.ip_forward";
    private static final String IP6_FORWARDING = "net.ipv6.conf.all.forwarding";

    private Sysctls() {}

    /// Their names.
    public static List<String> names() {
        return List.of(IP4_FORWARDING, IP6_FORWARDING);
    }

    /// The largest value of one.
    public static int most(String key) {
        return switch (key) {
            case IP4_FORWARDING, IP6_FORWARDING -> 1;
            default -> Integer.MAX_VALUE;
        };
    }

    /// Sets one. Under the lab's lock.
    static void set(Namespace ns, String key, int value) {
        switch (key) {
            case IP4_FORWARDING -> ns.ip().forwarding4(truth(key, value));
            case IP6_FORWARDING -> ns.ip().forwarding6(truth(key, value));
            default ->
                throw new IllegalArgumentException(
                        "there is no setting " + key + "; known are " + String.join(", ", names()));
        }
    }

    private static boolean truth(String key, int value) {
        if (value != 0 && value != 1) {
            throw new IllegalArgumentException(key + " is 0 or 1, not " + value);
        }
        return value == 1;
    }
}
