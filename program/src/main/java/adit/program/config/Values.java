package adit.program.config;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/// Values of the types that the file has. Each method answers nothing, with a problem reported, for a node of
/// another type. Types are never converted: `"5555"` is a text and `5555` a number, as YAML 1.2 has it.
final class Values {
    private static final int MAX_SHOWN = 40;

    private final Problems problems;

    Values(Problems problems) {
        this.problems = problems;
    }

    /// The text of `node`.
    ///
    /// @param expected what should stand there, with its article
    Optional<String> text(Node node, String expected) {
        if (node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.STR)) {
            return Optional.of(scalar.getValue());
        }
        boolean quotable = node instanceof ScalarNode scalar && !isNull(scalar);
        String advice = quotable ? "; put it in quotes if it is meant as text" : "";
        problems.error(node, "expected " + expected + ", not " + kind(node) + advice);
        return Optional.empty();
    }

    /// `true` or `false`.
    Optional<Boolean> truth(Node node, String key) {
        if (node instanceof ScalarNode scalar) {
            String value = scalar.getValue().toLowerCase(Locale.ROOT);
            if (scalar.getTag().equals(Tag.BOOL)) {
                return Optional.of(value.equals("true"));
            }
            String meant = List.of("yes", "on", "y", "1", "true").contains(value)
                    ? ", did you mean true?"
                    : List.of("no", "off", "n", "0", "false").contains(value) ? ", did you mean false?" : "";
            problems.error(node, key + " is true or false, not " + kind(node) + meant);
        } else {
            problems.error(node, key + " is true or false, not " + kind(node));
        }
        return Optional.empty();
    }

    /// A whole number from `min` to `max`: decimal, 0x hexadecimal or 0o octal.
    OptionalInt number(Node node, String key, int min, int max) {
        return number(node, key, min, max, "");
    }

    /// A whole number, or the word `alternative`.
    OptionalInt number(Node node, String key, int min, int max, String alternative) {
        String expected = key + " is " + (alternative.isEmpty() ? "" : alternative + " or ") + "a number from " + min
                + " to " + max;
        if (!(node instanceof ScalarNode scalar) || !scalar.getTag().equals(Tag.INT)) {
            String advice = node instanceof ScalarNode scalar && !scalar.isPlain() && looksLikeNumber(scalar.getValue())
                    ? "; leave the quotes away"
                    : "";
            problems.error(node, expected + ", not " + kind(node) + advice + meant(node, alternative));
            return OptionalInt.empty();
        }
        String text = scalar.getValue();
        if (text.matches("[-+]?0[0-9]+")) {
            problems.error(
                    node,
                    text + " has a leading zero, which some programs read as octal; write it without, or 0o"
                            + text.replaceFirst("^[-+]?0+(?=.)", "") + " for octal");
            return OptionalInt.empty();
        }
        long value = value(text);
        if (value < min || value > max) {
            problems.error(node, expected + ", not " + shortened(text));
            return OptionalInt.empty();
        }
        return OptionalInt.of((int) value);
    }

    /// The word that may stand instead of a number, where one like it stands.
    private static String meant(Node node, String alternative) {
        return !alternative.isEmpty()
                        && node instanceof ScalarNode scalar
                        && scalar.getTag().equals(Tag.STR)
                        && Suggestion.isNear(scalar.getValue(), alternative)
                ? ", did you mean " + alternative + "?"
                : "";
    }

    private static boolean looksLikeNumber(String text) {
        return text.matches("0x[0-9a-fA-F]+|[-+]?[0-9]+");
    }

    private static long value(String text) {
        try {
            if (text.startsWith("0x")) {
                return Long.parseLong(text.substring(2), 16);
            }
            return text.startsWith("0o") ? Long.parseLong(text.substring(2), 8) : Long.parseLong(text);
        } catch (NumberFormatException e) {
            // More than 63 bits: beyond any range that is asked for.
            return text.startsWith("-") ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
    }

    /// One of a closed set of words.
    <T> Optional<T> word(Node node, String key, java.util.Map<String, T> words) {
        if (node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.STR)) {
            T value = words.get(scalar.getValue());
            if (value == null) {
                problems.error(
                        node,
                        "unknown " + key + " \"" + shortened(scalar.getValue()) + "\""
                                + Suggestion.among(scalar.getValue(), words.keySet()));
            }
            return Optional.ofNullable(value);
        }
        boolean no = node instanceof ScalarNode scalar
                && scalar.getTag().equals(Tag.BOOL)
                && scalar.getValue().equalsIgnoreCase("false")
                && words.containsKey("off");
        problems.error(
                node,
                key + " is one of " + String.join(", ", words.keySet()) + ", not " + kind(node)
                        + (no ? ", did you mean off?" : ""));
        return Optional.empty();
    }

    /// Whether `node` is this very word.
    static boolean isWord(Node node, String word) {
        return node instanceof ScalarNode scalar
                && scalar.getTag().equals(Tag.STR)
                && scalar.getValue().equals(word);
    }

    /// A text that `parser` understands; what it throws becomes the problem.
    <T> Optional<T> parsed(Node node, String expected, Function<String, T> parser) {
        return text(node, expected).flatMap(text -> {
            try {
                return Optional.of(parser.apply(text));
            } catch (IllegalArgumentException e) {
                problems.error(node, e.getMessage());
                return Optional.empty();
            }
        });
    }

    /// The elements of a list.
    List<Node> list(Node node, String key) {
        if (node instanceof SequenceNode sequence && node.getTag().equals(Tag.SEQ)) {
            return sequence.getValue();
        }
        String advice = node instanceof ScalarNode scalar && !isNull(scalar)
                ? ", did you mean [" + shortened(scalar.getValue()) + "]?"
                : isNull(node) ? "; write [] for none" : "";
        problems.error(node, key + " is a list, not " + kind(node) + advice);
        return List.of();
    }

    private static boolean isNull(Node node) {
        return node.getTag().equals(Tag.NULL);
    }

    /// What a node is, with its article, for messages.
    static String kind(Node node) {
        return switch (node) {
            case MappingNode _ -> "a mapping" + tag(node, Tag.MAP);
            case SequenceNode _ -> "a list" + tag(node, Tag.SEQ);
            case ScalarNode scalar -> kind(scalar);
            default -> "this";
        };
    }

    private static String tag(Node node, Tag usual) {
        return node.getTag().equals(usual)
                ? ""
                : " with the tag " + shortened(node.getTag().getValue());
    }

    private static String kind(ScalarNode scalar) {
        String value = shortened(scalar.getValue());
        Tag tag = scalar.getTag();
        if (tag.equals(Tag.NULL)) {
            return "nothing";
        }
        if (tag.equals(Tag.INT) || tag.equals(Tag.FLOAT)) {
            return "the number " + value;
        }
        return tag.equals(Tag.BOOL) ? value : "\"" + value + "\"" + tag(scalar, Tag.STR);
    }

    static String shortened(String text) {
        String line = text.codePoints()
                .limit(MAX_SHOWN)
                .collect(
                        StringBuilder::new,
                        (b, c) -> b.appendCodePoint(Character.isISOControl(c) ? '?' : c),
                        StringBuilder::append)
                .toString();
        return line.length() < text.length() && text.codePointCount(0, text.length()) > MAX_SHOWN ? line + "..." : line;
    }
}
