package adit.linux;

import adit.netlink.LinkMessage;
import adit.netlink.Netlink;
import adit.netlink.RouteMessage;
import adit.wire.Ip4Address;
import adit.wire.IpAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Three hosts in namespaces of their own, without IPv6 and without limits on ICMP errors:
///
/// ```
/// left 192.0.2.1 ---- 192.0.2.254 router 198.51.100.254 ---- 198.51.100.1 right
///         l0             r0                  r1                    e0
/// ```
final class RoutedNet implements AutoCloseable {
    static final int LEFT = address("192.0.2.1");
    static final int ROUTER = address("192.0.2.254");
    static final int RIGHT = address("198.51.100.1");
    static final int NOBODY = address("198.51.100.77");
    static final int NOWHERE = address("203.0.113.1");

    final TestHost left;
    final TestHost router;
    final TestHost right;
    private final RtNetlink leftNet;
    private final RtNetlink routerNet;
    private final RtNetlink rightNet;

    private RoutedNet(TestHost left, TestHost router, TestHost right) throws Exception {
        this.left = left;
        this.router = router;
        this.right = right;
        this.leftNet = left.netns.call(RtNetlink::open);
        this.routerNet = router.netns.call(RtNetlink::open);
        this.rightNet = right.netns.call(RtNetlink::open);
    }

    static int address(String text) {
        return Ip4Address.parse(text).bits();
    }

    static RoutedNet create() throws Exception {
        TestHost left = TestHost.create();
        TestHost router = TestHost.create();
        TestHost right = TestHost.create();
        RoutedNet net = new RoutedNet(left, router, right);
        try {
            net.build();
            return net;
        } catch (Throwable t) {
            net.close();
            throw t;
        }
    }

    private void build() throws Exception {
        join(routerNet, "r0", left, "l0");
        join(routerNet, "r1", right, "e0");
        configure(routerNet, "r0", "192.0.2.254");
        configure(routerNet, "r1", "198.51.100.254");
        configure(leftNet, "l0", "192.0.2.1");
        configure(rightNet, "e0", "198.51.100.1");
        for (RtNetlink net : List.of(leftNet, routerNet, rightNet)) {
            net.setUp(net.link("lo").index());
        }
        leftNet.addRoute(route("198.51.100.0", 24).gateway(ip("192.0.2.254")).build());
        rightNet.addRoute(route("192.0.2.0", 24).gateway(ip("198.51.100.254")).build());
        for (TestHost host : List.of(left, router, right)) {
            host.netns.call(() -> {
                write("net/ipv4/icmp_ratemask", "0");
                write("net/ipv4/icmp_msgs_per_sec", "100000");
                return null;
            });
        }
        router.netns.call(() -> {
            write("net/ipv4/ip_forward", "1");
            return null;
        });
    }

    private static void join(RtNetlink net, String name, TestHost other, String peer) throws IOException {
        int held = other.netns.fd().holdOrThrow();
        try {
            net.createVethPair(
                    name,
                    LinkMessage.builder()
                            .name(peer)
                            .namespace(new LinkMessage.Namespace.OfDescriptor(held))
                            .build());
        } finally {
            other.netns.fd().leave();
        }
    }

    private static void configure(RtNetlink net, String name, String address) throws IOException {
        int index = net.link(name).index();
        net.addAddress(index, ip(address), 24);
        net.setUp(index);
    }

    /// Sets what below /proc/sys the calling thread's namespace has of its own, if there is such a thing.
    static void write(String name, String value) throws IOException {
        Path path = Path.of("/proc/sys", name);
        if (Files.exists(path)) {
            Files.writeString(path, value);
        }
    }

    static RouteMessage.Builder route(String network, int length) {
        return RouteMessage.builder(Netlink.AF_INET).destination(ip(network), length);
    }

    static IpAddress ip(String text) {
        return IpAddress.parse(text);
    }

    RtNetlink leftNet() {
        return leftNet;
    }

    RtNetlink routerNet() {
        return routerNet;
    }

    int leftLink() throws IOException {
        return leftNet.link("l0").index();
    }

    /// Joins left and router by a second cable, `l1` to `r2`, and lets the way to the right lead by it.
    void addSecondWay() throws Exception {
        join(routerNet, "r2", left, "l1");
        configure(routerNet, "r2", "203.0.113.254");
        configure(leftNet, "l1", "203.0.113.1");
        left.ip("route", "replace", "198.51.100.0/24", "via", "203.0.113.254");
    }

    /// Narrows the way from the router to the right host.
    void narrow(int mtu) throws IOException {
        routerNet.setMtu(routerNet.link("r1").index(), mtu);
    }

    /// Sees what comes in by an interface of a host.
    static Capture capture(TestHost host, RtNetlink net, String link) throws Exception {
        int index = net.link(link).index();
        return host.netns.call(() -> Capture.open(index));
    }

    Capture captureAtRight() throws Exception {
        return capture(right, rightNet, "e0");
    }

    Capture captureAtLeft() throws Exception {
        return capture(left, leftNet, "l0");
    }

    Capture captureAtRouter() throws Exception {
        return capture(router, routerNet, "r0");
    }

    @Override
    public void close() {
        leftNet.close();
        routerNet.close();
        rightNet.close();
        left.close();
        router.close();
        right.close();
    }
}
