package adit.tun;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.Device;
import adit.wire.Ipv4;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Test;

class AllocationTest {
    private static final String UDP = "4500001c 00010000 40110000 0a000001 0a000002 00050006 00080000";

    private static long allocated() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }

    /// Octets that 100,000 round trips allocate once they are compiled for good: the least of several rounds,
    /// because what is interpreted or compiled in haste does allocate, and how long that lasts is the machine's
    /// business.
    private static long octets(IntSupplier roundTrip, int expected) {
        long least = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS && least >= NOTHING; round++) {
            boolean right = true;
            long before = allocated();
            for (int i = 0; i < 100_000; i++) {
                right &= roundTrip.getAsInt() == expected;
            }
            least = Math.min(least, allocated() - before);
            assertThat(right).isTrue();
        }
        return least;
    }

    private static final int ROUNDS = 40;

    /// Less than a hundredth of an octet a packet: what the measuring itself and a late compilation may take.
    private static final long NOTHING = 1_000;

    @Test
    void allocatesNothingForAPacketThatIsWrittenAndReadBack() {
        Rig rig = new Rig();
        rig.table.receiver(Device::send);
        MemoryTunFile file = rig.attached("t0", Rig.TUN);
        MemorySegment packet = rig.octets(UDP);
        MemorySegment into = rig.junk(100);
        assertThat(octets(() -> file.write(packet, 0, 28) + file.read(into, 0, 100), 56))
                .isLessThan(NOTHING);
        rig.close();
    }

    @Test
    void allocatesNothingWithEveryFramingOverVectorsAndSeveralQueues() {
        Rig rig = new Rig();
        rig.table.receiver(Device::send);
        int flags = TunIoctl.IFF_TUN | TunIoctl.IFF_VNET_HDR | TunIoctl.IFF_MULTI_QUEUE;
        MemoryTunFile file = rig.attached("t0", flags);
        MemoryTunFile other = rig.attached("t0", flags);
        MemorySegment framed = rig.octets("00000800" + "00".repeat(10) + UDP);
        MemorySegment into = rig.junk(100);
        IoVectors from = new IoVectors(2).add(framed, 0, 14).add(framed, 14, 28);
        IoVectors parts = new IoVectors(3).add(into, 0, 5).add(into, 5, 20).add(into, 25, 75);
        // The first packet is back before its flow is learnt; from then on each comes by the queue it was written to.
        assertThat(file.write(from)).isEqualTo(42);
        assertThat(file.read(into) > 0 || other.read(into) > 0).isTrue();
        assertThat(octets(() -> file.write(from) + file.read(parts), 84)).isLessThan(NOTHING);
        assertThat(other.queued()).isZero();
        rig.close();
    }

    @Test
    void allocatesNothingForSuperPacketsThatAreCutAndPacketsThatAreCoalesced() {
        Rig rig = new Rig();
        rig.table.receiver(Device::send);
        MemoryTunFile file = rig.attached("t0", Rig.TUN | TunIoctl.IFF_VNET_HDR | TunIoctl.IFF_NAPI);
        MemorySegment into = rig.junk(1000);
        String tcp = "45000208 00010000 40060000 0a000001 0a000002 0001000200000001 00000001 5010ffff 00000000";
        // Three segments of 160 octets in one; the reader takes them one by one.
        MemorySegment cut = rig.octets("0101 0000 a000 1400 1000" + tcp + "00".repeat(480));
        assertThat(octets(
                        () -> file.write(cut)
                                + file.read(into, 0, 1000)
                                + file.read(into, 0, 1000)
                                + file.read(into, 0, 1000),
                        530 + 3 * 210))
                .isLessThan(NOTHING);
        assertThat(file.ioctl(TunIoctl.TUNSETOFFLOAD, 7)).isZero();
        IoVectors from = new IoVectors(2);
        for (int i = 0; i < 2; i++) {
            // Checksums to finish, so that they need not be right to be coalesced.
            MemorySegment one = rig.octets("0100 0000 0000 1400 1000"
                    + "450000c8 000%d0000 40060000 0a000001 0a000002 00010002000000%s 00000001 5010ffff 00000000"
                            .formatted(i, i == 0 ? "01" : "a1")
                    + "00".repeat(160));
            Ipv4.fillChecksum(one, 10);
            from.add(one, 0, 210);
        }
        assertThat(octets(() -> file.writeBatch(from) + file.read(into, 0, 1000), 2 + 370))
                .isLessThan(NOTHING);
        rig.close();
    }
}
