package adit.bsdtun;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.InterfaceRequest;
import adit.ip.IpSocket;
import adit.ip.PingSocket;
import adit.ip.Route;
import adit.netns.Namespace;
import adit.port.VirtualTime;
import adit.tun.Ifreq;
import adit.tun.MemoryTunFile;
import adit.tun.TunIoctl;
import adit.wire.IpAddress;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Units in namespaces. The first three are the cases of NetBSD's own `tests/net/if_tun/t_tun.sh`.
class TunScenariosTest {
    private static final String LOCAL = "10.0.0.1";
    private static final String REMOTE = "10.0.0.2";

    private final VirtualTime time = new VirtualTime();

    private Namespace open() {
        return Namespace.builder().time(time).seed(5).open();
    }

    private static Ifconfig ifconfig(BsdTunDriver driver) {
        return new Ifconfig(driver.socket());
    }

    /// Case tun_create_destroy.
    @ParameterizedTest
    @EnumSource(BsdProfile.class)
    void createsAndDestroysAnInterface(BsdProfile profile) throws Exception {
        try (Namespace ns = open()) {
            Ifconfig ifconfig = ifconfig(new BsdTunDriver(ns.ip(), profile));
            ifconfig.create("tun0").destroy("tun0");
            ifconfig.create("tun0").up("tun0").down("tun0").destroy("tun0");
            ifconfig.create("tun0").up("tun0").destroy("tun0");
            ifconfig.create("tun0").address("tun0", LOCAL, REMOTE).destroy("tun0");
            ifconfig.create("tun0").address("tun0", "fd00::1/64").destroy("tun0");
            assertThat(ns.devices().byName("tun0")).isNull();
            assertThat(ns.ip().configuration().routes().all()).isEmpty();
        }
    }

    /// Case tun_setup: each side has its own address on the tunnel, the other's behind it, and a host route to that.
    @ParameterizedTest
    @EnumSource(BsdProfile.class)
    void setsATunnelUpWithAHostRouteToThePeer(BsdProfile profile) throws Exception {
        try (Namespace here = open();
                Namespace there = here.beside()) {
            Namespace.join(here, "shmif0", there, "shmif0");
            here.configure().link("shmif0").up();
            here.configure().address("shmif0", LOCAL + "/24");
            there.configure().link("shmif0").up();
            there.configure().address("shmif0", REMOTE + "/24");
            setUp(here, profile, LOCAL, REMOTE);
            setUp(there, profile, REMOTE, LOCAL);
        }
    }

    private static void setUp(Namespace ns, BsdProfile profile, String own, String other) throws Exception {
        BsdTunDriver driver = new BsdTunDriver(ns.ip(), profile);
        Ifconfig ifconfig =
                ifconfig(driver).create("tun0").address("tun0", own, other).up("tun0");
        assertThat(ifconfig.firstAddress("tun0")).hasToString(own);
        assertThat(ifconfig.destination("tun0")).hasToString(other);
        Optional<Route> route = ns.ip().configuration().routes().lookup(IpAddress.parse(other), Optional.empty());
        assertThat(route).map(Route::toString).contains("unicast " + other + "/32 dev tun0 src " + own);
    }

    /// A driver, an open unit 0 that does not wait, and a namespace around them.
    private static BsdTunFile tunnel(Namespace ns, BsdProfile profile, String own, String other) throws Exception {
        BsdTunDriver driver = new BsdTunDriver(ns.ip(), profile);
        BsdTunFile file = driver.open(0);
        new BsdTunControl(file).blocking(false);
        ifconfig(driver).address("tun0", own, other);
        return file;
    }

    private interface End {
        int read(MemorySegment into);

        int write(MemorySegment s, long at, int length);
    }

    private static End of(BsdTunFile file) {
        return new End() {
            @Override
            public int read(MemorySegment into) {
                return file.read(into);
            }

            @Override
            public int write(MemorySegment s, long at, int length) {
                return file.write(s, at, length);
            }
        };
    }

