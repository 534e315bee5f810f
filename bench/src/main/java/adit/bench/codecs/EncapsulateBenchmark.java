package adit.bench.codecs;

import adit.ipip.Ipip;
import adit.ipip.Profile;
import adit.netns.Namespace;
import adit.tun.TunFile;
import adit.wire.Ipv4;
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

/// One packet's way through one host in memory: written to a TUN file, routed into an ipip tunnel, and read with its
/// outer header from the TUN file that the tunnel's peer is behind. All on one thread; 333 ns are three million packets
/// a second. [TunnelBenchmark] goes on to a second host and out of the tunnel there.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class EncapsulateBenchmark {
    private Namespace namespace;
    private MemoryWay way;

    /// A host between two TUN devices with a tunnel over one of them.
    @Setup
    public void open() throws IOException {
        namespace = Namespace.builder().with(Ipip.of(Profile.LINUX_6_12)).open();
        TunFile from = MemoryWay.tun(namespace, "tun0", "10.1.0.1/24");
        TunFile to = MemoryWay.tun(namespace, "tun1", "192.0.2.1/24");
        namespace
                .configure()
                .tunnel("t1")
                .local("192.0.2.1")
                .remote("192.0.2.2")
                .add();
        namespace.configure().link("t1").up();
        namespace.configure().route("10.2.0.0/16").dev("t1").add();
        namespace.forwarding(true);
        way = new MemoryWay(from, to, Ipv4.MIN_HEADER_LENGTH);
    }

    /// The packet that was written is read as the payload of another.
    @Benchmark
    public int writeEncapsulateRead() {
        return way.pass();
    }

    /// Every buffer has to be back.
    @TearDown
    public void close() {
        way.close(namespace);
    }
}
