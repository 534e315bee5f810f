package adit.linux;

import static java.util.Map.entry;

import adit.device.Errno;
import java.util.Map;

/// What to do about a failure, by call and errno. One row is one failure that a user can meet and mend; what
/// only a defect of this code can cause has none.
final class Hints {
    private static final String NET_ADMIN = "needs CAP_NET_ADMIN";
    private static final String NAMESPACES =
            "needs CAP_SYS_ADMIN; without it start the program by: unshare --user --map-root-user --net --mount -- ...";
    private static final String DESCRIPTORS = "too many open files: raise `ulimit -n`";

    private static final String DELETED = "the device was deleted; open it anew";

    private static final Map<String, String> ROWS = Map.ofEntries(
            entry("open EACCES", "needs a device node that you may open: chmod 0666 /dev/net/tun"),
            entry(
                    "open ENOENT",
                    "no such file; for /dev/net/tun: mkdir -p /dev/net && mknod /dev/net/tun c 10 200 && chmod 0666"
                            + " /dev/net/tun (a container needs --device /dev/net/tun)"),
            entry("open ENODEV", "the kernel has no TUN driver: modprobe tun"),
            entry("open ENXIO", "the kernel has no TUN driver: modprobe tun"),
            entry("open EPERM", "the device cgroup forbids it: run the container with --device /dev/net/tun"),
            entry(
                    "TUNSETIFF EPERM",
                    "needs CAP_NET_ADMIN, or a device made for you: ip tuntap add mode tun user $USER name tun0"),
            entry("TUNSETIFF EBUSY", "another program has it open, or it exists and was to be made anew"),
            entry(
                    "TUNSETIFF EINVAL",
                    "a device of that name exists and is no TUN/TAP device, of the other kind, or not the same in"
                            + " multi_queue: ip -d link show"),
            entry("TUNSETIFF E2BIG", "a device has at most 256 queues"),
            entry("TUNSETOFFLOAD EINVAL", "this kernel does not take that combination; fewer offloads may do"),
            entry("TUNSETLINK EBUSY", "set the device down first: ip link set DEVICE down"),
            entry("TUNGETIFF EBADFD", DELETED),
            entry("read EBADFD", DELETED),
            entry("readv EBADFD", DELETED),
            entry("read EFAULT", DELETED),
            entry("readv EFAULT", DELETED),
            entry("write EBADFD", DELETED),
            entry("writev EBADFD", DELETED),
            entry("write EIO", "the device is down: ip link set DEVICE up"),
            entry("writev EIO", "the device is down: ip link set DEVICE up"),
            entry(
                    "RTM_NEWROUTE EEXIST",
                    "there is such a route already: ip route show says whose it is; delete it, or leave it out"),
            entry("RTM_NEWLINK EPERM", beforehand("ip link set DEVICE up mtu N")),
            entry("RTM_NEWADDR EPERM", beforehand("ip address add ADDRESS dev DEVICE")),
            entry("RTM_NEWROUTE EPERM", beforehand("ip route add PREFIX dev DEVICE")),
            entry("unshare EPERM", NAMESPACES),
            entry("setns EPERM", NAMESPACES),
            entry("setns EINVAL", "the file names no network namespace; ip netns list shows those that are whole"),
            entry("mount EPERM", NAMESPACES),
            entry("socket EPERM", "raw sockets need CAP_NET_RAW; FOU and GUE, which are UDP, need nothing"),
            entry("bind EADDRINUSE", "another socket has this port: ss -ulpn shows whose it is"),
            entry("bind EADDRNOTAVAIL", "no interface has this address: ip address shows those there are"),
            entry("bind EACCES", "ports below net.ipv4.ip_unprivileged_port_start need CAP_NET_BIND_SERVICE"));

    private Hints() {}

    private static String beforehand(String command) {
        return NET_ADMIN + ", or that somebody who has it did it before: " + command;
    }

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
