package adit.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FaultyPortTest {
    private final Packets packets = new Packets();
    private final VirtualTime time = new VirtualTime();
    private final Cable cable = new Cable(1500, 32);
    private FaultyPort port;

    @AfterEach
    void everyBufferCameHome() {
        port.close();
        cable.close();
        packets.close();
    }

    private FaultyPort faulty(Faults faults, long seed) {
        port = new FaultyPort(cable.right(), faults, new SplittableRandom(seed), packets.pool, time);
        return port;
    }

    @Test
    void losesAboutTheShareItIsToldAndCountsEveryLoss() {
        faulty(Faults.NONE.withLoss(0.2), 1);
        int arrived = 0;
        for (int i = 0; i < 1_000; i++) {
            packets.send(cable.left(), 0, 10, 100);
            arrived += packets.receive(port, 32).length;
        }
        assertThat(port.count().lost()).isEqualTo(10_000 - arrived);
        // Binomial: 2000 expected with a standard deviation of 40.
        assertThat((double) port.count().lost()).isCloseTo(2_000, within(200.0));
    }

    @Test
    void flipsExactlyOneBitOfACorruptedPacket() {
        faulty(Faults.NONE.withCorruption(1), 2);
        long[] hits = new long[100 * 8];
        for (int i = 0; i < 4_000; i++) {
            packets.send(cable.left(), 0, 1, 100);
            PacketBatch into = new PacketBatch(1);
            port.receive(into);
            PacketBuffer p = into.get(0);
            int flipped = 0;
            for (int bit = 0; bit < 800; bit++) {
                if ((p.segment().get(ValueLayout.JAVA_BYTE, p.head() + bit / 8) >> bit % 8 & 1) != 0) {
                    flipped++;
                    hits[bit]++;
                }
            }
            assertThat(flipped).isEqualTo(1);
            into.releaseAll();
        }
        assertThat(port.count().corrupted()).isEqualTo(4_000);
        long spared = Arrays.stream(hits).filter(n -> n == 0).count();
        assertThat(spared).as("bits never hit: 800 e^-5 = 5 expected").isLessThan(20);
    }

    @Test
    void deliversADuplicateRightBehindItsTwinInABufferOfItsOwn() {
        faulty(Faults.NONE.withDuplication(1), 3);
        packets.send(cable.left(), 1, 3, 100);
        assertThat(packets.receive(port, 8)).containsExactly(1, 1, 2, 2);
        assertThat(port.count().duplicated()).isEqualTo(2);
    }

    @Test
    void duplicatesNothingWhenTheBatchOrThePoolHasNoRoom() {
        faulty(Faults.NONE.withDuplication(1), 3);
        packets.send(cable.left(), 1, 3, 100);
        assertThat(packets.receive(port, 1)).containsExactly(1);
        List<PacketBuffer> all = new ArrayList<>();
        for (PacketBuffer p = packets.pool.lend(); p != null; p = packets.pool.lend()) {
            all.add(p);
        }
        assertThat(packets.receive(port, 8)).containsExactly(2);
        all.forEach(PacketBuffer::release);
        assertThat(port.count().duplicated()).isZero();
    }

    @Test
    void letsTheNextPacketOvertakeAReorderedOne() {
        faulty(Faults.NONE.withReordering(1), 4);
        packets.send(cable.left(), 1, 7, 100);
        assertThat(packets.receive(port, 8)).containsExactly(2, 1, 4, 3, 6, 5);
        assertThat(port.count().reordered()).isEqualTo(3);
    }

    @Test
    void deliversAReorderedPacketAfterAWhileThoughNoneOvertakesIt() {
        faulty(Faults.NONE.withReordering(1), 4);
        packets.send(cable.left(), 1, 2, 100);
        assertThat(packets.receive(port, 8)).isEmpty();
        assertThat(port.deadline()).isEqualTo(FaultyPort.PATIENCE_NANOS);
        time.advanceTo(FaultyPort.PATIENCE_NANOS - 1);
        assertThat(packets.receive(port, 8)).isEmpty();
        time.advanceBy(1);
        assertThat(packets.receive(port, 8)).containsExactly(1);
        assertThat(port.deadline()).isEqualTo(Deadline.NEVER);
    }

    @Test
    void releasesThePacketItHoldsBackWhenClosed() {
        faulty(Faults.NONE.withReordering(1), 4);
        packets.send(cable.left(), 1, 2, 100);
        assertThat(packets.receive(port, 8)).isEmpty();
        assertThat(packets.pool.lent()).isEqualTo(1);
        port.close();
        assertThat(packets.pool.lent()).isZero();
    }

    @Test
    void doesTheSameForTheSameSeedAndSomethingElseForAnother() {
        assertThat(runWithAllFaults(7)).isEqualTo(runWithAllFaults(7)).isNotEqualTo(runWithAllFaults(8));
    }

    private String runWithAllFaults(long seed) {
        Faults all = new Faults(0.1, 0.1, 0.1, 0.1);
        StringBuilder seen = new StringBuilder();
        try (Cable own = new Cable(1500, 32);
                FaultyPort bad = new FaultyPort(own.right(), all, new SplittableRandom(seed), packets.pool, time)) {
            for (int i = 0; i < 100; i++) {
                packets.send(own.left(), 0, 10, 20);
                PacketBatch into = new PacketBatch(16);
                bad.receive(into);
                for (int k = 0; k < into.size(); k++) {
                    PacketBuffer p = into.get(k);
                    byte[] octets = p.segment().asSlice(p.head(), p.length()).toArray(ValueLayout.JAVA_BYTE);
                    seen.append(HexFormat.of().formatHex(octets)).append('\n');
                }
                into.releaseAll();
            }
            port = bad;
            return seen.append(bad.count()).toString();
        }
    }

    @Test
    void passesEverythingUnchangedOnACleanLine() {
        faulty(Faults.NONE, 5);
        packets.send(cable.left(), 1, 20, 100);
        assertThat(packets.receive(port, 32)).hasSize(19).isSorted();
        assertThat(port.count()).isEqualTo(new FaultyPort.Count(0, 0, 0, 0));
        assertThat(packets.send(port, 1, 3, 100)).isEqualTo(2);
        assertThat(packets.receive(cable.left(), 8)).containsExactly(1, 2);
        assertThat(port.mtu()).isEqualTo(1500);
    }

    @Test
    void refusesWhatIsNotAProbability() {
        faulty(Faults.NONE, 5);
        assertThatIllegalArgumentException().isThrownBy(() -> Faults.NONE.withLoss(-0.1));
        assertThatIllegalArgumentException().isThrownBy(() -> Faults.NONE.withLoss(5));
        assertThatIllegalArgumentException().isThrownBy(() -> Faults.NONE.withReordering(Double.NaN));
    }
}
