package adit.bsdtun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adit.device.InterfaceRequest;
import adit.wire.Ip4Address;
import adit.wire.IpAddress;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Calls on interfaces, by number and in words.
class InterfaceSocketTest {
    /// Numbers from `sys/sockio.h` and `netinet6/in6_var.h`, with the sizes of a 64-bit NetBSD.
    @ParameterizedTest
    @CsvSource({
        "SIOCSIFADDR, 8020690c, 8090690c",
        "SIOCGIFADDR, c0206921, c0906921",
        "SIOCSIFDSTADDR, 8020690e, 8090690e",
        "SIOCGIFDSTADDR, c0206922, c0906922",
        "SIOCSIFFLAGS, 80206910, 80906910",
        "SIOCGIFFLAGS, c0206911, c0906911",
        "SIOCSIFBRDADDR, 80206913, 80906913",
        "SIOCGIFBRDADDR, c0206923, c0906923",
        "SIOCSIFNETMASK, 80206916, 80906916",
        "SIOCGIFNETMASK, c0206925, c0906925",
        "SIOCDIFADDR, 80206919, 80906919",
        "SIOCAIFADDR, 8040691a, 8040691a",
        "SIOCAIFADDR_IN6, 8080691a, 8080696b",
        "SIOCDIFADDR_IN6, 81206919, 81206919",
        "SIOCADDMULTI, 80206931, 80906931",
        "SIOCDELMULTI, 80206932, 80906932",
        "SIOCIFDESTROY, 80206979, 80906979",
        "SIOCIFCREATE, 8020697a, 8090697a",
        "SIOCGIFMTU, c020697e, c090697e",
        "SIOCSIFMTU, 8020697f, 8090697f"
    })
    void callsHaveNetbsdsNumbers(InterfaceCall call, String netbsd3, String netbsd10) {
        assertThat(Integer.toHexString(call.command(BsdProfile.NETBSD_3))).isEqualTo(netbsd3);
        assertThat(Integer.toHexString(call.command(BsdProfile.NETBSD_10))).isEqualTo(netbsd10);
    }

    private static final int UP_AND_RUNNING = BsdFlags.IFF_UP | BsdFlags.IFF_RUNNING;

    @ParameterizedTest
    @EnumSource(BsdProfile.class)
    @Fact("3.1")
    void anAddressBringsTheInterfaceUpAndMakesItReady(BsdProfile profile) throws Exception {
        try (Rig rig = new Rig(profile);
                BsdTunFile file = rig.open(0)) {
            new BsdTunControl(file).blocking(false);
            rig.ifconfig.firstAddress("tun0", "10.0.0.1");
            assertThat(rig.ifconfig.flags("tun0")).isEqualTo(UP_AND_RUNNING | BsdFlags.IFF_POINTOPOINT);
            assertThat(rig.read(file)).isEqualTo("EAGAIN");
            assertThat(rig.ifconfig.firstAddress("tun0")).isEqualTo(IpAddress.parse("10.0.0.1"));
            assertThat(rig.ifconfig.mask("tun0")).as("of its class").isEqualTo(IpAddress.parse("255.0.0.0"));
            rig.ifconfig.firstAddress("tun0", "0.0.0.0");
            assertThat(rig.read(file)).as("0 is no address").isEqualTo("EHOSTDOWN");
        }
    }

