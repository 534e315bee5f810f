package adit.linux;

import static adit.linux.RoutedNet.RIGHT;
import static org.assertj.core.api.Assertions.assertThat;

import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.Refusal;
import adit.tun.TunSpec;
import adit.wire.Ip4Address;
import adit.wire.IpProtocol;
import adit.wire.Octets;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What a packet ring makes of packets: the octets that the socket would write, in the same order.
class PacketRingTest extends RingRig {
    PacketRingTest() {
        super(Set.of(IpProtocol.IPIP, IpProtocol.MPLS), Set.of(IpProtocol.IPIP, IpProtocol.MPLS));
    }

    /// The outer identification counts up from anywhere, and the header's checksum with it.
    private static List<String> withoutIdentification(List<byte[]> packets) {
        return packets.stream()
                .map(p -> {
                    MemorySegment s = MemorySegment.ofArray(p.clone());
                    Octets.put16(s, 4, 0);
                    Octets.put16(s, 10, 0);
                    return java.util.HexFormat.of().formatHex(s.toArray(ValueLayout.JAVA_BYTE));
                })
                .toList();
    }

    private List<PacketBuffer> everyKind() {
        List<PacketBuffer> all = new ArrayList<>();
        for (int length : new int[] {1, 20, 99, 1479, 1480}) {
            all.add(packet(RIGHT, length));
        }
        all.add(address(SuperPackets.lend(senders, 60_000, 1436), IpProtocol.MPLS, RIGHT));
        all.add(packet(RIGHT, 21));
        all.add(address(SuperPackets.lend(senders, 100, 7), IpProtocol.MPLS, RIGHT));
        PacketBuffer large = packet(RIGHT, 4000);
        large.addressing().dontFragment = false;
        all.add(large);
        all.add(packet(RIGHT, 22));
        return all;
    }

    @Test
    void writesTheOctetsThatTheSocketWouldInTheSameOrder() throws Exception {
        int packets = 5 + 42 + 1 + 15 + 3 + 1;
        List<byte[]> bySocket;
        RawUnderlay plain = net.left.netns.call(
                () -> RawUnderlay.open(new RawSpec(Ip4Address.ANY, Set.of(), RawSpec.Ring.OFF), pool));
        try (plain;
                Capture capture = net.captureAtRouter()) {
            assertThat(send(plain, everyKind().toArray(PacketBuffer[]::new))).isEqualTo(Refusal.NONE);
            bySocket = capture.take(packets, p -> p[9] != IpProtocol.ICMP);
            assertThat(plain.obstacle()).isEqualTo(RingObstacle.UNWANTED);
        }
        awaitObstacle(RingObstacle.NONE);
        try (Capture capture = net.captureAtRouter()) {
            assertThat(send(left, everyKind().toArray(PacketBuffer[]::new))).isEqualTo(Refusal.NONE);
            List<byte[]> byRing = capture.take(packets, p -> p[9] != IpProtocol.ICMP);
            assertThat(left.obstacle()).isEqualTo(RingObstacle.NONE);
            assertThat(withoutIdentification(byRing)).isEqualTo(withoutIdentification(bySocket));
            assertThat(byRing).hasSize(packets);
            for (byte[] p : byRing) {
                int sum = 0;
                for (int i = 0; i < 20; i += 2) {
                    sum += Octets.u16(MemorySegment.ofArray(p), i);
                }
                assertThat((sum & 0xffff) + (sum >> 16)).isEqualTo(0xffff);
            }
        }
    }

    @Test
    void whatArrivesArrivesOnce() {
        awaitObstacle(RingObstacle.NONE);
        for (int burst = 0; burst < 100; burst++) {
            PacketBuffer[] packets = new PacketBuffer[16];
            for (int i = 0; i < packets.length; i++) {
                packets[i] = packet(RIGHT, 100 + burst * 8 + i % 8);
            }
            assertThat(send(left, packets)).isEqualTo(Refusal.NONE);
            List<byte[]> all = arrivals(packets.length);
            for (int i = 0; i < packets.length; i++) {
                assertThat(all.get(i)).isEqualTo(payload(100 + burst * 8 + i % 8));
            }
        }
        assertThat(left.obstacle()).isEqualTo(RingObstacle.NONE);
    }

    @Test
    void reassembledFragmentsArriveOnceAmongTheOthers() {
        awaitObstacle(RingObstacle.NONE);
        PacketBuffer large = packet(RIGHT, 9000);
        large.addressing().dontFragment = false;
        assertThat(send(left, packet(RIGHT, 50), large, packet(RIGHT, 51))).isEqualTo(Refusal.NONE);
        List<byte[]> all = arrivals(3);
        assertThat(all.get(0)).isEqualTo(payload(50));
        assertThat(all.get(1)).isEqualTo(payload(9000));
        assertThat(all.get(2)).isEqualTo(payload(51));
    }

