package adit.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adit.device.Errno;
import adit.linux.NetworkMonitor.Change;
import adit.netlink.IpTunnelData;
import adit.netlink.LinkInfo;
import adit.netlink.LinkMessage;
import adit.netlink.NeighbourMessage;
import adit.netlink.Netlink;
import adit.netlink.RouteMessage;
import adit.netlink.RouteMetrics;
import adit.netlink.Rtnetlink;
import adit.wire.Ip4Address;
import adit.wire.IpAddress;
import adit.wire.MacAddress;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

/// What we tell the kernel, as the real `ip` sees it afterwards; and what the kernel tells us.
@Timeout(60)
class RtNetlinkTest {
    private TestHost host;
    private RtNetlink net;

    @BeforeEach
    void open() throws Exception {
        host = TestHost.create();
        net = host.netns.call(RtNetlink::open);
    }

    @AfterEach
    void close() {
        if (net != null) {
            net.close();
            host.close();
        }
    }

    private static IpAddress ip(String text) {
        return IpAddress.parse(text);
    }

    private int pair() throws IOException {
        net.createVethPair("v0", LinkMessage.of("v1"));
        return net.link("v0").index();
    }

    private int pairUp() throws IOException {
        int v0 = pair();
        net.setUp(v0);
        net.setUp(net.link("v1").index());
        return v0;
    }

    private void allowIp6() throws Exception {
        assumeTrue(Files.exists(Path.of("/proc/sys/net/ipv6")), "needs a kernel with IPv6");
        host.netns.call(() -> Files.writeString(Path.of("/proc/sys/net/ipv6/conf/v0/disable_ipv6"), "0"));
    }

    private static void assertErrno(int errno, Executable what) {
        LinuxException e = catchThrowableOfType(LinuxException.class, what::execute);
        assertThat(e).isNotNull();
        assertThat(e.errnoName()).isEqualTo(Errno.name(errno));
    }

    @Test
    void listsTheOnlyLinkOfANewNamespace() throws Exception {
        List<LinkMessage> links = net.links();
        assertThat(links).hasSize(1);
        assertThat(links.getFirst().name()).contains("lo");
        assertThat(links.getFirst().index()).isEqualTo(1);
        assertThat(links.getFirst().isUp()).isFalse();
    }

    @Test
    void makesAPairWithEverythingSaid() throws Exception {
        net.create(LinkMessage.builder()
                .name("v0")
                .mtu(1400)
                .transmitQueueLength(77)
                .info(LinkInfo.veth(LinkMessage.builder().name("v1").mtu(1450).build()))
                .build());
        int v0 = net.link("v0").index();
        net.setHardwareAddress(v0, MacAddress.parse("02:00:5e:10:00:01"));
        assertThat(host.ip("-d", "link", "show", "v0"))
                .contains("v0@v1", "mtu 1400", "qlen 77", "veth", "state DOWN", "link/ether 02:00:5e:10:00:01");
        assertThat(host.ip("link", "show", "v1")).contains("mtu 1450");
        assertThat(net.link(v0).mtu()).hasValue(1400);
        assertThat(net.link(v0).kind()).contains("veth");
    }

    @Test
    void changesLinks() throws Exception {
        int v0 = pairUp();
        assertThat(host.ip("link", "show", "v0")).contains("state UP");
        net.setMtu(v0, 1300);
        net.setTransmitQueueLength(v0, 5);
        assertThat(host.ip("link", "show", "v0")).contains("mtu 1300", "qlen 5");
        net.setDown(v0);
        assertThat(host.ip("link", "show", "v0")).contains("state DOWN");
        net.rename(v0, "other");
        assertThat(host.ip("link", "show", "other")).startsWith(v0 + ": other@v1");
        net.deleteLink(v0);
        assertThat(net.links()).hasSize(1);
    }

    @Test
    void makesAndMovesLinksIntoOtherNamespaces() throws Exception {
        try (TestHost other = TestHost.create()) {
            int held = other.netns.fd().holdOrThrow();
            try {
                net.createVethPair(
                        "v0",
                        LinkMessage.builder()
                                .name("far")
                                .namespace(new LinkMessage.Namespace.OfDescriptor(held))
                                .build());
            } finally {
                other.netns.fd().leave();
            }
            assertThat(other.ip("link")).contains("far@");
            assertThat(host.ip("link")).doesNotContain("far");
            net.move(net.link("v0").index(), other.netns);
            assertThat(other.ip("link")).contains("far@v0", "v0@far");
            assertThat(net.links()).hasSize(1);
        }
    }

