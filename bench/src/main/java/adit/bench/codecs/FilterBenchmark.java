package adit.bench.codecs;

import adit.bpf.Assembler;
import adit.bpf.Filter;
import adit.bpf.Program;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// Classic BPF programs, interpreted and compiled, on a TCP segment in an Ethernet frame. HotSpot comes to the pieces
/// of a compiled program after some thousand runs, so the longest takes a while to get warm.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 8, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class FilterBenchmark {
    private static final String FRAME = "020000000001 020000000002 0800"
            + "45 00 0028 1234 4000 40 06 0000 0a000001 0a000002"
            + "d431 0050 01020304 05060708 50 10 ffff 0000 0000";

    /// What `tcpdump -d` makes of the expressions `ip` and `tcp dst port 80`, and the longest program there is, every
    /// instruction of which runs.
    public enum Kind {
        /// Four instructions.
        IP("""
                ldh [12]
                jeq #0x800, keep, drop
                keep: ret #262144
                drop: ret #0
                """),
        /// Twelve instructions, with the IPv4 header's length.
        TCP_PORT("""
                ldh [12]
                jeq #0x86dd, drop
                jeq #0x800, ip4, drop
                ip4: ldb [23]
                jeq #0x6, tcp, drop
                tcp: ldh [20]
                jset #0x1fff, drop
                ldxb 4*([14]&0xf)
                ldh [x + 16]
                jeq #0x50, keep, drop
                keep: ret #262144
                drop: ret #0
                """),
        /// 4,096 instructions.
        LONGEST("ldh [12]\nadd #1\n".repeat(2047) + "ldh [12]\nret a\n");

        private final String text;

        Kind(String text) {
            this.text = text;
        }
    }

    /// Which program.
    @Param
    public Kind kind;

    private final Arena arena = Arena.ofShared();
    private MemorySegment frame;
    private int length;
    private Filter interpreted;
    private Filter compiled;

    /// Makes both ways to run the program.
    @Setup
    public void prepare() {
        byte[] octets = HexFormat.of().parseHex(FRAME.replace(" ", ""));
        frame = arena.allocateFrom(ValueLayout.JAVA_BYTE, octets);
        length = octets.length;
        Program program = Program.of(Assembler.assemble(kind.text)).orThrow();
        interpreted = program.interpreter();
        compiled = program.compile();
        if (interpreted.run(frame, 0, length) == 0 || compiled.run(frame, 0, length) == 0) {
            throw new IllegalStateException("the program drops the frame");
        }
    }

    /// Instruction by instruction.
    @Benchmark
    public int interpreted() {
        return interpreted.run(frame, 0, length);
    }

    /// As bytecode of its own.
    @Benchmark
    public int compiled() {
        return compiled.run(frame, 0, length);
    }

    /// Gives the frame back.
    @TearDown
    public void close() {
        arena.close();
    }
}
