package adit.bench.codecs;

import adit.tunnel.Tunnel;
import adit.tunnel.TunnelSpec;
import adit.tunnel.TunnelTable;
import adit.wire.Ip4Address;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// The tunnel that a packet from the underlay belongs to, among so many, for packets of all of them: the cost of a
/// lookup against the table's size.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = "-Xmx1g")
public class TunnelLookupBenchmark {
    private static final int LOCAL = 0xc000_0201;
    private static final int REMOTE = 0x0a00_0000;
    private static final int ADDRESSES = 1 << 12;

    /// How many tunnels there are.
    @Param({"1", "1000", "100000"})
    public int tunnels;

    private final int[] remotes = new int[ADDRESSES];
    private TunnelTable<Tunnel> table;
    private int next;

    /// Tunnels from one host to as many others.
    @Setup
    public void fill() {
        List<Tunnel> all = new ArrayList<>();
        Ip4Address local = new Ip4Address(LOCAL);
        for (int i = 0; i < tunnels; i++) {
            all.add(new Tunnel(TunnelSpec.of("t" + i, local, new Ip4Address(REMOTE + i))));
        }
        table = TunnelTable.of(all);
        SplittableRandom dice = new SplittableRandom(1);
        for (int i = 0; i < ADDRESSES; i++) {
            remotes[i] = REMOTE + dice.nextInt(tunnels);
        }
        if (table.lookup(0, REMOTE + tunnels - 1, LOCAL) != all.getLast()) {
            throw new IllegalStateException("the last tunnel is not found");
        }
    }

    /// One lookup.
    @Benchmark
    public Tunnel lookup() {
        next = (next + 1) & (ADDRESSES - 1);
        return table.lookup(0, remotes[next], LOCAL);
    }
}
