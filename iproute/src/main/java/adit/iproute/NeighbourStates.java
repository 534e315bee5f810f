package adit.iproute;

import adit.netlink.Neigh;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;

/// The states of neighbours by their names.
final class NeighbourStates {
    private static final List<State> STATES = List.of(
            new State("INCOMPLETE", Neigh.NUD_INCOMPLETE, Spelling.WHOLE),
            new State("REACHABLE", Neigh.NUD_REACHABLE, Spelling.CUT_SHORT),
            new State("STALE", Neigh.NUD_STALE, Spelling.WHOLE),
            new State("DELAY", Neigh.NUD_DELAY, Spelling.WHOLE),
            new State("PROBE", Neigh.NUD_PROBE, Spelling.WHOLE),
            new State("FAILED", Neigh.NUD_FAILED, Spelling.CUT_SHORT),
            new State("NOARP", Neigh.NUD_NOARP, Spelling.WHOLE),
            new State("PERMANENT", Neigh.NUD_PERMANENT, Spelling.CUT_SHORT));

    private enum Spelling {
        WHOLE,
        CUT_SHORT
    }

    private record State(String name, int bit, Spelling spelling) {}

    private NeighbourStates() {}

    /// A state by its name, by the beginning of some names, or by its bit.
    static OptionalInt parse(String word) {
        if (word.equals("none")) {
            return OptionalInt.of(0);
        }
        // iproute2 looks for `permanent` first, so that `p` is not `probe`, which has to be whole anyway.
        for (State state : STATES) {
            String name = state.name().toLowerCase(Locale.ROOT);
            if (name.equals(word) || (state.spelling() == Spelling.CUT_SHORT && Words.begins(word, name))) {
                return OptionalInt.of(state.bit());
            }
        }
        var number = Numbers.unsigned(word, Byte.SIZE);
        return number.isPresent() && Long.bitCount(number.getAsLong()) <= 1
                ? OptionalInt.of((int) number.getAsLong())
                : OptionalInt.empty();
    }

    static void show(Page page, int states) {
        page.openArray("state");
        for (State state : STATES) {
            if ((states & state.bit()) != 0) {
                page.string(null, "%s ", state.name());
            }
        }
        page.closeArray();
    }
}
