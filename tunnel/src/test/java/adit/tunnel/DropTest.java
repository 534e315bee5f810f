package adit.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import adit.packet.Refusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The table of reasons as a whole.
class DropTest {
    @ParameterizedTest
    @EnumSource
    void hasAReasonForPeople(Drop drop) {
        assertThat(drop.description()).isNotBlank().doesNotEndWith(".");
    }

    @ParameterizedTest
    @EnumSource
    void raisesOnlyStatisticsOfItsOwnDirection(Drop drop) {
        for (LinkStatistic statistic : LinkStatistic.values()) {
            if (drop.raises(statistic)) {
                boolean outbound = statistic.kernelName().startsWith("tx_") || statistic == LinkStatistic.COLLISIONS;
                assertThat(outbound).isEqualTo(drop.side() == Drop.Side.OUTBOUND);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void raisesTheSumWhenItRaisesAPartOfIt(Drop drop) {
        if (drop.raises(LinkStatistic.TX_CARRIER_ERRORS)
                || drop.raises(LinkStatistic.TX_FIFO_ERRORS)
                || drop.raises(LinkStatistic.COLLISIONS)) {
            assertThat(drop.raises(LinkStatistic.TX_ERRORS)).isTrue();
        }
        if (drop.raises(LinkStatistic.RX_FRAME_ERRORS)) {
            assertThat(drop.raises(LinkStatistic.RX_ERRORS)).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void hasAReasonForEachRefusal(Refusal refusal) {
        assertThat(Drop.ofUnderlay(refusal).side()).isEqualTo(Drop.Side.OUTBOUND);
        assertThat(Drop.ofOverlay(refusal).side()).isEqualTo(Drop.Side.DELIVERY);
    }

    @Test
    void everyOutboundReasonShowsInSomeStatistic() {
        for (Drop drop : Drop.values()) {
            if (drop.side() == Drop.Side.OUTBOUND) {
                assertThat(drop.raises(LinkStatistic.TX_ERRORS)).isNotEqualTo(drop.raises(LinkStatistic.TX_DROPPED));
            }
        }
    }
}