    @ParameterizedTest
    @EnumSource(BsdProfile.class)
    @Fact("3.2")
    void aDestinationBringsTheInterfaceUpButDoesNotMakeItReady(BsdProfile profile) throws Exception {
        try (Rig rig = new Rig(profile);
                BsdTunFile file = rig.open(0)) {
            new BsdTunControl(file).blocking(false);
            rig.ifconfig.destination("tun0", "10.0.0.2");
            assertThat(rig.ifconfig.flags("tun0")).isEqualTo(UP_AND_RUNNING | BsdFlags.IFF_POINTOPOINT);
            assertThat(rig.read(file)).isEqualTo("EHOSTDOWN");
            rig.ifconfig.firstAddress("tun0", "10.0.0.1");
            assertThat(rig.read(file)).isEqualTo("EAGAIN");
            assertThat(rig.ifconfig.destination("tun0")).isEqualTo(IpAddress.parse("10.0.0.2"));
            rig.ifconfig.destination("tun0", "10.0.0.3");
            assertThat(rig.ifconfig.destination("tun0")).isEqualTo(IpAddress.parse("10.0.0.3"));
            assertThat(rig.ip.configuration().routes().all().toString())
                    .contains("unicast 10.0.0.3/32")
                    .doesNotContain("unicast 10.0.0.2/32");
        }
    }

    @Test
    @Fact("3.2")
    void aBroadcastInterfaceHasNoDestination() throws Exception {
        try (Rig rig = new Rig();
                BsdTunFile file = rig.open(0)) {
            new BsdTunControl(file).mode(InterfaceMode.BROADCAST);
            assertErrno(() -> rig.ifconfig.destination("tun0", "10.0.0.2"), BsdErrno.EINVAL);
        }
    }

    @Test
    void aMaskIsTaken() throws Exception {
        try (Rig rig = new Rig();
                BsdTunFile file = rig.open(0)) {
            new BsdTunControl(file).mode(InterfaceMode.BROADCAST);
            rig.ifconfig.firstAddress("tun0", "10.0.0.1");
            rig.ifconfig.mask("tun0", "255.255.255.128");
            assertThat(rig.ifconfig.mask("tun0")).isEqualTo(IpAddress.parse("255.255.255.128"));
            assertThat(rig.ip.configuration().routes().all().toString()).contains("10.0.0.0/25");
        }
    }

    @Test
    @Fact("3.3")
    void aBroadcastAddressIsTaken() throws Exception {
        try (Rig rig = new Rig();
                BsdTunFile file = rig.open(0)) {
            new BsdTunControl(file).mode(InterfaceMode.BROADCAST);
            rig.ifconfig.broadcast("tun0", "10.0.0.127");
            rig.ifconfig.address("tun0", "10.0.0.1/24");
            assertThat(rig.ip.configuration().routes().all().toString()).contains("broadcast 10.0.0.127/32");
        }
    }

    @ParameterizedTest
    @EnumSource(BsdProfile.class)
    @Fact("3.4")
    void mtusGoFrom576To1500(BsdProfile profile) throws Exception {
        try (Rig rig = new Rig(profile)) {
            rig.ifconfig.create("tun0").mtu("tun0", 576);
            assertThat(rig.ifconfig.mtu("tun0")).isEqualTo(576);
            assertThat(rig.ifconfig.mtu("tun0", 1500).mtu("tun0")).isEqualTo(1500);
            for (int octets : new int[] {575, 1501, 0, -1, Integer.MIN_VALUE}) {
                assertErrno(() -> rig.ifconfig.mtu("tun0", octets), BsdErrno.EINVAL);
            }
        }
    }

    @Test
    @Fact("3.5")
    void groupsAreOfAfInetAlone() throws Exception {
        try (Rig rig = new Rig(BsdProfile.NETBSD_3)) {
            rig.ifconfig.create("tun0").join("tun0", "224.0.0.5").leave("tun0", "224.0.0.5");
            assertErrno(() -> rig.ifconfig.join("tun0", "ff02::5"), BsdErrno.EAFNOSUPPORT);
            assertErrno(() -> rig.ifconfig.leave("tun0", "ff02::5"), BsdErrno.EAFNOSUPPORT);
            MemorySegment s = request(rig, InterfaceCall.SIOCADDMULTI, "tun0");
            s.set(java.lang.foreign.ValueLayout.JAVA_BYTE, 17, (byte) Sockaddr.AF_LINK);
            assertThat(ioctl(rig, InterfaceCall.SIOCADDMULTI, s)).isEqualTo(-BsdErrno.EAFNOSUPPORT);
        }
    }