    /// Carries packets between two ends until neither has any. Answers how many.
    private static int carry(End one, End other) {
        int count = 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(2000);
            for (boolean moved = true; moved; ) {
                moved = false;
                for (End from : List.of(one, other)) {
                    int n = from.read(buffer);
                    if (n > 0) {
                        assertThat((from.equals(one) ? other : one).write(buffer, 0, n))
                                .isEqualTo(n);
                        count++;
                        moved = true;
                    }
                }
            }
        }
        return count;
    }

    private static void ping(Namespace ns, String to, Runnable carry) throws IOException {
        try (PingSocket ping = ns.sockets().ping()) {
            ping.waiting(IpSocket.Waiting.DO_NOT_WAIT);
            byte[] payload = "through a tunnel".getBytes(StandardCharsets.US_ASCII);
            ping.send(IpAddress.parse(to), 1, ByteBuffer.wrap(payload));
            carry.run();
            ByteBuffer back = ByteBuffer.allocate(100);
            Optional<PingSocket.Reply> reply = ping.receive(back);
            assertThat(reply).map(PingSocket.Reply::from).contains(IpAddress.parse(to));
            assertThat(back.flip()).isEqualTo(ByteBuffer.wrap(payload));
        }
    }

    @ParameterizedTest
    @EnumSource(BsdProfile.class)
    void carriesPingsBetweenTwoNamespaces(BsdProfile profile) throws Exception {
        try (Namespace here = open();
                Namespace there = here.beside();
                BsdTunFile one = tunnel(here, profile, LOCAL, REMOTE);
                BsdTunFile other = tunnel(there, profile, REMOTE, LOCAL)) {
            ping(here, REMOTE, () -> assertThat(carry(of(one), of(other))).isEqualTo(2));
            ping(there, LOCAL, () -> assertThat(carry(of(one), of(other))).isEqualTo(2));
            assertThat(here.lent()).isZero();
        }
    }

    @Test
    void carriesIp6BetweenTwoNamespacesWithTheFamilyInFront() throws Exception {
        try (Namespace here = open();
                Namespace there = here.beside();
                BsdTunFile one = tunnel(here, BsdProfile.NETBSD_10, LOCAL, REMOTE);
                BsdTunFile other = tunnel(there, BsdProfile.NETBSD_10, REMOTE, LOCAL)) {
            new BsdTunControl(one).framing(Framing.FAMILY);
            new BsdTunControl(other).framing(Framing.FAMILY);
            ifconfig(one.driver()).address("tun0", "fd00::1/64");
            ifconfig(other.driver()).address("tun0", "fd00::2/64");
            ping(here, "fd00::2", () -> assertThat(carry(of(one), of(other))).isEqualTo(2));
            assertThat(here.lent()).isZero();
        }
    }

    @Test
    void talksToLinuxsDriver() throws Exception {
        try (Namespace here = open();
                Namespace there = here.beside();
                BsdTunFile bsd = tunnel(here, BsdProfile.NETBSD_3, LOCAL, REMOTE);
                MemoryTunFile linux = there.tun().open();
                Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(Ifreq.SIZE, 8);
            InterfaceRequest.name(request, "tun0");
            InterfaceRequest.flags(request, TunIoctl.IFF_TUN | TunIoctl.IFF_NO_PI);
            assertThat(linux.ioctl(TunIoctl.TUNSETIFF, request)).isZero();
            linux.blocking(false);
            there.configure().link("tun0").up();
            there.configure().address("tun0", REMOTE + "/24");
            End end = new End() {
                @Override
                public int read(MemorySegment into) {
                    return linux.read(into);
                }

                @Override
                public int write(MemorySegment s, long at, int length) {
                    return linux.write(s, at, length);
                }
            };
            MemorySegment buffer = arena.allocate(2000);
            // Linux's side has asked for routers, by IPv6, which NetBSD 3's side would take for IPv4.
            for (int n = linux.read(buffer); n > 0; n = linux.read(buffer)) {
                assertThat(n).isPositive();
            }
            ping(here, REMOTE, () -> assertThat(carry(of(bsd), end)).isEqualTo(2));
        }
    }

    @Test
    void putsTheGatewayInFrontOfWhatGoesByOne() throws Exception {
        try (Namespace ns = open();
                Arena arena = Arena.ofConfined()) {
            BsdTunDriver driver = new BsdTunDriver(ns.ip());
            try (BsdTunFile file = driver.open(0)) {
                BsdTunControl control = new BsdTunControl(file);
                control.blocking(false);
                control.framing(Framing.ADDRESS);
                control.mode(InterfaceMode.BROADCAST);
                ifconfig(driver).address("tun0", "10.1.0.1/24");
                ns.configure().route("10.9.0.0/16").via("10.1.0.7").add();
                MemorySegment into = arena.allocate(2000);
                try (PingSocket ping = ns.sockets().ping()) {
                    ping.send(IpAddress.parse("10.9.0.1"), 1, ByteBuffer.allocate(8));
                    ping.send(IpAddress.parse("10.1.0.9"), 2, ByteBuffer.allocate(8));
                }
                assertThat(file.read(into)).isEqualTo(16 + 20 + 8 + 8);
                assertThat(Sockaddr.address(into, 0)).contains(IpAddress.parse("10.1.0.7"));
                assertThat(file.read(into)).isEqualTo(16 + 20 + 8 + 8);
                assertThat(Sockaddr.address(into, 0)).contains(IpAddress.parse("10.1.0.9"));
            }
        }
    }

    @Test
    void standsAmongTheLinksOfItsNamespace() throws Exception {
        try (Namespace ns = open()) {
            BsdTunDriver driver = new BsdTunDriver(ns.ip());
            BsdTunFile file = driver.open(0);
            new BsdTunControl(file).blocking(false);
            ns.configure().address("tun0", "10.0.0.1/24");
            try (Arena arena = Arena.ofConfined()) {
                assertThat(file.read(arena.allocate(10)))
                        .as("ready by an address set through rtnetlink")
                        .isEqualTo(-BsdErrno.EWOULDBLOCK);
                ns.configure().link("tun0").delete();
                assertThat(driver.isZombie(0)).as("destroyed through rtnetlink").isTrue();
                assertThat(file.read(arena.allocate(10))).isEqualTo(-BsdErrno.ENXIO);
            }
            file.close();
            assertThat(driver.isZombie(0)).isFalse();
        }
    }

    @Test
    void aNamespaceThatClosesLeavesZombiesThatClose() throws Exception {
        Namespace ns = open();
        BsdTunDriver driver = new BsdTunDriver(ns.ip());
        BsdTunFile file = driver.open(0);
        ifconfig(driver).address("tun0", LOCAL, REMOTE);
        ns.close();
        assertThat(driver.isZombie(0)).isTrue();
        file.close();
        assertThat(driver.isZombie(0)).isFalse();
    }
}
