package adit.bench.codecs;

import adit.wire.EtherType;
import adit.wire.FlowHash;
import adit.wire.Ipv4;
import adit.wire.WireFault;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What is done with the header of every packet. Each call takes another one of 256 packets, 2048 octets apart.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class HeaderBenchmark {
    private static final int PACKETS = 256;
    private static final int STRIDE = 2048;
    private static final int LENGTH = 1480;

    private final MemorySegment segment = Arena.global().allocate((long) PACKETS * STRIDE, 64);
    private int turn;

    /// Writes the packets.
    public HeaderBenchmark() {
        for (int i = 0; i < PACKETS; i++) {
            Packets.tcp(segment, (long) i * STRIDE, LENGTH);
        }
    }

    private long next() {
        turn = turn + 1 & PACKETS - 1;
        return (long) turn * STRIDE;
    }

    /// Are the octets an IPv4 packet, and is its header's checksum right?
    @Benchmark
    public boolean ipv4FaultAndChecksum() {
        long at = next();
        return Ipv4.fault(segment, at, LENGTH) == WireFault.NONE && Ipv4.checksumValid(segment, at);
    }

    /// One hop: the time to live and the checksum that follows from it.
    @Benchmark
    public int ipv4TimeToLive() {
        long at = next();
        int ttl = Ipv4.timeToLive(segment, at);
        Ipv4.timeToLive(segment, at, ttl == 1 ? 255 : ttl - 1);
        return ttl;
    }

    /// A header of 20 octets with its checksum.
    @Benchmark
    public void ipv4Emit() {
        Packets.tcp(segment, next(), LENGTH);
    }

    /// The flow that a TCP segment belongs to.
    @Benchmark
    public int flowHash() {
        return FlowHash.of(segment, next(), LENGTH, EtherType.IPV4, 0x5eed);
    }
}