    @Test
    @Fact("3.6")
    void flagsThatUsersMayChangeAreChanged() throws Exception {
        try (Rig rig = new Rig()) {
            rig.ifconfig.create("tun0").up("tun0");
            assertThat(rig.ifconfig.flags("tun0")).isEqualTo(BsdFlags.IFF_UP | BsdFlags.IFF_POINTOPOINT);
            assertThat(rig.device(0).isUp()).isTrue();
            MemorySegment s = request(rig, InterfaceCall.SIOCSIFFLAGS, "tun0");
            InterfaceRequest.flags(s, BsdFlags.IFF_DEBUG | BsdFlags.IFF_BROADCAST | BsdFlags.IFF_MULTICAST);
            assertThat(ioctl(rig, InterfaceCall.SIOCSIFFLAGS, s)).isZero();
            assertThat(rig.ifconfig.flags("tun0")).isEqualTo(BsdFlags.IFF_DEBUG | BsdFlags.IFF_POINTOPOINT);
            assertThat(rig.device(0).isUp()).isFalse();
        }
    }

    @Test
    @Fact("3.7")
    void whatTheDriverDoesNotKnowIsEinval() throws Exception {
        try (Rig rig = new Rig(BsdProfile.NETBSD_3)) {
            rig.ifconfig.create("tun0");
            MemorySegment s = rig.junk(64);
            InterfaceRequest.name(s, "tun0");
            // SIOCSIFMEDIA of NetBSD 3.
            assertThat(rig.driver.socket().ioctl(0xc0206935, s)).isEqualTo(-BsdErrno.EINVAL);
        }
    }

    @Test
    @Fact("3.8")
    void withIp6AloneAnInterfaceIsNeverReady() throws Exception {
        try (Rig rig = new Rig(BsdProfile.NETBSD_3);
                BsdTunFile file = rig.open(0)) {
            new BsdTunControl(file).blocking(false);
            rig.ifconfig.address("tun0", "fd00::1/64");
            assertThat(rig.ifconfig.flags("tun0")).isEqualTo(UP_AND_RUNNING | BsdFlags.IFF_POINTOPOINT);
            assertThat(rig.read(file)).isEqualTo("EHOSTDOWN");
            assertThat(rig.output6(0, Rig.TO_PEER_6)).isZero();
            rig.ifconfig.address("tun0", "10.0.0.1", "10.0.0.2");
            rig.output6(0, Rig.TO_PEER_6);
            assertThat(rig.read(file)).as("with IPv4 beside it, IPv6 is read").isEqualTo(Rig.compact(Rig.TO_PEER_6));
        }
    }

    @Test
    void addressesComeAndGo() throws Exception {
        try (Rig rig = new Rig()) {
            rig.ifconfig.create("tun0").address("tun0", "10.0.0.1", "10.0.0.2").address("tun0", "10.0.0.9", "10.0.0.8");
            assertThat(rig.ip.of(rig.device(0)).addresses4().toString()).isEqualTo("[10.0.0.1/32, 10.0.0.9/32]");
            rig.ifconfig.remove("tun0", "10.0.0.1");
            assertThat(rig.ifconfig.firstAddress("tun0")).isEqualTo(IpAddress.parse("10.0.0.9"));
            rig.ifconfig.remove("tun0", "10.0.0.9");
            assertErrno(() -> rig.ifconfig.remove("tun0", "10.0.0.9"), BsdErrno.EADDRNOTAVAIL);
            assertErrno(() -> rig.ifconfig.firstAddress("tun0"), BsdErrno.EADDRNOTAVAIL);
            rig.ifconfig.address("tun0", "fd00::1/64").remove("tun0", "fd00::1");
            assertErrno(() -> rig.ifconfig.remove("tun0", "fd00::1"), BsdErrno.EADDRNOTAVAIL);
        }
    }

