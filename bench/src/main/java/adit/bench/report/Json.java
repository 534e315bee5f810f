package adit.bench.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// As much of JSON (RFC 8259) as results, iperf3 and JMH need. Objects are `Map<String, Object>` in their order, arrays
/// `List<Object>`, numbers `Double`.
public final class Json {
    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    /// Reads one value; throws [IllegalArgumentException] with the place where it stops making sense.
    public static Object parse(String text) {
        Json json = new Json(text);
        Object value = json.value();
        json.space();
        if (json.at != text.length()) {
            throw json.wrong("more after the end");
        }
        return value;
    }

    /// The value at a path of object members and array indices, such as `end.sum_received.bits_per_second` or
    /// `intervals.0.sum`; null where there is none.
    public static Object at(Object value, String path) {
        Object here = value;
        for (String step : path.split("\\.")) {
            here = switch (here) {
                case Map<?, ?> object -> object.get(step);
                case List<?> array when index(step) < array.size() -> array.get(index(step));
                case null, default -> null;
            };
        }
        return here;
    }

    private static int index(String step) {
        return step.matches("[0-9]{1,9}") ? Integer.parseInt(step) : Integer.MAX_VALUE;
    }

    /// The number at a path, NaN where there is none.
    public static double number(Object value, String path) {
        return at(value, path) instanceof Double number ? number : Double.NaN;
    }

    /// The string at a path, empty where there is none.
    public static String string(Object value, String path) {
        return at(value, path) instanceof String string ? string : "";
    }

    /// The elements of the array at a path, none where there is no array.
    public static List<?> list(Object value, String path) {
        return at(value, path) instanceof List<?> list ? list : List.of();
    }

    /// Writes maps, lists, strings, numbers, booleans and null. What is not finite becomes null.
    public static String write(Object value) {
        StringBuilder out = new StringBuilder();
        write(out, value, "\n");
        return out.append('\n').toString();
    }

    private static void write(StringBuilder out, Object value, String newline) {
        switch (value) {
            case Map<?, ?> object -> {
                String separator = "{";
                for (Map.Entry<?, ?> e : object.entrySet()) {
                    out.append(separator).append(newline).append("  ");
                    write(out, e.getKey().toString(), newline);
                    out.append(": ");
                    write(out, e.getValue(), newline + "  ");
                    separator = ",";
                }
                out.append(object.isEmpty() ? "{}" : newline + "}");
            }
            case List<?> array -> {
                String separator = "[";
                for (Object e : array) {
                    out.append(separator).append(newline).append("  ");
                    write(out, e, newline + "  ");
                    separator = ",";
                }
                out.append(array.isEmpty() ? "[]" : newline + "]");
            }
            case String string -> quote(out, string);
            case Double number when !Double.isFinite(number) -> out.append("null");
            case null, default -> out.append(value);
        }
    }

    private static void quote(StringBuilder out, String string) {
        out.append('"');
        string.chars().forEach(c -> {
            switch (c) {
                case '"', '\\' -> out.append('\\').append((char) c);
                case '\n' -> out.append("\\n");
                default -> out.append(c < ' ' ? "\\u%04x".formatted(c) : Character.toString(c));
            }
        });
        out.append('"');
    }

    private Object value() {
        space();
        char c = at < text.length() ? text.charAt(at) : 0;
        return switch (c) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> string();
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", null);
            default -> number();
        };
    }

    private Map<String, Object> object() {
        Map<String, Object> object = new LinkedHashMap<>();
        at++;
        for (space(); !take('}'); space()) {
            if (!object.isEmpty()) {
                expect(',');
                space();
            }
            String name = string();
            space();
            expect(':');
            object.put(name, value());
        }
        return object;
    }

    private List<Object> array() {
        List<Object> array = new ArrayList<>();
        at++;
        for (space(); !take(']'); space()) {
            if (!array.isEmpty()) {
                expect(',');
            }
            array.add(value());
        }
        return array;
    }

    private String string() {
        expect('"');
        StringBuilder out = new StringBuilder();
        while (!take('"')) {
            char c = next();
            out.append(c != '\\' ? c : escaped(next()));
        }
        return out.toString();
    }

    private char escaped(char c) {
        return switch (c) {
            case 'n' -> '\n';
            case 't' -> '\t';
            case 'r' -> '\r';
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'u' -> {
                at += 4;
                yield (char) Integer.parseInt(text.substring(at - 4, at), 16);
            }
            default -> c;
        };
    }

    private Double number() {
        int start = at;
        while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        if (start == at) {
            throw wrong("a value was expected");
        }
        return Double.valueOf(text.substring(start, at));
    }

    private Object word(String word, Object value) {
        if (!text.startsWith(word, at)) {
            throw wrong("a value was expected");
        }
        at += word.length();
        return value;
    }

    private void space() {
        while (at < text.length() && text.charAt(at) <= ' ') {
            at++;
        }
    }

    private char next() {
        if (at >= text.length()) {
            throw wrong("the text ends too soon");
        }
        return text.charAt(at++);
    }

    private boolean take(char c) {
        boolean there = at < text.length() && text.charAt(at) == c;
        at += there ? 1 : 0;
        return there;
    }

    private void expect(char c) {
        if (!take(c)) {
            throw wrong("'" + c + "' was expected");
        }
    }

    private IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException("JSON, character " + at + ": " + what);
    }
}
