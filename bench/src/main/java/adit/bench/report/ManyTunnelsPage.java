package adit.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// What tunnels in one namespace cost: `docs/benchmarks/tunnels-in-one-namespace.md` and its plot.
public final class ManyTunnelsPage {
    private static final String NAME = "tunnels-in-one-namespace";

    private final Object json;

    private ManyTunnelsPage(Object json) {
        this.json = json;
    }

    /// Writes the page and its plot under `root`, from what [adit.bench.namespace.ManyTunnels] measured.
    public static void write(Path root, Object json) throws IOException {
        Path folder = Files.createDirectories(root.resolve("docs/benchmarks"));
        ManyTunnelsPage page = new ManyTunnelsPage(json);
        Files.writeString(folder.resolve(NAME + ".svg"), page.plot());
        Files.writeString(folder.resolve(NAME + ".md"), page.text());
    }

    private String plot() {
        SizeChart chart = new SizeChart("Tunnels in one namespace: cost among so many, visited at random", "ns");
        chart.add("a packet sent", points("transmit-at-random"));
        chart.add("a packet received", points("receive-at-random"));
        chart.add("a lookup", points("lookup-at-random"));
        return chart.svg();
    }

    private String text() {
        StringBuilder out = new StringBuilder("""
                # Many tunnels in one namespace

                `bench/run namespace` writes this page from what it measured; edit the generator, not the page.

                ![Cost of a lookup and of a packet against the number of tunnels](%s.svg)

                A namespace in memory with so many ipip tunnels to as many peers, IPv6 on; one thread, JDK %s, SerialGC, the heap in huge
                pages. Nanoseconds for each operation, tunnels visited in the order in which they were made / at random; the median of
                seven rounds of 200,000.

                | tunnels | make one and bring it up, µs | memory of one, octets | lookup | packet received | packet sent |
                |---|---|---|---|---|---|
                """.formatted(NAME, Json.string(json, "jdk")));
        for (Object row : Json.list(json, "rows")) {
            out.append("| %,.0f | %s | %s | %s | %s | %s |%n"
                    .formatted(
                            Json.number(row, "tunnels"),
                            whole(Json.number(row, "make")),
                            // So few tell more of the collector than of tunnels.
                            Json.number(row, "tunnels") < 1000 ? "–" : whole(Json.number(row, "octets")),
                            both(row, "lookup"),
                            both(row, "receive"),
                            both(row, "transmit")));
        }
        String lines = Json.list(json, "memory").stream()
                .map(row -> "%s ns in %s MiB"
                        .formatted(whole(Json.number(row, "nanos")), whole(Json.number(row, "mebibytes"))))
                .reduce((a, b) -> a + ", " + b)
                .orElse("not measured");
        return out.append("""

                - **Lookup**: which tunnel an outer packet is for, and nothing more. It reads a cache line or two of one array,
                  whatever the number of tunnels: what it costs more among many is such a read, below, once they are no longer in a cache.
                - **Received**: from IP input through the tunnel into IP input again, where the inner packet ends.
                - **Sent**: from the tunnel's device through IP output to the device below, where it ends; the way to the peer
                  is known already.

                What grows with the number of tunnels is not work but waiting for memory: a packet for one of so many tunnels finds
                nothing of that tunnel in a cache. A read that depends on the one before it took, in the same run on the same
                machine: %s. A received packet waits so for the tunnel's device, its counts and what the IP layer keeps of it; a sent
                one for the device, its setting, the way to the peer and the counts: four to six such reads one after the other.
                """.formatted(lines).replace("\r\n", "\n")).toString();
    }

    private static String both(Object row, String operation) {
        return whole(Json.number(row, operation + "-in-turn")) + " / "
                + whole(Json.number(row, operation + "-at-random"));
    }

    private static String whole(double value) {
        return String.format(Locale.ROOT, "%,.0f", value);
    }

    private List<SizeChart.Point> points(String key) {
        return Json.list(json, "rows").stream()
                .map(row -> new SizeChart.Point(Json.number(row, "tunnels"), Json.number(row, key), 0))
                .toList();
    }
}
