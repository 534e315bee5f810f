package adit.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.ByteOrder;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What the packet path calls allocates nothing: not because the compiler removed it, but by construction.
class AllocationTest {
    private static final int ROUNDS = 100_000;
    private static final int MAX_RUNS = 10;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static final String IP4 = "45 00 001c 1234 4000 40 11 0000 c0000201 c6336407 1234 0035 0008 0000";
    private static final String IP6 = "60000000 0018 00 40 20010db8000000000000000000000001"
            + "20010db8000000000000000000000002 3c 00 010400000000 11 00 010400000000 1234 0035 0008 0000";
    private static final String TCP = "1234 5678 01020304 05060708 80 10 ffff 0000 0000 0101080a0000000100000002";

    static Stream<Arguments> paths() {
        MemorySegment ip4 = Golden.at(IP4);
        MemorySegment ip6 = Golden.at(IP6);
        MemorySegment tcp = Golden.at(TCP);
        MemorySegment mpls = Golden.at("00064 0 40 000c8 1 40" + IP4);
        MemorySegment gue = Golden.at("02 04 0001 80000000 0014 001a" + IP4);
        MemorySegment vnet = Golden.junk(64);
        int at = Golden.AT;
        return Stream.of(
                path("IPv4", () -> ip4Hop(ip4, at)),
                path("IPv6", () -> {
                    long walk = Ipv6Chain.walk(ip6, at);
                    return Ipv6.fault(ip6, at, 64) == WireFault.NONE && Ipv6Chain.fault(walk) == WireFault.NONE
                            ? Ipv6Chain.offset(walk) + (int) Ipv6.sourceLow(ip6, at)
                            : -1;
                }),
                path("TCP options", () -> {
                    int kinds = Tcp.fault(tcp, at, 32) == WireFault.NONE ? 0 : -1;
                    for (long o = Tcp.firstOption(tcp, at); o >= 0; o = Tcp.nextOption(tcp, at, o)) {
                        kinds += Options.kind(tcp, o);
                    }
                    return kinds;
                }),
                path("MPLS", () -> Mpls.fault(mpls, at, 36) == WireFault.NONE ? Mpls.stackLength(mpls, at) : -1),
                path("GUE", () -> {
                    Gue.emitRemoteChecksum(gue, at, 4, 20, 26);
                    return Gue.fault(gue, at, 40) == WireFault.NONE ? Gue.payloadOffset(gue, at) : -1;
                }),
                path("virtio-net", () -> {
                    VirtioNet.emit(vnet, at, 12, ByteOrder.nativeOrder(), 1, 1, 54, 1460, 34, 16);
                    return VirtioNet.gsoSize(vnet, at, ByteOrder.nativeOrder());
                }),
                path("flow hash of IPv4", () -> FlowHash.of(ip4, at, 28, EtherType.IPV4, 1)),
                path("flow hash of IPv6", () -> FlowHash.of(ip6, at, 64, EtherType.IPV6, 1)),
                path("flow hash of MPLS", () -> FlowHash.of(mpls, at, 36, EtherType.MPLS, 1)),
                path("transport checksums", () -> {
                    boolean filled = TransportChecksum.fill(ip4, at) && TransportChecksum.fill(ip6, at);
                    return filled && TransportChecksum.fault(ip6, at) == WireFault.NONE ? 1 : -1;
                }));
    }

    private static Arguments path(String name, IntSupplier body) {
        return Arguments.of(name, body);
    }

    private static int ip4Hop(MemorySegment s, int at) {
        Ipv4.fillChecksum(s, at);
        if (Ipv4.fault(s, at, 28) != WireFault.NONE || !Ipv4.checksumValid(s, at)) {
            return -1;
        }
        Ipv4.timeToLive(s, at, 1 + (Ipv4.timeToLive(s, at) + 1) % 255);
        return Ipv4.destination(s, at) + Udp.destinationPort(s, at + Ipv4.headerLength(s, at));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("paths")
    void allocatesNothing(String name, IntSupplier body) {
        Assumptions.assumeTrue(THREADS.isThreadAllocatedMemorySupported(), "needs a JVM that counts allocation");
        // While the compiler is still at it, the interpreter may allocate; a path that allocates by itself does so in
        // every run.
        long allocated = Long.MAX_VALUE;
        for (int i = 0; i < MAX_RUNS && allocated > 0; i++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            run(body);
            allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        }
        assertThat(allocated)
                .as("octets allocated in %d rounds of %s", ROUNDS, name)
                .isZero();
    }

    private static void run(IntSupplier body) {
        for (int i = 0; i < ROUNDS; i++) {
            if (body.getAsInt() == -1) {
                throw new AssertionError("the path was not gone to its end");
            }
        }
    }
}
