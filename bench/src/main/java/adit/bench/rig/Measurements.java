package adit.bench.rig;

import adit.bench.report.Json;
import adit.bench.report.Metric;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/// The measurements of one tunnel, one after the other.
final class Measurements {
    private static final int IPERF_PORT = 5201;
    private static final int SERVE_PORT = 7000;
    /// One above, as `probe compare` expects it.
    private static final int ECHO_PORT = 7001;

    private static final int SINK_PORT = 7002;
    private static final int DATAGRAM_OCTETS = 64;
    /// Of the single stream, the seconds in which TCP finds its rate and a JVM compiles: neither octets nor processor
    /// time of theirs count.
    private static final int OMITTED_SECONDS = 1;

    private final Tunnel tunnel;
    private final Duration stream;
    private final String probe;
    private final Map<Metric, Double> sample = new EnumMap<>(Metric.class);

    /// For a tunnel through which packets pass. `stream` is how long the single TCP stream is measured; the others
    /// take a fixed part of it.
    Measurements(Tunnel tunnel, Duration stream, Path probe) {
        this.tunnel = tunnel;
        this.stream = stream;
        this.probe = probe.toString();
    }

    /// What is measured of a tunnel.
    enum Extent {
        /// Everything.
        ALL,
        /// One and four TCP streams.
        STREAMS
    }

    /// Takes them, all or as many as are wanted. `restart` brings the end at [Host#A] up again; empty when no single
    /// command does.
    Map<Metric, Double> take(Extent extent, List<String> restart) throws IOException, InterruptedException {
        Process resident = Host.B.start(log("resident"), "sleep", "infinity");
        Process resident2 = Host.A.start(log("resident"), "sleep", "infinity");
        try {
            double damagedBefore = damaged(resident) + damaged(resident2);
            double different = compare();
            switch (extent) {
                case ALL -> everything(resident);
                case STREAMS -> streams(resident);
            }
            tunnel.requireAlive();
            if (extent == Extent.ALL && !restart.isEmpty()) {
                start(restart);
            }
            sample.put(Metric.DAMAGED, different + damaged(resident) + damaged(resident2) - damagedBefore);
            return sample;
        } finally {
            Shell.kill(resident);
            Shell.kill(resident2);
        }
    }

    private void everything(Process resident) throws IOException, InterruptedException {
        roundTrips();
        singleStream(resident);
        double allocated = PacketThreads.allocated(tunnel.processes());
        Usage steady = usage(resident);
        fourStreams();
        sample.put(Metric.MEMORY, Usage.memory(tunnel.processes()) / (1 << 20));
        datagrams();
        double packets = usage(resident).overlayPackets() - steady.overlayPackets();
        sample.put(Metric.ALLOCATED, (PacketThreads.allocated(tunnel.processes()) - allocated) / packets);
    }

    private void streams(Process resident) throws IOException, InterruptedException {
        singleStream(resident);
        fourStreams();
    }

    /// Every octet of a transfer each way, and datagrams of many sizes. Warms a JVM up as well. Answers how many
    /// blocks or datagrams differed.
    private double compare() throws IOException, InterruptedException {
        Process server = Host.B.start(log("serve"), probe, "serve", text(SERVE_PORT));
        Process echo = Host.B.start(log("echo"), probe, "echo", text(ECHO_PORT));
        try {
            Host.awaitListener(server, SERVE_PORT);
            Map<String, Double> answer = answer(tunnel.client()
                    .run(Duration.ofSeconds(40), probe, "compare", tunnel.address(Host.B), text(SERVE_PORT), "32"));
            double lost = answer.getOrDefault("datagrams-lost", 0.0);
            if (lost > 0) {
                throw new IOException((long) lost + " of the datagrams of 8 to 20000 octets did not pass");
            }
            return answer.get("blocks-damaged") + answer.get("datagrams-damaged");
        } finally {
            Shell.kill(server);
            Shell.kill(echo);
        }
    }

    private void roundTrips() throws IOException, InterruptedException {
        Process echo = Host.B.start(log("echo"), probe, "echo", text(ECHO_PORT));
        try {
            Thread.sleep(100);
            Map<String, Double> answer = answer(tunnel.client()
                    .run("timeout", "10", probe, "rtt", tunnel.address(Host.B), text(ECHO_PORT), seconds(stream, 8)));
            sample.put(Metric.ROUND_TRIP, answer.getOrDefault("p50", Double.NaN));
            sample.put(Metric.ROUND_TRIP_P99, answer.getOrDefault("p99", Double.NaN));
        } finally {
            Shell.kill(echo);
        }
    }

    /// Ends the end at [Host#A] and starts it anew, under the eyes of a program that sends on and on.
    private void start(List<String> command) throws IOException, InterruptedException {
        Process echo = Host.B.start(log("echo"), probe, "echo", text(ECHO_PORT));
        try {
            tunnel.end(Host.A);
            List<String> line = new ArrayList<>(List.of(probe, "first", tunnel.address(Host.B), text(ECHO_PORT)));
            line.addAll(command);
            // What the program says comes first.
            List<String> said = Host.A
                    .run(Duration.ofSeconds(20), line.toArray(String[]::new))
                    .lines()
                    .filter(l -> l.matches("first [0-9.]+"))
                    .toList();
            sample.put(
                    Metric.START,
                    said.isEmpty()
                            ? Double.NaN
                            : Double.parseDouble(said.getFirst().substring(6)));
        } finally {
            Shell.kill(echo);
        }
    }

