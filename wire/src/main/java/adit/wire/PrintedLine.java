package adit.wire;

import java.lang.foreign.MemorySegment;

/// The line that a [PacketPrinter] is writing: the text so far, the octets and how deep the packet nests.
final class PrintedLine {
    /// How many layers are printed; octets can claim more than any network has.
    private static final int MAX_LAYERS = 20;
    /// How many labels are printed: as many as the tallest stack has.
    private static final int MAX_LABELS = Mpls.MAX_DEPTH;

    private final StringBuilder out = new StringBuilder(160);
    private final MemorySegment octets;
    private final PrinterOptions options;
    private int layers;
    private int labels;
    private int quotes;
    private boolean joinNext;

    PrintedLine(MemorySegment octets, PrinterOptions options) {
        this.octets = octets;
        this.options = options;
    }

    MemorySegment octets() {
        return octets;
    }

    PrinterOptions options() {
        return options;
    }

    boolean verifies(PrintedRun run) {
        return run.whole() && options.checksums() == PrinterOptions.Checksums.VERIFY;
    }

    /// Starts a layer. Answers false, and says so in the line, when there are too many.
    boolean layer(String name) {
        layers++;
        if (layers > MAX_LAYERS + 1) {
            return false;
        }
        boolean shown = layers <= MAX_LAYERS;
        out.append(joinNext ? " / " : "").append(shown ? name : "(nested too deep)");
        joinNext = true;
        return shown;
    }

    /// Starts a layer of at least `header` octets. Answers false, and says so in the line, when it has fewer.
    boolean layer(String name, PrintedRun run, int header) {
        if (!layer(name)) {
            return false;
        }
        if (!run.has(header)) {
            truncated(run.length(), header);
            return false;
        }
        return true;
    }

    /// Whether one more label is printed.
    boolean takesLabel() {
        labels++;
        return labels <= MAX_LABELS;
    }

    /// Ends the line with octets that nothing more is known of.
    void data(String what, PrintedRun run) {
        if (layer(what)) {
            out.append(what.isEmpty() ? "" : ", ");
            append(run.length()).append(run.length() == 1 ? " octet" : " octets");
        }
    }

    PrintedLine append(String text) {
        out.append(text);
        return this;
    }

    PrintedLine append(long number) {
        out.append(number);
        return this;
    }

    PrintedLine hex(long number, int digits) {
        for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
            out.append(Character.forDigit((int) (number >>> shift) & 0xf, 16));
        }
        return this;
    }

    /// Opens braces: the next layer is the first one of a quoted packet.
    void open(String what) {
        out.append(' ').append(what).append(" {");
        joinNext = false;
        quotes++;
    }

    void close() {
        out.append('}');
        joinNext = true;
        quotes--;
    }

    PrintedLine fault(String words) {
        out.append(" (").append(words).append(')');
        return this;
    }

    /// Says that a header is cut off.
    void truncated(int have, int want) {
        fault("truncated: " + have + " of " + want + " octets");
    }

    /// Says that what a header announces is cut off, which in a quote goes without saying.
    void cutOff(int have, int want) {
        if (quotes == 0) {
            truncated(have, want);
        }
    }

    void badChecksum(String kind, int found, int expected) {
        out.append(" (bad ").append(kind).append(' ');
        hex(found, 4).append(", should be ").hex(expected, 4).append(")");
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
