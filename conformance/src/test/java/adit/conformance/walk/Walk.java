package adit.conformance.walk;

import adit.conformance.language.Scenario;
import adit.conformance.language.Scenario.Transcript;
import adit.conformance.language.ScenarioFile;
import adit.conformance.world.World;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/// One random walk, in two worlds.
///
/// @param seed what made it
/// @param moves what it consists of
record Walk(long seed, List<List<String>> moves) {
    static Walk of(long seed, int steps) {
        return new Walk(seed, Walker.script(new Random(seed), steps));
    }

    /// How many steps it has.
    int steps() {
        return moves.stream().mapToInt(List::size).sum();
    }

    private Scenario scenario() {
        List<String> lines = new ArrayList<>();
        lines.add("scenario walk " + seed);
        moves.forEach(move -> move.forEach(step -> lines.add("  " + step)));
        return ScenarioFile.parse("walk", lines).scenarios().getFirst();
    }

    Transcript perform(Supplier<? extends World> worlds) {
        try (World world = worlds.get()) {
            return scenario().perform(world);
        }
    }

    /// What the two worlds tell differently: nothing, or the script cut down to what is needed for it, with
    /// both answers at the step where they part.
    String difference(Supplier<? extends World> one, Supplier<? extends World> other) {
        Transcript first = perform(one);
        Transcript second = perform(other);
        if (first.firstDifference(second) < 0) {
            return "";
        }
        if (agree(one, other)) {
            return told("once, and not again: seed " + seed, first, second);
        }
        Walk small = shrunk(one, other);
        Transcript last = small.perform(one);
        Transcript lastOther = small.perform(other);
        return last.firstDifference(lastOther) < 0
                ? told("now and then: seed " + seed, first, second)
                : told("seed " + seed, last, lastOther);
    }

    private static String told(String title, Transcript first, Transcript second) {
        int at = first.firstDifference(second);
        StringBuilder text = new StringBuilder(title + "\n");
        for (int i = 0; i < first.lines().size(); i++) {
            text.append(i == at ? "  K " : "    ").append(first.lines().get(i)).append('\n');
            if (i == at) {
                text.append("  M ").append(second.lines().get(i)).append('\n');
            }
        }
        return text.toString();
    }

    private boolean agree(Supplier<? extends World> one, Supplier<? extends World> other) {
        return perform(one).firstDifference(perform(other)) < 0;
    }

    /// Takes away ever smaller runs of moves as long as the worlds still part.
    private Walk shrunk(Supplier<? extends World> one, Supplier<? extends World> other) {
        int at = perform(one).firstDifference(perform(other));
        Walk small = at < 0 ? this : cutBehind(at);
        for (int run = Math.max(1, small.moves.size() / 2); run >= 1; run /= 2) {
            for (int from = 0; from < small.moves.size(); ) {
                List<List<String>> fewer = new ArrayList<>(small.moves);
                fewer.subList(from, Math.min(fewer.size(), from + run)).clear();
                Walk candidate = new Walk(seed, fewer);
                if (!fewer.isEmpty() && !candidate.agree(one, other)) {
                    small = candidate;
                } else {
                    from += run;
                }
            }
        }
        return small;
    }

    private Walk cutBehind(int step) {
        List<List<String>> kept = new ArrayList<>();
        int count = 0;
        for (List<String> move : moves) {
            if (count > step) {
                break;
            }
            kept.add(move);
            count += move.size();
        }
        return new Walk(seed, kept);
    }
}
