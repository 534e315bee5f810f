package adit.device;

import java.nio.charset.StandardCharsets;

/// What an interface may be called, as Linux's `dev_valid_name` and `dev_alloc_name` have it.
public final class DeviceNames {
    /// The longest name, in octets.
    public static final int MAX_LENGTH = 15;

    private static final int NO_BREAK_SPACE = 0xa0;

    private DeviceNames() {}

    /// Whether `name` may be a name or a template: 1 to 15 octets, no white space, slash or colon, not only one
    /// or two dots.
    public static boolean isValid(String name) {
        byte[] octets = name.getBytes(StandardCharsets.UTF_8);
        if (octets.length == 0 || octets.length > MAX_LENGTH || name.equals(".") || name.equals("..")) {
            return false;
        }
        for (byte b : octets) {
            int c = b & 0xff;
            if (c == 0 || c == '/' || c == ':' || c == ' ' || (c >= '\t' && c <= '\r') || c == NO_BREAK_SPACE) {
                return false;
            }
        }
        return true;
    }

    /// Whether `name` is taken by a folder of settings in `/proc/sys/net/ipv4/conf`, and so can't be a new
    /// device's.
    static boolean isSetting(String name) {
        return name.equals("all") || name.equals("default");
    }

    /// Whether `name` stands for many names.
    public static boolean isTemplate(String name) {
        return name.indexOf('%') >= 0;
    }

    /// Whether the template has `%d` once and no other `%`.
    static boolean isValidTemplate(String name) {
        int percent = name.indexOf('%');
        return percent >= 0 && name.startsWith("%d", percent) && name.indexOf('%', percent + 1) < 0;
    }

    /// The name that `template` gives with `number`, cut to the longest length.
    static String fill(String template, int number) {
        String name = template.replace("%d", Integer.toString(number));
        byte[] octets = name.getBytes(StandardCharsets.UTF_8);
        return octets.length <= MAX_LENGTH ? name : new String(octets, 0, MAX_LENGTH, StandardCharsets.UTF_8);
    }
}
