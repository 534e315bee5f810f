package adit.bench.codecs;

import adit.offload.Coalescer.Transports;
import adit.offload.Gro;
import adit.offload.Segmenter;
import adit.packet.Offload;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import java.lang.foreign.MemorySegment;
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

/// Receiving the packets of one flow and making one super-packet of them, as NAPI does: every header is looked at,
/// every checksum verified and every payload copied. The time of one packet, the copy that brings it among it.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class CoalesceBenchmark {
    /// What comes out.
    @Param
    public SuperPacket kind;

    private final PacketPool large = new PacketPool(2, 64, SuperPacket.LARGEST);
    private final PacketPool small = new PacketPool(4 * SuperPacket.SEGMENTS, 64, 2048);
    private final PacketBuffer[] packets = new PacketBuffer[SuperPacket.SEGMENTS];
    private final Stack stack = new Stack(large);
    private final Gro gro = new Gro(stack);
    private int octets;

    /// What is above.
    private static final class Stack implements Gro.Surroundings {
        private final PacketPool large;
        private int delivered;

        Stack(PacketPool large) {
            this.large = large;
        }

        @Override
        public PacketBuffer lend(int wanted) {
            return large.lend();
        }

        @Override
        public void deliver(PacketBuffer p) {
            delivered = p.offload().segmentation == Offload.Segmentation.NONE ? 0 : p.length();
            p.release();
        }
    }

    /// The packets that come again and again.
    @Setup
    public void cut() {
        Segmenter segmenter = new Segmenter();
        PacketBuffer whole = kind.lend(large);
        octets = whole.length();
        segmenter.begin(whole);
        for (int i = 0; i < packets.length; i++) {
            packets[i] = small.lend();
            segmenter.next(packets[i]);
        }
        whole.release();
    }

    /// One super-packet.
    @Benchmark
    @OperationsPerInvocation(SuperPacket.SEGMENTS)
    public void coalesce() {
        stack.delivered = 0;
        for (PacketBuffer packet : packets) {
            PacketBuffer p = small.lend();
            int length = packet.length();
            MemorySegment.copy(packet.segment(), packet.head(), p.segment(), p.put(length), length);
            p.protocol(kind.etherType());
            gro.receive(p, 0, kind.etherType(), Transports.TCP_AND_UDP, Gro.Form.SUPER_PACKET, 0);
        }
        gro.flush();
        if (stack.delivered != octets) {
            throw new IllegalStateException("delivered last: " + stack.delivered + " octets of " + octets);
        }
    }

    /// Nothing may be out.
    @TearDown
    public void close() {
        for (PacketBuffer p : packets) {
            p.release();
        }
        large.close();
        small.close();
    }
}
