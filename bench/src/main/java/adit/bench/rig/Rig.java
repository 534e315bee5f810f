package adit.bench.rig;

import adit.bench.report.Metric;
import adit.bench.report.Page;
import adit.bench.report.Results;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Measures tunnels side by side. A run goes so:
///
/// 1. ask each contender whether it can run here, and keep the answer for the table;
/// 2. lay the cable;
/// 3. in each round, for each contender in turn: raise the tunnel, wait until a ping passes, measure, take it down;
/// 4. write the results as JSON, print the table, and write the page when the run was a whole one.
///
/// A contender that fails is left out of later rounds; the table says what happened. Nothing here cleans up namespaces:
/// they, and whatever process is left, go with the process namespace that `bench/run` made.
public final class Rig {
    private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");

    private final RunOptions options;
    private final Path root;
    private final PrintStream out;
    private final Map<Contender, List<Map<Metric, Double>>> samples = new LinkedHashMap<>();
    private final Map<Contender, String> obstacles = new LinkedHashMap<>();

    private Rig(RunOptions options, Path root, PrintStream out) {
        this.options = options;
        this.root = root;
        this.out = out;
    }

    /// `ROOT` and then the words of [RunOptions]. Exits with 2 when they make no sense, 1 when a contender that
    /// could run failed.
    public static void main(String[] args) throws IOException, InterruptedException {
        Path root = Path.of(args[0]);
        List<String> words = List.of(args).subList(1, args.length);
        try {
            RunOptions options = RunOptions.parse(
                    words.stream().filter(w -> !w.equals("--list")).toList());
            Rig rig = new Rig(options, root, System.out);
            rig.choose();
            if (!words.contains("--list")) {
                System.exit(rig.run() ? 0 : 1);
            }
        } catch (IllegalArgumentException e) {
            System.err.println("bench/run: " + e.getMessage());
            System.err.print(Files.readString(root.resolve("bench/usage.txt")));
            System.exit(2);
        }
    }

    private void choose() throws InterruptedException {
        List<Contender> all = Contenders.all(root);
        List<String> wantedKeys = options.only().isEmpty() ? Contenders.keys(options.extent()) : options.only();
        List<String> keys = all.stream().map(Contender::key).toList();
        for (String wanted : options.only()) {
            if (!keys.contains(wanted)) {
                throw new IllegalArgumentException("no program " + wanted + ", only " + String.join(", ", keys));
            }
        }
        for (Contender contender : all) {
            if (wantedKeys.isEmpty() || wantedKeys.contains(contender.key())) {
                samples.put(contender, new ArrayList<>());
                Optional<String> obstacle = contender.obstacle();
                obstacle.ifPresent(why -> obstacles.put(contender, why));
                out.printf(
                        "%-16s %-34s %s%n",
                        contender.key(),
                        contender.title(),
                        obstacle.map(w -> "no: " + w).orElse(""));
            }
        }
    }

    private boolean run() throws IOException, InterruptedException {
        long end = System.nanoTime() + options.limit().toNanos();
        Map<String, String> setting = Setting.of(options, root);
        setting.forEach((name, value) -> out.printf("%-22s %s%n", name, value));
        options.cable().lay();
        boolean good = true;
        for (int round = 1; round <= options.rounds(); round++) {
            for (Contender contender : samples.keySet()) {
                if (!obstacles.containsKey(contender) && System.nanoTime() < end) {
                    out.printf("round %d  %-16s ", round, contender.key());
                    out.flush();
                    good &= measure(contender);
                }
            }
        }
        if (System.nanoTime() >= end) {
            out.println("The time is up; what was not reached is left out.");
            setting.put(
                    "rounds",
                    setting.get("rounds") + "; stopped after " + options.limit().toMinutes() + " min");
        }
        report(setting);
        return good;
    }

    private boolean measure(Contender contender) throws IOException, InterruptedException {
        Path scratch = Files.createTempDirectory("bench");
        Tunnel tunnel = new Tunnel(scratch, options.cable().mtu());
        try {
            contender.raise(tunnel);
            awaitPing(tunnel);
            Map<Metric, Double> sample = new Measurements(tunnel, options.stream(), root.resolve("bench/target/probe"))
                    .take(options.extent(), contender.oneCommand(tunnel, Host.A));
            samples.get(contender).add(sample);
            out.printf(
                    "%7s Gbit/s, four %7s, %6s thousand datagrams/s, %5s µs, %s damaged%n",
                    text(sample, Metric.STREAM),
                    text(sample, Metric.FOUR_STREAMS),
                    text(sample, Metric.DATAGRAMS),
                    text(sample, Metric.ROUND_TRIP),
                    text(sample, Metric.DAMAGED));
            return true;
        } catch (IOException e) {
            obstacles.put(contender, "failed: " + e.getMessage());
            out.println("failed: " + e.getMessage());
            return false;
        } finally {
            tunnel.takeDown();
        }
    }

    private static String text(Map<Metric, Double> sample, Metric metric) {
        return metric.text(sample.getOrDefault(metric, Double.NaN));
    }

    private static void awaitPing(Tunnel tunnel) throws IOException, InterruptedException {
        for (int attempt = 0; ; attempt++) {
            try {
                tunnel.client().run("ping", "-n", "-c", "1", "-W", "1", tunnel.address(Host.B));
                return;
            } catch (IOException e) {
                tunnel.requireAlive();
                if (attempt == 15) {
                    throw new IOException("no ping passes", e);
                }
                Thread.sleep(200);
            }
        }
    }

    private void report(Map<String, String> setting) throws IOException, InterruptedException {
        List<Results.Row> rows = new ArrayList<>();
        for (Map.Entry<Contender, List<Map<Metric, Double>>> e : samples.entrySet()) {
            Contender c = e.getKey();
            String obstacle = obstacles.getOrDefault(c, "");
            rows.add(new Results.Row(c.key(), c.title(), c.version(), c.settings(), obstacle, e.getValue()));
        }
        Results results = new Results(setting, rows);
        Cable cable = options.cable();
        String kind = cable.shape().name().toLowerCase(java.util.Locale.ROOT) + "-" + cable.mtu();
        String stamp = LocalDateTime.now(ZoneOffset.UTC).format(STAMP);
        Path file = root.resolve("bench/results")
                .resolve((options.whole() ? "tunnels-" : "partial-") + kind + "-" + stamp + ".json");
        results.write(file);
        out.println();
        out.print(Page.plainTable(results));
        out.println("results in " + root.relativize(file));
        if (options.whole()) {
            Page.write(root);
            out.println("docs/benchmarks.md is written");
        }
    }
}
