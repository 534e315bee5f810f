package adit.iproute;

import java.io.PrintWriter;

/// Writes JSON text (RFC 8259) as it goes, spaced as iproute2 spaces it: on one line, or pretty with four
/// blanks a level.
final class JsonWriter {
    private final PrintWriter out;
    private final boolean pretty;
    private int depth;
    private boolean first = true;

    JsonWriter(PrintWriter out, boolean pretty) {
        this.out = out;
        this.pretty = pretty;
    }

    void name(String key) {
        separate();
        line();
        string(key);
        out.print(pretty ? ": " : ":");
        first = true;
    }

    void openObject() {
        separate();
        out.print('{');
        depth++;
        first = true;
    }

    void closeObject() {
        depth--;
        if (!first) {
            line();
        }
        out.print('}');
        first = false;
    }

    void openArray() {
        separate();
        out.print(pretty ? "[ " : "[");
        depth++;
        first = true;
    }

    void closeArray() {
        depth--;
        if (pretty && !first) {
            out.print(' ');
        }
        out.print(']');
        first = false;
    }

    void value(String text) {
        separate();
        string(text);
    }

    /// A number, a truth value or null, in its own spelling.
    void literal(String text) {
        separate();
        out.print(text);
    }

    private void separate() {
        if (!first) {
            out.print(',');
        }
        first = false;
    }

    private void line() {
        if (pretty) {
            out.print('\n');
            out.print("    ".repeat(depth));
        }
    }

    private void string(String text) {
        out.print('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"', '\\' -> out.append('\\').append(c);
                case '\n' -> out.print("\\n");
                case '\t' -> out.print("\\t");
                case '\r' -> out.print("\\r");
                case '\f' -> out.print("\\f");
                case '\b' -> out.print("\\b");
                default -> {
                    if (c < ' ') {
                        out.printf("\\u%04x", (int) c);
                    } else {
                        out.print(c);
                    }
                }
            }
        }
        out.print('"');
    }
}
