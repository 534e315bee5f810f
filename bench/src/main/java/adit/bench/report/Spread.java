package adit.bench.report;

import java.util.List;

/// The median of a few values with the range around it; NaN when there are none.
public record Spread(double median, double least, double most) {
    /// The spread of the values that are numbers.
    public static Spread of(List<Double> values) {
        double[] sorted = values.stream()
                .filter(v -> !v.isNaN())
                .mapToDouble(v -> v)
                .sorted()
                .toArray();
        int n = sorted.length;
        if (n == 0) {
            return new Spread(Double.NaN, Double.NaN, Double.NaN);
        }
        return new Spread((sorted[(n - 1) / 2] + sorted[n / 2]) / 2, sorted[0], sorted[n - 1]);
    }

    /// `median (least to most)`, or the median alone where all values read the same.
    public String text(Metric metric) {
        String middle = metric.text(median);
        String low = metric.text(least);
        String high = metric.text(most);
        return low.equals(high) ? middle : middle + " (" + low + "–" + high + ")";
    }
}
