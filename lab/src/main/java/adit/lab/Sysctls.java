package adit.lab;

import adit.device.Device;
import adit.netns.Namespace;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The settings of `/proc/sys/net` that a namespace in memory has.
public final class Sysctls {
    private static final String IP4_FORWARDING = "net.ipv4.ip_forward";
    private static final String IP6_FORWARDING = "net.ipv6.conf.all.forwarding";
    private static final String LABELS = "net.mpls.platform_labels";
    private static final Pattern LABEL_INPUT = Pattern.compile("net\\.mpls\\.conf\\.(.+)\\.input");
    private static final int MAX_LABELS = 1 << 20;

    private Sysctls() {}

    /// Their names, with `DEV` for the name of a device.
    public static List<String> names() {
        return List.of(IP4_FORWARDING, IP6_FORWARDING, LABELS, "net.mpls.conf.DEV.input");
    }

    /// Whether there is a setting of that name, for some device.
    public static boolean isKnown(String key) {
        return key.equals(IP4_FORWARDING) || key.equals(IP6_FORWARDING) || key.equals(LABELS) || isOfDevice(key);
    }

    /// Whether it is a setting of a device, which must be there before it can be set.
    public static boolean isOfDevice(String key) {
        return LABEL_INPUT.matcher(key).matches();
    }

    /// The largest value of one.
    public static int most(String key) {
        return key.equals(LABELS) ? MAX_LABELS : 1;
    }

    /// Sets one. Under the lab's lock.
    ///
    /// @throws IllegalArgumentException when there is no such setting or device, or it has no such value
    static void set(Namespace ns, String key, int value) {
        if (!isKnown(key)) {
            throw new IllegalArgumentException(
                    "there is no setting " + key + "; known are " + String.join(", ", names()));
        }
        if (value < 0 || value > most(key)) {
            String range = most(key) == 1 ? "0 or 1" : "0 to " + most(key);
            throw new IllegalArgumentException(key + " is " + range + ", not " + value);
        }
        switch (key) {
            case IP4_FORWARDING -> ns.ip().forwarding4(value == 1);
            case IP6_FORWARDING -> ns.ip().forwarding6(value == 1);
            case LABELS -> ns.ip().mpls().platformLabels(value);
            default -> labelInput(ns, key, value == 1);
        }
    }

    private static void labelInput(Namespace ns, String key, boolean heeded) {
        Matcher m = LABEL_INPUT.matcher(key);
        Device device = m.matches() ? ns.devices().byName(m.group(1)) : null;
        if (device == null) {
            throw new IllegalArgumentException(key + ": there is no such device");
        }
        ns.ip().mpls().input(ns.ip().of(device), heeded);
    }
}
