package adit.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adit.packet.PacketBatch;
import adit.packet.PacketPool;
import adit.wire.Ip4Address;
import adit.wire.IpProtocol;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A thousand sockets opened and closed, failing ones too, leave nothing behind.
@Timeout(180)
class UnderlayLeakTest {
    private static final int CYCLES = 1000;
    private static final long SLACK_KILOS = 8;
    private static final int LOOPBACK = 0x7f00_0001;

    private static void cycle(PacketPool pool) throws Exception {
        PacketBatch none = new PacketBatch(4);
        // Closing a packet socket waits for the kernel; PacketRingTest opens and closes those.
        RawSpec direct = new RawSpec(Ip4Address.ANY, Set.of(IpProtocol.IPIP, IpProtocol.MPLS), RawSpec.Ring.OFF);
        UdpSpec fou = UdpSpec.of(5555, UdpSpec.Checksum.OFF);
        try (RawUnderlay raw = RawUnderlay.open(direct, pool);
                UdpUnderlay udp = UdpUnderlay.open(fou, pool);
                RtNetlink net = RtNetlink.open();
                NetworkMonitor monitor = NetworkMonitor.open()) {
            raw.path(0, LOOPBACK);
            raw.receive(none);
            udp.path(0, LOOPBACK);
            udp.receive(none);
            net.links();
            monitor.poll(change -> {});
            // The port is taken.
            assertThatThrownBy(() -> UdpUnderlay.open(fou, pool)).isInstanceOf(LinuxException.class);
            assertThatThrownBy(() -> net.link("no-such-link")).isInstanceOf(LinuxException.class);
        }
    }

    @Test
    void leavesNeitherDescriptorsNorMemoryBehind() throws Exception {
        try (TestHost host = TestHost.create();
                PacketPool pool = new PacketPool(64, 0, 65_535)) {
            host.netns.call(() -> {
                for (int i = 0; i < 200; i++) {
                    cycle(pool);
                }
                return null;
            });
            Set<String> before = LeakTest.descriptors();
            long kilosBefore = settled(0);
            host.netns.call(() -> {
                for (int i = 0; i < CYCLES; i++) {
                    cycle(pool);
                }
                return null;
            });
            assertThat(LeakTest.descriptors()).isEqualTo(before);
            assertThat(settled(kilosBefore + SLACK_KILOS)).isLessThanOrEqualTo(kilosBefore + SLACK_KILOS);
            assertThat(pool.lent()).isZero();
        }
    }

    /// What foreign memory is held once it is no more than `enough`, or after some seconds: the memory of sockets goes
    /// with the collector.
    private static long settled(long enough) throws Exception {
        long kilos = Long.MAX_VALUE;
        for (int i = 0; i < 30 && kilos > enough; i++) {
            Thread.sleep(100);
            kilos = Math.min(kilos, LeakTest.nativeKilos().orElse(0));
        }
        return kilos;
    }
}
