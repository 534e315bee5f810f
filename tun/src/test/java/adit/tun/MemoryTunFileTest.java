package adit.tun;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.Counter;
import adit.device.Drop;
import adit.device.Errno;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MemoryTunFileTest {
    private static final String IP4 = "45000014 00010000 40010000 0a000001 0a000002";

    private final Rig rig = new Rig();

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void hasNoDeviceAtFirst() {
        MemoryTunFile file = rig.open();
        assertThat(file.read(rig.junk(10))).isEqualTo(-Errno.EBADFD);
        assertThat(file.write(rig.octets(IP4))).isEqualTo(-Errno.EBADFD);
        assertThat(file.poll(PollEvents.IN)).isEqualTo(PollEvents.ERR);
        assertThat(file.ioctl(TunIoctl.TUNSETPERSIST, 1)).isEqualTo(-Errno.EBADFD);
        assertThat(file.fdinfo()).isEqualTo("iff:\t\n");
    }

    @Test
    void handsWhatIsWrittenToTheStack() {
        MemoryTunFile file = rig.attached("t0", Rig.TUN);
        assertThat(file.write(rig.octets(IP4))).isEqualTo(20);
        assertThat(rig.received).containsExactly("t0 800 " + IP4.replace(" ", ""));
        assertThat(file.device().statistics().counters())
                .isEqualTo(Map.of(Counter.RX_PACKETS, 1L, Counter.RX_BYTES, 20L));
        assertThat(file.device().statistics().drops()).isEmpty();
    }

    @Test
    void readsWhatTheStackSendsWithATunPiInFront() {
        MemoryTunFile file = rig.attached("t0", TunIoctl.IFF_TUN);
        var into = rig.junk(30);
        assertThat(file.read(into)).isEqualTo(-Errno.EAGAIN);
        rig.send(file.device(), 0x0800, IP4);
        assertThat(file.poll(PollEvents.IN | PollEvents.OUT)).isEqualTo(PollEvents.IN | PollEvents.OUT);
        assertThat(file.read(into)).isEqualTo(24);
        assertThat(Rig.hex(into, 30)).isEqualTo("00000800" + IP4.replace(" ", "") + "a5a5a5a5a5a5");
        rig.send(file.device(), 0x0800, IP4);
        into = rig.junk(30);
        assertThat(file.read(into, 1, 10)).isEqualTo(10);
        assertThat(Rig.hex(into, 13)).isEqualTo("a5" + "01000800" + "450000140001" + "a5a5");
        assertThat(file.device().statistics().counters())
                .isEqualTo(Map.of(Counter.TX_PACKETS, 2L, Counter.TX_BYTES, 40L));
    }

    @Test
    void losesAPacketForWhichEvenTheFramingHasNoRoom() {
        MemoryTunFile file = rig.attached("t0", TunIoctl.IFF_TUN);
        rig.send(file.device(), 0x0800, IP4);
        assertThat(file.read(rig.junk(3))).isEqualTo(-Errno.EINVAL);
        assertThat(file.read(rig.junk(30))).isEqualTo(-Errno.EAGAIN);
        assertThat(file.device().statistics().drops()).isEqualTo(Map.of(Drop.READ_FAULT, 1L));
    }

    /// No interface statistic of Linux tells of them.
    @Test
    void tellsOfPacketsThatWaitedInAQueueThatIsGone() {
        MemoryTunFile file = rig.attached("t0", Rig.TUN | TunIoctl.IFF_MULTI_QUEUE);
        TunTapDevice device = file.device();
        assertThat(file.ioctl(TunIoctl.TUNSETPERSIST, 1)).isZero();
        for (int i = 0; i < 3; i++) {
            rig.send(device, 0x0800, IP4);
        }
        assertThat(device.txQueueLength(2)).isZero();
        assertThat(device.statistics().drops()).isEqualTo(Map.of(Drop.QUEUE_PURGE, 1L));
        file.close();
        assertThat(device.statistics().drops()).isEqualTo(Map.of(Drop.QUEUE_PURGE, 3L));
        assertThat(file.statistics().drops()).isEqualTo(Map.of(Drop.QUEUE_PURGE, 3L));
        assertThat(device.statistics().get(Counter.TX_DROPPED)).isZero();
    }

    @Test
    void dropsTheNewestWhenTheQueueIsFull() {
        MemoryTunFile file = rig.attached("t0", Rig.TUN);
        assertThat(file.device().txQueueLength(3)).isZero();
        for (int i = 0; i < 5; i++) {
            rig.send(file.device(), 0x0800, IP4);
        }
        assertThat(file.device().statistics().drops()).isEqualTo(Map.of(Drop.FULL_RING, 2L));
        assertThat(file.statistics().drops()).isEqualTo(Map.of(Drop.FULL_RING, 2L));
        assertThat(file.device().statistics().get(Counter.TX_DROPPED)).isEqualTo(2);
    }

    @Test
    void goesWithItsLastFileUnlessItPersists() {
        MemoryTunFile file = rig.attached("t0", Rig.TUN);
        assertThat(rig.table.byName("t0")).isNotNull();
        file.close();
        assertThat(rig.table.byName("t0")).isNull();
        assertThat(file.read(rig.junk(1))).isEqualTo(-Errno.EBADF);
        MemoryTunFile stays = rig.attached("t1", Rig.TUN);
        assertThat(stays.ioctl(TunIoctl.TUNSETPERSIST, 1)).isZero();
        stays.close();
        assertThat(rig.table.byName("t1").hasCarrier()).isFalse();
        rig.send(rig.table.byName("t1"), 0x0800, IP4);
        assertThat(rig.table.byName("t1").statistics().drops()).isEqualTo(Map.of(Drop.DEV_READY, 1L));
    }
}
