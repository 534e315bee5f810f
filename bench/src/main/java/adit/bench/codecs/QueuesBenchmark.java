package adit.bench.codecs;

import adit.device.Device;
import adit.device.DeviceTable;
import adit.tun.MemoryTunFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.BenchmarkParams;

/// How many packets a second a TUN device in memory takes and gives by one, two and four queues: each thread has a file
/// and a flow of its own. What it writes goes straight back out of the device, which finds the queue of the flow, and
/// is read again. An operation is a packet both ways; a microsecond's operations are millions a second. A device of one
/// queue has no flows to learn or find: what that costs shows between one queue and two.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class QueuesBenchmark {
    private static final String PACKET =
            "45000040 12340000 40110000 0a010002 0a010002" + "00050006 002c0000" + "5a".repeat(36);
    private static final int SOURCE_PORT = 20;

    /// Processors fetch cache lines in pairs: no two threads' octets are to be in one.
    private static final int APART = 128;

    private final DeviceTable table = new DeviceTable(DeviceTable.Environment.real(1));
    private TunQueues queues;

    /// As many queues as threads.
    @Setup
    public void open(BenchmarkParams params) {
        table.receiver(Device::send);
        queues = new TunQueues(table, params.getThreads());
    }

    /// A thread's file, its packet and a buffer.
    @State(Scope.Thread)
    public static class Lane {
        private static final AtomicInteger NEXT = new AtomicInteger();

        private final Arena arena = Arena.ofShared();
        private MemoryTunFile file;
        private MemorySegment packet;
        private MemorySegment into;

        /// Takes the next file.
        @Setup
        public void take(QueuesBenchmark device) {
            int number = NEXT.getAndIncrement();
            file = device.queues.file(number % device.queues.count());
            byte[] octets = HexFormat.of().parseHex(PACKET.replace(" ", ""));
            packet = arena.allocate(octets.length, APART).copyFrom(MemorySegment.ofArray(octets));
            packet.set(ValueLayout.JAVA_BYTE, SOURCE_PORT, (byte) (number + 1));
            into = arena.allocate(2048, APART);
            // The first packet teaches the flow, and may come out of another queue.
            file.write(packet);
            file.write(packet);
        }

        int turn() {
            file.write(packet);
            return file.read(into);
        }

        /// Gives the buffer back.
        @TearDown
        public void release() {
            arena.close();
        }
    }

    /// One thread, one queue.
    @Benchmark
    @Threads(1)
    public int queues1(Lane lane) {
        return lane.turn();
    }

    /// Two of each.
    @Benchmark
    @Threads(2)
    public int queues2(Lane lane) {
        return lane.turn();
    }

    /// Four of each.
    @Benchmark
    @Threads(4)
    public int queues4(Lane lane) {
        return lane.turn();
    }

    /// Every buffer has to be back.
    @TearDown
    public void close() {
        queues.close();
    }
}
