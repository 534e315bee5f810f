package adit.tun;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.Drop;
import adit.device.Errno;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class QueuesTest {
    private static final int FLAGS = Rig.TUN | TunIoctl.IFF_MULTI_QUEUE;

    private final Rig rig = new Rig();

    @AfterEach
    void close() {
        rig.close();
    }

    /// A UDP packet, there or back.
    private static String udp(int source, int destination) {
        return "4500001c 00010000 40110000 0a0000%02x 0a0000%02x %04x%04x 00080000"
                .formatted(source, destination, source, destination);
    }

    @Test
    void sendsAFlowBackByTheQueueThatItCameInByForThreeSeconds() {
        MemoryTunFile[] files = new MemoryTunFile[4];
        for (int i = 0; i < files.length; i++) {
            files[i] = rig.attached("t0", FLAGS);
        }
        for (int flow = 1; flow < 40; flow++) {
            assertThat(files[flow % 4].write(rig.octets(udp(flow, 99)))).isEqualTo(28);
        }
        for (int flow = 1; flow < 40; flow++) {
            rig.send(files[0].device(), 0x0800, udp(99, flow));
            assertThat(files[flow % 4].read(rig.junk(100))).as("flow %s", flow).isEqualTo(28);
        }
        int[] before = spread(files);
        rig.time.advanceBy(2_999_999_999L);
        int[] still = spread(files);
        assertThat(still).containsExactly(before);
        rig.time.advanceBy(1);
        assertThat(spread(files)).isNotEqualTo(before);
    }

    /// By which queue each of 39 flows goes back.
    private int[] spread(MemoryTunFile[] files) {
        int[] queues = new int[39];
        MemorySegment into = rig.junk(100);
        for (int flow = 1; flow < 40; flow++) {
            rig.send(files[0].device(), 0x0800, udp(99, flow));
            for (int i = 0; i < files.length; i++) {
                if (files[i].read(into) == 28) {
                    queues[flow - 1] = i;
                }
            }
        }
        return queues;
    }

    @Test
    void movesTheLastQueueIntoTheHole() {
        MemoryTunFile a = rig.attached("t0", FLAGS);
        MemoryTunFile b = rig.attached("t0", FLAGS);
        MemoryTunFile c = rig.attached("t0", FLAGS);
        assertThat(rig.setQueue(a, TunIoctl.IFF_DETACH_QUEUE)).isZero();
        assertThat(c.queueIndex()).isZero();
        assertThat(b.queueIndex()).isEqualTo(1);
        assertThat(rig.setQueue(a, TunIoctl.IFF_DETACH_QUEUE)).isEqualTo(-Errno.EINVAL);
        assertThat(a.write(rig.octets(udp(1, 2)))).isEqualTo(28);
        assertThat(a.read(rig.junk(10))).isEqualTo(-Errno.EAGAIN);
        assertThat(rig.setQueue(a, TunIoctl.IFF_ATTACH_QUEUE)).isZero();
        assertThat(a.queueIndex()).isEqualTo(2);
    }

    @Test
    void hasAtMost256FilesInServiceOrOut() {
        for (int i = 0; i < 256; i++) {
            assertThat(rig.setInterface(rig.open(), "t0", FLAGS)).isZero();
        }
        assertThat(rig.setInterface(rig.open(), "t0", FLAGS)).isEqualTo(-Errno.E2BIG);
    }

    @Test
    void dropsEverythingWhenNoQueueIsInService() {
        MemoryTunFile a = rig.attached("t0", FLAGS);
        assertThat(rig.setQueue(a, TunIoctl.IFF_DETACH_QUEUE)).isZero();
        rig.send(a.device(), 0x0800, udp(1, 2));
        assertThat(a.device().statistics().drops()).isEqualTo(Map.of(Drop.DEV_READY, 1L));
    }

    @Test
    void losesWhatWaitsInAQueueThatGoesOutOfService() {
        MemoryTunFile a = rig.attached("t0", FLAGS);
        rig.send(a.device(), 0x0800, udp(1, 2));
        assertThat(a.queued()).isEqualTo(1);
        assertThat(rig.setQueue(a, TunIoctl.IFF_DETACH_QUEUE)).isZero();
        assertThat(a.queued()).isZero();
        assertThat(rig.table.buffers().lent()).isZero();
    }

    @Test
    void knowsAtMost4096FlowsAndForgetsTheOldOnesFirst() {
        FlowTable flows = new FlowTable();
        for (int hash = 1; hash <= FlowTable.MAX_FLOWS; hash++) {
            flows.learn(hash, hash % 7, hash);
        }
        flows.learn(5000, 1, FlowTable.MAX_FLOWS);
        assertThat(flows.queue(5000, FlowTable.MAX_FLOWS)).isEqualTo(-1);
        assertThat(flows.size()).isEqualTo(FlowTable.MAX_FLOWS);
        flows.learn(5000, 1, FlowTable.LIFETIME_NANOS + 10);
        assertThat(flows.size()).isEqualTo(FlowTable.MAX_FLOWS - 9);
        for (int hash = 1; hash <= FlowTable.MAX_FLOWS; hash++) {
            int expected = hash <= 10 ? -1 : hash % 7;
            assertThat(flows.queue(hash, FlowTable.LIFETIME_NANOS + 10)).isEqualTo(expected);
        }
        assertThat(flows.queue(5000, FlowTable.LIFETIME_NANOS + 10)).isEqualTo(1);
    }
}
