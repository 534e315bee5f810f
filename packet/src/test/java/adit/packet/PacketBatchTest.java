package adit.packet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PacketBatchTest {
    private final PacketPool pool = new PacketPool(4, 0, 64);
    private final PacketBatch batch = new PacketBatch(4);

    @AfterEach
    void everyBufferCameHome() {
        batch.releaseAll();
        assertThat(pool.lent()).isZero();
        pool.close();
    }

    private PacketBuffer[] fill() {
        PacketBuffer[] all = new PacketBuffer[4];
        for (int i = 0; i < 4; i++) {
            all[i] = pool.lend();
            batch.add(all[i]);
        }
        return all;
    }

    @Test
    void keepsPacketsInOrder() {
        PacketBuffer[] all = fill();
        assertThat(batch.size()).isEqualTo(4);
        assertThat(batch.room()).isZero();
        for (int i = 0; i < 4; i++) {
            assertThat(batch.get(i)).isSameAs(all[i]);
        }
    }

    @Test
    void refusesAFifthPacketAndStaysUsable() {
        PacketBuffer[] all = fill();
        assertThatIllegalStateException().isThrownBy(() -> batch.add(all[0]));
        assertThat(batch.size()).isEqualTo(4);
        assertThat(batch.room()).isZero();
        assertThat(batch.get(3)).isSameAs(all[3]);
    }

    @Test
    void refusesNullBecauseItWouldSurfaceFarAway() {
        assertThatExceptionOfType(NullPointerException.class).isThrownBy(() -> batch.add(null));
        assertThat(batch.size()).isZero();
        fill();
        assertThatExceptionOfType(NullPointerException.class).isThrownBy(() -> batch.set(0, null));
    }

    @Test
    void refusesIndexesOutsideItsSize() {
        PacketBuffer p = pool.lend();
        batch.add(p);
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> batch.get(1));
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> batch.get(-1));
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> batch.set(1, p));
    }

    @Test
    void movesTheRestToTheFrontWhenTheFirstAreTakenOut() {
        PacketBuffer[] all = fill();
        batch.removeFirst(3);
        assertThat(batch.size()).isEqualTo(1);
        assertThat(batch.get(0)).isSameAs(all[3]);
        for (int i = 0; i < 3; i++) {
            all[i].release();
        }
    }

    @Test
    void forgetsWithoutReleasingWhenTruncated() {
        PacketBuffer[] all = fill();
        batch.truncate(1);
        assertThat(batch.size()).isEqualTo(1);
        assertThat(pool.lent()).isEqualTo(4);
        assertThatIllegalArgumentException().isThrownBy(() -> batch.truncate(-1));
        batch.truncate(3);
        assertThat(batch.size()).as("truncating never grows").isEqualTo(1);
        for (int i = 1; i < 4; i++) {
            all[i].release();
        }
    }

    @Test
    void releasesAllAndIsEmptyThen() {
        fill();
        batch.releaseAll();
        assertThat(batch.isEmpty()).isTrue();
        assertThat(pool.lent()).isZero();
    }

    @Test
    void releasesWhatWasTakenAndKeepsWhatWasRefusedInOrder() {
        PacketBuffer[] all = fill();
        all[0].refuse(Refusal.NONE);
        all[1].refuse(Refusal.FULL);
        all[2].refuse(Refusal.NONE);
        all[3].refuse(Refusal.TOO_BIG);
        assertThat(batch.releaseTaken()).isEqualTo(2);
        assertThat(batch.size()).isEqualTo(2);
        assertThat(batch.get(0)).isSameAs(all[1]);
        assertThat(batch.get(1)).isSameAs(all[3]);
        assertThat(pool.lent()).isEqualTo(2);
        batch.releaseAll();
    }

    @Test
    void marksOnlyWhatStandsBehindTheFirstRefused() {
        PacketBuffer[] all = fill();
        all[0].refuse(Refusal.NONE);
        batch.refuseFrom(1, Refusal.DOWN);
        assertThat(all)
                .extracting(PacketBuffer::refusal)
                .containsExactly(Refusal.NONE, Refusal.DOWN, Refusal.DOWN, Refusal.DOWN);
        batch.releaseAll();
    }
}
