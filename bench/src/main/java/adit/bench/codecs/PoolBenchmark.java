package adit.bench.codecs;

import adit.packet.PacketBatch;
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
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// Lending a packet buffer and giving it back.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class PoolBenchmark {
    private static final int BURST = 64;

    private final PacketPool pool = new PacketPool(BURST, 64, 1984);
    private final PacketBatch batch = new PacketBatch(BURST);

    /// One at a time.
    @Benchmark
    public int one() {
        PacketBuffer p = pool.lend();
        int tailroom = p.tailroom();
        p.release();
        return tailroom;
    }

    /// A burst of 64, the time of one.
    @Benchmark
    @OperationsPerInvocation(BURST)
    public void burst() {
        for (int i = 0; i < BURST; i++) {
            batch.add(pool.lend());
        }
        batch.releaseAll();
    }

    /// Nothing may be out.
    @TearDown
    public void close() {
        pool.close();
    }
}
