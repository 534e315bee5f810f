package adit.ip;

import static org.assertj.core.api.Assertions.assertThat;

import adit.packet.PacketBuffer;
import adit.wire.EtherType;
import com.sun.management.ThreadMXBean;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class ForwardingAllocationTest {
    private static final int PACKETS = 50_000;

    /// UDP from 10.1.0.9 to 10.2.0.9, TTL 64, four octets of payload; the header checksum was summed by hand.
    private static final String IP4 =
            "45000020000100004011" + "66b8" + "0a010009" + "0a020009" + "0001000200" + "0c0000" + "61626364";

    private static final String IP6 = "60000000000c1140" + "fd010000000000000000000000000009"
            + "fd020000000000000000000000000009" + "00010002000c0000" + "61626364";

    @Test
    void forwardsWithoutAllocating() throws IpException {
        try (TestHost host = new TestHost()) {
            TestLink a = host.link("a");
            TestLink b = host.link("b");
            host.address(a, "10.1.0.1/24").address(a, "fd01::1/64");
            host.address(b, "10.2.0.1/24").address(b, "fd02::1/64");
            for (int i = 0; i < 1000; i++) {
                host.route(RouteType.UNICAST, "60." + (i >> 8) + "." + (i & 0xff) + ".0/24", null, "10.2.0.2");
            }
            host.stack.forwarding(true);
            b.keeps = false;
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long least = Long.MAX_VALUE;
            for (int round = 0; round < 5; round++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                run(host, a, HexFormat.of().parseHex(IP4), EtherType.IPV4);
                run(host, a, HexFormat.of().parseHex(IP6), EtherType.IPV6);
                least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
            }
            assertThat(b.count).isEqualTo(10L * PACKETS);
            assertThat(least).isLessThan(PACKETS);
        }
    }

    private static void run(TestHost host, TestLink in, byte[] octets, int protocol) {
        MemorySegment packet = MemorySegment.ofArray(octets);
        for (int i = 0; i < PACKETS; i++) {
            PacketBuffer p = host.table.buffers().lend(octets.length);
            MemorySegment.copy(packet, 0, p.segment(), p.put(octets.length), octets.length);
            p.protocol(protocol);
            in.deliverNow(p);
        }
    }
}
