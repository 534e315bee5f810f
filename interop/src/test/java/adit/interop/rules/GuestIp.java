package adit.interop.rules;

import adit.interop.Site;
import adit.interop.guest.Guest;
import java.util.ArrayList;
import java.util.List;

/// The real `ip` of iproute2 on a real kernel.
final class GuestIp {
    /// Stands behind what each command has written, on a line of its own.
    private static final String MARK = "\n@ip@ ";

    private GuestIp() {}

    /// Runs these command lines, given without `ip`, one behind the other. They are one script, because each
    /// conversation with a guest takes its time.
    static List<Ran> run(Guest guest, List<String> lines) {
        return parse(guest.run(script(lines)), lines);
    }

    /// The same in a network namespace of its own, as [#alone] makes it.
    static List<Ran> runAlone(List<String> lines) {
        return parse(alone(script(lines)), lines);
    }

    /// Runs a script in a network namespace that is made for it, in which `lo` is up, and a dummy `net0` with
    /// 192.0.2.1/24. Of the kernel's tunnel drivers ipip alone is there.
    static String alone(String script) {
        return Site.shared().guest().run("""
                { rmmod sit; rmmod ip_gre; modprobe dummy numdummies=0; } 2> /dev/null
                ip netns add alone
                ip netns exec alone /bin/sh -s << 'alone'
                ip -batch - << end
                link set lo up
                link add net0 address 02:00:00:00:00:01 type dummy
                address add 192.0.2.1/24 dev net0
                link set net0 up
                end
                %s
                alone
                ip netns del alone
                """.formatted(script));
    }

    private static String script(List<String> lines) {
        StringBuilder script = new StringBuilder("""
                : > /run/out
                : > /run/err
                r() {
                    ip "$@" >> /run/out 2>> /run/err < /dev/null
                    code=$?
                    { echo; echo "@ip@ $code"; } >> /run/out
                    { echo; echo "@ip@ $code"; } >> /run/err
                }
                """);
        for (String line : lines) {
            script.append("r ").append(line).append('\n');
        }
        return script.append("cat /run/out /run/err\n").toString();
    }

    private static List<Ran> parse(String output, List<String> lines) {
        List<String> parts = new ArrayList<>();
        List<Integer> codes = new ArrayList<>();
        int at = 0;
        for (int mark = output.indexOf(MARK); mark >= 0; mark = output.indexOf(MARK, at)) {
            int end = output.indexOf('\n', mark + MARK.length());
            parts.add(output.substring(at, mark));
            codes.add(Integer.parseInt(output.substring(mark + MARK.length(), end)));
            at = end + 1;
        }
        if (parts.size() != 2 * lines.size()) {
            throw new AssertionError("expected " + lines.size() + " answers twice, not " + output);
        }
        List<Ran> ran = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            ran.add(new Ran(codes.get(i), parts.get(i), parts.get(lines.size() + i)));
        }
        return ran;
    }
}
