package adit.packet;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// What a batch hears of packets that have left it.
class LateRefusalsTest {
    private final LateRefusals late = new PacketBatch(1).late();

    @Test
    void countsByReasonUntilItIsCleared() {
        assertThat(late.isEmpty()).isTrue();
        late.add(Refusal.FULL, 100);
        late.add(Refusal.DOWN, 20);
        late.add(Refusal.FULL, 3);
        assertThat(late.isEmpty()).isFalse();
        assertThat(late.packets(Refusal.FULL)).isEqualTo(2);
        assertThat(late.packets(Refusal.DOWN)).isEqualTo(1);
        assertThat(late.packets(Refusal.DENIED)).isZero();
        assertThat(late.octets()).isEqualTo(123);
        late.clear();
        assertThat(late.isEmpty()).isTrue();
        assertThat(late.packets(Refusal.FULL)).isZero();
        assertThat(late.octets()).isZero();
    }

    @Test
    void survivesThePacketsOfTheBatch() {
        PacketBatch batch = new PacketBatch(1);
        batch.late().add(Refusal.FULL, 1);
        batch.clear();
        assertThat(batch.late().packets(Refusal.FULL)).isEqualTo(1);
    }
}
