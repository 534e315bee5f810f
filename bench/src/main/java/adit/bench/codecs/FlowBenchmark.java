package adit.bench.codecs;

import adit.device.DeviceTable;
import adit.packet.PacketBuffer;
import adit.wire.Octets;
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

/// A packet that the stack sends to a TUN device of two queues which knows so many flows, each in its turn: the flow's
/// hash, its place in the table, the queue, and the read. With one flow the table costs nothing worth a mention, so the
/// difference to it is the lookup's.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class FlowBenchmark {
    private static final String PACKET = "4500001c 12340000 40110000 0a010002 0a020002 00050006 00080000";
    private static final int LENGTH = 28;
    private static final int SOURCE_PORT = 20;
    private static final int IPV4 = 0x0800;

    /// How many flows the device knows; it knows no more than 4,096.
    @Param({"1", "64", "1024", "4096"})
    public int flows;

    private final Arena arena = Arena.ofShared();
    // Flows last three seconds, and here for ever: nobody turns the clock.
    private final DeviceTable table = new DeviceTable(DeviceTable.Environment.on(() -> 1, 1));
    private final MemorySegment packet =
            arena.allocateFrom(ValueLayout.JAVA_BYTE, HexFormat.of().parseHex(PACKET.replace(" ", "")));
    private final MemorySegment into = arena.allocate(100);
    private TunQueues queues;
    private int next;

    /// The second of two queues teaches every flow.
    @Setup
    public void teach() {
        table.receiver((device, p) -> p.release());
        queues = new TunQueues(table, 2);
        for (int i = 0; i < flows; i++) {
            Octets.put16(packet, SOURCE_PORT, i + 1);
            queues.file(1).write(packet);
        }
        for (int i = 0; i < flows; i++) {
            if (sendAndRead() != LENGTH) {
                throw new IllegalStateException("flow " + i + " is not known");
            }
        }
    }

    /// One packet of the next flow.
    @Benchmark
    public int sendAndRead() {
        next = next == flows ? 1 : next + 1;
        PacketBuffer p = table.buffers().lend(LENGTH);
        p.protocol(IPV4);
        int at = p.put(LENGTH);
        MemorySegment.copy(packet, 0, p.segment(), at, LENGTH);
        Octets.put16(p.segment(), at + (long) SOURCE_PORT, next);
        queues.file(0).device().send(p);
        return queues.file(1).read(into);
    }

    /// Every buffer has to be back.
    @TearDown
    public void close() {
        queues.close();
        arena.close();
    }
}
