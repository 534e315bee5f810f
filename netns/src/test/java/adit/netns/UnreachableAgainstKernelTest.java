package adit.netns;

import static org.assertj.core.api.Assertions.assertThat;

import adit.linux.Netns;
import adit.linux.RtNetlink;
import adit.linux.TunDevice;
import adit.port.VirtualTime;
import adit.tun.MemoryTunFile;
import adit.tun.TunSpec;
import adit.wire.IpAddress;
import adit.wire.Ipv4;
import adit.wire.Octets;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Packets to neighbours who do not answer, through a router of the running kernel and through one of ours: the
/// same senders are told, and in the same octets. The identifications of what the routers send are masked.
///
/// ```
/// senders --- left, a TUN device | router | right, a TAP device --- nobody
/// ```
class UnreachableAgainstKernelTest {
    /// Fewer than the neighbours that a kernel knows at once.
    private static final int PACKETS = 400;

    private static final int IGMP = 2;
    private static final int NEIGHBOURS = 0x0a02_0100;
    private static final int ROUTER = 0x0a01_0001;
    private static final long PATIENCE_NANOS = 30_000_000_000L;
    /// How long nothing may come before all has come.
    private static final long QUIET_NANOS = 500_000_000L;

    /// Each to a neighbour of its own: right and wrong ones, fragments, ICMP errors, with options and from sources
    /// that can't be. Answers that follow a source route back, or say what the time is, are left out.
    private static List<byte[]> packets() {
        RandomPackets random = new RandomPackets(47);
        List<byte[]> all = new ArrayList<>();
        while (all.size() < PACKETS) {
            byte[] packet = random.next4();
            if (packet.length < Ipv4.MIN_HEADER_LENGTH || hasOption(packet, 0x44, 0x83, 0x89)) {
                continue;
            }
            MemorySegment s = MemorySegment.ofArray(packet);
            boolean right = Ipv4.headerLength(s, 0) >= Ipv4.MIN_HEADER_LENGTH
                    && Ipv4.headerLength(s, 0) <= packet.length
                    && Ipv4.checksumValid(s, 0);
            Octets.put32(s, 16, NEIGHBOURS + all.size());
            if (right) {
                Ipv4.fillChecksum(s, 0);
            }
            all.add(packet);
        }
        return all;
    }

    private static boolean hasOption(byte[] packet, int... kinds) {
        for (int i = Ipv4.MIN_HEADER_LENGTH; i < Math.min(packet.length, 4 * (packet[0] & 0xf)); i++) {
            for (int kind : kinds) {
                if ((packet[i] & 0xff) == kind) {
                    return true;
                }
            }
        }
        return false;
    }

    @Test
    void tellsWhomTheKernelTellsThatNobodyAnswers() throws Exception {
        Needs.tun();
        List<byte[]> packets = packets();
        List<String> ours = ours(packets);
        List<String> theirs = new ArrayList<>();
        try (Netns kernel = Netns.create()) {
            kernel.call(() -> theirs.addAll(theirs(packets, ours.size())));
        }
        assertThat(theirs).hasSizeGreaterThan(PACKETS / 3);
        assertThat(ours).containsExactlyInAnyOrderElementsOf(theirs);
    }

    /// What comes out on the left, in any order, when those that nobody answers for are given up.
    private static List<String> ours(List<byte[]> packets) throws IOException {
        VirtualTime time = new VirtualTime();
        try (Namespace router = Namespace.builder().time(time).seed(1).open();
                MemoryTunFile left = NamespaceTest.tun(router, "left");
                MemoryTunFile right = NamespaceTest.tap(router, "right")) {
            router.forwarding(true);
            router.configure().link("lo").up();
            router.configure().link("left").up();
            router.configure().link("right").up();
            router.configure().address("left", "10.1.0.1/16");
            router.configure().address("right", "10.2.0.1/16");
            List<String> out = new ArrayList<>();
            for (byte[] packet : packets) {
                NamespaceTest.write(left, packet.clone());
                // So many at once that no limit of all messages together is reached.
                for (int i = 0; i < 8; i++) {
                    time.advanceBy(1_000_000_000L);
                    router.turn(time.getAsLong());
                }
                NamespaceTest.readAll(left).forEach(p -> out.add(mask(p)));
                NamespaceTest.readAll(right);
            }
            return out;
        }
    }

    private static List<String> theirs(List<byte[]> packets, int expected) throws IOException {
        try (TunDevice left = TunDevice.open(TunSpec.tun("left"));
                TunDevice right = TunDevice.open(TunSpec.tap("right"));
                Arena arena = Arena.ofConfined()) {
            for (String setting : List.of(
                    "ip_forward=1", "icmp_ratemask=0", "conf/all/rp_filter=0", "neigh/right/retrans_time_ms=20")) {
                String[] parts = setting.split("=");
                Files.writeString(Path.of("/proc/sys/net/ipv4", parts[0]), parts[1]);
            }
            try (RtNetlink net = RtNetlink.open()) {
                net.setUp(net.link("lo").index());
                net.setUp(left.index());
                net.addAddress(left.index(), IpAddress.parse("10.1.0.1"), 16);
                net.setUp(right.index());
                net.addAddress(right.index(), IpAddress.parse("10.2.0.1"), 16);
            }
            MemorySegment buffer = arena.allocate(70_000);
            List<String> out = new ArrayList<>();
            for (byte[] packet : packets) {
                MemorySegment.copy(packet, 0, buffer, ValueLayout.JAVA_BYTE, 0, packet.length);
                try {
                    left.queue(0).write(buffer.asSlice(0, packet.length));
                } catch (IOException _) {
                    // Such octets are no packet to a TUN device, whoever made it.
                }
            }
            long end = System.nanoTime() + PATIENCE_NANOS;
            long last = System.nanoTime();
            while (System.nanoTime() < end && (out.size() < expected || System.nanoTime() - last < QUIET_NANOS)) {
                int n = left.queue(0).tryRead(buffer);
                byte[] packet = n > 0 ? RandomPackets.copy(buffer, n) : new byte[0];
                if (packet.length > 0 && (packet[0] & 0xf0) == 0x40 && packet[9] != IGMP) {
                    out.add(mask(packet));
                    last = System.nanoTime();
                } else {
                    Thread.onSpinWait();
                }
            }
            return out;
        }
    }

    /// Hides the identification of what the router itself has sent.
    private static String mask(byte[] packet) {
        MemorySegment s = MemorySegment.ofArray(packet);
        if (packet.length >= Ipv4.MIN_HEADER_LENGTH && Octets.i32(s, 12) == ROUTER) {
            assertThat(Ipv4.checksumValid(s, 0)).isTrue();
            Octets.put16(s, 4, 0);
            Octets.put16(s, 10, 0);
        }
        return HexFormat.of().formatHex(packet);
    }
}
