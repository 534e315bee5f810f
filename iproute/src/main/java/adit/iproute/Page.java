package adit.iproute;

import java.io.PrintWriter;

/// What a command answers, in one of two forms: text for people or JSON for programs.
///
/// A field is given with its JSON key and its text, in which `%s` stands for the value. A null key makes an
/// array's element. What only one of the forms has is written by methods that say so; the other form ignores
/// them.
final class Page {
    private final PrintWriter out;
    private final JsonWriter json;
    private final String lineEnd;

    private Page(PrintWriter out, JsonWriter json, String lineEnd) {
        this.out = out;
        this.json = json;
        this.lineEnd = lineEnd;
    }

    /// A page in the form that the options ask for.
    static Page of(PrintWriter out, IpOptions options) {
        return new Page(out, options.json() ? new JsonWriter(out, options.pretty()) : null, options.lineEnd());
    }

    /// A page of text, whatever the options ask for.
    static Page text(PrintWriter out, IpOptions options) {
        return new Page(out, null, options.lineEnd());
    }

    boolean isJson() {
        return json != null;
    }

    // ---- Both forms

    void string(String key, String format, String value) {
        if (json == null) {
            print(format, value);
        } else {
            name(key);
            json.value(value);
        }
    }

    void number(String key, String format, long value) {
        if (json == null) {
            print(format, Long.toString(value));
        } else {
            name(key);
            json.literal(Long.toString(value));
        }
    }

    /// Something that is so.
    void truth(String key, String text) {
        truth(key, text, true);
    }

    /// Something that is so or not; the text says it in words.
    void truth(String key, String text, boolean value) {
        if (json == null) {
            out.print(text);
        } else {
            name(key);
            json.literal(Boolean.toString(value));
        }
    }

    /// A number in hexadecimal, which JSON has as text.
    void hex(String key, String format, long value) {
        string(key, format, "0x" + Long.toHexString(value));
    }

    /// A key and a value whose text is the two of them with a blank between.
    void named(String key, String value) {
        string(key, key + " %s", value);
    }

    // ---- Text alone

    void text(String text) {
        if (json == null) {
            out.print(text);
        }
    }

    /// The end of a line within an entry.
    void line() {
        text(lineEnd);
    }

    /// The end of an entry.
    void end() {
        text("\n");
    }

    /// The end of an entry where iproute2 ends the line in either form.
    void endInBoth() {
        out.print('\n');
    }

    // ---- JSON alone

    void openObject() {
        if (json != null) {
            json.openObject();
        }
    }

    void openObject(String key) {
        if (json != null) {
            json.name(key);
            json.openObject();
        }
    }

    void closeObject() {
        if (json != null) {
            json.closeObject();
        }
    }

    void openArray() {
        if (json != null) {
            json.openArray();
        }
    }

    void openArray(String key) {
        if (json != null) {
            json.name(key);
            json.openArray();
        }
    }

    void closeArray() {
        if (json != null) {
            json.closeArray();
        }
    }

    void jsonString(String key, String value) {
        if (json != null) {
            string(key, "", value);
        }
    }

    void jsonNumber(String key, long value) {
        if (json != null) {
            number(key, "", value);
        }
    }

    void jsonUnsigned(String key, long value) {
        if (json != null) {
            name(key);
            json.literal(Long.toUnsignedString(value));
        }
    }

    void jsonTruth(String key, boolean value) {
        if (json != null) {
            truth(key, "", value);
        }
    }

    void jsonNull(String key) {
        if (json != null) {
            name(key);
            json.literal("null");
        }
    }

    /// Opens the array that holds all entries.
    void begin() {
        openArray();
    }

    /// Closes it, and the page.
    void finish() {
        if (json != null) {
            json.closeArray();
            out.print('\n');
        }
        out.flush();
    }

    private void name(String key) {
        if (key != null) {
            json.name(key);
        }
    }

    private void print(String format, String value) {
        int at = format.indexOf("%s");
        if (at < 0) {
            out.print(format);
        } else {
            out.append(format, 0, at).append(value).append(format, at + 2, format.length());
        }
    }
}
