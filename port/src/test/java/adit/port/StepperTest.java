package adit.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StepperTest {
    private final VirtualTime time = new VirtualTime();
    private final Stepper stepper = new Stepper(time);

    @Test
    void givesEachTurnOneStepARoundInTheOrderTheyWereAdded() {
        List<String> order = new ArrayList<>();
        int[] left = {2};
        stepper.add(_ -> {
            order.add("a");
            return left[0]-- > 0 ? 1 : 0;
        });
        stepper.add(_ -> {
            order.add("b");
            return 0;
        });
        Stepper.Outcome outcome = stepper.run(1_000);
        assertThat(order).containsExactly("a", "b", "a", "b", "a", "b");
        assertThat(outcome).isEqualTo(new Stepper.Outcome(Stepper.End.QUIET, 6, 2));
        assertThat(time.getAsLong()).as("nobody waited for a time").isZero();
    }

    @Test
    void jumpsFromDeadlineToDeadlineWhenNothingMoves() {
        long[] next = {500};
        List<Long> seen = new ArrayList<>();
        stepper.add(now -> {
            if (now < next[0]) {
                return 0;
            }
            seen.add(now);
            next[0] = now < 2_000 ? now + 700 : Deadline.NEVER;
            return 1;
        });
        stepper.watch(() -> next[0]);
        assertThat(stepper.run(1_000_000).end()).isEqualTo(Stepper.End.QUIET);
        assertThat(seen).containsExactly(500L, 1_200L, 1_900L, 2_600L);
        assertThat(time.getAsLong()).isEqualTo(2_600);
    }

    @Test
    void takesTheEarliestOfSeveralDeadlines() {
        List<Long> seen = new ArrayList<>();
        stepper.add(now -> {
            seen.add(now);
            return 0;
        });
        stepper.watch(() -> time.getAsLong() < 30 ? 30 : Deadline.NEVER);
        stepper.watch(() -> time.getAsLong() < 20 ? 20 : Deadline.NEVER);
        stepper.run(100);
        assertThat(seen).containsExactly(0L, 20L, 30L);
    }

    @Test
    void stopsAtTheLimitAndLeavesTheTimeThere() {
        stepper.add(_ -> 0).watch(() -> 5_000);
        assertThat(stepper.run(4_999).end()).isEqualTo(Stepper.End.LIMIT);
        assertThat(time.getAsLong()).isEqualTo(4_999);
        assertThat(stepper.run(5_000).end()).as("5000 has had its turn").isEqualTo(Stepper.End.QUIET);
    }

    @Test
    void stopsWhenTheConditionComesTrue() {
        int[] count = {0};
        stepper.add(_ -> ++count[0]);
        assertThat(stepper.run(1_000, () -> count[0] == 10).end()).isEqualTo(Stepper.End.DONE);
        assertThat(count[0]).isEqualTo(10);
    }

    @Test
    void throwsWhenPacketsRunInCircles() {
        stepper.add(_ -> 1);
        assertThatIllegalStateException().isThrownBy(() -> stepper.run(1_000)).withMessageContaining("circles at 0 ns");
    }

    @Test
    void neverMovesTimeBack() {
        time.advanceBy(10);
        assertThatIllegalArgumentException().isThrownBy(() -> time.advanceTo(9));
        assertThat(time.getAsLong()).isEqualTo(10);
    }
}
