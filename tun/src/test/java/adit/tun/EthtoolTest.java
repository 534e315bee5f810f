package adit.tun;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.Device;
import adit.device.Errno;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Who may ask ethtool(8)'s questions, what else sets what they answer, and what Linux 4.1 answered. The rest is
/// compared with the running kernel in module `linux`.
class EthtoolTest {
    private Rig rig;

    @AfterEach
    void close() {
        rig.close();
    }

    private MemorySegment asked(int command) {
        MemorySegment s = rig.arena.allocate(200, 8);
        s.fill((byte) 0xa5);
        s.set(ValueLayout.JAVA_INT, 0, command);
        return s;
    }

    private static int word(MemorySegment s, int at) {
        return s.get(ValueLayout.JAVA_INT, at);
    }

    @ParameterizedTest
    @CsvSource({
        "0x01, true",
        "0x03, true",
        "0x07, true",
        "0x0a, true",
        "0x0e, true",
        "0x3c, true",
        "0x41, true",
        "0x4c, true",
        "0x08, false",
        "0x0f, false",
        "0x4d, false",
        "0x999, false",
    })
    void asksForAnAdministratorToSet(int command, boolean everybody) {
        rig = new Rig();
        rig.attached("t0", Rig.TUN);
        int answer = rig.driver.ethtool().ioctl("t0", asked(command), Credentials.user(1000));
        assertThat(answer).isEqualTo(everybody ? 0 : -Errno.EPERM);
    }

    @Test
    void tellsTheMessageLevelThatAFileHasSet() {
        rig = new Rig();
        TunFile file = rig.attached("t0", Rig.TUN);
        assertThat(file.ioctl(TunIoctl.TUNSETDEBUG, 0x1234L)).isZero();
        MemorySegment s = asked(Ethtool.GMSGLVL);
        assertThat(rig.driver.ethtool().ioctl("t0", s, Credentials.ROOT)).isZero();
        assertThat(word(s, 4)).isEqualTo(0x1234);
    }

    @Test
    void tellsTheCarrierAndTheQueues() {
        rig = new Rig();
        TunFile file = rig.attached("t0", Rig.TUN | TunIoctl.IFF_MULTI_QUEUE);
        rig.attached("t0", Rig.TUN | TunIoctl.IFF_MULTI_QUEUE);
        MemorySegment channels = asked(Ethtool.GCHANNELS);
        assertThat(rig.driver.ethtool().ioctl("t0", channels, Credentials.ROOT)).isZero();
        assertThat(word(channels, 16)).isEqualTo(256);
        assertThat(word(channels, 32)).isEqualTo(2);
        assertThat(link()).isEqualTo(1);
        Device device = rig.table.byName("t0");
        device.down();
        assertThat(link()).isZero();
        assertThat(device.up()).isZero();
        assertThat(link()).isEqualTo(1);
        MemorySegment no = rig.arena.allocate(4, 4);
        assertThat(file.ioctl(TunIoctl.TUNSETCARRIER, no)).isZero();
        assertThat(link()).isZero();
    }

    private int link() {
        MemorySegment link = asked(Ethtool.GLINK);
        assertThat(rig.driver.ethtool().ioctl("t0", link, Credentials.ROOT)).isZero();
        return word(link, 4);
    }

    @Test
    void needsTheWholeStructure() {
        rig = new Rig();
        rig.attached("t0", Rig.TUN);
        Ethtool ethtool = rig.driver.ethtool();
        assertThat(ethtool.ioctl("t0", asked(Ethtool.GDRVINFO).asSlice(0, 195), Credentials.ROOT))
                .isEqualTo(-Errno.EFAULT);
        assertThat(ethtool.ioctl("t0", asked(Ethtool.GLINKSETTINGS).asSlice(0, 48), Credentials.ROOT))
                .isZero();
    }

    @ParameterizedTest
    @EnumSource
    void linkAndLevel(Profile profile) {
        rig = new Rig(profile);
        rig.attached("t0", Rig.TUN);
        boolean old = profile == Profile.LINUX_4_1;
        MemorySegment settings = asked(Ethtool.GSET);
        assertThat(rig.driver.ethtool().ioctl("t0", settings, Credentials.ROOT)).isZero();
        assertThat(word(settings, 12)).isEqualTo(old ? 0x0001_000a : 0x0001_2710);
        MemorySegment level = asked(Ethtool.GMSGLVL);
        assertThat(rig.driver.ethtool().ioctl("t0", level, Credentials.ROOT)).isZero();
        assertThat(word(level, 4)).isEqualTo(old ? -Errno.EOPNOTSUPP : 0);
        for (int later : new int[] {Ethtool.GCOALESCE, Ethtool.GCHANNELS, Ethtool.GLINKSETTINGS}) {
            assertThat(rig.driver.ethtool().ioctl("t0", asked(later), Credentials.ROOT))
                    .isEqualTo(old ? -Errno.EOPNOTSUPP : 0);
        }
    }
}