    @Test
    void refusesWhatTheWayDoesNotTakeAndSendsTheRest() {
        awaitObstacle(RingObstacle.NONE);
        PacketBatch batch = new PacketBatch(8);
        batch.add(packet(RIGHT, 100));
        batch.add(packet(RIGHT, 1481));
        batch.add(packet(RIGHT, 1480));
        assertThat(left.send(batch)).isEqualTo(2);
        assertThat(batch.size()).isEqualTo(1);
        assertThat(batch.get(0).refusal()).isEqualTo(Refusal.TOO_BIG);
        assertThat(octets(batch.get(0))).isEqualTo(payload(1481));
        batch.releaseAll();
        assertThat(arrivals(2)).extracting(p -> p.length).containsExactly(100, 1480);
    }

    @Test
    void jumboFramesHaveARingOfTheirOwn() throws Exception {
        for (TestHost host : List.of(net.left, net.router, net.right)) {
            for (String link : List.of("l0", "r0", "r1", "e0")) {
                if (host.ip("-br", "link").contains(link + "@")) {
                    host.ip("link", "set", link, "mtu", "9000");
                }
            }
        }
        awaitObstacle(RingObstacle.NONE);
        Await.until(() -> send(left, packet(RIGHT, 8980)) == Refusal.NONE);
        assertThat(arrivals(1).getFirst()).isEqualTo(payload(8980));
        assertThat(left.obstacle()).isEqualTo(RingObstacle.NONE);
    }

    @Test
    void takesBackWhatTheInterfaceHasNoRoomFor() throws Exception {
        try (TunDevice tap = net.left.open(TunSpec.tap("tap0"));
                Arena arena = Arena.ofConfined()) {
            net.left.ip("link", "set", "tap0", "txqueuelen", "8");
            net.left.ip("addr", "add", "203.0.113.1/24", "dev", "tap0");
            net.left.ip("link", "set", "tap0", "up");
            net.left.run("tc", "qdisc", "replace", "dev", "tap0", "root", "noqueue");
            net.left.ip("neigh", "replace", "203.0.113.2", "lladdr", "02:00:5e:00:53:02", "dev", "tap0");
            int behind = RoutedNet.address("203.0.113.2");
            MemorySegment frame = arena.allocate(2048);
            for (int round = 0; round < 300; round++) {
                PacketBatch batch = new PacketBatch(16);
                for (int i = 0; i < 16; i++) {
                    batch.add(packet(behind, 100 + i));
                }
                int sent = left.send(batch);
                assertThat(left.obstacle()).isEqualTo(RingObstacle.NONE);
                assertThat(sent).as("round %d", round).isBetween(1, 15);
                for (int i = 0; i < batch.size(); i++) {
                    assertThat(batch.get(i).refusal()).isEqualTo(Refusal.FULL);
                    assertThat(octets(batch.get(i))).isEqualTo(payload(100 + sent + i));
                }
                batch.releaseAll();
                int came = 0;
                for (int n = tap.queue(0).tryRead(frame);
                        n > 0;
                        n = tap.queue(0).tryRead(frame)) {
                    if (n > 34 && Octets.u8(frame, 23) == IpProtocol.IPIP) {
                        assertThat(n).isEqualTo(14 + 20 + 100 + came);
                        assertThat(frame.asSlice(34, n - 34L).toArray(ValueLayout.JAVA_BYTE))
                                .isEqualTo(payload(100 + came));
                        came++;
                    }
                }
                assertThat(came).isEqualTo(sent);
            }
        }
    }

    @Test
    void allocatesNothingPerPacket() {
        awaitObstacle(RingObstacle.NONE);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        PacketBatch out = new PacketBatch(32);
        PacketBatch in = new PacketBatch(64);
        double least = Double.MAX_VALUE;
        for (int window = 0; window < 300 && least > 0.05; window++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 500; i++) {
                while (out.room() > 0) {
                    PacketBuffer p = senders.lend();
                    p.put(512);
                    out.add(address(p, IpProtocol.IPIP, RIGHT));
                }
                left.send(out);
                out.releaseAll();
                right.receive(in);
                in.releaseAll();
            }
            least = Math.min(least, (threads.getCurrentThreadAllocatedBytes() - before) / 16_000.0);
        }
        assertThat(least).as("octets a packet").isLessThan(0.05);
        assertThat(left.obstacle()).isEqualTo(RingObstacle.NONE);
    }

    @Test
    void leavesNeitherDescriptorsNorMappingsBehind() throws Exception {
        awaitObstacle(RingObstacle.NONE);
        for (int i = 0; i < 5; i++) {
            cycle();
        }
        Set<String> descriptors = LeakTest.descriptors();
        long mappings = mappings();
        for (int i = 0; i < 100; i++) {
            cycle();
        }
        assertThat(mappings()).isEqualTo(mappings);
        assertThat(LeakTest.descriptors()).isEqualTo(descriptors);
    }

    private void cycle() throws Exception {
        RawUnderlay each = net.left.netns.call(() -> RawUnderlay.open(new RawSpec(Ip4Address.ANY, Set.of()), pool));
        try (each) {
            Await.until(() -> {
                send(each, packet(RIGHT, 71));
                return each.obstacle() == RingObstacle.NONE;
            });
        }
        assertThat(send(each, packet(RIGHT, 72))).isEqualTo(Refusal.DOWN);
    }

    /// The rings that are mapped: mappings of sockets.
    private static long mappings() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.filter(l -> l.contains("socket:")).count();
        }
    }
}
