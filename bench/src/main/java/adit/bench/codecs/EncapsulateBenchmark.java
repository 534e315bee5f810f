package adit.bench.codecs;

import adit.device.InterfaceRequest;
import adit.ipip.Ipip;
import adit.ipip.Profile;
import adit.netns.Namespace;
import adit.tun.Ifreq;
import adit.tun.TunFile;
import adit.tun.TunIoctl;
import adit.wire.Ipv4;
import java.io.IOException;
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
    // UDP, 10.1.0.2 to 10.2.0.2, hop limit 64; the header's checksum is filled in below.
    private static final String PACKET =
            "4500 0040 1234 4000 40 11 0000 0a010002 0a020002" + "d431 0035 002c 0000" + "5a".repeat(36);

    private final Arena arena = Arena.ofShared();
    private Namespace namespace;
    private TunFile from;
    private TunFile to;
    private MemorySegment packet;
    private MemorySegment into;

    /// A host between two TUN devices with a tunnel over one of them.
    @Setup
    public void open() throws IOException {
        namespace = Namespace.builder().with(Ipip.of(Profile.LINUX_6_12)).open();
        from = device("tun0", "10.1.0.1/24");
        to = device("tun1", "192.0.2.1/24");
        namespace
                .configure()
                .tunnel("t1")
                .local("192.0.2.1")
                .remote("192.0.2.2")
                .add();
        namespace.configure().link("t1").up();
        namespace.configure().route("10.2.0.0/16").dev("t1").add();
        namespace.forwarding(true);
        packet = arena.allocateFrom(ValueLayout.JAVA_BYTE, HexFormat.of().parseHex(PACKET.replace(" ", "")));
        Ipv4.fillChecksum(packet, 0);
        into = arena.allocate(2048);
        if (writeEncapsulateRead() != packet.byteSize() + Ipv4.MIN_HEADER_LENGTH) {
            throw new IllegalStateException("the packet does not arrive");
        }
    }

    private TunFile device(String name, String address) throws IOException {
        TunFile file = namespace.tun().open();
        MemorySegment request = arena.allocate(Ifreq.SIZE, 8);
        InterfaceRequest.name(request, name);
        InterfaceRequest.flags(request, TunIoctl.IFF_TUN | TunIoctl.IFF_NO_PI);
        if (file.ioctl(TunIoctl.TUNSETIFF, request) != 0) {
            throw new IllegalStateException(name);
        }
        file.blocking(false);
        namespace.configure().link(name).up();
        namespace.configure().address(name, address);
        return file;
    }

    /// The packet that was written is read as the payload of another.
    @Benchmark
    public int writeEncapsulateRead() {
        from.write(packet);
        return to.read(into);
    }

    /// Every buffer has to be back.
    @TearDown
    public void close() {
        from.close();
        to.close();
        int lent = namespace.lent();
        namespace.close();
        arena.close();
        if (lent != 0) {
            throw new IllegalStateException(lent + " buffers did not come back");
        }
    }
}