    @Test
    void addsListsAndDeletesAddresses() throws Exception {
        int v0 = pairUp();
        net.addAddress(v0, ip("192.0.2.1"), 24);
        assertThat(host.ip("address", "show", "v0")).contains("inet 192.0.2.1/24 scope global v0");
        assertThat(net.addresses()).anySatisfy(a -> {
            assertThat(a.index()).isEqualTo(v0);
            assertThat(a.local()).contains(ip("192.0.2.1"));
            assertThat(a.prefixLength()).isEqualTo(24);
        });
        assertErrno(Errno.EEXIST, () -> net.addAddress(v0, ip("192.0.2.1"), 24));
        net.deleteAddress(v0, ip("192.0.2.1"), 24);
        assertThat(host.ip("address", "show", "v0")).doesNotContain("192.0.2.1");
        assertErrno(Errno.EADDRNOTAVAIL, () -> net.deleteAddress(v0, ip("192.0.2.1"), 24));
    }

    @Test
    void addsIp6AddressesThatCanBeUsedAtOnce() throws Exception {
        int v0 = pairUp();
        allowIp6();
        net.addAddress(v0, ip("2001:db8::1"), 64);
        assertThat(host.ip("-6", "address", "show", "v0"))
                .contains("inet6 2001:db8::1/64 scope global nodad")
                .doesNotContain("2001:db8::1/64 scope global tentative");
    }

    @Test
    void addsReplacesAndDeletesRoutes() throws Exception {
        int v0 = pairUp();
        net.addAddress(v0, ip("192.0.2.1"), 24);
        RouteMessage route = RouteMessage.builder(Netlink.AF_INET)
                .destination(ip("10.2.0.0"), 16)
                .gateway(ip("192.0.2.2"))
                .build();
        net.addRoute(route);
        assertThat(host.ip("route")).contains("10.2.0.0/16 via 192.0.2.2 dev v0 proto static");
        assertErrno(Errno.EEXIST, () -> net.addRoute(route));
        net.replaceRoute(RouteMessage.builder(Netlink.AF_INET)
                .destination(ip("10.2.0.0"), 16)
                .gateway(ip("198.51.100.9"))
                .flags(Rtnetlink.RTNH_F_ONLINK)
                .device(v0)
                .preferredSource(ip("192.0.2.1"))
                .metrics(RouteMetrics.ofLockedMtu(1300))
                .build());
        assertThat(host.ip("route"))
                .contains("10.2.0.0/16 via 198.51.100.9 dev v0 proto static src 192.0.2.1 onlink mtu lock 1300");
        assertThat(net.routes(Netlink.AF_INET)).anySatisfy(r -> {
            assertThat(r.destination()).contains(ip("10.2.0.0"));
            assertThat(r.metrics().mtuLocked()).isTrue();
        });
        RouteMessage any = RouteMessage.builder(Netlink.AF_INET)
                .destination(ip("10.2.0.0"), 16)
                .protocol(Rtnetlink.RTPROT_UNSPEC)
                .scope(Rtnetlink.RT_SCOPE_NOWHERE)
                .build();
        net.deleteRoute(any);
        assertThat(host.ip("route")).doesNotContain("10.2.0.0");
        assertErrno(Errno.ESRCH, () -> net.deleteRoute(any));
    }

    @Test
    void addsADefaultRouteAndARouteByAnIp6Gateway() throws Exception {
        int v0 = pairUp();
        allowIp6();
        net.addAddress(v0, ip("2001:db8::1"), 64);
        net.addRoute(RouteMessage.builder(Netlink.AF_INET).device(v0).build());
        net.addRoute(RouteMessage.builder(Netlink.AF_INET)
                .destination(ip("10.4.0.0"), 16)
                .gateway(ip("2001:db8::9"))
                .device(v0)
                .build());
        assertThat(host.ip("route")).contains("default dev v0", "10.4.0.0/16 via inet6 2001:db8::9 dev v0");
    }

