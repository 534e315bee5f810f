package adit.program;

import adit.program.demo.DemoPlan;
import adit.program.demo.DemoResult;
import adit.program.memory.MemoryDemoResult;
import adit.program.up.TunnelStatus;
import adit.tunnel.Drop;
import adit.tunnel.LinkStatistic;
import adit.tunnel.LinkStatistics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What a demonstration prints: the picture, live figures, the results, and why packets were dropped; or all of it as
/// one
/// JSON object at the end.
final class DemoReport {
    static final List<String> MEMORY_TOPOLOGY = List.of(
            "  host a                                             host b",
            "  tun0 ═════════════════ the tunnel ════════════════ tun0",
            "  eth0 ──────── a line: 1 Gbit/s, 2 ms ───────────── eth0");

    private static final double MEGA = 1e6;

    private final Terminal terminal;
    private final boolean json;
    private final Map<String, Object> report = new LinkedHashMap<>();
    private boolean live;
    private int pings;

    DemoReport(Terminal terminal, boolean json) {
        this.terminal = terminal;
        this.json = json;
    }

    /// A remark on the standard error.
    void say(String remark) {
        terminal.err().println("adit: " + remark);
        terminal.flush();
    }

    private void print(String line) {
        if (!json) {
            terminal.out().println(line);
            terminal.flush();
        }
    }

    void begin(String where, DemoPlan plan, List<String> topology) {
        report.put("where", where);
        report.put("mode", plan.mode().name().toLowerCase(Locale.ROOT));
        report.put("carrier", plan.carrier().getClass().getSimpleName().toLowerCase(Locale.ROOT));
        report.put("loss", plan.loss());
        print("%s over %s between %s".formatted(report.get("mode"), report.get("carrier"), where));
        print("");
        topology.forEach(this::print);
        print("");
    }

    /// One round trip in nanoseconds, -1 for none.
    void ping(long nanos) {
        pings++;
        print(nanos < 0 ? "ping %d: no answer".formatted(pings) : "ping %d: %.3f ms".formatted(pings, nanos / MEGA));
    }

    /// How many octets have arrived; a line that is written over where the output is a terminal.
    void progress(long octets) {
        if (!json && System.getProperty("adit.terminal", "").contains("out")) {
            terminal.out().printf("\rtransfer: %.1f MB ", octets / MEGA);
            terminal.flush();
            live = true;
        }
    }

    private void endLive() {
        if (live) {
            terminal.out().print("\r\033[K");
            live = false;
        }
    }

    void end(DemoResult r) {
        endLive();
        print("pings:    %d of %d came back%s"
                .formatted(r.roundTripsNanos().size(), r.pingsSent(), times(r.roundTripsNanos())));
        print("transfer: %.1f MB in %.2f s, %.0f Mbit/s, SHA-256 %s"
                .formatted(
                        r.octets() / MEGA,
                        r.transferNanos() / 1e9,
                        r.rate() / MEGA,
                        r.checksumMatched() ? "matched" : "DIFFERS"));
        print("");
        report.put("pings", pings(r.pingsSent(), r.roundTripsNanos().size()));
        report.put("transfer", transfer(r.octets(), r.transferNanos(), r.checksumMatched(), r.rate()));
        List<Object> ends = new ArrayList<>();
        for (TunnelStatus t : r.ends()) {
            ends.add(end(t.spec().name(), t.mtu(), t.statistics(), t.drops()));
        }
        finish(ends, r.succeeded());
    }

    void end(MemoryDemoResult r) {
        endLive();
        var p = r.pings();
        print("pings:    %d of %d came back, min %.3f ms, average %.3f ms, max %.3f ms"
                .formatted(p.received(), p.sent(), p.minNanos() / MEGA, p.averageNanos() / MEGA, p.maxNanos() / MEGA));
        var t = r.transfer();
        boolean matched = t.verdict() == MemoryDemoResult.Verdict.MATCHED;
        print("transfer: %.1f MB in %.2f s of virtual time, %.0f Mbit/s, %d of %d segments sent again, SHA-256 %s"
                .formatted(
                        t.received() / MEGA,
                        t.durationNanos() / 1e9,
                        t.bitsPerSecond() / MEGA,
                        t.retransmissions(),
                        t.segments(),
                        matched ? "matched" : t.verdict().toString()));
        print("");
        r.discrepancies().forEach(this::print);
        report.put("pings", pings(p.sent(), p.received()));
        report.put("transfer", transfer(t.received(), t.durationNanos(), matched, t.bitsPerSecond()));
        List<Object> ends = new ArrayList<>();
        for (MemoryDemoResult.End e : r.ends()) {
            Map<Drop, Long> drops = new LinkedHashMap<>(e.drops());
            drops.values().removeIf(n -> n == 0);
            ends.add(end(e.name(), e.mtu(), e.statistics(), drops));
        }
        finish(ends, r.succeeded());
    }

    private static String times(List<Long> nanos) {
        if (nanos.isEmpty()) {
            return "";
        }
        var all = nanos.stream().mapToLong(n -> n).summaryStatistics();
        return ", min %.3f ms, average %.3f ms, max %.3f ms"
                .formatted(all.getMin() / MEGA, all.getAverage() / MEGA, all.getMax() / MEGA);
    }

    private static Map<String, Object> pings(int sent, int received) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("sent", sent);
        map.put("received", received);
        return map;
    }

    private static Map<String, Object> transfer(long octets, long nanos, boolean matched, double rate) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("octets", octets);
        map.put("nanoseconds", nanos);
        map.put("bits_per_second", Math.round(rate));
        map.put("checksum_matched", matched);
        return map;
    }

    /// Prints one end's counters and answers them for JSON.
    private Map<String, Object> end(String name, int mtu, LinkStatistics statistics, Map<Drop, Long> drops) {
        print("%-8s mtu %d   RX %d packets %d octets   TX %d packets %d octets"
                .formatted(
                        name,
                        mtu,
                        statistics.value(LinkStatistic.RX_PACKETS),
                        statistics.value(LinkStatistic.RX_BYTES),
                        statistics.value(LinkStatistic.TX_PACKETS),
                        statistics.value(LinkStatistic.TX_BYTES)));
        drops.forEach((drop, n) -> print("         dropped %d: %s".formatted(n, drop.description())));
        if (drops.isEmpty()) {
            print("         nothing dropped");
        }
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", name);
        map.put("mtu", mtu);
        Map<String, Object> stats = new LinkedHashMap<>();
        for (LinkStatistic s : LinkStatistic.values()) {
            stats.put(s.kernelName(), statistics.value(s));
        }
        map.put("stats64", stats);
        Map<String, Object> reasons = new LinkedHashMap<>();
        drops.forEach((drop, n) -> reasons.put(drop.name().toLowerCase(Locale.ROOT), n));
        map.put("drops", reasons);
        return map;
    }

    private void finish(List<Object> ends, boolean succeeded) {
        report.put("ends", ends);
        report.put("succeeded", succeeded);
        if (json) {
            terminal.out().println(Json.pretty(report));
        } else {
            print("");
            print(succeeded ? "All pings came back and the checksum matched." : "FAILED: see above.");
        }
        terminal.flush();
    }
}
