package adit.bench.codecs;

import adit.wire.InternetChecksum;
import adit.wire.Octets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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

/// The Internet checksum, and the loop over 16-bit words that RFC 1071 writes down.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class ChecksumBenchmark {
    private static final int OFFSET = 14;

    /// An IPv4 header, a full packet through an ipip tunnel, the largest super-packet.
    @Param({"20", "1480", "65535"})
    public int octets;

    private MemorySegment segment;

    /// Random octets behind an odd place, as behind an Ethernet header.
    @Setup
    public void fill() {
        segment = Arena.global().allocate(OFFSET + octets, 64);
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < octets; i++) {
            segment.set(ValueLayout.JAVA_BYTE, OFFSET + i, (byte) random.nextInt());
        }
    }

    /// Adit's.
    @Benchmark
    public int sum() {
        return InternetChecksum.sum(segment, OFFSET, octets);
    }

    /// The obvious one.
    @Benchmark
    public int sumBy16Bits() {
        long sum = 0;
        int i = 0;
        for (; i + 1 < octets; i += 2) {
            sum += Octets.u16(segment, OFFSET + i);
        }
        if (i < octets) {
            sum += Octets.u8(segment, OFFSET + i) << 8;
        }
        return InternetChecksum.fold(sum);
    }
}
