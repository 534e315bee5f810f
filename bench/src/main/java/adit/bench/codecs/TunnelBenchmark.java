package adit.bench.codecs;

import adit.ipip.Ipip;
import adit.ipip.Profile;
import adit.netns.Namespace;
import adit.tun.TunFile;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// One packet's way between two hosts in memory: written to a TUN file of the first, routed into its tunnel, over a
/// cable to the second, out of the tunnel there, routed, and read from a TUN file. All on one thread; 333 ns are three
/// million packets a second.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class TunnelBenchmark {
    private Namespace a;
    private Namespace b;
    private MemoryWay way;

    /// Two hosts with a cable between them, a tunnel over it, and a TUN device each with a network behind it.
    @Setup
    public void open() throws IOException {
        a = Namespace.builder().with(Ipip.of(Profile.LINUX_6_12)).open();
        b = a.beside();
        Namespace.join(a, "net0", b, "net0");
        way = new MemoryWay(host(a, 1, 2), host(b, 2, 1), 0);
    }

    private static TunFile host(Namespace ns, int here, int there) throws IOException {
        ns.configure().link("net0").up();
        ns.configure().address("net0", "192.0.2." + here + "/24");
        ns.configure()
                .tunnel("t1")
                .local("192.0.2." + here)
                .remote("192.0.2." + there)
                .add();
        ns.configure().link("t1").up();
        ns.configure().address("t1", "10.0.0." + here + "/24");
        ns.configure().route("10." + there + ".0.0/16").dev("t1").add();
        ns.forwarding(true);
        return MemoryWay.tun(ns, "tun0", "10." + here + ".0.1/24");
    }

    /// The packet that was written is the one that is read.
    @Benchmark
    public int writeTunnelRead() {
        return way.pass();
    }

    /// Every buffer has to be back.
    @TearDown
    public void close() {
        way.close(b, a);
    }
}
