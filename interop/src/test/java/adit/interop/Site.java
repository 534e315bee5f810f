package adit.interop;

import adit.interop.guest.Guest;
import adit.interop.guest.KernelImage;
import adit.interop.guest.Nic;
import adit.interop.host.Namespace;
import java.io.IOException;
import java.io.UncheckedIOException;

/// The place where most tests meet: a namespace of this machine for the program under test, and a Linux guest.
///
/// ```
///  namespace                          guest
///  under 192.0.2.1/24  ------------  under 192.0.2.2/24
///            this JVM  ------------  wire  198.51.100.2/24, an underlay whose frames the test writes and reads itself
///            this JVM  ------------  lan   203.0.113.2/24, whose packets the guest forwards into its tunnels
/// ```
///
/// There is one for all test classes, since booting takes seconds. It stays until the JVM ends; each test
/// removes the tunnels that it made.
public record Site(Namespace namespace, Guest guest) {
    private static Site shared;

    /// The one site. Aborts the test where the machine does not allow it.
    public static synchronized Site shared() {
        Needs.root();
        KernelImage kernel = Needs.kernel();
        try {
            if (shared == null) {
                shared = open(kernel);
            }
            return shared;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Site open(KernelImage kernel) throws IOException {
        Namespace namespace = Namespace.make().addTap("under", "192.0.2.1/24");
        Guest guest = Guest.boot(kernel, new Nic.Tap("under", namespace), new Nic.Wire("wire"), new Nic.Wire("lan"));
        guest.run("""
                ip address add 192.0.2.2/24 dev under
                for device in wire lan; do echo 1 > /proc/sys/net/ipv6/conf/$device/disable_ipv6; done
                ip address add 198.51.100.2/24 dev wire
                ip address add 203.0.113.2/24 dev lan
                # The usual queue sends packets of high priority before others; these wires keep the order.
                for device in wire lan; do tc qdisc replace dev $device root pfifo limit 10000; done
                for device in under wire lan; do ip link set $device up; done
                ip neigh add 198.51.100.1 lladdr 02:00:00:00:00:01 dev wire nud permanent
                ip neigh add 203.0.113.1 lladdr 02:00:00:00:00:02 dev lan nud permanent
                sysctl -q -w net.ipv4.ip_forward=1 net.ipv4.icmp_ratelimit=0 \
                    net.ipv4.icmp_msgs_per_sec=100000 net.ipv4.icmp_msgs_burst=100000
                """);
        return new Site(namespace, guest);
    }
}
