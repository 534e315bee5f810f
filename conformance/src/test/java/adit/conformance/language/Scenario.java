package adit.conformance.language;

import adit.conformance.world.World;
import java.util.ArrayList;
import java.util.List;

/// One case: steps from an empty namespace on.
///
/// @param title what is tried, with the values of its variables
/// @param origin whether somebody wrote the case down, or it was counted out
/// @param source where it stands
/// @param steps in order
public record Scenario(String title, Origin origin, Source source, List<Step> steps) {
    /// Who thought of a case.
    public enum Origin {
        /// A scenario, or a row of its only `for`.
        WRITTEN,
        /// One of a range, or of several `for` multiplied.
        COUNTED
    }

    /// What became of each step when the scenario was performed.
    ///
    /// @param lines one for each step: its text and what it came to
    public record Transcript(List<String> lines) {
        /// Where this and `other` part; -1 when they don't.
        public int firstDifference(Transcript other) {
            for (int i = 0; i < Math.max(lines.size(), other.lines.size()); i++) {
                if (i >= lines.size()
                        || i >= other.lines.size()
                        || !lines.get(i).equals(other.lines.get(i))) {
                    return i;
                }
            }
            return -1;
        }
    }

    /// Performs the steps in `world` and closes what they left open. A step that throws ends its line with what
    /// it threw, so that the rest is tried all the same.
    public Transcript perform(World world) {
        List<String> lines = new ArrayList<>();
        try (Stage stage = new Stage(world)) {
            for (Step step : steps) {
                lines.add(step.text() + " -> " + outcome(stage, step));
            }
        }
        return new Transcript(List.copyOf(lines));
    }

    private static String outcome(Stage stage, Step step) {
        try {
            String outcome = step.operation().perform(stage);
            stage.world().settle();
            return outcome;
        } catch (Exception | AssertionError e) {
            return "THREW " + e;
        }
    }

    @Override
    public String toString() {
        return title;
    }
}
