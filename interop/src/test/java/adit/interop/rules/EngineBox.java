package adit.interop.rules;

import static org.assertj.core.api.Assertions.assertThat;

import adit.packet.PacketBatch;
import adit.packet.PacketPool;
import adit.tunnel.Carrier;
import adit.tunnel.Inbound;
import adit.tunnel.LinkStatistic;
import adit.tunnel.LinkStatistics;
import adit.tunnel.Mode;
import adit.tunnel.Outbound;
import adit.tunnel.ReplySource;
import adit.tunnel.Tunnel;
import adit.tunnel.TunnelSpec;
import adit.tunnel.TunnelTable;
import adit.underlay.HeaderUnderlay;
import adit.underlay.OuterHeader;
import adit.underlay.Path;
import adit.underlay.Underlay;
import adit.wire.Ip4Address;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Our engine between two ports in memory, stepped by hand.
final class EngineBox implements TunnelBox {
    private static final int HEADROOM = 128;
    private static final int SIZE = 4096;

    private final PacketPool pool = new PacketPool(256, HEADROOM, SIZE);
    private long now = 1_000_000_000L;
    private ListPort overlay;
    private ListPort wire;
    private HeaderUnderlay underlay;
    private Inbound inbound;
    private List<Outbound> outbound = List.of();
    private List<Tunnel> tunnels = List.of();

    @Override
    public void tunnels(int mtu, List<TunnelSpec> specs) {
        shut();
        overlay = new ListPort(pool, mtu);
        wire = new ListPort(pool, UNDERLAY_MTU);
        underlay = new HeaderUnderlay(
                wire,
                Ip4Address.parse(HERE).bits(),
                HeaderUnderlay.Accepts.TUNNELS,
                checksum(specs.getFirst()),
                pool,
                () -> now,
                new Random(7));
        tunnels = specs.stream().map(Tunnel::new).toList();
        outbound = tunnels.stream()
                .map(tunnel -> Outbound.of(tunnel, overlay, underlay, pool)
                        .replies(overlay, ReplySource.INNER_DESTINATION)
                        .build())
                .toList();
        overlay.route(new Route.Plain());
        inbound = Inbound.of(new Arriving(underlay), pool).build();
        inbound.serve(table(), tunnel -> overlay);
    }

    private TunnelTable<Tunnel> table() {
        Map<Boolean, List<Tunnel>> parts = tunnels.stream()
                .collect(Collectors.partitioningBy(t -> t.spec().name().equals(FALLBACK)));
        TunnelTable<Tunnel> table = TunnelTable.of(parts.get(false));
        return parts.get(true).isEmpty()
                ? table
                : table.withFallback(parts.get(true).getFirst());
    }

    /// An underlay that says by which interface packets come, which one that has a single wire does not.
    private record Arriving(Underlay wire) implements Underlay {
        @Override
        public int receive(PacketBatch into) {
            int before = into.size();
            int received = wire.receive(into);
            for (int i = before; i < into.size(); i++) {
                into.get(i).addressing().link = WIRE;
            }
            return received;
        }

        @Override
        public int send(PacketBatch batch) {
            return wire.send(batch);
        }

        @Override
        public Path path(int source, int destination) {
            return wire.path(source, destination);
        }

        @Override
        public int headroom() {
            return wire.headroom();
        }

        @Override
        public void close() {
            wire.close();
        }
    }

    private static OuterHeader.UdpChecksum checksum(TunnelSpec spec) {
        Carrier.UdpChecksum wanted = switch (spec.carrier()) {
            case Carrier.Direct direct -> Carrier.UdpChecksum.OFF;
            case Carrier.Fou fou -> fou.checksum();
            case Carrier.Gue gue -> gue.checksum();
        };
        return wanted == Carrier.UdpChecksum.ON ? OuterHeader.UdpChecksum.ON : OuterHeader.UdpChecksum.OFF;
    }

    @Override
    public void route(Route route) {
        overlay.route(route);
    }

    @Override
    public void down(String name) {
        tunnels.stream().filter(tunnel -> tunnel.spec().name().equals(name)).forEach(tunnel -> tunnel.up(false));
    }

    @Override
    public Output outbound(Ipv4Packet... inner) {
        for (Ipv4Packet packet : inner) {
            overlay.arrive(packet.octets());
        }
        return step();
    }

    @Override
    public void tunnel6(int mtu, TunnelSpec spec) {
        tunnels(mtu, List.of(spec.mode(Mode.ANY)));
    }

    @Override
    public Output outbound6(byte[]... inner) {
        for (byte[] packet : inner) {
            overlay.arrive(packet);
        }
        return step();
    }

    @Override
    public Output inbound(byte[]... outer) {
        for (byte[] packet : outer) {
            wire.arrive(packet);
        }
        return step();
    }

    private Output step() {
        now += 1_000_000;
        while (outbound.getFirst().turn(now) != 0) {
            now += 1;
        }
        while (inbound.turn(now) != 0) {
            now += 1;
        }
        assertThat(pool.lent()).as("packets not given back").isZero();
        return new Output(wire.takeSent(), overlay.takeSent());
    }

    @Override
    public void pass(Duration time) {
        now += time.toNanos();
    }

    @Override
    public Map<String, Long> statistics(String name) {
        Map<String, Long> statistics = new TreeMap<>();
        for (int i = 0; i < tunnels.size(); i++) {
            if (tunnels.get(i).spec().name().equals(name)) {
                LinkStatistics both =
                        LinkStatistics.of(List.of(outbound.get(i).counters(), inbound.counters(tunnels.get(i))));
                for (LinkStatistic statistic : LinkStatistic.values()) {
                    if (both.value(statistic) != 0) {
                        statistics.put(statistic.kernelName(), both.value(statistic));
                    }
                }
            }
        }
        return statistics;
    }

    private void shut() {
        if (underlay != null) {
            underlay.close();
        }
    }

    @Override
    public void close() {
        shut();
        assertThat(pool.lent()).as("packets not given back").isZero();
        pool.close();
    }
}
