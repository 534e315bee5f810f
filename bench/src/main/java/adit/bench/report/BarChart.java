package adit.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A horizontal bar chart as SVG, legible on light and dark pages: text and lines take `currentColor`, which the
/// picture's own style sheet turns with the reader's colour scheme.
public final class BarChart {
    private static final int LABELS = 230;
    private static final int BARS = 440;
    private static final int WIDTH = LABELS + BARS + 150;
    private static final int ROW = 26;
    private static final int HEAD = 40;

    private final String title;
    private final Metric metric;
    private final List<Bar> bars = new ArrayList<>();

    private record Bar(String label, Spread spread, boolean highlighted) {}

    /// An empty chart of one metric.
    public BarChart(String title, Metric metric) {
        this.title = title;
        this.metric = metric;
    }

    /// Adds a bar as long as the median, with a whisker over the range. Without a median nothing is added.
    public void add(String label, Spread spread, boolean highlighted) {
        if (!Double.isNaN(spread.median())) {
            bars.add(new Bar(label, spread, highlighted));
        }
    }

    /// The picture.
    public String svg() {
        int height = HEAD + bars.size() * ROW + 10;
        double most = bars.stream().mapToDouble(b -> b.spread().most()).max().orElse(1);
        StringBuilder out = new StringBuilder();
        out.append("""
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="%s">
                <style>
                svg { color: #1f2328; font: 13px system-ui, sans-serif }
                @media (prefers-color-scheme: dark) { svg { color: #e6edf3 } }
                text { fill: currentColor }
                .bar { fill: currentColor; opacity: .35 }
                .own { fill: #2f81f7 }
                .range { stroke: currentColor; stroke-width: 1.5 }
                </style>
                """.formatted(WIDTH, height, WIDTH, height, escape(title)));
        out.append("<text x=\"0\" y=\"20\" font-weight=\"600\">%s</text>%n".formatted(escape(title)));
        for (int i = 0; i < bars.size(); i++) {
            row(out, bars.get(i), HEAD + i * ROW, most);
        }
        return out.append("</svg>\n").toString().replace("\r\n", "\n");
    }

    private void row(StringBuilder out, Bar bar, int top, double most) {
        int middle = top + ROW / 2 - 3;
        Spread s = bar.spread();
        out.append("<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>%n"
                .formatted(LABELS - 8, middle + 4, escape(bar.label())));
        out.append("<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%s\" height=\"%d\" rx=\"2\"/>%n"
                .formatted(bar.highlighted() ? "own" : "bar", LABELS, top, length(s.median(), most), ROW - 6));
        String from = position(s.least(), most);
        String to = position(s.most(), most);
        out.append("<line class=\"range\" x1=\"%s\" x2=\"%s\" y1=\"%d\" y2=\"%d\"/>%n"
                .formatted(from, to, middle, middle));
        String figure = metric.text(s.median()) + " " + metric.unit();
        out.append(
                "<text x=\"%s\" y=\"%d\" dx=\"6\">%s</text>%n".formatted(position(s.most(), most), middle + 4, figure));
    }

    private static String length(double value, double most) {
        return String.format(Locale.ROOT, "%.1f", value / most * BARS);
    }

    private static String position(double value, double most) {
        return String.format(Locale.ROOT, "%.1f", LABELS + value / most * BARS);
    }

    static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
    }
}
