package adit.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import adit.packet.PacketBuffer;
import adit.packet.Refusal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CableTest {
    private final Packets packets = new Packets();
    private final Cable cable = new Cable(1500, 4);

    @AfterEach
    void everyBufferCameHome() {
        cable.close();
        packets.close();
    }

    @Test
    void carriesPacketsInOrderBothWaysWithoutMixingThem() {
        assertThat(packets.send(cable.left(), 1, 4, 100)).isEqualTo(3);
        assertThat(packets.send(cable.right(), 11, 13, 100)).isEqualTo(2);
        assertThat(packets.batch.isEmpty()).isTrue();
        assertThat(packets.receive(cable.right(), 8)).containsExactly(1, 2, 3);
        assertThat(packets.receive(cable.left(), 8)).containsExactly(11, 12);
        assertThat(packets.receive(cable.left(), 8)).isEmpty();
    }

    @Test
    void refusesTheNewestPacketsWhenItsQueueIsFullAndTakesThemLater() {
        assertThat(packets.send(cable.left(), 1, 7, 100)).isEqualTo(4);
        assertThat(packets.batch.size()).isEqualTo(2);
        assertThat(packets.batch.get(0).refusal()).isEqualTo(Refusal.FULL);
        assertThat(packets.batch.get(1).refusal()).isEqualTo(Refusal.FULL);

        assertThat(packets.receive(cable.right(), 1))
                .as("as many as the batch has room for")
                .containsExactly(1);
        assertThat(cable.left().send(packets.batch)).isEqualTo(1);
        assertThat(packets.receive(cable.right(), 8)).containsExactly(2, 3, 4, 5);
    }

    @Test
    void refusesWhatIsLargerThanItsMtuAndTakesWhatIsAsLarge() {
        packets.batch.add(packets.numbered(1, 1500));
        packets.batch.add(packets.numbered(2, 1501));
        packets.batch.add(packets.numbered(3, 1500));
        assertThat(cable.left().send(packets.batch)).isEqualTo(2);
        assertThat(packets.batch.size()).isEqualTo(1);
        assertThat(packets.batch.get(0).length()).isEqualTo(1501);
        assertThat(packets.batch.get(0).refusal()).isEqualTo(Refusal.TOO_BIG);
        assertThat(packets.receive(cable.right(), 8)).containsExactly(1, 3);
    }

    @Test
    void followsAChangeOfItsMtu() {
        cable.mtu(99);
        assertThat(cable.left().mtu()).isEqualTo(99);
        assertThat(cable.right().mtu()).isEqualTo(99);
        assertThat(packets.send(cable.left(), 1, 2, 100)).isZero();
        assertThatIllegalArgumentException().isThrownBy(() -> cable.mtu(0));
    }

    @Test
    void isDownAtBothEndsWhenOneIsClosed() {
        packets.send(cable.left(), 1, 3, 100);
        packets.send(cable.right(), 11, 13, 100);
        cable.left().close();
        assertThat(packets.pool.lent())
                .as("what was under way to the closed end went home")
                .isEqualTo(2);
        assertThat(packets.receive(cable.right(), 8))
                .as("the open end still gets its own")
                .containsExactly(1, 2);
        assertThat(packets.send(cable.right(), 13, 14, 100)).isZero();
        assertThat(packets.batch.get(0).refusal()).isEqualTo(Refusal.DOWN);
        assertThat(cable.left().send(packets.batch)).isZero();
        assertThat(packets.batch.get(0).refusal()).isEqualTo(Refusal.DOWN);
    }

    @Test
    void releasesWhatIsUnderWayWhenClosedAndClosesTwice() {
        packets.send(cable.left(), 1, 4, 100);
        packets.send(cable.right(), 1, 4, 100);
        cable.close();
        cable.close();
        assertThat(packets.pool.lent()).isZero();
    }

    @Test
    void carriesTheVeryBufferWithAllThatTravelsBesideItsOctets() {
        PacketBuffer p = packets.numbered(1, 100);
        p.mark(77);
        p.protocol(0x0800);
        packets.batch.add(p);
        cable.left().send(packets.batch);
        cable.right().receive(packets.batch);
        assertThat(packets.batch.get(0)).isSameAs(p);
        assertThat(p.mark()).isEqualTo(77);
    }
}
