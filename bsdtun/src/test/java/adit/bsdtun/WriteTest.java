package adit.bsdtun;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.BufferPools;
import adit.device.Counter;
import adit.packet.PacketBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// From a writer to the stack.
class WriteTest {
    private static final String HERE = "tun0 800 " + Rig.compact(Rig.TO_US);

    @Test
    @Fact("7.1")
    void afterADestructionThereIsNoDevice() throws Exception {
        try (Rig rig = new Rig();
                BsdTunFile file = rig.open(0)) {
            rig.driver.destroy(0);
            assertThat(rig.write(file, Rig.TO_US)).isEqualTo(-BsdErrno.ENXIO);
        }
    }

    @ParameterizedTest
    @EnumSource(BsdProfile.class)
    @Fact({"7.2", "7.5", "7.7"})
    void theInterfaceNeedBeNeitherReadyNorUp(BsdProfile profile) throws Exception {
        try (Rig rig = new Rig(profile);
                BsdTunFile file = rig.open(0)) {
            assertThat(rig.device(0).isUp()).isFalse();
            assertThat(rig.write(file, Rig.TO_US)).isEqualTo(28);
            assertThat(rig.received).containsExactly(HERE);
        }
    }

    @ParameterizedTest
    @EnumSource(BsdProfile.class)
    @Fact("7.3")
    void lessThanASockaddrIsEio(BsdProfile profile) throws Exception {
        try (Rig rig = new Rig(profile);
                BsdTunFile file = rig.open(0)) {
            rig.ioctl(file, BsdIoctl.TUNSLMODE, 1);
            assertThat(rig.write(file, "10 02".repeat(7) + "00")).isEqualTo(-BsdErrno.EIO);
            assertThat(rig.write(file, Rig.SOCKADDR_PEER, Rig.TO_US)).isEqualTo(44);
            assertThat(rig.received).containsExactly(HERE);
        }
    }

    /// The length says how much is passed over from 16 octets on; less than 16 makes no difference.
    @ParameterizedTest
    @CsvSource({"10, 0", "1c, 12", "ff, 239", "00, 0", "0f, 0"})
    @Fact("7.4")
    void aLongerSockaddrIsPassedOver(String length, int more) throws Exception {
        try (Rig rig = new Rig();
                BsdTunFile file = rig.open(0)) {
            rig.ioctl(file, BsdIoctl.TUNSLMODE, 1);
            String address = length + "02" + "a5".repeat(14 + more);
            assertThat(rig.write(file, address, Rig.TO_US)).isEqualTo(16 + more + 28);
            assertThat(rig.received).containsExactly(HERE);
        }
    }

    @Test
    @Fact("7.4")
    void aSockaddrLongerThanWhatIsWrittenLeavesNothing() throws Exception {
        try (Rig rig = new Rig();
                BsdTunFile file = rig.open(0)) {
            rig.ioctl(file, BsdIoctl.TUNSLMODE, 1);
            assertThat(rig.write(file, "ff02" + "00".repeat(14), Rig.TO_US)).isEqualTo(-BsdErrno.EIO);
            assertThat(rig.received).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"1500, 0", "1501, 5", "70000, 5"})
    @Fact("7.6")
    void atMost1500OctetsAreTakenWhateverTheMtuIs(int octets, int errno) throws Exception {
        try (Rig rig = new Rig();
                BsdTunFile file = rig.open(0)) {
            rig.ifconfig.mtu("tun0", 576);
            assertThat(rig.write(file, "45" + "00".repeat(octets - 1))).isEqualTo(errno == 0 ? octets : -errno);
            rig.ioctl(file, BsdIoctl.TUNSLMODE, 1);
            assertThat(rig.write(file, Rig.SOCKADDR_PEER, "45" + "00".repeat(octets - 1)))
                    .isEqualTo(errno == 0 ? octets + 16 : -errno);
        }
    }

    @ParameterizedTest
    @CsvSource({"NETBSD_3, -47", "NETBSD_10, 68"})
    @Fact({"7.8", "9.1"})
    void ip6IsTakenSinceTheMissingBreakIsThere(BsdProfile profile, int answer) throws Exception {
        try (Rig rig = new Rig(profile);
                BsdTunFile file = rig.open(0)) {
            rig.ioctl(file, BsdIoctl.TUNSLMODE, 1);
            assertThat(rig.write(file, Rig.SOCKADDR_PEER_6, Rig.TO_PEER_6)).isEqualTo(answer);
            assertThat(rig.received).hasSize(answer < 0 ? 0 : 1).allMatch(r -> r.startsWith("tun0 86dd 6000"));
        }
    }

    @ParameterizedTest
    @CsvSource({"00", "01", "12", "1a", "ff"})
    @Fact("7.9")
    void otherFamiliesAreNotSupported(String family) throws Exception {
        try (Rig rig = new Rig();
                BsdTunFile file = rig.open(0)) {
            rig.ioctl(file, BsdIoctl.TUNSLMODE, 1);
            assertThat(rig.write(file, "10" + family + "00".repeat(14), Rig.TO_US))
                    .isEqualTo(-BsdErrno.EAFNOSUPPORT);
        }
    }

