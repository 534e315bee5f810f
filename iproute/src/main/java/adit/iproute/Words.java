package adit.iproute;

import java.util.List;

/// The words of a command line behind the object's name, taken one by one from the left.
final class Words {
    private final List<String> words;
    private int next;

    Words(List<String> words) {
        this.words = List.copyOf(words);
    }

    /// Whether a word is left.
    boolean any() {
        return next < words.size();
    }

    /// Whether a word is left behind the next one.
    boolean anyBehindNext() {
        return next + 1 < words.size();
    }

    /// The next word, which stays.
    String peek() {
        return words.get(next);
    }

    /// Takes the next word; there must be one.
    String take() {
        return words.get(next++);
    }

    /// Takes the word that belongs to the keyword just taken.
    String value() throws IpFailure {
        if (!any()) {
            throw IpFailure.incomplete();
        }
        return take();
    }

    /// Takes the next word when it is this keyword.
    boolean takeIf(String keyword) {
        if (any() && peek().equals(keyword)) {
            next++;
            return true;
        }
        return false;
    }

    /// Takes all that is left.
    List<String> rest() {
        List<String> rest = words.subList(next, words.size());
        next = words.size();
        return rest;
    }

    /// Puts the last word back.
    void putBack() {
        next--;
    }

    /// Whether `word` is one of `keywords` or the beginning of one.
    static boolean begins(String word, String... keywords) {
        for (String keyword : keywords) {
            if (!word.isEmpty() && keyword.startsWith(word)) {
                return true;
            }
        }
        return false;
    }

    /// Whether `word` is one of `keywords`.
    static boolean is(String word, String... keywords) {
        return List.of(keywords).contains(word);
    }

    /// Whether an answer to a question of "on" or "off" is yes.
    static boolean onOff(String keyword, String word) throws IpFailure {
        return switch (word) {
            case "on" -> true;
            case "off" -> false;
            default ->
                throw new IpFailure(
                        IpFailure.ABSENT,
                        "Error: argument of \"" + keyword + "\" must be \"on\" or \"off\", not \"" + word + "\"");
        };
    }
}
