package adit.bench.codecs;

import adit.offload.Segmenter;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
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

/// Cutting a super-packet of 64 KB into the packets that it stands for, each with its headers, its checksum and a copy
/// of its payload: the time of one packet.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class SegmentBenchmark {
    /// What is cut.
    @Param
    public SuperPacket kind;

    private final PacketPool large = new PacketPool(1, 64, SuperPacket.LARGEST);
    private final PacketPool small = new PacketPool(1, 64, 2048);
    private final Segmenter segmenter = new Segmenter();
    private PacketBuffer whole;

    /// One super-packet for all.
    @Setup
    public void fill() {
        whole = kind.lend(large);
    }

    /// All segments, one after the other.
    @Benchmark
    @OperationsPerInvocation(SuperPacket.SEGMENTS)
    public void segment() {
        int count = segmenter.begin(whole);
        if (count != SuperPacket.SEGMENTS) {
            throw new IllegalStateException(count + " segments");
        }
        for (int i = 0; i < count; i++) {
            PacketBuffer p = small.lend();
            segmenter.next(p);
            p.release();
        }
    }

    /// Nothing may be out.
    @TearDown
    public void close() {
        whole.release();
        large.close();
        small.close();
    }
}
