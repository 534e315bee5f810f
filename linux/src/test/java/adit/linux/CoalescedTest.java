package adit.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adit.packet.Addressing;
import adit.packet.Offload;
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.wire.Ip4Address;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Octets;
import adit.wire.Tcp;
import adit.wire.TransportChecksum;
import adit.wire.WireFault;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What the kernel makes of TCP segments inside ipip where the device does GRO, and what becomes of it here. Two
/// namespaces joined by veth; the receiving end holds packets back for a while, so that they meet.
class CoalescedTest {
    private static final Ip4Address LEFT = Ip4Address.parse("10.98.0.1");
    private static final Ip4Address RIGHT = Ip4Address.parse("10.98.0.2");
    private static final int INNER_SOURCE = 0x0a630001;
    private static final int INNER_DESTINATION = 0x0a630002;
    private static final int HEADERS = Ipv4.MIN_HEADER_LENGTH + Tcp.MIN_HEADER_LENGTH;

    private final PacketPool pool = new PacketPool(128, 64, 65_535);
    private final PacketPool senders = new PacketPool(64, 64, 2_000);
    private Netns left;
    private Netns right;
    private RawUnderlay out;
    private RawUnderlay in;

    @BeforeEach
    void join() throws Exception {
        left = TestHost.namespace();
        right = TestHost.namespace();
        Process resident = right.exec("sleep", "60");
        try {
            run(left, "ip link add v0 type veth peer name v0 netns " + resident.pid());
        } finally {
            resident.destroyForcibly();
        }
        for (Netns host : new Netns[] {left, right}) {
            run(host, "ip address add " + (host == left ? LEFT : RIGHT) + "/30 dev v0");
            run(host, "ip link set v0 up");
        }
        // veth does no GRO for a peer that sends super-packets whole.
        run(left, "ethtool -K v0 tso off");
        run(right, "ethtool -K v0 gro on");
        // Its own /sys, in which the device is: 50 ms.
        run(
                right,
                "unshare -m sh -c 'mount -t sysfs sysfs /sys && echo 50000000 >/sys/class/net/v0/gro_flush_timeout"
                        + " && echo 10 >/sys/class/net/v0/napi_defer_hard_irqs'");
        out = left.call(() -> RawUnderlay.open(new RawSpec(LEFT, Set.of()), senders));
        in = right.call(() -> RawUnderlay.open(new RawSpec(RIGHT, Set.of(IpProtocol.IPIP)), pool));
    }

    private static void run(Netns host, String command) throws Exception {
        Process p = host.exec(new ProcessBuilder("sh", "-c", command).redirectErrorStream(true));
        String said = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assumeTrue(p.waitFor() == 0, "needs ip, ethtool and veth with GRO: " + command + ": " + said);
    }

    @AfterEach
    void part() {
        if (in != null) {
            in.close();
            out.close();
        }
        if (left != null) {
            left.close();
            right.close();
        }
        assertThat(pool.lent()).isZero();
        assertThat(senders.lent()).isZero();
        pool.close();
        senders.close();
    }

    /// A TCP segment in IPv4, in order behind `sent` octets, its checksums right.
    private PacketBuffer segment(int sent, int payload) {
        PacketBuffer p = senders.lend();
        int at = p.put(HEADERS + payload);
        Ipv4.emit(
                p.segment(),
                at,
                0,
                HEADERS + payload,
                7,
                Ipv4.DONT_FRAGMENT,
                0,
                64,
                IpProtocol.TCP,
                INNER_SOURCE,
                INNER_DESTINATION);
        long tcp = at + (long) Ipv4.MIN_HEADER_LENGTH;
        Tcp.emit(p.segment(), tcp, 40000, 5201, 1000 + sent, 77, Tcp.MIN_HEADER_LENGTH, Tcp.ACK, 500);
        Octets.put16(p.segment(), tcp + 18, 0);
        for (int i = 0; i < payload; i++) {
            Octets.put8(p.segment(), tcp + Tcp.MIN_HEADER_LENGTH + i, (sent + i) * 31);
        }
        assertThat(TransportChecksum.fill(p.segment(), at)).isTrue();
        Addressing a = p.addressing();
        a.source = LEFT.bits();
        a.destination = RIGHT.bits();
        a.protocol = IpProtocol.IPIP;
        a.timeToLive = 64;
        a.dontFragment = true;
        return p;
    }

    private PacketBatch carry(int... payloads) {
        PacketBatch batch = new PacketBatch(16);
        int sent = 0;
        for (int payload : payloads) {
            batch.add(segment(sent, payload));
            sent += payload;
        }
        assertThat(out.send(batch)).isEqualTo(payloads.length);
        PacketBatch received = new PacketBatch(64);
        int octets = 0;
        long until = System.nanoTime() + 20_000_000_000L;
        while (octets < sent && System.nanoTime() < until) {
            octets = 0;
            in.receive(received);
            for (int i = 0; i < received.size(); i++) {
                octets += received.get(i).length() - HEADERS;
            }
        }
        assertThat(octets).isEqualTo(sent);
        return received;
    }

    /// The only packet that was received. Skips the test when the kernel has merged nothing.
    private static PacketBuffer merged(PacketBatch received) {
        if (received.size() > 1) {
            received.releaseAll();
        }
        assumeTrue(received.size() == 1, "the kernel did not merge the packets");
        return received.get(0);
    }

    private static void assertPayload(PacketBuffer p) {
        for (int i = 0; i < p.length() - HEADERS; i++) {
            assertThat(Octets.u8(p.segment(), (long) p.head() + HEADERS + i)).isEqualTo(i * 31 & 0xff);
        }
    }

    @Test
    void whatTheKernelMergedIsDescribedAsASuperPacket() {
        PacketBatch received = carry(1000, 1000, 1000, 500);
        PacketBuffer p = merged(received);
        assertThat(TransportChecksum.fault(p.segment(), p.head())).isEqualTo(WireFault.BAD_CHECKSUM);
        Offload o = p.offload();
        assertThat(o.checksum).isEqualTo(Offload.Checksum.PARTIAL);
        assertThat(o.checksumStart).isEqualTo(20);
        assertThat(o.checksumOffset).isEqualTo(16);
        assertThat(o.segmentation).isEqualTo(Offload.Segmentation.TCP4);
        assertThat(o.headerLength).isEqualTo(HEADERS);
        assertThat(o.segmentSize).isEqualTo(1500 - 20 - HEADERS);
        assertPayload(p);
        TransportChecksum.complete(p.segment(), p.head() + 20L, p.length() - 20, 16);
        assertThat(TransportChecksum.fault(p.segment(), p.head())).isEqualTo(WireFault.NONE);
        received.releaseAll();
    }

    @Test
    void whatStaysAsLargeAsAPacketIsNotCut() {
        PacketBatch received = carry(500, 500);
        PacketBuffer p = merged(received);
        assertThat(p.offload().checksum).isEqualTo(Offload.Checksum.PARTIAL);
        assertThat(p.offload().segmentation).isEqualTo(Offload.Segmentation.NONE);
        received.releaseAll();
    }

    @Test
    void aPacketThatCameAloneIsLeftAsItIs() {
        PacketBatch received = carry(1400);
        assertThat(received.size()).isEqualTo(1);
        PacketBuffer p = received.get(0);
        assertThat(p.offload().checksum).isEqualTo(Offload.Checksum.UNKNOWN);
        assertThat(p.offload().segmentation).isEqualTo(Offload.Segmentation.NONE);
        assertThat(TransportChecksum.fault(p.segment(), p.head())).isEqualTo(WireFault.NONE);
        received.releaseAll();
    }
}
