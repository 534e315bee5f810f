package adit.program;

import adit.linux.RingObstacle;
import adit.program.up.OffloadStatus;
import adit.program.up.TunnelHost;
import adit.program.up.TunnelStatus;
import adit.tunnel.Carrier;
import adit.tunnel.Drop;
import adit.tunnel.Event;
import adit.tunnel.LinkStatistic;
import adit.tunnel.TunnelSpec;
import adit.wire.Ip4Address;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// How the tunnels of a process fare, as JSON values and as a table.
final class StatusReport {
    private StatusReport() {}

    static Map<String, Object> json(TunnelHost host) {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("pid", ProcessHandle.current().pid());
        report.put("version", VersionCommand.version());
        report.put("tunnels", host.status().stream().map(StatusReport::tunnel).toList());
        report.put("strays", drops(host.strays()));
        report.put("stray_events", events(host.strayEvents()));
        return report;
    }

    private static Map<String, Object> tunnel(TunnelStatus t) {
        TunnelSpec spec = t.spec();
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("ifname", spec.name());
        map.put("ifindex", t.index());
        map.put("present", t.present());
        map.put("mode", spec.mode().name().toLowerCase(Locale.ROOT));
        map.put("local", address(spec.local()));
        map.put("remote", address(spec.remote()));
        map.put("carrier", carrier(spec.carrier()));
        map.put("mtu", t.mtu());
        map.put("offload", offload(t.offload()));
        t.idle().ifPresent(idle -> map.put("idle", word(idle)));
        Map<String, Object> statistics = new LinkedHashMap<>();
        for (LinkStatistic s : LinkStatistic.values()) {
            statistics.put(s.kernelName(), t.value(s));
        }
        map.put("stats64", statistics);
        map.put("drops", drops(t.drops()));
        map.put("events", events(t.events()));
        return map;
    }

    private static Map<String, Object> events(Map<Event, Long> events) {
        Map<String, Object> map = new LinkedHashMap<>();
        events.forEach((event, n) -> map.put(word(event), n));
        return map;
    }

    private static Map<String, Object> offload(OffloadStatus o) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("tun_read", o.device().stream().sorted().map(StatusReport::word).toList());
        map.put("tun_written", word(o.written()));
        map.put("udp_segment", word(o.sent()));
        map.put("udp_gro", word(o.received()));
        o.ring().ifPresent(obstacle -> {
            map.put("packet_ring", obstacle == RingObstacle.NONE ? "on" : "off");
            map.put("packet_ring_obstacle", word(obstacle));
        });
        map.put("reason", o.reason());
        return map;
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static String address(Ip4Address a) {
        return a.isUnspecified() ? "any" : a.toString();
    }

    private static Map<String, Object> carrier(Carrier carrier) {
        Map<String, Object> map = new LinkedHashMap<>();
        switch (carrier) {
            case Carrier.Direct _ -> map.put("type", "direct");
            case Carrier.Fou fou -> {
                map.put("type", "fou");
                map.put("port", fou.port());
                map.put("peer_port", fou.peerPort());
                map.put("checksum", fou.checksum() == Carrier.UdpChecksum.ON);
            }
            case Carrier.Gue gue -> {
                map.put("type", "gue");
                map.put("port", gue.port());
                map.put("peer_port", gue.peerPort());
                map.put("checksum", gue.checksum() == Carrier.UdpChecksum.ON);
            }
        }
        return map;
    }

    private static Map<String, Object> drops(Map<Drop, Long> drops) {
        Map<String, Object> map = new LinkedHashMap<>();
        drops.forEach((drop, n) -> map.put(word(drop), n));
        return map;
    }

    /// The lines of a table: each tunnel with its counts, and below it why packets were dropped.
    static List<String> lines(TunnelHost host) {
        List<String> lines = new ArrayList<>();
        for (TunnelStatus t : host.status()) {
            lines.add("%s: %s, mtu %d%s"
                    .formatted(t.spec().name(), describe(t.spec()), t.mtu(), t.present() ? "" : ", device gone"));
            lines.add("    RX: %d packets, %d octets, %d errors, %d dropped"
                    .formatted(
                            t.value(LinkStatistic.RX_PACKETS),
                            t.value(LinkStatistic.RX_BYTES),
                            t.value(LinkStatistic.RX_ERRORS),
                            t.value(LinkStatistic.RX_DROPPED)));
            lines.add("    TX: %d packets, %d octets, %d errors, %d dropped"
                    .formatted(
                            t.value(LinkStatistic.TX_PACKETS),
                            t.value(LinkStatistic.TX_BYTES),
                            t.value(LinkStatistic.TX_ERRORS),
                            t.value(LinkStatistic.TX_DROPPED)));
            lines.add("    offload: " + t.offload());
            t.idle().ifPresent(idle -> lines.add("    idle: " + word(idle)));
            t.drops().forEach((drop, n) -> lines.add("    dropped %d: %s".formatted(n, drop.description())));
        }
        host.strays().forEach((drop, n) -> lines.add("for no tunnel %d: %s".formatted(n, drop.description())));
        host.strayEvents().forEach((event, n) -> lines.add("for no tunnel %d: %s".formatted(n, event.description())));
        return lines;
    }

    /// Mode, carrier and ends of a tunnel in a few words.
    static String describe(TunnelSpec spec) {
        String carrier = switch (spec.carrier()) {
            case Carrier.Direct _ -> "direct";
            case Carrier.Fou fou -> "fou " + fou.port();
            case Carrier.Gue gue -> "gue " + gue.port();
        };
        return "%s over %s, %s -> %s"
                .formatted(
                        spec.mode().name().toLowerCase(Locale.ROOT),
                        carrier,
                        address(spec.local()),
                        address(spec.remote()));
    }
}
