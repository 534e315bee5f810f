package adit.program;

import java.util.Iterator;
import java.util.Map;

/// JSON text (RFC 8259) of maps, lists, texts, numbers, truth values and null. Maps keep their order, so use
/// those that have one. Anything else is written as its `toString` in quotes.
final class Json {
    private Json() {}

    /// On one line.
    static String line(Object value) {
        StringBuilder b = new StringBuilder();
        write(b, value, -1);
        return b.toString();
    }

    /// With a line for each element, indented by two blanks a level.
    static String pretty(Object value) {
        StringBuilder b = new StringBuilder();
        write(b, value, 0);
        return b.toString();
    }

    /// `depth` is -1 for everything on one line.
    private static void write(StringBuilder b, Object value, int depth) {
        switch (value) {
            case null -> b.append("null");
            case Boolean truth -> b.append(truth.booleanValue());
            case Double d when !Double.isFinite(d) -> b.append("null");
            case Number number -> b.append(number);
            case Map<?, ?> map -> {
                Iterator<? extends Map.Entry<?, ?>> entries = map.entrySet().iterator();
                b.append('{');
                for (int i = 0; entries.hasNext(); i++) {
                    Map.Entry<?, ?> entry = entries.next();
                    separate(b, i, depth);
                    string(b, entry.getKey().toString());
                    b.append(depth < 0 ? ":" : ": ");
                    write(b, entry.getValue(), depth < 0 ? depth : depth + 1);
                }
                end(b, !map.isEmpty(), depth).append('}');
            }
            case Iterable<?> list -> {
                Iterator<?> elements = list.iterator();
                b.append('[');
                int i = 0;
                for (; elements.hasNext(); i++) {
                    separate(b, i, depth);
                    write(b, elements.next(), depth < 0 ? depth : depth + 1);
                }
                end(b, i > 0, depth).append(']');
            }
            default -> string(b, value.toString());
        }
    }

    private static void separate(StringBuilder b, int index, int depth) {
        if (index > 0) {
            b.append(',');
        }
        if (depth >= 0) {
            b.append('\n').repeat(' ', 2 * (depth + 1));
        }
    }

    private static StringBuilder end(StringBuilder b, boolean any, int depth) {
        return any && depth >= 0 ? b.append('\n').repeat(' ', 2 * depth) : b;
    }

    private static void string(StringBuilder b, String text) {
        b.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"', '\\' -> b.append('\\').append(c);
                case '\n' -> b.append("\\n");
                case '\t' -> b.append("\\t");
                case '\r' -> b.append("\\r");
                default -> {
                    // A lone surrogate has no UTF-8 form, so it goes out as an escape too.
                    if (c < ' ' || c == 0x7f || loneSurrogate(text, i)) {
                        b.append("\\u%04x".formatted((int) c));
                    } else {
                        b.append(c);
                    }
                }
            }
        }
        b.append('"');
    }

    private static boolean loneSurrogate(String text, int at) {
        char c = text.charAt(at);
        if (Character.isHighSurrogate(c)) {
            return at + 1 == text.length() || !Character.isLowSurrogate(text.charAt(at + 1));
        }
        return Character.isLowSurrogate(c) && (at == 0 || !Character.isHighSurrogate(text.charAt(at - 1)));
    }
}
