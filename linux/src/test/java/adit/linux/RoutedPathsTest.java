package adit.linux;

import static org.assertj.core.api.Assertions.assertThat;

import adit.underlay.Path;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RoutedPathsTest {
    private static final long MILLISECOND = 1_000_000;
    private static final long SECOND = 1000 * MILLISECOND;

    private final List<Integer> asked = new ArrayList<>();
    private Path answer = Path.of(1500, 3);
    private boolean changed;
    private long now = Long.MAX_VALUE - SECOND;

    private final RoutedPaths paths = new RoutedPaths(
            new RoutedPaths.Source() {
                @Override
                public Path path(int source, int destination, Path known) {
                    asked.add(destination);
                    return answer.equals(known) ? known : answer;
                }

                @Override
                public boolean changed() {
                    boolean was = changed;
                    changed = false;
                    return was;
                }

                @Override
                public Fd descriptor() {
                    return null;
                }

                @Override
                public void close() {}
            },
            () -> now);

    @Test
    void asksOncePerSecondAndDestination() {
        for (int i = 0; i < 10; i++) {
            assertThat(paths.path(0, 7)).isEqualTo(Path.of(1500, 3));
            assertThat(paths.path(0, 8)).isEqualTo(Path.of(1500, 3));
        }
        assertThat(asked).containsExactly(7, 8);
        answer = Path.of(1400, 3);
        now += SECOND - 1;
        assertThat(paths.path(0, 7).mtu()).isEqualTo(1500);
        now += 1;
        assertThat(paths.path(0, 7).mtu()).isEqualTo(1400);
    }

    @Test
    void tellsSourcesApart() {
        paths.path(0, 7);
        answer = Path.of(576, 4);
        assertThat(paths.path(1, 7).mtu()).isEqualTo(576);
        assertThat(paths.path(0, 7).mtu()).isEqualTo(1500);
    }

    @Test
    void remembersThatThereIsNoWay() {
        answer = Path.NONE;
        assertThat(paths.path(0, 7).exists()).isFalse();
        assertThat(paths.path(0, 7).exists()).isFalse();
        assertThat(asked).hasSize(1);
    }

    @Test
    void asksAnewWhenSomethingWasHeardButNotTwiceWithinAMillisecond() {
        paths.path(0, 7);
        answer = Path.of(1300, 3);
        paths.stale(7);
        assertThat(paths.path(0, 7).mtu()).isEqualTo(1500);
        now += MILLISECOND;
        assertThat(paths.path(0, 7).mtu()).isEqualTo(1300);
        assertThat(paths.path(0, 7).mtu()).isEqualTo(1300);
        assertThat(asked).hasSize(2);
    }

    @Test
    void asksOnceMoreALittleAfterNewsInCaseTheKernelHadNotHeardYet() {
        paths.path(0, 7);
        now += 100 * MILLISECOND;
        paths.stale(7);
        assertThat(paths.path(0, 7).mtu()).isEqualTo(1500);
        answer = Path.of(1300, 3);
        now += 10 * MILLISECOND;
        assertThat(paths.path(0, 7).mtu()).isEqualTo(1300);
        answer = Path.of(1200, 3);
        now += 500 * MILLISECOND;
        assertThat(paths.path(0, 7).mtu()).isEqualTo(1300);
        assertThat(asked).hasSize(3);
    }

    @Test
    void asksAnewAboutEverythingWhenTheKernelAnnouncedAChange() {
        paths.path(0, 7);
        paths.path(0, 8);
        now += MILLISECOND;
        paths.hear();
        paths.path(0, 7);
        assertThat(asked).hasSize(2);
        changed = true;
        paths.hear();
        paths.path(0, 7);
        paths.path(0, 8);
        assertThat(asked).containsExactly(7, 8, 7, 8);
    }

    @Test
    void staysOfOneSizeAndRightUnderMoreDestinationsThanItHolds() {
        for (int i = 0; i < 100_000; i++) {
            answer = Path.of(1000 + i % 500, 1);
            assertThat(paths.path(0, i * 31).mtu()).isEqualTo(1000 + i % 500);
        }
    }

    @Test
    void allocatesNothingForWhatItRemembers() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long sum = 0;
        long allocated = 0;
        for (int round = 0; round < 5; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 100_000; i++) {
                sum += paths.path(0, i & 15).mtu();
            }
            allocated = threads.getCurrentThreadAllocatedBytes() - before;
        }
        assertThat(sum).isEqualTo(5L * 100_000 * 1500);
        assertThat(allocated).isLessThan(1000);
    }
}
