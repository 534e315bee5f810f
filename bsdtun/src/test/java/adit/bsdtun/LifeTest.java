package adit.bsdtun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adit.device.DeviceStatistics;
import adit.device.Dummy;
import adit.ip.Route;
import adit.wire.MacAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Creating, destroying, opening and closing.
class LifeTest {
    private static void assertRefused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, int errno) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        BsdTunException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    @Test
    @Fact({"1.1", "1.9"})
    void aUnitHasANumberAnInterfaceOfThatNumberAndOneOpener() throws Exception {
        try (Rig rig = new Rig();
                BsdTunFile two = rig.open(2)) {
            assertThat(two.unit()).isEqualTo(2);
            assertThat(rig.table.byName("tun2")).isSameAs(rig.device(2));
            assertRefused(() -> rig.driver.open(2), BsdErrno.EBUSY);
            assertThat(rig.open(3).unit()).isEqualTo(3);
        }
    }

    @Test
    @Fact("1.2")
    void aNewInterfaceIsPointToPointOfTheTunnelTypeWithAnMtuOf1500AndNothingCounted() throws Exception {
        try (Rig rig = new Rig(BsdProfile.NETBSD_3)) {
            assertThat(rig.driver.create(0)).isZero();
            assertThat(rig.driver.create(0)).isEqualTo(-BsdErrno.EEXIST);
            BsdTunDevice device = rig.device(0);
            assertThat(device.ifFlags()).isEqualTo(0x10);
            assertThat(device.mtu()).isEqualTo(1500);
            assertThat(BsdTunDevice.TYPE).isEqualTo(131);
            assertThat(BsdTunDevice.DATA_LINK_TYPE).isZero();
            assertThat(device.txQueueLength()).isEqualTo(256);
            assertThat(device.statistics().counters()).isEmpty();
            assertThat(device.statistics().drops()).isEmpty();
        }
    }

    @Test
    @Fact("1.4")
    void aClosedUnitIsGoneWithItsInterfaceAndItsFlagsAreForgotten() throws Exception {
        try (Rig rig = new Rig()) {
            try (BsdTunFile file = rig.open(0)) {
                assertThat(rig.ioctl(file, BsdIoctl.TUNSIFHEAD, 1)).isZero();
            }
            assertThat(rig.driver.destroy(0)).isZero();
            assertThat(rig.driver.isZombie(0)).isFalse();
            assertThat(rig.table.byName("tun0")).isNull();
            assertThat(rig.driver.destroy(0)).isEqualTo(-BsdErrno.ENXIO);
            try (BsdTunFile file = rig.open(0)) {
                assertThat(rig.ask(file, BsdIoctl.TUNGIFHEAD)).isZero();
            }
        }
    }

    @Test
    @Fact({"1.5", "1.10"})
    void anOpenUnitIsAZombieFromDestructionToClose() throws Exception {
        try (Rig rig = new Rig()) {
            BsdTunFile file = rig.ready();
            BsdTunDevice device = rig.device(0);
            rig.output(0, Rig.TO_PEER);
            assertThat(device.ifFlags() & BsdFlags.IFF_RUNNING).isNotZero();
            assertThat(rig.driver.destroy(0)).isZero();
            assertThat(rig.driver.isZombie(0)).isTrue();
            assertThat(rig.table.buffers().lent()).as("packets that waited").isZero();
            assertThat(device.ifFlags() & BsdFlags.IFF_RUNNING).isZero();
            assertThat(rig.read(file)).isEqualTo("ENXIO");
            file.close();
            assertThat(rig.driver.isZombie(0)).isFalse();
            assertThat(rig.driver.create(0)).isZero();
            assertThat(rig.driver.isZombie(0)).isFalse();
            rig.open(0);
        }
    }

    @ParameterizedTest
    @EnumSource(BsdProfile.class)
    @Fact("1.3")
    void aNewInterfaceRevivesAZombieWithItsFlagsAndItsFile(BsdProfile profile) throws Exception {
        try (Rig rig = new Rig(profile)) {
            BsdTunFile file = rig.ready();
            assertThat(rig.ioctl(file, BsdIoctl.TUNSLMODE, 1)).isZero();
            BsdTunDevice before = rig.device(0);
            rig.output(0, Rig.TO_PEER);
            rig.driver.destroy(0);
            assertThat(rig.driver.create(0)).isZero();
            BsdTunDevice after = rig.device(0);
            DeviceStatistics counted = after.statistics();
            assertThat(after).isNotSameAs(before);
            assertThat(after.index()).isNotEqualTo(before.index());
            assertThat(counted.counters()).isEmpty();
            assertThat(after.ifFlags()).isEqualTo(BsdFlags.IFF_POINTOPOINT);
            assertRefused(() -> rig.driver.open(0), BsdErrno.EBUSY);
            // It has no address, and yet is ready: the flag says that it has, from its former life.
            assertThat(rig.read(file)).isEqualTo("EAGAIN");
            rig.ifconfig.address("tun0", "10.0.0.1", "10.0.0.2");
            int answer = rig.output(0, Rig.TO_PEER);
            assertThat(answer).isZero();
            assertThat(rig.read(file)).isEqualTo(Rig.compact(Rig.SOCKADDR_PEER + Rig.TO_PEER));
        }
    }

    @Test
    @Fact("1.3")
    void openingAZombieRevivesItAndIsRefusedAllTheSame() throws Exception {
        try (Rig rig = new Rig()) {
            BsdTunFile file = rig.ready();
            rig.driver.destroy(0);
            assertRefused(() -> rig.driver.open(0), BsdErrno.EBUSY);
            assertThat(rig.driver.isZombie(0)).isFalse();
            assertThat(rig.read(file)).isEqualTo("EAGAIN");
        }
    }

    @Test
    @Fact("1.6")
    void destructionSignalsTheOwnerAndWakesAKqueue() throws Exception {
        try (Rig rig = new Rig();
                Kqueue kqueue = new Kqueue()) {
            BsdTunFile file = rig.ready();
            List<String> signals = new ArrayList<>();
            file.onSignal((owner, code, band) -> signals.add(owner + " " + code + " " + band));
            rig.driver.destroy(0);
            assertThat(signals).isEmpty();
            rig.driver.create(0);
            BsdTunControl control = new BsdTunControl(file);
            control.asynchronous(true);
            rig.driver.destroy(0);
            assertThat(signals).as("nobody owns it").isEmpty();
            rig.driver.create(0);
            control.owner(77);
            kqueue.change(file, Kqueue.EVFILT_READ, Kqueue.EV_ADD, null);
            rig.driver.destroy(0);
            assertThat(signals).containsExactly("77 6 0");
            assertThat(kqueue.await(new Kevents(1), 0)).isZero();
        }
    }

    @Test
    @Fact("1.7")
    void onlyTheSuperuserOpensUnits() throws Exception {
        try (Rig rig = new Rig()) {
            assertRefused(() -> rig.driver.open(0, Privilege.NONE), BsdErrno.EPERM);
            assertThat(rig.device(0)).as("nothing was made").isNull();
        }
    }

    @Test
    @Fact("1.8")
    void openingMakesTheInterfaceOrSaysEnxio() throws Exception {
        try (Rig rig = new Rig()) {
            rig.open(0);
            assertThat(rig.device(0)).isNotNull();
            rig.table.register(new Dummy(new MacAddress(2)), "tun1", 0);
            assertRefused(() -> rig.driver.open(1), BsdErrno.ENXIO);
            assertRefused(() -> rig.driver.open(-1), BsdErrno.ENXIO);
            assertRefused(() -> rig.driver.open(BsdTunDriver.MAX_UNIT + 1), BsdErrno.ENXIO);
            rig.table.unregister(rig.table.byName("tun1"));
        }
    }

    @Test
    @Fact({"1.11", "1.13"})
    void aCloseThrowsPacketsAwayForgetsTheOwnerAndLeavesTheInterface() throws Exception {
        try (Rig rig = new Rig()) {
            BsdTunFile file = rig.ready();
            new BsdTunControl(file).owner(5);
            rig.output(0, Rig.TO_PEER);
            BsdTunDevice device = rig.device(0);
            file.close();
            assertThat(rig.table.buffers().lent()).isZero();
            assertThat(rig.device(0)).isSameAs(device);
            assertThat(rig.output(0, Rig.TO_PEER)).as("nobody has it open").isEqualTo(-BsdErrno.EHOSTDOWN);
            BsdTunFile next = rig.open(0);
            assertThat(new BsdTunControl(next).owner()).isZero();
            assertThat(rig.read(next)).as("not a packet of the former opener's").isEqualTo("EAGAIN");
        }
    }

    @Test
    @Fact("1.12")
    void aCloseTakesTheInterfaceDownAndItsHostRoute() throws Exception {
        try (Rig rig = new Rig(BsdProfile.NETBSD_3)) {
            BsdTunFile file = rig.ready();
            assertThat(unicast(rig)).containsExactly("unicast 10.0.0.2/32 dev tun0 src 10.0.0.1");
            file.close();
            assertThat(unicast(rig)).isEmpty();
            assertThat(rig.device(0).ifFlags()).isEqualTo(BsdFlags.IFF_POINTOPOINT | BsdFlags.IFF_RUNNING);
            assertThat(rig.ifconfig.firstAddress("tun0")).hasToString("10.0.0.1");
        }
    }

    @Test
    @Fact("1.12")
    void aCloseTakesTheRouteToTheNetworkOfABroadcastInterface() throws Exception {
        try (Rig rig = new Rig(BsdProfile.NETBSD_3)) {
            BsdTunFile file = rig.open(0);
            new BsdTunControl(file).mode(InterfaceMode.BROADCAST);
            rig.ifconfig.address("tun0", "10.1.0.1/24");
            assertThat(unicast(rig)).containsExactly("unicast 10.1.0.0/24 dev tun0 src 10.1.0.1");
            file.close();
            assertThat(unicast(rig)).isEmpty();
        }
    }

    private static List<String> unicast(Rig rig) {
        return rig.ip.configuration().routes().all().stream()
                .filter(r -> r.isIp4() && r.spec().table() == Route.TABLE_MAIN)
                .map(Route::toString)
                .toList();
    }

    @Test
    @Fact("2.1")
    void readingTakesAnOpenUnitWithAnInterfaceAndAnAddress() throws Exception {
        assertThat(TunFlags.READY).isEqualTo(0x000b);
        try (Rig rig = new Rig()) {
            BsdTunFile file = rig.open(0);
            new BsdTunControl(file).blocking(false);
            assertThat(rig.read(file)).isEqualTo("EHOSTDOWN");
            rig.ifconfig.up("tun0");
            assertThat(rig.read(file)).as("up is not enough").isEqualTo("EHOSTDOWN");
            rig.ifconfig.address("tun0", "10.0.0.1", "10.0.0.2");
            assertThat(rig.read(file)).isEqualTo("EAGAIN");
            rig.ifconfig.down("tun0");
            assertThat(rig.read(file)).as("nor need it be").isEqualTo("EAGAIN");
        }
    }

    @Test
    @Fact("2.2")
    void waitingSignalsAndFramingBelongToTheUnitAndOutliveTheOpener() throws Exception {
        try (Rig rig = new Rig()) {
            BsdTunFile file = rig.ready();
            BsdTunControl control = new BsdTunControl(file);
            control.asynchronous(true);
            control.framing(Framing.ADDRESS);
            file.close();
            BsdTunFile next = rig.open(0);
            rig.ifconfig.up("tun0");
            assertThat(rig.read(next)).as("reads do not wait").isEqualTo("EAGAIN");
            List<Integer> signals = new ArrayList<>();
            next.onSignal((owner, code, band) -> signals.add(code));
            new BsdTunControl(next).owner(1);
            rig.output(0, Rig.TO_PEER);
            assertThat(signals).containsExactly(1);
            assertThat(rig.read(next)).isEqualTo(Rig.compact(Rig.SOCKADDR_PEER + Rig.TO_PEER));
        }
    }

    @Test
    @Fact("2.3")
    void flagsHaveTheDriversNumbers() {
        assertThat(new int[] {
                    TunFlags.OPEN,
                    TunFlags.INITED,
                    TunFlags.IASET,
                    TunFlags.DSTADDR,
                    TunFlags.ASYNC,
                    TunFlags.NBIO,
                    TunFlags.PREPADDR,
                    TunFlags.IFHEAD
                })
                .containsExactly(0x0001, 0x0002, 0x0008, 0x0010, 0x0080, 0x0100, 0x0200, 0x0400);
    }
}
