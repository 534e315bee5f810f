package adit.bsdtun;

import static org.assertj.core.api.Assertions.assertThat;

import adit.wire.Octets;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Calls on a tun file, by number.
class FileIoctlsTest {
    private static final int TUNSDEBUG = 0x8004745a;
    private static final int TUNGDEBUG = 0x40047459;
    private static final int TUNSIFMODE = 0x80047458;
    private static final int TUNSLMODE = 0x80047457;
    private static final int FIONBIO = 0x8004667e;
    private static final int FIOASYNC = 0x8004667d;
    private static final int FIONREAD = 0x4004667f;
    private static final int FIOSETOWN = 0x8004667c;
    private static final int FIOGETOWN = 0x4004667b;
    private static final int TIOCSPGRP = 0x80047476;
    private static final int TIOCGPGRP = 0x40047477;

    /// The numbers in this class are those of `net/if_tun.h`, `sys/filio.h` and `sys/ttycom.h`.
    @Test
    @Fact("5.1")
    void callsHaveNetbsdsNumbers() throws Exception {
        try (Rig rig = new Rig(BsdProfile.NETBSD_3);
                BsdTunFile file = rig.open(0)) {
            assertThat(rig.ioctl(file, TUNSDEBUG, 7)).isZero();
            assertThat(rig.ask(file, TUNGDEBUG)).isEqualTo(7);
            for (int call : new int[] {TUNSIFMODE, TUNSLMODE, FIONBIO, FIOASYNC, FIOSETOWN, TIOCSPGRP}) {
                assertThat(rig.ioctl(file, call, 0x10))
                        .as(Integer.toHexString(call))
                        .isZero();
            }
            for (int call : new int[] {FIONREAD, FIOGETOWN, TIOCGPGRP}) {
                rig.ask(file, call);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0x10, 0", "0x2, 0", "0x8002, 0", "0x8010, 0", "0, 22", "0x12, 22", "0x8000, 22", "0x8012, 22", "4, 22"
    })
    @Fact("5.2")
    void aModeIsOneOfTwo(String mode, int errno) throws Exception {
        try (Rig rig = new Rig();
                BsdTunFile file = rig.open(0)) {
            assertThat(rig.ioctl(file, TUNSIFMODE, Integer.decode(mode))).isEqualTo(-errno);
        }
    }

    @Test
    @Fact("5.3")
    void theModeOfAnInterfaceThatIsUpStays() throws Exception {
        try (Rig rig = new Rig();
                BsdTunFile file = rig.open(0)) {
            rig.ifconfig.up("tun0");
            assertThat(rig.ioctl(file, TUNSIFMODE, BsdFlags.IFF_BROADCAST)).isEqualTo(-BsdErrno.EBUSY);
            assertThat(rig.ioctl(file, TUNSIFMODE, 0)).as("looked at before").isEqualTo(-BsdErrno.EINVAL);
            rig.ifconfig.down("tun0");
            assertThat(rig.ioctl(file, TUNSIFMODE, BsdFlags.IFF_BROADCAST)).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(BsdProfile.class)
    @Fact("5.4")
    void aModeReplacesTheOtherAndSetsEveryOtherBitThatIsGiven(BsdProfile profile) throws Exception {
        try (Rig rig = new Rig(profile);
                BsdTunFile file = rig.open(0)) {
            assertThat(rig.ioctl(file, TUNSIFMODE, 0x8002)).isZero();
            assertThat(rig.ifconfig.flags("tun0")).isEqualTo(0x8002);
            assertThat(rig.ioctl(file, TUNSIFMODE, 0x0010)).isZero();
            assertThat(rig.ifconfig.flags("tun0")).isEqualTo(0x0010);
            assertThat(rig.ioctl(file, TUNSIFMODE, 0x0004 | 0x0010)).isZero();
            assertThat(rig.ioctl(file, TUNSIFMODE, 0x0002)).isZero();
            assertThat(rig.ifconfig.flags("tun0")).as("IFF_DEBUG stays").isEqualTo(0x0006);
            assertThat(rig.ioctl(file, TUNSIFMODE, 0x0001 | 0x0010)).isZero();
            assertThat(rig.ifconfig.flags("tun0")).isEqualTo(0x0015);
            assertThat(rig.device(0).isUp()).as("even up").isTrue();
            assertThat(rig.ioctl(file, TUNSIFMODE, 0x0010)).isEqualTo(-BsdErrno.EBUSY);
        }
    }

    @Test
    @Fact("5.5")
    void theAddressInFrontIsSwitchedForWhatIsSentFromThenOn() throws Exception {
        try (Rig rig = new Rig()) {
            BsdTunFile file = rig.ready();
            rig.output(0, Rig.TO_PEER);
            assertThat(rig.ioctl(file, TUNSLMODE, -1)).isZero();
            rig.output(0, Rig.TO_PEER);
            assertThat(rig.ioctl(file, TUNSLMODE, 0)).isZero();
            rig.output(0, Rig.TO_PEER);
            assertThat(rig.read(file)).isEqualTo(Rig.compact(Rig.TO_PEER));
            assertThat(rig.read(file)).isEqualTo(Rig.compact(Rig.SOCKADDR_PEER + Rig.TO_PEER));
            assertThat(rig.read(file)).isEqualTo(Rig.compact(Rig.TO_PEER));
        }
    }

    @Test
    @Fact("5.7")
    void theLengthOfTheFirstPacketIsToldWithItsFraming() throws Exception {
        try (Rig rig = new Rig()) {
            BsdTunFile file = rig.ready();
            assertThat(rig.ask(file, FIONREAD)).isZero();
            rig.ioctl(file, TUNSLMODE, 1);
            rig.output(0, Rig.TO_PEER);
            rig.ioctl(file, TUNSLMODE, 0);
            rig.output(0, Rig.TO_PEER);
            assertThat(rig.ask(file, FIONREAD)).isEqualTo(44);
            assertThat(rig.ask(file, FIONREAD)).as("it is still there").isEqualTo(44);
            rig.read(file);
            assertThat(rig.ask(file, FIONREAD)).isEqualTo(28);
        }
    }

    @Test
    @Fact("5.8")
    void theOwnerIsAProcessOrAGroupAndTheTwoCallsDifferInSign() throws Exception {
        try (Rig rig = new Rig();
                BsdTunFile file = rig.open(0)) {
            assertThat(rig.ask(file, FIOGETOWN)).isZero();
            rig.ioctl(file, FIOSETOWN, 12);
            assertThat(rig.ask(file, FIOGETOWN)).isEqualTo(12);
            assertThat(rig.ask(file, TIOCGPGRP)).isEqualTo(-12);
            rig.ioctl(file, TIOCSPGRP, 30);
            assertThat(rig.ask(file, FIOGETOWN)).isEqualTo(-30);
            assertThat(rig.ask(file, TIOCGPGRP)).isEqualTo(30);
            assertThat(rig.ioctl(file, TIOCSPGRP, -1)).isEqualTo(-BsdErrno.EINVAL);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {TUNSDEBUG, TUNGDEBUG, TUNSIFMODE, TUNSLMODE, FIONBIO, FIONREAD, FIOGETOWN, 0x20007401})
    @Fact("5.9")
    void afterADestructionEveryCallIsEnxio(int call) throws Exception {
        try (Rig rig = new Rig();
                BsdTunFile file = rig.open(0)) {
            rig.driver.destroy(0);
            assertThat(rig.ioctl(file, call, 1)).isEqualTo(-BsdErrno.ENXIO);
        }
    }

    /// Linux's TUNSETIFF, a call without an argument, one of another length, and what NetBSD 3 lacks.
    @ParameterizedTest
    @ValueSource(ints = {0x400454ca, 0x20006601, 0x8008667e, 0x80047442, 0x40047441, 0})
    @Fact("5.10")
    void callsThatThereAreNotAreEnotty(int call) throws Exception {
        try (Rig rig = new Rig(BsdProfile.NETBSD_3);
                BsdTunFile file = rig.open(0)) {
            MemorySegment s = rig.junk(16);
            assertThat(file.ioctl(call, s)).isEqualTo(-BsdErrno.ENOTTY);
            assertThat(Octets.i32(s, 0, ByteOrder.nativeOrder())).isEqualTo(0xa5a5a5a5);
        }
    }

    @Test
    @Fact("5.11")
    void debuggingIsSwitchedForAllUnitsTogether() throws Exception {
        try (Rig rig = new Rig();
                BsdTunFile one = rig.open(0);
                BsdTunFile other = rig.open(1)) {
            rig.ioctl(one, TUNSDEBUG, 3);
            assertThat(rig.ask(other, TUNGDEBUG)).isEqualTo(3);
        }
    }

    @Test
    void memoryThatIsTooShortIsEfault() throws Exception {
        try (Rig rig = new Rig();
                BsdTunFile file = rig.open(0)) {
            MemorySegment s = rig.junk(3);
            assertThat(file.ioctl(FIONBIO, s)).isEqualTo(-BsdErrno.EFAULT);
            assertThat(file.ioctl(FIONREAD, s)).isEqualTo(-BsdErrno.EFAULT);
        }
    }

    @Test
    @Fact("5.6")
    void theCallsInWordsDoTheSame() throws Exception {
        try (Rig rig = new Rig();
                BsdTunFile file = rig.open(0)) {
            BsdTunControl control = new BsdTunControl(file);
            control.framing(Framing.FAMILY);
            assertThat(control.hasFamilyHeader()).isTrue();
            control.framing(Framing.PLAIN);
            assertThat(control.hasFamilyHeader()).isFalse();
            control.debug(4);
            assertThat(control.debug()).isEqualTo(4);
            control.owner(-8);
            assertThat(control.owner()).isEqualTo(-8);
            assertThat(control.nextLength()).isZero();
            assertThat(file.tunUnit().has(TunFlags.NBIO)).isFalse();
            control.blocking(false);
            assertThat(file.tunUnit().has(TunFlags.NBIO)).isTrue();
            control.blocking(true);
            assertThat(file.tunUnit().has(TunFlags.NBIO)).isFalse();
            control.asynchronous(true);
            assertThat(file.tunUnit().has(TunFlags.ASYNC)).isTrue();
            control.asynchronous(false);
            assertThat(file.tunUnit().has(TunFlags.ASYNC)).isFalse();
            rig.driver.destroy(0);
            InterfaceSocketTest.assertErrno(() -> control.blocking(true), BsdErrno.ENXIO);
        }
    }
}
