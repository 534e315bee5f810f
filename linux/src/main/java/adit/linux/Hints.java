package adit.linux;

import static java.util.Map.entry;

import adit.linux.sys.Errno;
import java.util.Map;

/// What to do about a failure, by call and errno. One row is one failure that a user can meet and mend; what only a
/// defect of this code can cause has none.
final class Hints {
    private static final String NET_ADMIN = "needs CAP_NET_ADMIN";
    private static final String DESCRIPTORS = "too many open files: raise `ulimit -n`";

    private static final Map<String, String> ROWS = Map.ofEntries(
            entry(
                    "open EACCES",
                    "needs CAP_NET_ADMIN, or a device node that you may open and a device made for you:"
                            + " ip tuntap add mode tun user $USER name tun0"),
            entry(
                    "open ENOENT",
                    "no such file; for /dev/net/tun: mkdir -p /dev/net && mknod /dev/net/tun c 10 200 && chmod 0666"
                            + " /dev/net/tun (a container needs --device /dev/net/tun)"),
            entry("open ENODEV", "the kernel has no TUN driver: modprobe tun"),
            entry("open ENXIO", "the kernel has no TUN driver: modprobe tun"),
            entry("open EPERM", "the device cgroup forbids it: run the container with --device /dev/net/tun"));

    private Hints() {}

    /// The hint for a failure of `call`, or an empty string.
    static String of(String call, int errno) {
        String name = Errno.name(errno);
        String row = ROWS.get(call + " " + name);
        if (row != null) {
            return row;
        }
        return switch (errno) {
            case Errno.EMFILE, Errno.ENFILE -> DESCRIPTORS;
            case Errno.EPERM -> NET_ADMIN;
            default -> "";
        };
    }
}
