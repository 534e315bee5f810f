package adit.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class PageTest {
    @TempDir
    private Path root;

    private static Map<Metric, Double> stream(double gigabits) {
        Map<Metric, Double> sample = new EnumMap<>(Metric.class);
        sample.put(Metric.STREAM, gigabits);
        sample.put(Metric.DAMAGED, 0.0);
        return sample;
    }

    private static Results.Row row(String name, String title, String obstacle, double... gigabits) {
        List<Map<Metric, Double>> samples =
                java.util.Arrays.stream(gigabits).mapToObj(PageTest::stream).toList();
        return new Results.Row(name, title, "1.0", "as it comes", obstacle, samples);
    }

    private String pageOf(Results.Row... rows) throws IOException {
        Results results = new Results(Map.of("kernel", "Linux 6.18", "underlay", "veth pair, MTU 1500"), List.of(rows));
        results.write(root.resolve("bench/results/tunnels-veth-1500-20260101-000000.json"));
        Page.write(root);
        return Files.readString(root.resolve("docs/benchmarks.md"));
    }

    @Test
    void aRowHasMedianRangeAndRatioToTheYardstick() throws IOException {
        String page = pageOf(row("adit-direct", "Adit ipip", "", 3, 9, 4), row("c-naive-udp", "C", "", 2, 2, 2));
        assertThat(page).contains("| **Adit ipip** | 2.00 | 4.00 (3.00–9.00) | 0 |");
        assertThat(page).contains("| C | 1.00 | 2.00 | 0 |");
    }

    @Test
    void devicesThatAreJoinedStandApartAsShareOfTheLoopback() throws IOException {
        String page = pageOf(
                row("c-naive-udp", "C", "", 2),
                row("pair-loopback", "loopback", "", 10),
                row("pair-one", "TUN to TUN, one thread", "", 3, 4, 5));
        assertThat(page).contains("| TUN to TUN, one thread | 0.40 | 4.00 (3.00–5.00) | – |");
        String tunnels =
                page.substring(page.indexOf("| program | × naive C"), page.indexOf("| TUN to TUN | × loopback"));
        assertThat(tunnels).contains("| C | 1.00 |").doesNotContain("one thread");
    }

    @Test
    void aProgramThatCouldNotRunIsNamedWithTheReason() throws IOException {
        String page = pageOf(row("vtun", "VTun", "not installed: apt-get install vtun"));
        assertThat(page).contains("- VTun was not measured: not installed: apt-get install vtun");
        assertThat(page).contains("| VTun | vtun | 1.0 | as it comes |");
    }

    @Test
    void theNewestRunOfAnUnderlayIsShown() throws IOException {
        Results old = new Results(Map.of(), List.of(row("openvpn", "Old", "", 1)));
        old.write(root.resolve("bench/results/tunnels-veth-1500-20250101-000000.json"));
        assertThat(pageOf(row("openvpn", "New", "", 1))).contains("| New |").doesNotContain("| Old |");
    }

    @Test
    void everyProgramOfAnyUnderlayIsDescribedAndNothingEmptyIsShown() throws IOException {
        Results large = new Results(Map.of(), List.of(row("ring", "Ring", "", 1)));
        large.write(root.resolve("bench/results/tunnels-veth-9000-20260101-000000.json"));
        String page = pageOf(row("openvpn", "OpenVPN", "", 1));
        assertThat(page).contains("| OpenVPN | openvpn | 1.0 |").contains("| Ring | ring | 1.0 |");
        assertThat(page)
                .contains("| program | × naive C | one stream, Gbit/s | damaged |")
                .contains("tunnels-veth-9000-stream.svg")
                .doesNotContain("tunnels-veth-9000-datagrams.svg");
    }

    @Test
    void barsAreAsLongAsTheMediansSayAndLabelsAreEscaped() throws Exception {
        BarChart chart = new BarChart("a < b & \"c\"", Metric.STREAM);
        chart.add("short", new Spread(2, 2, 2), false);
        chart.add("long", new Spread(8, 7, 8), true);
        chart.add("not measured", Spread.of(List.of()), false);
        Document svg = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(chart.svg())));
        NodeList bars = svg.getElementsByTagName("rect");
        assertThat(bars.getLength()).isEqualTo(2);
        double first = Double.parseDouble(((Element) bars.item(0)).getAttribute("width"));
        double second = Double.parseDouble(((Element) bars.item(1)).getAttribute("width"));
        assertThat(second / first).isEqualTo(4);
        assertThat(svg.getDocumentElement().getAttribute("aria-label")).isEqualTo("a < b & \"c\"");
    }

    @Test
    void costsStandAgainstTheSizesOfTheirTables() throws IOException {
        StringBuilder rows = new StringBuilder();
        for (int[] point : new int[][] {{1, 10}, {1000, 20}, {1_000_000, 40}}) {
            rows.append(rows.isEmpty() ? "" : ",").append("""
                    {"jmhVersion": "1", "jdkVersion": "25", "benchmark": "adit.bench.codecs.RouteBenchmark.lookup",
                     "params": {"prefixes": "%d"}, "primaryMetric": {"score": %d, "scoreError": 1, "scoreUnit": "ns/op"},
                     "secondaryMetrics": {}}""".formatted(point[0], point[1]));
        }
        Path results = Files.createDirectories(root.resolve("bench/results"));
        Files.writeString(results.resolve("codecs-20260101-000000.json"), "[" + rows + "]");
        Page.write(root);
        assertThat(Files.readString(root.resolve("docs/benchmarks.md"))).contains("(benchmarks/sizes-routes.svg)");
        // 60 to 540 across for 1 to a million, 250 to 50 up for 0 to the dearest and its error.
        assertThat(Files.readString(root.resolve("docs/benchmarks/sizes-routes.svg")))
                .contains("<polyline class=\"line\" points=\"60.0,201.2 300.0,152.4 540.0,54.9\"/>");
    }

    @Test
    void packetsASecondStandAgainstTheQueuesThatTheMethodIsNamedAfter() throws IOException {
        StringBuilder rows = new StringBuilder();
        for (int[] point : new int[][] {{1, 10}, {4, 30}}) {
            rows.append(rows.isEmpty() ? "" : ",").append("""
                    {"jmhVersion": "1", "jdkVersion": "25", "benchmark": "adit.bench.codecs.QueuesBenchmark.queues%d",
                     "primaryMetric": {"score": %d, "scoreError": 0, "scoreUnit": "ops/us"},
                     "secondaryMetrics": {}}""".formatted(point[0], point[1]));
        }
        Path results = Files.createDirectories(root.resolve("bench/results"));
        Files.writeString(results.resolve("codecs-20260101-000000.json"), "[" + rows + "]");
        Page.write(root);
        assertThat(Files.readString(root.resolve("docs/benchmarks/sizes-queues.svg")))
                .contains("<polyline class=\"line\" points=\"60.0,183.3 540.0,50.0\"/>");
    }
}