    @Test
    void tellsTheWayToADestination() throws Exception {
        int v0 = pairUp();
        net.addAddress(v0, ip("192.0.2.1"), 24);
        net.addRoute(RouteMessage.builder(Netlink.AF_INET)
                .destination(ip("10.2.0.0"), 16)
                .gateway(ip("192.0.2.2"))
                .metrics(RouteMetrics.ofMtu(1300))
                .build());
        net.addRoute(RouteMessage.builder(Netlink.AF_INET)
                .destination(ip("10.5.0.0"), 16)
                .type(Rtnetlink.RTN_UNREACHABLE)
                .build());
        net.addRoute(RouteMessage.builder(Netlink.AF_INET)
                .destination(ip("10.6.0.0"), 16)
                .type(Rtnetlink.RTN_PROHIBIT)
                .build());
        RouteMessage way = net.routeTo(ip("10.2.3.4"), Optional.of(ip("192.0.2.1")));
        assertThat(way.device()).hasValue(v0);
        assertThat(way.gateway()).contains(ip("192.0.2.2"));
        assertThat(way.metrics()).isEqualTo(RouteMetrics.ofMtu(1300));
        RouteMessage direct = net.routeTo(ip("192.0.2.77"), Optional.empty());
        assertThat(direct.gateway()).isEmpty();
        assertThat(direct.metrics().mtu()).isEmpty();
        assertThat(direct.preferredSource()).contains(ip("192.0.2.1"));
        assertErrno(Errno.ENETUNREACH, () -> net.routeTo(ip("203.0.113.1"), Optional.empty()));
        assertErrno(Errno.EHOSTUNREACH, () -> net.routeTo(ip("10.5.0.1"), Optional.empty()));
        assertErrno(Errno.EACCES, () -> net.routeTo(ip("10.6.0.1"), Optional.empty()));
        // EINVAL on older kernels.
        LinuxException foreign = catchThrowableOfType(
                LinuxException.class, () -> net.routeTo(ip("10.2.3.4"), Optional.of(ip("203.0.113.9"))));
        assertThat(foreign.errno()).isIn(Errno.EINVAL, Errno.ENETUNREACH);
    }

    @Test
    void keepsNeighbours() throws Exception {
        int v0 = pairUp();
        net.replaceNeighbour(v0, ip("192.0.2.7"), MacAddress.parse("02:00:5e:10:00:07"));
        assertThat(host.ip("neighbour")).contains("192.0.2.7 dev v0 lladdr 02:00:5e:10:00:07 PERMANENT");
        List<NeighbourMessage> neighbours = net.neighbours(Netlink.AF_INET);
        assertThat(neighbours).hasSize(1);
        assertThat(neighbours.getFirst().linkAddress().orElseThrow()).hasToString("02:00:5e:10:00:07");
        net.deleteNeighbour(v0, ip("192.0.2.7"));
        assertThat(host.ip("neighbour")).doesNotContain("02:00:5e:10:00:07");
    }

    @Test
    void passesOnWhatTheKernelSaysAboutARefusal() throws Exception {
        int v0 = pair();
        assertThatThrownBy(() -> net.setMtu(v0, 10))
                .isInstanceOf(LinuxException.class)
                .hasMessage("RTM_NEWLINK v0: EINVAL (invalid argument): mtu less than device minimum");
        assertThatThrownBy(() -> net.create(LinkMessage.builder()
                        .name("x")
                        .info(LinkInfo.of("no-such-kind"))
                        .build()))
                .hasMessage("RTM_NEWLINK x: EOPNOTSUPP (operation not supported): Unknown device type");
        assertErrno(Errno.ENODEV, () -> net.link("no-such-link"));
        assertErrno(Errno.EEXIST, this::pair);
    }

