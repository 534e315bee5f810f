package adit.program.config;

import java.util.Collection;
import java.util.Locale;

/// Guesses which of the known words was meant.
public final class Suggestion {
    private static final int MAX_WORD = 40;

    private Suggestion() {}

    /// The end of a message about `word`, which is none of `known`: the nearest of them if one is near, else
    /// all.
    public static String among(String word, Collection<String> known) {
        String best = null;
        int least = Integer.MAX_VALUE;
        for (String candidate : known) {
            int distance = distance(word, candidate);
            if (distance < least) {
                best = candidate;
                least = distance;
            }
        }
        return best != null && isNear(word, best)
                ? ", did you mean \"" + best + "\"?"
                : "; known are " + String.join(", ", known);
    }

    /// Whether `word` may have been meant for `candidate`.
    static boolean isNear(String word, String candidate) {
        return distance(word, candidate) <= Math.max(1, Math.min(word.length(), candidate.length()) / 3);
    }

    /// How many letters to insert, remove, replace or swap with their neighbour until `word` is `candidate`
    /// (Damerau and Levenshtein, each letter moved at most once). A word's beginning counts as one letter away.
    /// Case does not count.
    static int distance(String word, String candidate) {
        String a = word.toLowerCase(Locale.ROOT);
        String b = candidate.toLowerCase(Locale.ROOT);
        if (a.length() > MAX_WORD) {
            return Integer.MAX_VALUE;
        }
        if (a.length() >= 3 && b.startsWith(a)) {
            return Math.min(1, b.length() - a.length());
        }
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int replaced = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                d[i][j] = Math.min(replaced, Math.min(d[i - 1][j], d[i][j - 1]) + 1);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