    @Test
    @Fact("7.10")
    void withoutABufferThereIsNoRoom() throws Exception {
        try (Rig rig = new Rig();
                BsdTunFile file = rig.open(0)) {
            Deque<PacketBuffer> all = new ArrayDeque<>();
            for (PacketBuffer p = rig.table.buffers().lend(1); p != null; ) {
                all.push(p);
                p = rig.table.buffers().lend(BufferPools.SMALL);
            }
            assertThat(rig.write(file, Rig.TO_US)).isEqualTo(-BsdErrno.ENOBUFS);
            all.forEach(PacketBuffer::release);
            assertThat(rig.write(file, Rig.TO_US)).isEqualTo(28);
        }
    }

    @Test
    @Fact("7.11")
    void memoryThatIsNotThereCountsAsAnInputError() throws Exception {
        try (Rig rig = new Rig();
                BsdTunFile file = rig.open(0)) {
            assertThat(file.write(rig.octets(Rig.TO_US), 0, 100)).isEqualTo(-BsdErrno.EFAULT);
            assertThat(file.write(rig.octets(Rig.TO_US), -1, 10)).isEqualTo(-BsdErrno.EFAULT);
            assertThat(rig.device(0).statistics().counters()).isEqualTo(Map.of(Counter.RX_ERRORS, 2L));
            rig.ioctl(file, BsdIoctl.TUNSLMODE, 1);
            assertThat(file.write(rig.junk(10), 0, 20)).isEqualTo(-BsdErrno.EFAULT);
            assertThat(rig.device(0).statistics().get(Counter.RX_ERRORS))
                    .as("not for the framing")
                    .isEqualTo(2);
        }
    }

    @ParameterizedTest
    @CsvSource({"NETBSD_3, 1802, IN 2 4500", "NETBSD_10, 1c18, IN 24 6000"})
    @Fact("7.12")
    void tapsSeeWhatIsWrittenAndAtFirstAllOfItAsIp4(BsdProfile profile, String start, String expected)
            throws Exception {
        try (Rig rig = new Rig(profile);
                BsdTunFile file = rig.open(0)) {
            rig.ioctl(file, BsdIoctl.TUNSLMODE, 1);
            List<String> seen = new ArrayList<>();
            rig.device(0)
                    .addFamilyTap((family, p, direction) ->
                            seen.add(direction + " " + family + " " + Rig.hex(p).substring(0, 4)));
            String packet = profile == BsdProfile.NETBSD_3 ? Rig.TO_US : Rig.TO_PEER_6;
            String address = profile == BsdProfile.NETBSD_3 ? Rig.SOCKADDR_PEER : Rig.SOCKADDR_PEER_6;
            assertThat(rig.write(file, address, packet)).isPositive();
            assertThat(seen).as(start).containsExactly(expected);
        }
    }

    @Test
    @Fact("7.13")
    void aDestructionBetweenTheTapAndTheStackIsNoticedAndLosesNoBuffer() throws Exception {
        try (Rig rig = new Rig();
                BsdTunFile file = rig.open(0)) {
            rig.device(0).addFamilyTap((family, p, direction) -> rig.driver.destroy(0));
            assertThat(rig.write(file, Rig.TO_US)).isEqualTo(-BsdErrno.ENXIO);
            assertThat(rig.received).isEmpty();
            assertThat(rig.table.buffers().lent()).isZero();
        }
    }

    @Test
    @Fact("7.14")
    void aFullInputQueueIsACollision() throws Exception {
        try (Rig rig = new Rig(BsdProfile.NETBSD_10, 2);
                BsdTunFile file = rig.open(0)) {
            assertThat(rig.write(file, Rig.TO_US)).isEqualTo(28);
            assertThat(rig.write(file, Rig.TO_US)).isEqualTo(28);
            assertThat(rig.write(file, Rig.TO_US)).isEqualTo(-BsdErrno.ENOBUFS);
            assertThat(rig.device(0).statistics().counters())
                    .isEqualTo(Map.of(Counter.RX_PACKETS, 2L, Counter.RX_BYTES, 56L, Counter.COLLISIONS, 1L));
            assertThat(rig.received).isEmpty();
            assertThat(rig.driver.runInputQueue()).isEqualTo(2);
            assertThat(rig.received).containsExactly(HERE, HERE);
            assertThat(rig.write(file, Rig.TO_US)).isEqualTo(28);
            rig.driver.destroy(0);
            assertThat(rig.driver.runInputQueue()).as("for nobody any more").isEqualTo(1);
            assertThat(rig.received).hasSize(2);
        }
    }

    @Test
    @Fact("7.15")
    void whatIsWrittenCountsWithoutItsFraming() throws Exception {
        try (Rig rig = new Rig();
                BsdTunFile file = rig.open(0)) {
            rig.ioctl(file, BsdIoctl.TUNSLMODE, 1);
            rig.write(file, Rig.SOCKADDR_PEER, Rig.TO_US);
            assertThat(rig.device(0).statistics().counters())
                    .isEqualTo(Map.of(Counter.RX_PACKETS, 1L, Counter.RX_BYTES, 28L));
        }
    }

    @ParameterizedTest
    @EnumSource(BsdProfile.class)
    @Fact({"7.16", "9.7"})
    void nothingBehindTheFramingIsEio(BsdProfile profile) throws Exception {
        try (Rig rig = new Rig(profile);
                BsdTunFile file = rig.open(0)) {
            assertThat(rig.write(file)).isEqualTo(-BsdErrno.EIO);
            rig.ioctl(file, BsdIoctl.TUNSLMODE, 1);
            assertThat(rig.write(file, Rig.SOCKADDR_PEER)).isEqualTo(-BsdErrno.EIO);
            assertThat(rig.device(0).statistics().counters()).isEmpty();
        }
    }
}