    private void singleStream(Process resident) throws IOException, InterruptedException {
        FutureTask<Usage> reading = new FutureTask<>(() -> {
            Thread.sleep(Duration.ofSeconds(OMITTED_SECONDS));
            return usage(resident);
        });
        Thread.ofVirtual().start(reading);
        Object report = iperf(stream.toSeconds(), OMITTED_SECONDS, 1);
        Usage after = usage(resident);
        Usage before = outcome(reading);
        double gigaoctets = (after.overlayOctets() - before.overlayOctets()) / 1e9;
        sample.put(Metric.STREAM, Json.number(report, "end.sum_received.bits_per_second") / 1e9);
        sample.put(Metric.RETRANSMITS, Json.number(report, "end.sum_sent.retransmits"));
        double program = (after.programSeconds() - before.programSeconds()) / gigaoctets;
        sample.put(Metric.RELAY_CPU, tunnel.processes().isEmpty() ? Double.NaN : program);
        sample.put(Metric.MACHINE_CPU, (after.machineSeconds() - before.machineSeconds()) / gigaoctets);
    }

    private Usage usage(Process resident) throws IOException, InterruptedException {
        return Usage.now(tunnel.processes(), resident, tunnel.device(Host.B));
    }

    private static Usage outcome(FutureTask<Usage> reading) throws IOException, InterruptedException {
        try {
            return reading.get();
        } catch (ExecutionException e) {
            throw new IOException("what the tunnel had used when its stream was under way: " + e.getCause(), e);
        }
    }

    private void fourStreams() throws IOException, InterruptedException {
        Object report = iperf(Math.max(1, stream.toSeconds() * 4 / 10), 0, 4);
        sample.put(Metric.FOUR_STREAMS, Json.number(report, "end.sum_received.bits_per_second") / 1e9);
    }

    /// One run of iperf3, the first `omitted` seconds left out of its figures.
    private Object iperf(long seconds, int omitted, int streams) throws IOException, InterruptedException {
        Process server = Host.B.start(log("iperf3"), "iperf3", "-s", "-1", "-p", text(IPERF_PORT));
        try {
            Host.awaitListener(server, IPERF_PORT);
            return Json.parse(tunnel.client()
                    .run(
                            Duration.ofSeconds(seconds + 15),
                            "iperf3",
                            "-c",
                            tunnel.address(Host.B),
                            "-p",
                            text(IPERF_PORT),
                            "-t",
                            Long.toString(seconds),
                            "-O",
                            text(omitted),
                            "-P",
                            text(streams),
                            "-J"));
        } finally {
            Shell.kill(server);
        }
    }

    private void datagrams() throws IOException, InterruptedException {
        String time = seconds(stream, 8);
        Path log = log("sink");
        Process sink = Host.B.start(log, probe, "sink", text(SINK_PORT), time);
        try {
            Thread.sleep(100);
            String longer = Double.toString(Double.parseDouble(time) + 0.5);
            tunnel.client().run(probe, "flood", tunnel.address(Host.B), text(SINK_PORT), longer, text(DATAGRAM_OCTETS));
            if (!sink.waitFor(10, TimeUnit.SECONDS)) {
                throw new IOException("the datagrams were not counted in time");
            }
            sample.put(Metric.DATAGRAMS, answer(Files.readString(log)).get("per-second") / 1000);
        } finally {
            Shell.kill(sink);
        }
    }

    /// What the hosts have refused as damaged so far, in the namespace of a process: /proc/PID/net/snmp (RFC 1213's
    /// counters with Linux's own).
    private static double damaged(Process resident) throws IOException {
        double sum = 0;
        List<String> lines = Files.readAllLines(Path.of("/proc", Long.toString(resident.pid()), "net/snmp"));
        for (int i = 0; i + 1 < lines.size(); i += 2) {
            String[] names = lines.get(i).split(" ");
            String[] values = lines.get(i + 1).split(" ");
            for (int f = 1; f < names.length; f++) {
                boolean counts = switch (names[0] + names[f]) {
                    case "Ip:InHdrErrors", "Tcp:InErrs", "Udp:InCsumErrors" -> true;
                    default -> false;
                };
                sum += counts ? Double.parseDouble(values[f]) : 0;
            }
        }
        return sum;
    }

    private static Map<String, Double> answer(String lines) {
        Map<String, Double> answer = new HashMap<>();
        lines.lines().map(l -> l.split(" ")).forEach(f -> answer.put(f[0], Double.valueOf(f[1])));
        return answer;
    }

    private static String seconds(Duration whole, int part) {
        return Double.toString(Math.max(0.5, whole.toMillis() / 1000.0 / part));
    }

    private static String text(int number) {
        return Integer.toString(number);
    }

    private Path log(String name) {
        return tunnel.scratch().resolve("log-" + name);
    }
}
