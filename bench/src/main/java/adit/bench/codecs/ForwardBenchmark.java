package adit.bench.codecs;

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

/// One packet's way through a namespace in memory: written to one TUN file, routed, read from another.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class ForwardBenchmark {
    private Namespace namespace;
    private MemoryWay way;

    /// Two devices with a network each, and a packet from one to the other.
    @Setup
    public void open() throws IOException {
        namespace = Namespace.open();
        TunFile from = MemoryWay.tun(namespace, "tun1", "10.1.0.1/24");
        TunFile to = MemoryWay.tun(namespace, "tun2", "10.2.0.1/24");
        namespace.forwarding(true);
        way = new MemoryWay(from, to, 0);
    }

    /// The packet that was written is the one that is read.
    @Benchmark
    public int writeRouteRead() {
        return way.pass();
    }

    /// Every buffer has to be back.
    @TearDown
    public void close() {
        way.close(namespace);
    }
}
