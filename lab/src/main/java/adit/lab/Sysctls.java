package adit.lab;

import adit.device.Device;
import adit.ip.IpInterface;
import adit.netns.Namespace;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The settings of `/proc/sys/net` that a namespace in memory has.
public final class Sysctls {
    private static final String IP4_FORWARDING = "net.ipv4.ip_forward";
    private static final String ALL_REDIRECT = "net.ipv4.conf.all.send_redirects";
    private static final String NEW_REDIRECT = "net.ipv4.conf.default.send_redirects";
    private static final String IP6_FORWARDING = "net.ipv6.conf.all.forwarding";
    private static final String LABELS = "net.mpls.platform_labels";
    private static final List<String> OF_ALL =
            List.of(IP4_FORWARDING, ALL_REDIRECT, NEW_REDIRECT, IP6_FORWARDING, LABELS);
    private static final Pattern REDIRECT = Pattern.compile("net\\.ipv4\\.conf\\.(.+)\\.send_redirects");
    private static final Pattern LABEL_INPUT = Pattern.compile("net\\.mpls\\.conf\\.(.+)\\.input");
    private static final int MAX_LABELS = 1 << 20;

    private Sysctls() {}

    /// Their names, with `DEV` for the name of a device.
    public static List<String> names() {
        return Stream.concat(OF_ALL.stream(), Stream.of("net.ipv4.conf.DEV.send_redirects", "net.mpls.conf.DEV.input"))
                .toList();
    }

    /// Whether there is a setting of that name, for some device.
    public static boolean isKnown(String key) {
        return OF_ALL.contains(key) || isOfDevice(key);
    }

    /// Whether it is a setting of a device, which must be there before it can be set.
    public static boolean isOfDevice(String key) {
        return !OF_ALL.contains(key)
                && (REDIRECT.matcher(key).matches() || LABEL_INPUT.matcher(key).matches());
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
            case ALL_REDIRECT -> ns.ip().sendRedirects4(value == 1);
            case NEW_REDIRECT -> ns.ip().sendRedirectsByNewLinks4(value == 1);
            case IP6_FORWARDING -> ns.ip().forwarding6(value == 1);
            case LABELS -> ns.ip().mpls().platformLabels(value);
            default -> setOfDevice(ns, key, value == 1);
        }
    }

    private static void setOfDevice(Namespace ns, String key, boolean on) {
        Matcher redirect = REDIRECT.matcher(key);
        if (redirect.matches()) {
            link(ns, key, redirect).sendRedirects4(on);
            return;
        }
        Matcher input = LABEL_INPUT.matcher(key);
        if (input.matches()) {
            ns.ip().mpls().input(link(ns, key, input), on);
        }
    }

    private static IpInterface link(Namespace ns, String key, Matcher m) {
        Device device = ns.devices().byName(m.group(1));
        if (device == null) {
            throw new IllegalArgumentException(key + ": there is no such device");
        }
        return ns.ip().of(device);
    }
}
