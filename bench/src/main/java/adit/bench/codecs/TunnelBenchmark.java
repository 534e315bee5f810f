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

/// One packet's way between two hosts in memory: written to a TUN file of the first, routed into its tunnel, over a
/// cable to the second, out of the tunnel there, routed, and read from a TUN file. All on one thread; 333 ns are three
/// million packets a second.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class TunnelBenchmark {
    // UDP, 10.1.0.2 to 10.2.0.2, hop limit 64; the header's checksum is filled in below.
    private static final String PACKET =
            "4500 0040 1234 4000 40 11 0000 0a010002 0a020002" + "d431 0035 002c 0000" + "5a".repeat(36);

    private final Arena arena = Arena.ofShared();
    private Namespace a;
    private Namespace b;
    private TunFile from;
    private TunFile to;
    private MemorySegment packet;
    private MemorySegment into;

    /// Two hosts with a cable between them, a tunnel over it, and a TUN device each with a network behind it.
    @Setup
    public void open() throws IOException {
        a = Namespace.builder().with(Ipip.of(Profile.LINUX_6_12)).open();
        b = a.beside();
        Namespace.join(a, "net0", b, "net0");
        from = host(a, 1, 2);
        to = host(b, 2, 1);
        packet = arena.allocateFrom(ValueLayout.JAVA_BYTE, HexFormat.of().parseHex(PACKET.replace(" ", "")));
        Ipv4.fillChecksum(packet, 0);
        into = arena.allocate(2048);
        if (writeTunnelRead() != packet.byteSize()) {
            throw new IllegalStateException("the packet does not arrive");
        }
    }

    private TunFile host(Namespace ns, int here, int there) throws IOException {
        ns.configure().link("net0").up();
        ns.configure().address("net0", "192.0.2." + here + "/24");
        ns.configure()
                .tunnel("t1")
                .local("192.0.2." + here)
                .remote("192.0.2." + there)
                .add();
        ns.configure().link("t1").up();
        ns.configure().address("t1", "10.0.0." + here + "/24");
        ns.configure().route("10." + there + ".0.0/16").dev("t1").add();
        ns.forwarding(true);
        TunFile file = ns.tun().open();
        MemorySegment request = arena.allocate(Ifreq.SIZE, 8);
        InterfaceRequest.name(request, "tun0");
        InterfaceRequest.flags(request, TunIoctl.IFF_TUN | TunIoctl.IFF_NO_PI);
        if (file.ioctl(TunIoctl.TUNSETIFF, request) != 0) {
            throw new IllegalStateException("no TUN device");
        }
        file.blocking(false);
        ns.configure().link("tun0").up();
        ns.configure().address("tun0", "10." + here + ".0.1/24");
        return file;
    }

    /// The packet that was written is the one that is read.
    @Benchmark
    public int writeTunnelRead() {
        from.write(packet);
        return to.read(into);
    }

    /// Every buffer has to be back.
    @TearDown
    public void close() {
        from.close();
        to.close();
        int lent = a.lent();
        b.close();
        a.close();
        arena.close();
        if (lent != 0) {
            throw new IllegalStateException(lent + " buffers did not come back");
        }
    }
}