    @Test
    void makesATunnelOfTheKernelWhereItHasThem() throws Exception {
        LinkMessage tunnel = LinkMessage.builder()
                .name("t0")
                .info(new LinkInfo(
                        LinkInfo.IPIP,
                        IpTunnelData.between(Ip4Address.parse("192.0.2.1"), Ip4Address.parse("192.0.2.2"))))
                .build();
        String lack = "";
        try {
            net.create(tunnel);
        } catch (LinuxException e) {
            lack = e.errno() == Errno.EOPNOTSUPP ? e.getMessage() : "";
        }
        assumeTrue(lack.isEmpty(), "needs a kernel with ipip: " + lack);
        assertThat(host.ip("-d", "link", "show", "t0")).contains("ipip", "local 192.0.2.1", "remote 192.0.2.2");
    }

    @Test
    void readsATableOfThousandsOfRoutes() throws Exception {
        int v0 = pairUp();
        int count = 3000;
        for (int i = 0; i < count; i++) {
            net.addRoute(RouteMessage.builder(Netlink.AF_INET)
                    .destination(new Ip4Address(0x0a000000 + (i << 8)), 24)
                    .device(v0)
                    .build());
        }
        assertThat(net.routes(Netlink.AF_INET).stream()
                        .map(r -> r.destination().orElseThrow())
                        .distinct())
                .hasSizeGreaterThanOrEqualTo(count);
    }

    @Test
    void hearsWhatChanges() throws Exception {
        try (NetworkMonitor monitor = host.netns.call(NetworkMonitor::open);
                PollIdle idle = new PollIdle(IdleStrategy.POLL, List.of(monitor.descriptor()))) {
            List<Change> heard = new ArrayList<>();
            assertThat(monitor.poll(heard::add)).isZero();
            int v0 = pairUp();
            net.addAddress(v0, ip("192.0.2.1"), 24);
            net.deleteLink(v0);
            // The kernel may tell of an operational state a little later.
            while (heard.stream().noneMatch(Change.Gone.class::isInstance)) {
                idle.idle(0);
                monitor.poll(heard::add);
            }
            assertThat(heard)
                    .anySatisfy(c -> assertThat(c)
                            .isInstanceOfSatisfying(
                                    Change.Present.class,
                                    p -> assertThat(p.what())
                                            .isInstanceOfSatisfying(
                                                    LinkMessage.class,
                                                    l -> assertThat(l.isUp()).isTrue())));
            assertThat(heard)
                    .anySatisfy(c -> assertThat(c)
                            .isInstanceOfSatisfying(
                                    Change.Present.class,
                                    p -> assertThat(p.what()).isInstanceOf(RouteMessage.class)));
            assertThat(heard)
                    .anySatisfy(c -> assertThat(c)
                            .isInstanceOfSatisfying(
                                    Change.Gone.class,
                                    p -> assertThat(p.what())
                                            .isInstanceOfSatisfying(
                                                    LinkMessage.class,
                                                    l -> assertThat(l.name()).contains("v0"))));
        }
    }

    @Test
    void saysThatItHeardTooMuchAndGoesOn() throws Exception {
        try (NetworkMonitor monitor = host.netns.call(NetworkMonitor::open)) {
            int v0 = pairUp();
            for (int i = 0; i < 4000; i++) {
                net.setMtu(v0, 1000 + i % 2);
            }
            List<Change> heard = new ArrayList<>();
            while (monitor.poll(heard::add) > 0) {
                assertThat(heard.size()).isLessThan(10_000);
            }
            assertThat(heard).contains(new Change.Overrun());
            net.setMtu(v0, 1234);
            heard.clear();
            monitor.poll(heard::add);
            assertThat(heard).anySatisfy(c -> assertThat(c.toString()).contains("1234"));
        }
    }

    @Test
    void leavesNoDescriptorBehind() throws Exception {
        for (int i = 0; i < 20; i++) {
            host.netns.call(RtNetlink::open).close();
        }
        long before = descriptors();
        for (int i = 0; i < 1000; i++) {
            host.netns.call(RtNetlink::open).close();
            host.netns.call(NetworkMonitor::open).close();
        }
        assertThat(descriptors()).isEqualTo(before);
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> fds = Files.list(Path.of("/proc/self/fd"))) {
            return fds.count();
        }
    }

    @Test
    void refusesToWorkOnceItIsClosed() {
        net.close();
        net.close();
        assertThatThrownBy(() -> net.links()).isInstanceOf(ClosedChannelException.class);
    }
}
