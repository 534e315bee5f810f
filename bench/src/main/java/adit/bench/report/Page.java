package adit.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/// `docs/benchmarks.md` and its plots, from the newest whole run of each underlay in `bench/results` and the newest
/// run of JMH there.
public final class Page {
    /// The program that the column of ratios divides by.
    private static final String REFERENCE = "c-naive-udp";

    private static final List<Metric> COLUMNS = List.of(
            Metric.STREAM,
            Metric.FOUR_STREAMS,
            Metric.RETRANSMITS,
            Metric.RELAY_CPU,
            Metric.MACHINE_CPU,
            Metric.DATAGRAMS,
            Metric.ROUND_TRIP,
            Metric.ROUND_TRIP_P99,
            Metric.MEMORY,
            Metric.START,
            Metric.ALLOCATED,
            Metric.DAMAGED);

    /// In front of the names of what joins two devices without an underlay,
    public static final String PAIR = "pair-";
    /// and what they are measured by.
    public static final String LOOPBACK = PAIR + "loopback";

    private final StringBuilder out = new StringBuilder();
    private final Path docs;

    private Page(Path docs) {
        this.docs = docs;
    }

    /// Writes the page again. The argument is the project's root.
    public static void main(String[] args) throws IOException {
        write(Path.of(args[0]));
    }

    /// Writes the page and its plots under `docs`.
    public static void write(Path root) throws IOException {
        Path results = root.resolve("bench/results");
        NavigableMap<String, Path> newest = new TreeMap<>();
        for (Path file : files(results, "tunnels-")) {
            // tunnels-veth-1500-20260101-120000.json: the stamp sorts, so the last of each underlay stays.
            newest.put(file.getFileName().toString().replaceFirst("-\\d{8}-\\d{6}\\.json$", ""), file);
        }
        Page page = new Page(root.resolve("docs"));
        page.head();
        for (Map.Entry<String, Path> e : newest.entrySet()) {
            page.run(e.getKey(), Results.read(e.getValue()));
        }
        if (!newest.isEmpty()) {
            Map<String, Results.Row> programs = new LinkedHashMap<>();
            for (Path file : newest.values()) {
                Results.read(file).rows().forEach(row -> programs.putIfAbsent(row.name(), row));
            }
            page.programs(programs.values());
        }
        List<Path> codecs = files(results, "codecs-");
        if (!codecs.isEmpty()) {
            page.codecs(Json.parse(Files.readString(codecs.getLast())));
        }
        page.method();
        Files.createDirectories(page.docs);
        Files.writeString(page.docs.resolve("benchmarks.md"), page.out.toString());
    }

