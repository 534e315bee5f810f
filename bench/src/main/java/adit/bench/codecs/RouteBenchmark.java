package adit.bench.codecs;

import adit.ip.PrefixTrie;
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

/// The longest prefix of an IPv4 address among so many, for addresses that are all over the table: the cost of a lookup
/// against the table's size.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = "-Xmx1g")
public class RouteBenchmark {
    private static final int ADDRESSES = 1 << 12;
    private static final int SHORTEST = 8;
    private static final int LONGEST = 24;

    /// How many prefixes of 8 to 24 bits the table has.
    @Param({"1", "1000", "1000000"})
    public int prefixes;

    private final long[] addresses = new long[ADDRESSES];
    private PrefixTrie<Integer> table;
    private int next;

    /// Fills the table. Up to half of the addresses are in prefixes of it; the others are random.
    @Setup
    public void fill() {
        SplittableRandom dice = new SplittableRandom(1);
        PrefixTrie.Editor<Integer> editor = PrefixTrie.<Integer>empty().edit();
        for (int i = 0; i < prefixes; i++) {
            int length = LONGEST - (int) Math.sqrt(dice.nextInt((LONGEST - SHORTEST + 1) * (LONGEST - SHORTEST + 1)));
            long prefix = dice.nextLong() & (-1L << (64 - length));
            editor.put(prefix, 0, length, i);
            addresses[i % ADDRESSES] = prefix | ((dice.nextLong() >>> length) & 0xffff_ffff_0000_0000L);
        }
        for (int i = Math.min(prefixes, ADDRESSES / 2); i < ADDRESSES; i++) {
            addresses[i] = dice.nextLong() & 0xffff_ffff_0000_0000L;
        }
        table = editor.done();
    }

    /// One lookup.
    @Benchmark
    public Integer lookup() {
        next = (next + 1) & (ADDRESSES - 1);
        return table.lookup(addresses[next], 0);
    }
}
