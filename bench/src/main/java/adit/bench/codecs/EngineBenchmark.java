package adit.bench.codecs;

import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.port.Port;
import adit.tunnel.Carrier;
import adit.tunnel.Inbound;
import adit.tunnel.Outbound;
import adit.tunnel.Tunnel;
import adit.tunnel.TunnelSpec;
import adit.tunnel.TunnelTable;
import adit.underlay.Path;
import adit.underlay.Underlay;
import adit.wire.EtherType;
import adit.wire.Ip4Address;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// A packet through two tunnel ends in memory: encapsulated by one, taken out by the other. Bursts of 64; the time is
/// that of one packet. No octet of the payload is touched, so its length does not matter.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class EngineBenchmark {
    private static final int BURST = 64;
    private static final int LENGTH = 1400;
    private static final int HEADROOM = 128;
    private static final int UDP_PORT = 5555;

    /// What carries the tunnel.
    @Param({"direct", "fou", "gue"})
    public String carrier;

    private final PacketPool pool = new PacketPool(4 * BURST, HEADROOM, 2048 - HEADROOM);
    private Outbound outbound;
    private Inbound inbound;

    /// Joins the two ends.
    @Setup
    public void build() {
        Loop loop = new Loop();
        Carrier kind = switch (carrier) {
            case "direct" -> new Carrier.Direct();
            case "fou" -> new Carrier.Fou(UDP_PORT, UDP_PORT, Carrier.UdpChecksum.OFF);
            default -> new Carrier.Gue(UDP_PORT, UDP_PORT, Carrier.UdpChecksum.OFF);
        };
        Ip4Address left = Ip4Address.parse("192.0.2.1");
        Ip4Address right = Ip4Address.parse("192.0.2.2");
        Tunnel there = new Tunnel(TunnelSpec.of("left", left, right).carrier(kind));
        Tunnel here = new Tunnel(TunnelSpec.of("right", right, left).carrier(kind));
        outbound = Outbound.of(there, new Source(pool), loop, pool).burst(BURST).build();
        inbound = Inbound.of(loop, pool).burst(BURST).build();
        inbound.serve(TunnelTable.of(List.of(here)), tunnel -> new Sink());
    }

    /// One burst both ways; throws when a packet is lost on the way.
    @Benchmark
    @OperationsPerInvocation(BURST)
    public void thereAndOut() {
        if (outbound.turn(0) != BURST || inbound.turn(0) != BURST || pool.lent() != 0) {
            throw new IllegalStateException("a packet was lost");
        }
    }

    /// Nothing may be out.
    @TearDown
    public void close() {
        pool.close();
    }

    /// An overlay with a burst of TCP segments at any time.
    private record Source(PacketPool pool) implements Port {
        @Override
        public int receive(PacketBatch into) {
            for (int i = 0; i < BURST; i++) {
                PacketBuffer p = pool.lend();
                Packets.tcp(p.segment(), p.put(LENGTH), LENGTH);
                p.protocol(EtherType.IPV4);
                into.add(p);
            }
            return BURST;
        }

        @Override
        public int send(PacketBatch batch) {
            throw new IllegalStateException("an ICMP error was not expected");
        }

        @Override
        public int mtu() {
            return LENGTH;
        }

        @Override
        public void close() {}
    }

    /// An overlay that takes everything.
    private record Sink() implements Port {
        @Override
        public int receive(PacketBatch into) {
            return 0;
        }

        @Override
        public int send(PacketBatch batch) {
            int size = batch.size();
            batch.releaseAll();
            return size;
        }

        @Override
        public int mtu() {
            return LENGTH;
        }

        @Override
        public void close() {}
    }

    /// An underlay that gives back what it was sent.
    private static final class Loop implements Underlay {
        private final PacketBatch held = new PacketBatch(BURST);

        @Override
        public int receive(PacketBatch into) {
            int size = held.size();
            for (int i = 0; i < size; i++) {
                into.add(held.get(i));
            }
            held.clear();
            return size;
        }

        @Override
        public int send(PacketBatch batch) {
            int size = batch.size();
            for (int i = 0; i < size; i++) {
                held.add(batch.get(i));
            }
            batch.clear();
            return size;
        }

        @Override
        public Path path(int source, int destination) {
            return PATH;
        }

        private static final Path PATH = Path.of(1500, 1);

        @Override
        public int headroom() {
            return 0;
        }

        @Override
        public void close() {}
    }
}