    private static List<Path> files(Path folder, String prefix) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.getFileName().toString().startsWith(prefix))
                    .sorted(Comparator.comparing(f -> f.getFileName().toString()))
                    .toList();
        }
    }

    private void head() {
        out.append("""
                # Benchmarks

                Another page has [many tunnels in one namespace](benchmarks/tunnels-in-one-namespace.md).

                This page is written by `bench/run` from what it measured; edit the generator, not the page. Numbers of one table come
                from one run on one machine, the programs taking turns, so ratios inside a table mean something and comparisons between
                tables or machines do not. Each cell is the median of the rounds, with the least and the most in parentheses.

                """);
    }

    private void run(String name, Results results) throws IOException {
        out.append("## Tunnels over ")
                .append(results.setting().getOrDefault("underlay", name))
                .append("\n\n");
        chart(name + "-stream", "One TCP stream through user-space tunnels, Gbit/s", Metric.STREAM, results);
        chart(name + "-datagrams", "UDP datagrams of 64 octets, thousand a second", Metric.DATAGRAMS, results);
        chart(
                name + "-cpu",
                "Processor seconds of the program per 10^9 octets (less is better)",
                Metric.RELAY_CPU,
                results);
        List<Metric> columns = COLUMNS.stream()
                .filter(m -> results.rows().stream()
                        .anyMatch(row -> !Double.isNaN(row.spread(m).median())))
                .toList();
        List<List<String>> table = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("program", "× naive C"));
        columns.forEach(m -> head.add(m.title() + (m.unit().isEmpty() ? "" : ", " + m.unit())));
        table.add(head);
        double reference = stream(results, REFERENCE);
        for (Results.Row row : results.rows()) {
            if (!row.samples().isEmpty() && !row.name().startsWith(PAIR)) {
                double ratio = row.spread(Metric.STREAM).median() / reference;
                List<String> cells = new ArrayList<>(List.of(
                        row.name().startsWith("adit") ? "**" + row.title() + "**" : row.title(),
                        Metric.STREAM.text(ratio)));
                columns.forEach(m -> cells.add(row.spread(m).text(m)));
                table.add(cells);
            }
        }
        table(table);
        pairs(results);
        for (Results.Row row : results.rows()) {
            if (!row.obstacle().isEmpty()) {
                out.append("- ").append(row.title()).append(row.samples().isEmpty() ? " was not measured: " : ": ");
                out.append(row.obstacle().replace("|", "\\|")).append('\n');
            }
        }
        out.append("\nMade so:\n\n");
        results.setting()
                .forEach((fact, value) ->
                        out.append("- ").append(fact).append(": ").append(value).append('\n'));
        out.append('\n');
    }

    private static double stream(Results results, String name) {
        return results.rows().stream()
                .filter(r -> r.name().equals(name))
                .mapToDouble(r -> r.spread(Metric.STREAM).median())
                .findFirst()
                .orElse(Double.NaN);
    }

    /// Devices joined without an underlay, against the loopback.
    private void pairs(Results results) {
        List<List<String>> table = new ArrayList<>();
        List<Metric> columns = List.of(
                Metric.STREAM,
                Metric.FOUR_STREAMS,
                Metric.RETRANSMITS,
                Metric.RELAY_CPU,
                Metric.MACHINE_CPU,
                Metric.DATAGRAMS,
                Metric.ROUND_TRIP,
                Metric.ALLOCATED,
                Metric.DAMAGED);
        List<String> head = new ArrayList<>(List.of("TUN to TUN", "× loopback"));
        columns.forEach(m -> head.add(m.title() + (m.unit().isEmpty() ? "" : ", " + m.unit())));
        table.add(head);
        double reference = stream(results, LOOPBACK);
        for (Results.Row row : results.rows()) {
            if (!row.samples().isEmpty() && row.name().startsWith(PAIR)) {
                double ratio = row.spread(Metric.STREAM).median() / reference;
                List<String> cells = new ArrayList<>(List.of(row.title(), Metric.STREAM.text(ratio)));
                columns.forEach(m -> cells.add(row.spread(m).text(m)));
                table.add(cells);
            }
        }
        if (table.size() > 1) {
            out.append(
                    "Two TUN devices of two hosts, and one process that carries packets between them, without an underlay:\n\n");
            table(table);
        }
    }

    /// User-space programs alone: beside the kernel's own paths their bars would vanish.
    private void chart(String name, String title, Metric metric, Results results) throws IOException {
        if (results.rows().stream()
                .allMatch(row -> Double.isNaN(row.spread(metric).median()))) {
            return;
        }
        BarChart chart = new BarChart(title, metric);
        for (Results.Row row : results.rows()) {
            boolean alone = row.name().startsWith("kernel-") || row.name().equals("veth");
            if (!alone && !row.name().startsWith(PAIR)) {
                chart.add(row.title(), row.spread(metric), row.name().startsWith("adit"));
            }
        }
        Path file = docs.resolve("benchmarks").resolve(name + ".svg");
        Files.createDirectories(file.getParent());
        Files.writeString(file, chart.svg());
        out.append("![%s](benchmarks/%s.svg)%n%n".formatted(title, name).replace("\r\n", "\n"));
    }

    private void programs(Collection<Results.Row> programs) {
        out.append("## What was run, and how\n\n");
        List<List<String>> table = new ArrayList<>();
        table.add(List.of("program", "`--only`", "version", "settings"));
        for (Results.Row row : programs) {
            table.add(List.of(row.title(), row.name(), row.version(), row.settings()));
        }
        table(table);
        out.append('\n');
    }

    /// Which benchmarks show a figure against a size: their class, the parameter that is the size, or null when the
    /// method's name ends with it, and the figure with its unit.
    private enum Sized {
        ROUTES("RouteBenchmark", "prefixes", "route lookup, by prefixes in the table", "ns"),
        TUNNELS("TunnelLookupBenchmark", "tunnels", "tunnel lookup, by tunnels of the host", "ns"),
        FLOWS("FlowBenchmark", "flows", "packet to a known flow, by flows of the device", "ns"),
        QUEUES("QueuesBenchmark", null, "packets written, routed and read, by queues with a thread each", "Mpps");

        private final String type;
        private final String parameter;
        private final String label;
        private final String unit;

        Sized(String type, String parameter, String label, String unit) {
            this.type = type;
            this.parameter = parameter;
            this.label = label;
            this.unit = unit;
        }

        private List<SizeChart.Point> points(Object json) {
            List<SizeChart.Point> points = new ArrayList<>();
            for (Object row : json instanceof List<?> rows ? rows : List.of()) {
                String name = Json.string(row, "benchmark");
                if (name.contains("." + type + ".")) {
                    double error = Json.number(row, "primaryMetric.scoreError");
                    points.add(new SizeChart.Point(
                            Double.parseDouble(
                                    parameter == null
                                            ? name.replaceFirst(".*?(\\d+)$", "$1")
                                            : Json.string(row, "params." + parameter)),
                            Json.number(row, "primaryMetric.score"),
                            Double.isNaN(error) ? 0 : error));
                }
            }
            return points;
        }
    }

    /// A picture for each: their costs are of different kinds.
    private void sizes(Object json) throws IOException {
        for (Sized one : Sized.values()) {
            String title = Character.toUpperCase(one.label.charAt(0)) + one.label.substring(1) + ", " + one.unit;
            SizeChart chart = new SizeChart(title, one.unit);
            chart.add("", one.points(json));
            if (!chart.isEmpty()) {
                String name = "sizes-" + one.name().toLowerCase(Locale.ROOT);
                Path file = docs.resolve("benchmarks").resolve(name + ".svg");
                Files.createDirectories(file.getParent());
                Files.writeString(file, chart.svg());
                out.append("![")
                        .append(title)
                        .append("](benchmarks/")
                        .append(name)
                        .append(".svg)\n\n");
            }
        }
    }

    /// Octets allocated an operation: the median of all iterations of all forks; NaN where nobody counted.
    private static double allocated(Object row) {
        List<Double> iterations = new ArrayList<>();
        // The name of the metric of the gc profiler holds dots.
        if (Json.at(row, "secondaryMetrics") instanceof Map<?, ?> metrics) {
            for (Map.Entry<?, ?> metric : metrics.entrySet()) {
                if (metric.getKey().toString().endsWith("gc.alloc.rate.norm")
                        && Json.at(metric.getValue(), "rawData") instanceof List<?> forks) {
                    forks.forEach(fork -> collect(fork, iterations));
                }
            }
        }
        return Spread.of(iterations).median();
    }

    private static void collect(Object fork, List<Double> into) {
        for (Object value : fork instanceof List<?> values ? values : List.of()) {
            if (value instanceof Double number) {
                into.add(number);
            }
        }
    }

    private void codecs(Object json) throws IOException {
        out.append("## Codecs and buffers\n\nJMH ")
                .append(Json.string(json, "0.jmhVersion"))
                .append(", JDK ")
                .append(Json.string(json, "0.jdkVersion"))
                .append(
                        ", one thread but for `QueuesBenchmark`, whose numbers are millions of packets a second by one, two and"
                                + " four queues with a thread each. One packet's write, route and read through a namespace is"
                                + " `ForwardBenchmark`. Allocation is the median of `gc.alloc.rate.norm` of `-prof gc` over the iterations: the last one"
                                + " of a fork also counts what taking the benchmark down allocates.\n\n");
        sizes(json);
        List<List<String>> table = new ArrayList<>();
        table.add(List.of("benchmark", "parameters", "time", "± 99.9 %", "allocated"));
        for (Object row : json instanceof List<?> rows ? rows : List.of()) {
            String[] names = Json.string(row, "benchmark").split("\\.");
            String parameters = Json.at(row, "params") instanceof Map<?, ?> map
                    ? map.toString().replaceAll("[{}]", "")
                    : "";
            String unit = Json.string(row, "primaryMetric.scoreUnit");
            table.add(List.of(
                    names[names.length - 2] + "." + names[names.length - 1],
                    parameters,
                    number(Json.number(row, "primaryMetric.score")) + " " + unit,
                    number(Json.number(row, "primaryMetric.scoreError")),
                    number(allocated(row)) + " B"));
        }
        table(table);
        out.append('\n');
    }

    private static String number(double value) {
        return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, "%.2f", value);
    }

    private void method() {
        out.append("""
                ## Method

                Two network namespaces are joined by a veth pair. In each round every program in turn brings up a tunnel between them and is
                measured alone; then it is taken down. Everything happens in namespaces of its own, and no packet leaves them.

                - **Overlay MTU**: as large as the outer packet allows, so that nothing is fragmented; the table above says what each
                  program takes off.
                - **TCP**: iperf3 without options but the duration; of the single stream the first second is left out. Figures are payload as the receiver saw it.
                - **Processor time**: user and system time of the program's processes at both ends (`/proc/PID/stat`), and all that the
                  machine did that was not idle (`/proc/stat`), each divided by the octets that entered the overlay, while the single
                  stream runs and without its first second too. The kernel charges work in soft interrupts to whoever it interrupts, so the machine's figure is the fairer one; on a machine with other load it is too high.
                - **Small datagrams**: `probe flood` sends datagrams of 64 octets with sendmmsg as fast as it can, `probe sink` counts what
                  arrives; the rest is dropped where the tunnel is too slow, as on a router.
                - **Round trip**: `probe rtt`, one datagram of 64 octets at a time, a pause of 0.1 ms between them, so that every process
                  on the way sleeps and must be woken.
                - **Memory**: resident set of the larger end after the TCP transfers.
                - **Start**: from the start of the program at one end, the other being up, to the first datagram that has been
                  there and back.
                - **Allocated**: by the JVM's threads that move packets while four streams and the small datagrams pass, for each packet that
                  the device carried, a super-packet being one. The JVM tells it in units of 1024 octets a thread.
                - **Damaged**: before each measurement 32 MiB go each way by TCP and datagrams of 8 to 20000 octets there and back, and every
                  octet is compared. To what differed are added the segments, datagrams and headers that the hosts' kernels refused as damaged
                  over the whole measurement (`TcpInErrs`, `UdpInCsumErrors`, `IpInHdrErrors`). Anything but 0 is a bug.
                - **Yardstick**: `bench/c/yardstick.c` is the same relay in plain C. Its naive form over UDP, one read and one send a
                  packet, is the unit of the second column.

                veth is kinder to super-packets than a network card: they cross it whole and no checksum is computed. That favours programs that
                keep super-packets whole, and the kernel's own tunnels most. `--shape wire` switches that off.

                ## To repeat it

                ```
                sudo bench/run                 # all programs at an MTU of 1500, streams at 9000; under 20 minutes
                sudo bench/run --shape wire    # over an underlay that is more like a network card
                sudo bench/run codecs          # JMH
                bench/run namespace            # many tunnels in one namespace in memory
                ```

                It needs JDK 25, Maven, gcc, iperf3, iproute2 and ethtool; programs that are not installed are named with the package that holds them.
                `bench/run --help` lists the rest. The raw numbers stay in `bench/results`.
                """);
    }

    private void table(List<List<String>> rows) {
        for (int i = 0; i < rows.size(); i++) {
            out.append("| ").append(String.join(" | ", rows.get(i))).append(" |\n");
            if (i == 0) {
                out.append("|---".repeat(rows.get(0).size())).append("|\n");
            }
        }
        out.append('\n');
    }

    /// The medians of a run for a terminal.
    public static String plainTable(Results results) {
        StringBuilder out = new StringBuilder();
        out.append("%-34s".formatted("median of the rounds"));
        COLUMNS.forEach(m -> out.append("%16s".formatted(m.title())));
        out.append("%n%-34s".formatted(""));
        COLUMNS.forEach(m -> out.append("%16s".formatted(m.unit())));
        out.append('\n');
        for (Results.Row row : results.rows()) {
            out.append("%-34s".formatted(row.title()));
            if (row.samples().isEmpty()) {
                out.append("  ").append(row.obstacle());
            } else {
                COLUMNS.forEach(
                        m -> out.append("%16s".formatted(m.text(row.spread(m).median()))));
            }
            out.append('\n');
        }
        return out.toString();
    }
}
