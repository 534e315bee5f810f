package adit.port;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/// Runs turns round robin on the caller's thread and on a virtual time, so that a whole network is one
/// deterministic program.
///
/// A round gives each turn one step, in the order in which they were added. Time stands still while rounds move
/// packets; when one moves nothing, time jumps to the earliest [Deadline]. When there is none, all is quiet.
public final class Stepper {
    /// Rounds that may follow each other without time moving on. More is a loop in which packets run in
    /// circles.
    private static final int MAX_ROUNDS_AT_ONE_TIME = 1_000_000;

    /// Why a run ended.
    public enum End {
        /// Nothing moves and nobody waits for a time.
        QUIET,
        /// The next thing to do lies behind the limit; time stands at the limit now.
        LIMIT,
        /// The caller's condition came true.
        DONE
    }

    /// What a run did.
    ///
    /// @param end why it ended
    /// @param turns how many turns it gave
    /// @param packets how many packets they moved, each hop counted
    public record Outcome(End end, long turns, long packets) {}

    private final VirtualTime time;
    private final List<Turn> turns = new ArrayList<>();
    private final List<Deadline> deadlines = new ArrayList<>();

    /// A stepper that moves `time`.
    public Stepper(VirtualTime time) {
        this.time = time;
    }

    /// Adds a turn to the end of the round.
    public Stepper add(Turn turn) {
        turns.add(turn);
        return this;
    }

    /// Heeds `deadline` when time moves on.
    public Stepper watch(Deadline deadline) {
        deadlines.add(deadline);
        return this;
    }

    /// Runs until all is quiet, at most to `limitNanos`.
    public Outcome run(long limitNanos) {
        return run(limitNanos, () -> false);
    }

    /// Runs until all is quiet or `done` answers true, which it is asked after each round; at most to
    /// `limitNanos`. Throws when packets run in circles without time moving on.
    public Outcome run(long limitNanos, BooleanSupplier done) {
        long given = 0;
        long packets = 0;
        int rounds = 0;
        while (true) {
            long now = time.getAsLong();
            int moved = 0;
            for (int i = 0; i < turns.size(); i++) {
                moved += turns.get(i).turn(now);
            }
            given += turns.size();
            packets += moved;
            if (done.getAsBoolean()) {
                return new Outcome(End.DONE, given, packets);
            }
            if (moved > 0) {
                if (++rounds > MAX_ROUNDS_AT_ONE_TIME) {
                    throw new IllegalStateException("packets run in circles at " + now + " ns");
                }
                continue;
            }
            rounds = 0;
            long next = next(now);
            if (next == Deadline.NEVER) {
                return new Outcome(End.QUIET, given, packets);
            }
            if (next > limitNanos) {
                time.advanceTo(Math.max(now, limitNanos));
                return new Outcome(End.LIMIT, given, packets);
            }
            time.advanceTo(next);
        }
    }

    /// The earliest deadline behind `now`. One that is not behind it had its turn and did not use it.
    private long next(long now) {
        long earliest = Deadline.NEVER;
        for (int i = 0; i < deadlines.size(); i++) {
            long deadline = deadlines.get(i).deadline();
            if (deadline > now) {
                earliest = Math.min(earliest, deadline);
            }
        }
        return earliest;
    }
}
