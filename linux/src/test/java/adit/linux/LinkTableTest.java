package adit.linux;

import static org.assertj.core.api.Assertions.assertThat;

import adit.linux.LinkHop.Trust;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinkTableTest {
    private static final long MILLISECOND = 1_000_000;
    private static final long SECOND = 1000 * MILLISECOND;
    private static final LinkHop OPEN = new LinkHop(3, 1500, 1, 2, Trust.KNOWN, RingObstacle.NONE);
    private static final LinkHop STALE = new LinkHop(3, 1500, 1, 2, Trust.STALE, RingObstacle.NONE);

    private final List<Integer> asked = new ArrayList<>();
    private LinkHop answer = OPEN;
    private boolean changed;
    private int heard;
    private RingObstacle rules = RingObstacle.NONE;
    private int ruled;
    private long now = Long.MAX_VALUE - SECOND;

    private final LinkTable table = new LinkTable(
            new LinkTable.Source() {
                @Override
                public LinkHop hop(int source, int destination, LinkHop known) {
                    asked.add(destination);
                    return answer;
                }

                @Override
                public boolean changed() {
                    heard++;
                    boolean was = changed;
                    changed = false;
                    return was;
                }

                @Override
                public void close() {}
            },
            new LinkTable.Rules() {
                @Override
                public RingObstacle obstacle() {
                    ruled++;
                    return rules;
                }

                @Override
                public void close() {}
            },
            () -> now);

    private LinkHop after(long nanos) {
        now += nanos;
        table.refresh();
        return table.hop(0, 7);
    }

    @Test
    void asksOncePerSecondAndDestination() {
        for (int i = 0; i < 10; i++) {
            assertThat(after(0)).isSameAs(OPEN);
            assertThat(table.hop(0, 8)).isSameAs(OPEN);
        }
        assertThat(asked).containsExactly(7, 8);
        after(SECOND - 1);
        assertThat(asked).hasSize(2);
        after(1);
        assertThat(asked).containsExactly(7, 8, 7);
    }

    @Test
    void asksAnewWhenTheKernelAnnouncedAChange() {
        after(MILLISECOND);
        changed = true;
        answer = LinkHop.not(RingObstacle.NO_NEIGHBOUR);
        assertThat(after(MILLISECOND - 1)).as("not twice within a millisecond").isSameAs(OPEN);
        assertThat(after(1).obstacle()).isEqualTo(RingObstacle.NO_NEIGHBOUR);
        assertThat(table.obstacle()).isEqualTo(RingObstacle.NO_NEIGHBOUR);
    }

    @Test
    void listensAtMostOnceAMillisecond() {
        int before = heard;
        for (int i = 0; i < 1000; i++) {
            after(MILLISECOND / 100);
        }
        assertThat(heard - before).isEqualTo(10);
    }

    @Test
    void asksAnewWhenASendingCallFailed() {
        after(0);
        table.stale();
        after(0);
        assertThat(asked).hasSize(2);
    }

    @Test
    void leavesOnePacketASecondToTheKernelWhileTheNeighbourIsStale() {
        answer = STALE;
        assertThat(after(0).isOpen()).isFalse();
        assertThat(after(0)).isSameAs(STALE);
        assertThat(after(SECOND / 2)).isSameAs(STALE);
        assertThat(after(SECOND / 2).isOpen()).isFalse();
        assertThat(after(0)).isSameAs(STALE);
        assertThat(table.obstacle())
                .as("that is not worth a word in the status")
                .isEqualTo(RingObstacle.NONE);
        answer = OPEN;
        assertThat(after(SECOND)).isSameAs(OPEN);
    }

    @Test
    void rulesOfTheKernelCloseEveryWay() {
        assertThat(after(0)).isSameAs(OPEN);
        rules = RingObstacle.IPSEC;
        assertThat(after(SECOND - 1)).isSameAs(OPEN);
        assertThat(after(1).isOpen()).isFalse();
        assertThat(table.obstacle()).isEqualTo(RingObstacle.IPSEC);
        rules = RingObstacle.NONE;
        assertThat(after(SECOND)).isSameAs(OPEN);
        assertThat(table.obstacle()).isEqualTo(RingObstacle.NONE);
    }

    @Test
    void looksForRulesOncePerSecond() {
        int before = ruled;
        for (int i = 0; i < 1000; i++) {
            after(SECOND / 100);
        }
        assertThat(ruled - before).isEqualTo(10);
    }

    @Test
    void keepsTheWaysFromDifferentSourcesApart() {
        assertThat(table.hop(1, 7)).isSameAs(OPEN);
        answer = STALE;
        assertThat(table.hop(2, 7).isOpen()).isFalse();
        assertThat(asked).containsExactly(7, 7);
    }

    @Test
    void allocatesNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int window = 0; window < 20 && least > 0; window++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 1000; i++) {
                table.refresh();
                table.hop(0, 7);
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least).isLessThan(1000);
    }
}
