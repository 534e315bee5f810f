package adit.bsdtun;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.Device;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AllocationTest {
    private static final int ROUNDS = 40;

    /// Less than a hundredth of an octet a packet: what the measuring itself and a late compilation may take.
    private static final long NOTHING = 1_000;

    private static long allocated() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }

    private static String framed(Framing framing) {
        return switch (framing) {
            case PLAIN -> "";
            case ADDRESS -> Rig.SOCKADDR_PEER;
            case FAMILY -> "00000002";
        };
    }

    /// The stack sends back what it receives. The least of several rounds counts, because what is interpreted or
    /// compiled in haste does allocate, and how long that lasts is the machine's business.
    @ParameterizedTest
    @EnumSource(Framing.class)
    void allocatesNothingForAPacketThatIsWrittenAndReadBack(Framing framing) throws Exception {
        try (Rig rig = new Rig()) {
            BsdTunFile file = rig.ready();
            new BsdTunControl(file).framing(framing);
            rig.table.receiver(Device::send);
            MemorySegment packet = rig.octets(framed(framing) + Rig.TO_PEER);
            MemorySegment into = rig.junk(100);
            int length = (int) packet.byteSize();
            long least = Long.MAX_VALUE;
            for (int round = 0; round < ROUNDS && least >= NOTHING; round++) {
                boolean right = true;
                long before = allocated();
                for (int i = 0; i < 100_000; i++) {
                    right &= file.write(packet, 0, length) == length;
                    right &= file.poll(BsdPoll.POLLIN) == BsdPoll.POLLIN;
                    right &= file.read(into, 0, 100) == length;
                }
                least = Math.min(least, allocated() - before);
                assertThat(right).isTrue();
            }
            assertThat(least).isLessThan(NOTHING);
        }
    }
}
