package adit.bsdtun;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What NetBSD 10 has and NetBSD 3 has not.
class LaterRevisionTest {
    private static final String INET = "00000002";
    private static final String INET6 = "00000018";

    @Test
    void isWhatADriverDoesUnlessItIsToldOtherwise() {
        try (Rig rig = new Rig()) {
            assertThat(new BsdTunDriver(rig.ip).profile()).isEqualTo(BsdProfile.NETBSD_10);
        }
    }

    @Test
    @Fact({"9.1", "9.2"})
    void theFamilyStandsInFrontBothWays() throws Exception {
        try (Rig rig = new Rig()) {
            BsdTunFile file = rig.ready();
            new BsdTunControl(file).framing(Framing.FAMILY);
            rig.output(0, Rig.TO_PEER);
            rig.output6(0, Rig.TO_PEER_6);
            assertThat(rig.read(file)).isEqualTo(INET + Rig.compact(Rig.TO_PEER));
            assertThat(rig.read(file)).isEqualTo(INET6 + Rig.compact(Rig.TO_PEER_6));
            assertThat(rig.write(file, INET, Rig.TO_US)).isEqualTo(32);
            assertThat(rig.write(file, INET6, Rig.TO_PEER_6)).isEqualTo(44);
            assertThat(rig.received).hasSize(2);
            assertThat(rig.received.getFirst()).isEqualTo("tun0 800 " + Rig.compact(Rig.TO_US));
            assertThat(rig.received.getLast()).isEqualTo("tun0 86dd " + Rig.compact(Rig.TO_PEER_6));
        }
    }

    /// Three octets; nothing behind the family; a family that there is not; one whose last octet alone is read.
    @ParameterizedTest
    @CsvSource({"000000, -5", "00000002, -5", "00000003ff, -47", "0000010245, 5"})
    @Fact("9.2")
    void aFamilyInFrontIsFourOctetsOfWhichTheLastCounts(String octets, int answer) throws Exception {
        try (Rig rig = new Rig();
                BsdTunFile file = rig.open(0)) {
            new BsdTunControl(file).framing(Framing.FAMILY);
            assertThat(rig.write(file, octets)).isEqualTo(answer);
        }
    }

    @ParameterizedTest
    @CsvSource({"PLAIN", "ADDRESS"})
    @Fact("9.3")
    void withoutTheFamilyInFrontIp6IsNotSent(Framing framing) throws Exception {
        try (Rig rig = new Rig()) {
            BsdTunFile file = rig.ready();
            new BsdTunControl(file).framing(framing);
            assertThat(rig.output6(0, Rig.TO_PEER_6)).isEqualTo(-BsdErrno.EAFNOSUPPORT);
            assertThat(rig.read(file)).isEqualTo("EAGAIN");
            assertThat(rig.output(0, Rig.TO_PEER)).isZero();
        }
    }

    @Test
    @Fact({"9.4", "9.5"})
    void oneFramingTakesThePlaceOfTheOther() throws Exception {
        try (Rig rig = new Rig()) {
            BsdTunFile file = rig.ready();
            rig.ioctl(file, BsdIoctl.TUNSLMODE, 1);
            rig.ioctl(file, BsdIoctl.TUNSIFHEAD, 1);
            assertThat(rig.ask(file, BsdIoctl.TUNGIFHEAD)).as("the flag, not 1").isEqualTo(0x400);
            rig.output(0, Rig.TO_PEER);
            assertThat(rig.read(file)).isEqualTo(INET + Rig.compact(Rig.TO_PEER));
            rig.ioctl(file, BsdIoctl.TUNSLMODE, 1);
            assertThat(rig.ask(file, BsdIoctl.TUNGIFHEAD)).isZero();
            rig.output(0, Rig.TO_PEER);
            assertThat(rig.read(file)).isEqualTo(Rig.compact(Rig.SOCKADDR_PEER + Rig.TO_PEER));
            rig.ioctl(file, BsdIoctl.TUNSIFHEAD, 0);
            rig.output(0, Rig.TO_PEER);
            assertThat(rig.read(file)).as("off was off").startsWith("1002");
        }
    }

    @Test
    @Fact("9.6")
    void theLinkIsUpWhileSomebodyHasTheUnitOpen() throws Exception {
        try (Rig rig = new Rig()) {
            rig.ifconfig.create("tun0");
            assertThat(rig.device(0).hasCarrier()).isFalse();
            BsdTunFile file = rig.open(0);
            assertThat(rig.device(0).hasCarrier()).isTrue();
            rig.driver.destroy(0);
            rig.driver.create(0);
            assertThat(rig.device(0).hasCarrier()).as("still open").isTrue();
            file.close();
            assertThat(rig.device(0).hasCarrier()).isFalse();
        }
        try (Rig rig = new Rig(BsdProfile.NETBSD_3)) {
            rig.ifconfig.create("tun0");
            assertThat(rig.device(0).hasCarrier()).as("it has no link state").isTrue();
        }
    }

    @Test
    @Fact("9.10")
    void ip6GroupsMayBeJoined() throws Exception {
        try (Rig rig = new Rig()) {
            rig.ifconfig
                    .create("tun0")
                    .join("tun0", "ff02::5")
                    .leave("tun0", "ff02::5")
                    .join("tun0", "224.0.0.5");
        }
    }

    @Test
    @Fact("9.11")
    void anIp6AddressAloneMakesAnInterfaceReady() throws Exception {
        try (Rig rig = new Rig();
                BsdTunFile file = rig.open(0)) {
            BsdTunControl control = new BsdTunControl(file);
            control.blocking(false);
            control.framing(Framing.FAMILY);
            rig.ifconfig.address("tun0", "fd00::1/64");
            assertThat(rig.output6(0, Rig.TO_PEER_6)).isZero();
            assertThat(rig.read(file)).isEqualTo(INET6 + Rig.compact(Rig.TO_PEER_6));
        }
    }

    @Test
    @Fact("9.12")
    void unknownCallsOnInterfacesAreTheCommonCodes() throws Exception {
        try (Rig rig = new Rig()) {
            rig.ifconfig.create("tun0");
            assertThat(rig.driver.socket().ioctl(0xc0906935, rig.junk(144))).isEqualTo(-BsdErrno.ENOTTY);
        }
    }
}
