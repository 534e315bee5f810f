package adit.ip;

import static org.assertj.core.api.Assertions.assertThat;

import adit.packet.Offload;
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.wire.EtherType;
import adit.wire.IpAddress;
import adit.wire.Octets;
import com.sun.management.ThreadMXBean;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Super-packets that the stack itself has to cut: datagrams for a socket here, and segments too long for the next
/// link.
class SuperPacketAllocationTest {
    private static final int SUPERS = 2000;
    private static final int PIECES = 6;
    private static final int SEGMENT = 1000;
    private static final int PAYLOAD = PIECES * SEGMENT;

    /// UDP to 10.1.0.1 port 2000 and the same to fd01::1, TCP to 10.2.0.9; lengths and checksums as of 6,000 octets of
    /// payload, checksums of UDP and TCP partial, header checksums 0 until they are summed.
    private static final String UDP4 =
            "4500178c000100004011" + "0000" + "0a010009" + "0a010001" + "0001" + "07d0" + "1778" + "0000";
    private static final String UDP6 = "6000000017781140" + "fd010000000000000000000000000009"
            + "fd010000000000000000000000000001" + "0001" + "07d0" + "1778" + "0000";
    private static final String TCP4 = "45001798000100004006" + "0000" + "0a010009" + "0a020009" + "0001" + "07d0"
            + "00000001" + "00000001" + "5010" + "ffff" + "0000" + "0000";

    private static final int IP4_CHECKSUM = 10;

    private final byte[] payload = new byte[PAYLOAD];
    private final Map<String, MemorySegment> headers = new HashMap<>();

    private interface Work {
        void run() throws Exception;
    }

    @Test
    void givesASocketItsDatagramsWithoutAllocating() throws Exception {
        try (TestHost host = new TestHost()) {
            TestLink a = host.link("a");
            host.address(a, "10.1.0.1/24").address(a, "fd01::1/64");
            PacketBatch got = new PacketBatch(2 * PIECES);
            try (UdpSocket four = host.stack.sockets().udp(Sockets.Family.IP4);
                    UdpSocket six = host.stack.sockets().udp(Sockets.Family.IP6)) {
                four.waiting(IpSocket.Waiting.DO_NOT_WAIT);
                six.waiting(IpSocket.Waiting.DO_NOT_WAIT);
                four.bind(new Endpoint(IpAddress.parse("10.1.0.1"), 2000));
                six.bind(new Endpoint(IpAddress.parse("fd01::1"), 2000));
                long least = leastAllocated(() -> {
                    in(host, a, UDP4, Offload.Segmentation.UDP);
                    in(host, a, UDP6, Offload.Segmentation.UDP);
                    assertReceived(four, got);
                    assertReceived(six, got);
                });
                assertThat(least).isLessThan(SUPERS);
            }
        }
    }

    private static void assertReceived(UdpSocket socket, PacketBatch got) throws Exception {
        if (socket.receive(got) != PIECES || got.get(PIECES - 1).length() != SEGMENT) {
            throw new AssertionError("a socket got " + got.size());
        }
        got.releaseAll();
    }

    @Test
    void cutsWhatTheNextLinkCannotCarryWithoutAllocating() throws Exception {
        try (TestHost host = new TestHost()) {
            TestLink a = host.link("a");
            TestLink b = host.link("b");
            host.address(a, "10.1.0.1/24").address(b, "10.2.0.1/24");
            host.stack.forwarding(true);
            assertThat(b.mtu(SEGMENT)).isZero();
            b.keeps = false;
            long least = leastAllocated(() -> in(host, a, TCP4, Offload.Segmentation.TCP4));
            // Each segment is two fragments.
            assertThat(b.count).isEqualTo(5L * SUPERS * PIECES * 2);
            assertThat(least).isLessThan(SUPERS);
        }
    }

    private static long leastAllocated(Work work) throws Exception {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 5; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < SUPERS; i++) {
                work.run();
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        return least;
    }

    private void in(TestHost host, TestLink link, String hex, Offload.Segmentation kind) {
        MemorySegment header = headers.get(hex);
        if (header == null) {
            byte[] octets = HexFormat.of().parseHex(hex);
            header = MemorySegment.ofArray(octets);
            if (octets[0] == 0x45) {
                int sum = 0;
                for (int i = 0; i < 20; i += 2) {
                    sum += Octets.u16(header, i);
                }
                Octets.put16(header, IP4_CHECKSUM, ~(sum + (sum >>> 16)));
            }
            headers.put(hex, header);
        }
        int length = (int) header.byteSize();
        PacketBuffer p = host.table.buffers().lend(length + PAYLOAD);
        MemorySegment.copy(header, 0, p.segment(), p.put(length), length);
        MemorySegment.copy(payload, 0, p.segment(), ValueLayout.JAVA_BYTE, p.put(PAYLOAD), PAYLOAD);
        boolean four = hex.startsWith("4");
        p.protocol(four ? EtherType.IPV4 : EtherType.IPV6);
        Offload o = p.offload();
        o.segmentation = kind;
        o.segmentSize = SEGMENT;
        o.checksum = Offload.Checksum.PARTIAL;
        o.checksumStart = four ? 20 : 40;
        o.checksumOffset = kind == Offload.Segmentation.UDP ? 6 : 16;
        link.deliverNow(p);
    }
}