    @Test
    void interfacesAreMadeAndDestroyedByName() throws Exception {
        try (Rig rig = new Rig()) {
            rig.ifconfig.create("tun7");
            assertErrno(() -> rig.ifconfig.create("tun7"), BsdErrno.EEXIST);
            rig.ifconfig.destroy("tun7");
            assertErrno(() -> rig.ifconfig.destroy("tun7"), BsdErrno.ENXIO);
            for (String name : new String[] {"tun", "tun01", "tap0", "tun-1", "tun1048576", "tun99999999"}) {
                assertErrno(() -> rig.ifconfig.create(name), BsdErrno.EINVAL);
            }
        }
    }

    @Test
    void onlyTheSuperuserChangesInterfacesAndAnybodyLooks() throws Exception {
        try (Rig rig = new Rig()) {
            rig.ifconfig.create("tun0");
            Ifconfig user = new Ifconfig(rig.driver.socket(Privilege.NONE));
            assertThat(user.mtu("tun0")).isEqualTo(1500);
            assertErrno(() -> user.mtu("tun0", 1000), BsdErrno.EPERM);
            assertErrno(() -> user.create("tun1"), BsdErrno.EPERM);
            assertErrno(() -> user.mtu("tun1"), BsdErrno.ENXIO);
        }
    }

    /// The structures by hand, as a BSD program has them in memory.
    @Test
    void takesStructuresAsBsdProgramsHaveThem() throws Exception {
        try (Rig rig = new Rig(BsdProfile.NETBSD_3);
                BsdTunFile file = rig.open(0)) {
            String name = "74756e30" + "00".repeat(12);
            MemorySegment alias = rig.octets(name + "10020000 0a000001 0000000000000000" + Rig.SOCKADDR_PEER
                    + "10020000 ffffffff 0000000000000000");
            assertThat(rig.driver.socket().ioctl(0x8040691a, alias)).isZero();
            assertThat(rig.ip.configuration().routes().all().toString()).contains("unicast 10.0.0.2/32 dev tun0");
            MemorySegment get = rig.octets(name + "a5".repeat(16));
            assertThat(rig.driver.socket().ioctl(0xc0206922, get)).isZero();
            assertThat(java.util.HexFormat.of().formatHex(get.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE)))
                    .isEqualTo(name + Rig.compact(Rig.SOCKADDR_PEER));
            assertThat(rig.driver.socket().ioctl(0xc0206922, get.asSlice(0, 31)))
                    .isEqualTo(-BsdErrno.EFAULT);
            assertThat(file.isOpen()).isTrue();
        }
    }

    @Test
    void anAddressSetByOtherMeansMakesTheInterfaceReadyToo() throws Exception {
        try (Rig rig = new Rig();
                BsdTunFile file = rig.open(0)) {
            new BsdTunControl(file).blocking(false);
            adit.ip.InterfaceAddress address = new adit.ip.InterfaceAddress(
                    Ip4Address.parse("10.0.0.1"),
                    Ip4Address.parse("10.0.0.2"),
                    32,
                    java.util.Optional.empty(),
                    0,
                    adit.ip.InterfaceAddress.PERMANENT,
                    "tun0");
            rig.ip.configuration().add(rig.ip.of(rig.device(0)), address, adit.ip.IpConfiguration.Existing.REFUSE);
            assertThat(rig.read(file)).isEqualTo("EAGAIN");
            assertThat(rig.ifconfig.flags("tun0")).isEqualTo(UP_AND_RUNNING | BsdFlags.IFF_POINTOPOINT);
        }
    }

    private static MemorySegment request(Rig rig, InterfaceCall call, String name) {
        MemorySegment s = rig.junk(call.length(rig.driver.profile()));
        InterfaceRequest.name(s, name);
        return s;
    }

    private static int ioctl(Rig rig, InterfaceCall call, MemorySegment s) {
        return rig.driver.socket().ioctl(call.command(rig.driver.profile()), s);
    }

    static void assertErrno(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, int errno) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        BsdTunException.class,
                        e -> assertThat(e.errno()).as(e.getMessage()).isEqualTo(errno));
    }
}
