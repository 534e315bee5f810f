package adit.tun;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.Errno;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Where the profiles differ; each line names both.
class ProfileTest {
    private static final String IP4 = "45000014 00010000 40010000 0a000001 0a000002";

    private static int of(Profile profile, int linux41, int linux618) {
        return profile == Profile.LINUX_4_1 ? linux41 : linux618;
    }

    @ParameterizedTest
    @EnumSource
    void decidesWhereVersionsDiffer(Profile profile) {
        Rig rig = new Rig(profile);
        MemorySegment number = rig.arena.allocate(4, 4);
        MemoryTunFile file = rig.open();
        assertThat(file.ioctl(TunIoctl.TUNGETFEATURES, number)).isZero();
        assertThat(number.get(ValueLayout.JAVA_INT, 0)).isEqualTo(of(profile, 0x7103, 0x7173));
        assertThat(rig.setInterface(file, "t0", Rig.TUN)).isZero();
        assertThat(rig.setInterface(file, "t0", Rig.TUN)).isEqualTo(-of(profile, Errno.EINVAL, Errno.EEXIST));
        assertThat(file.write(rig.octets(IP4))).isEqualTo(of(profile, 20, -Errno.EIO));
        assertThat(file.ioctl(TunIoctl.TUNSETDEBUG, 1)).isEqualTo(of(profile, -Errno.EINVAL, 0));
        number.set(ValueLayout.JAVA_INT, 0, 0);
        assertThat(file.ioctl(TunIoctl.TUNSETSNDBUF, number)).isEqualTo(of(profile, 0, -Errno.EINVAL));
        assertThat(file.ioctl(TunIoctl.TUNSETCARRIER, number)).isEqualTo(of(profile, -Errno.EINVAL, 0));
        assertThat(file.ioctl(TunIoctl.TUNSETOFFLOAD, 0x61)).isEqualTo(of(profile, -Errno.EINVAL, 0));
        number.set(ValueLayout.JAVA_INT, 0, -1);
        assertThat(file.ioctl(TunIoctl.TUNSETSTEERINGEBPF, number)).isEqualTo(of(profile, -Errno.EINVAL, 0));
        MemoryTunFile tap = rig.attached("tap0", Rig.TAP);
        assertThat(tap.device().txQueueLength()).isEqualTo(of(profile, 500, 1000));
        rig.close();
    }

    @ParameterizedTest
    @EnumSource
    void checksVirtioNetHeadersLessOrMore(Profile profile) {
        Rig rig = new Rig(profile);
        MemoryTunFile file = rig.attached("t0", Rig.TUN | TunIoctl.IFF_VNET_HDR);
        // USO is not known to the one, and without a checksum to finish not taken by the other.
        assertThat(file.write(rig.octets("0005 0000 0a00 0000 0000" + IP4))).isEqualTo(-Errno.EINVAL);
        // A checksum at offset 6 of TCP.
        int n = file.write(rig.octets("0101 0000 0a00 1400 0600" + IP4 + "00".repeat(60)));
        assertThat(n).isEqualTo(of(profile, 90, -Errno.EINVAL));
        rig.close();
    }
}
