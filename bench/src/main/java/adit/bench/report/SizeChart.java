package adit.bench.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/// What an operation costs against the size of the table it works on, as SVG: a line for each operation, sizes on a
/// logarithmic scale, costs on a plain one from 0. Legible on light and dark pages as [BarChart] is.
public final class SizeChart {
    private static final int LEFT = 60;
    private static final int PLOT = 480;
    private static final int LABELS = 200;
    private static final int WIDTH = LEFT + PLOT + LABELS;
    private static final int TOP = 50;
    private static final int HEIGHT = 200;
    private static final int FOOT = 50;

    private final String title;
    private final String unit;
    private final List<Line> lines = new ArrayList<>();

    /// A cost at a size.
    ///
    /// @param size how large the table is, from 1
    /// @param cost what the operation takes
    /// @param error how far off that may be
    public record Point(double size, double cost, double error) {}

    private record Line(String label, List<Point> points) {}

    /// An empty chart of costs in `unit`.
    public SizeChart(String title, String unit) {
        this.title = title;
        this.unit = unit;
    }

    /// Adds an operation. Without points nothing is added.
    public void add(String label, List<Point> points) {
        if (!points.isEmpty()) {
            lines.add(new Line(
                    label,
                    points.stream()
                            .sorted(Comparator.comparingDouble(Point::size))
                            .toList()));
        }
    }

    /// Whether there is nothing to draw.
    public boolean isEmpty() {
        return lines.isEmpty();
    }

    /// The picture.
    public String svg() {
        double largest = all().stream().mapToDouble(Point::size).max().orElse(10);
        double dearest =
                all().stream().mapToDouble(p -> p.cost() + p.error()).max().orElse(1);
        int height = TOP + HEIGHT + FOOT;
        StringBuilder out = new StringBuilder();
        out.append("""
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="%s">
                <style>
                svg { color: #1f2328; font: 13px system-ui, sans-serif }
                @media (prefers-color-scheme: dark) { svg { color: #e6edf3 } }
                text { fill: currentColor }
                .axis, .range { stroke: currentColor; stroke-width: 1 }
                .line { fill: none; stroke: #2f81f7; stroke-width: 2 }
                .point { fill: #2f81f7 }
                </style>
                """.formatted(WIDTH, height, WIDTH, height, BarChart.escape(title)));
        out.append("<text x=\"0\" y=\"20\" font-weight=\"600\">%s</text>%n".formatted(BarChart.escape(title)));
        int bottom = TOP + HEIGHT;
        out.append("<line class=\"axis\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>%n"
                .formatted(LEFT, LEFT + PLOT, bottom, bottom));
        out.append(
                "<line class=\"axis\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>%n".formatted(LEFT, LEFT, TOP, bottom));
        out.append("<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>%n"
                .formatted(LEFT - 6, TOP + 8, figure(dearest) + " " + unit));
        out.append("<text x=\"%d\" y=\"%d\" text-anchor=\"end\">0</text>%n".formatted(LEFT - 6, bottom));
        all().stream()
                .mapToDouble(Point::size)
                .distinct()
                .sorted()
                .forEach(size -> out.append("<text x=\"%s\" y=\"%d\" text-anchor=\"middle\">%,.0f</text>%n"
                        .formatted(x(size, largest), bottom + 20, size)));
        for (Line line : lines) {
            draw(out, line, largest, dearest);
        }
        return out.append("</svg>\n").toString().replace("\r\n", "\n");
    }

    private List<Point> all() {
        return lines.stream().flatMap(line -> line.points().stream()).toList();
    }

    private static void draw(StringBuilder out, Line line, double largest, double dearest) {
        StringBuilder path = new StringBuilder();
        for (Point p : line.points()) {
            String x = x(p.size(), largest);
            path.append(x).append(',').append(y(p.cost(), dearest)).append(' ');
            out.append("<line class=\"range\" x1=\"%s\" x2=\"%s\" y1=\"%s\" y2=\"%s\"/>%n"
                    .formatted(x, x, y(p.cost() - p.error(), dearest), y(p.cost() + p.error(), dearest)));
            out.append("<circle class=\"point\" cx=\"%s\" cy=\"%s\" r=\"3\"/>%n".formatted(x, y(p.cost(), dearest)));
        }
        out.append("<polyline class=\"line\" points=\"%s\"/>%n"
                .formatted(path.toString().strip()));
        Point last = line.points().getLast();
        out.append("<text x=\"%s\" y=\"%s\" dx=\"8\" dy=\"4\">%s</text>%n"
                .formatted(x(last.size(), largest), y(last.cost(), dearest), BarChart.escape(line.label())));
    }

    private static String x(double size, double largest) {
        double share = largest <= 1 ? 0 : Math.log10(Math.max(1, size)) / Math.log10(largest);
        return figure(LEFT + share * PLOT);
    }

    private static String y(double cost, double dearest) {
        return figure(TOP + HEIGHT * (1 - Math.clamp(cost / dearest, 0, 1)));
    }

    private static String figure(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
