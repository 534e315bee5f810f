package adit.linux;

import static adit.linux.RoutedNet.LEFT;
import static adit.linux.RoutedNet.RIGHT;
import static org.assertj.core.api.Assertions.assertThat;

import adit.linux.sys.Libc;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import adit.packet.Addressing;
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
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
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Packets that a raw underlay sends by a packet ring, between two hosts with a router in between, and what
/// makes it go back to the socket.
@Timeout(180)
class PacketRingTest {
    private static final Set<Integer> PROTOCOLS = Set.of(IpProtocol.IPIP, IpProtocol.MPLS);
    private static final String GATEWAY = "192.0.2.254";

    private final PacketPool senders = new PacketPool(256, 64, 65_535);
    private final PacketPool pool = new PacketPool(256, 64, 65_535);
    private RoutedNet net;
    private RawUnderlay left;
    private RawUnderlay right;

    @BeforeEach
    void build() throws Exception {
        net = RoutedNet.create();
        left = net.left.netns.call(() -> RawUnderlay.open(new RawSpec(Ip4Address.ANY, PROTOCOLS), pool));
        right = net.right.netns.call(() -> RawUnderlay.open(new RawSpec(Ip4Address.ANY, PROTOCOLS), pool));
    }

    @AfterEach
    void takeDown() {
        if (net != null) {
            left.close();
            right.close();
            net.close();
        }
        for (PacketPool each : List.of(senders, pool)) {
            assertThat(each.lent()).isZero();
            each.close();
        }
    }

    private PacketBuffer address(PacketBuffer p, int protocol, int destination) {
        Addressing a = p.addressing();
        a.protocol = protocol;
        a.source = LEFT;
        a.destination = destination;
        a.tos = 0xb8;
        a.timeToLive = 33;
        a.dontFragment = true;
        return p;
    }

    private PacketBuffer packet(int destination, int length) {
        PacketBuffer p = senders.lend();
        p.segment().fill((byte) 0xa5);
        int at = p.put(length);
        for (int i = 0; i < length; i++) {
            Octets.put8(p.segment(), at + i, i * 7 + length);
        }
        return address(p, IpProtocol.IPIP, destination);
    }

    private static byte[] payload(int length) {
        byte[] octets = new byte[length];
        for (int i = 0; i < length; i++) {
            octets[i] = (byte) (i * 7 + length);
        }
        return octets;
    }

    private static byte[] octets(PacketBuffer p) {
        return p.segment().asSlice(p.head(), p.length()).toArray(ValueLayout.JAVA_BYTE);
    }

    private static Refusal send(RawUnderlay underlay, PacketBuffer... packets) {
        PacketBatch batch = new PacketBatch(packets.length);
        for (PacketBuffer p : packets) {
            batch.add(p);
        }
        underlay.send(batch);
        Refusal refusal = batch.isEmpty() ? Refusal.NONE : batch.get(0).refusal();
        batch.releaseAll();
        return refusal;
    }

    private static void await(BooleanSupplier condition) {
        long until = System.nanoTime() + 20_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - until).isNegative();
            LockSupport.parkNanos(200_000);
        }
    }

    /// Sends small packets until one goes as is wanted; the neighbour must be found first, and changes are
    /// heard a little later.
    private void awaitObstacle(RingObstacle wanted) {
        await(() -> {
            send(left, packet(RIGHT, 20));
            return left.obstacle() == wanted;
        });
        drain();
    }

    /// Passes over what has arrived at the right, and what is still under way.
    private void drain() {
        PacketBatch in = new PacketBatch(64);
        assertThat(send(left, packet(RIGHT, 77))).isEqualTo(Refusal.NONE);
        await(() -> {
            right.receive(in);
            boolean last = false;
            for (int i = 0; i < in.size(); i++) {
                last |= in.get(i).length() == 77;
            }
            in.releaseAll();
            return last;
        });
    }

    /// The payloads of the next `count` packets at the right; fails when more come.
    private List<byte[]> arrivals(int count) {
        List<byte[]> all = new ArrayList<>();
        PacketBatch in = new PacketBatch(64);
        await(() -> {
            right.receive(in);
            for (int i = 0; i < in.size(); i++) {
                if (in.get(i).addressing().protocol != IpProtocol.ICMP) {
                    all.add(octets(in.get(i)));
                }
            }
            in.releaseAll();
            return all.size() >= count;
        });
        assertThat(all).hasSize(count);
        return all;
    }

    private void assertArrives(int length) {
        assertThat(send(left, packet(RIGHT, length))).isEqualTo(Refusal.NONE);
        assertThat(arrivals(1).getFirst()).isEqualTo(payload(length));
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
    void learnsOfAPathThatGetsNarrowerBehindTheRouter() throws Exception {
        awaitObstacle(RingObstacle.NONE);
        net.narrow(1300);
        await(() -> {
            Refusal refusal = send(left, packet(RIGHT, 1400));
            PacketBatch news = new PacketBatch(8);
            left.receive(news);
            news.releaseAll();
            return refusal == Refusal.TOO_BIG;
        });
        assertArrives(1280);
        assertThat(left.obstacle()).isEqualTo(RingObstacle.NONE);
    }

    @Test
    void followsTheMtuOfTheInterface() throws Exception {
        awaitObstacle(RingObstacle.NONE);
        net.left.ip("link", "set", "l0", "mtu", "1200");
        await(() -> send(left, packet(RIGHT, 1300)) == Refusal.TOO_BIG);
        drain();
        assertArrives(1180);
        assertThat(left.obstacle()).isEqualTo(RingObstacle.NONE);
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
        await(() -> send(left, packet(RIGHT, 8980)) == Refusal.NONE);
        assertThat(arrivals(1).getFirst()).isEqualTo(payload(8980));
        assertThat(left.obstacle()).isEqualTo(RingObstacle.NONE);
    }

    @Test
    void followsANeighbourWithANewAddress() throws Exception {
        awaitObstacle(RingObstacle.NONE);
        net.router.ip("link", "set", "r0", "address", "02:00:5e:00:53:01");
        net.left.ip("neigh", "replace", GATEWAY, "lladdr", "02:00:5e:00:53:01", "dev", "l0", "nud", "reachable");
        // Whatever went to the old address is lost, as it would be by the socket.
        await(() -> {
            assertThat(send(left, packet(RIGHT, 60))).isEqualTo(Refusal.NONE);
            PacketBatch in = new PacketBatch(64);
            right.receive(in);
            boolean came = !in.isEmpty();
            in.releaseAll();
            return came;
        });
        assertThat(left.obstacle()).isEqualTo(RingObstacle.NONE);
    }

    @Test
    void leavesItToTheKernelToFindANeighbour() throws Exception {
        awaitObstacle(RingObstacle.NONE);
        net.left.ip("neigh", "flush", "dev", "l0");
        await(() -> {
            send(left, packet(RIGHT, 61));
            return left.obstacle() == RingObstacle.NO_NEIGHBOUR;
        });
        awaitObstacle(RingObstacle.NONE);
        assertArrives(62);
    }

    @Test
    void letsTheKernelConfirmAStaleNeighbour() throws Exception {
        awaitObstacle(RingObstacle.NONE);
        net.left.ip("neigh", "change", GATEWAY, "dev", "l0", "nud", "stale");
        assertThat(net.left.ip("neigh", "show", GATEWAY)).contains("STALE");
        awaitState(List.of("DELAY", "PROBE", "REACHABLE"));
        assertThat(left.obstacle()).isEqualTo(RingObstacle.NONE);
    }

    private void awaitState(List<String> wanted) throws Exception {
        long until = System.nanoTime() + 20_000_000_000L;
        String state;
        do {
            send(left, packet(RIGHT, 63));
            Thread.sleep(20);
            state = net.left.ip("neigh", "show", GATEWAY);
        } while (wanted.stream().noneMatch(state::contains) && System.nanoTime() < until);
        assertThat(wanted).anyMatch(state::contains);
    }

    @Test
    void followsARouteToAnotherInterface() throws Exception {
        awaitObstacle(RingObstacle.NONE);
        net.addSecondWay();
        awaitArrivalBy("r2");
        assertThat(left.obstacle()).isEqualTo(RingObstacle.NONE);
        net.left.ip("route", "replace", "198.51.100.0/24", "via", GATEWAY);
        awaitArrivalBy("r0");
        assertThat(left.obstacle()).isEqualTo(RingObstacle.NONE);
    }

    /// Until packets come to the router by this interface, and those that do are sent by the ring.
    private void awaitArrivalBy(String link) throws Exception {
        long before = received(link);
        await(() -> {
            for (int i = 0; i < 50; i++) {
                send(left, packet(RIGHT, 64));
            }
            return left.obstacle() == RingObstacle.NONE && received(link) - before > 200;
        });
        drain();
    }

    private long received(String link) {
        try {
            // "RX:  bytes packets errors ..." and the numbers in the next line
            List<String> lines =
                    net.router.ip("-s", "link", "show", link).lines().toList();
            int at = 0;
            while (!lines.get(at).strip().startsWith("RX:")) {
                at++;
            }
            return Long.parseLong(lines.get(at + 1).strip().split("\\s+")[1]);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void comesBackAfterTheInterfaceWasDown() throws Exception {
        awaitObstacle(RingObstacle.NONE);
        net.left.ip("link", "set", "l0", "down");
        await(() -> send(left, packet(RIGHT, 65)) == Refusal.UNREACHABLE);
        net.left.ip("link", "set", "l0", "up");
        net.left.ip("route", "replace", "198.51.100.0/24", "via", GATEWAY);
        awaitObstacle(RingObstacle.NONE);
        assertArrives(66);
    }

    @Test
    void leavesWhatGoesToThisHostItselfToTheSocket() {
        send(left, packet(LEFT, 67));
        assertThat(left.obstacle()).isEqualTo(RingObstacle.NOT_UNICAST);
        PacketBatch in = new PacketBatch(8);
        await(() -> left.receive(in) > 0);
        assertThat(octets(in.get(0))).isEqualTo(payload(67));
        in.releaseAll();
    }

    @Test
    void leavesItToTheKernelToChooseASource() {
        awaitObstacle(RingObstacle.NONE);
        PacketBuffer p = packet(RIGHT, 73);
        p.addressing().source = 0;
        assertThat(send(left, p)).isEqualTo(Refusal.NONE);
        assertThat(left.obstacle()).isEqualTo(RingObstacle.NO_SOURCE);
        assertThat(arrivals(1).getFirst()).isEqualTo(payload(73));
    }

    @Test
    void leavesPacketsThatMustTakeAnotherInterfaceToTheSocket() throws Exception {
        awaitObstacle(RingObstacle.NONE);
        PacketBuffer p = packet(RIGHT, 74);
        p.addressing().link = 1;
        // By the loopback interface, where it is lost.
        assertThat(send(left, p)).isEqualTo(Refusal.NONE);
        assertThat(left.obstacle()).isEqualTo(RingObstacle.OTHER_INTERFACE);
        p = packet(RIGHT, 75);
        p.addressing().link = net.leftLink();
        assertThat(send(left, p)).isEqualTo(Refusal.NONE);
        assertThat(left.obstacle()).isEqualTo(RingObstacle.NONE);
        assertThat(arrivals(1).getFirst()).isEqualTo(payload(75));
    }

    @Test
    void leavesInterfacesWithoutNeighboursToTheSocket() throws Exception {
        awaitObstacle(RingObstacle.NONE);
        net.left.ip("link", "set", "l0", "arp", "off");
        await(() -> {
            assertThat(send(left, packet(RIGHT, 68))).isEqualTo(Refusal.NONE);
            return left.obstacle() == RingObstacle.NOT_ETHERNET;
        });
    }

    @Test
    void leavesEverythingToTheSocketWhereThereAreIpsecPolicies() throws Exception {
        awaitObstacle(RingObstacle.NONE);
        net.left.ip("xfrm", "policy", "add", "dst", "198.51.100.0/24", "dir", "out", "action", "allow");
        awaitObstacle(RingObstacle.IPSEC);
        assertArrives(69);
        net.left.ip("xfrm", "policy", "flush");
        awaitObstacle(RingObstacle.NONE);
    }

    @Test
    void leavesEverythingToTheSocketWhereThereAreNetfilterChains() throws Exception {
        awaitObstacle(RingObstacle.NONE);
        net.left.netns.call(() -> {
            addChain();
            return null;
        });
        awaitObstacle(RingObstacle.NETFILTER);
        assertArrives(70);
    }

    /// `nft add table ip t; nft add chain ip t c { type filter hook input priority 0; }`, in a batch as the
    /// kernel wants it.
    private static void addChain() throws IOException {
        try (NetlinkSocket socket = NetlinkSocket.open(12);
                Arena arena = Arena.ofConfined()) {
            MemorySegment s = arena.allocate(1024);
            int create = Netlink.NLM_F_REQUEST | Netlink.NLM_F_CREATE;
            MessageWriter w = new MessageWriter(s);
            w.message(0x10, Netlink.NLM_F_REQUEST, 1, 0, m -> m.u8(0).u8(0).u16(0x0a00));
            w.message(10 << 8, create, 2, 0, m -> m.u8(2).u8(0).u16(0).string(1, "t"));
            w.message(
                    10 << 8 | 3,
                    create,
                    3,
                    0,
                    m -> m.u8(2)
                            .u8(0)
                            .u16(0)
                            .string(1, "t")
                            .string(3, "c")
                            .nested(4, h -> h.be32(1, 1).be32(2, 0))
                            .string(7, "filter"));
            w.message(0x11, Netlink.NLM_F_REQUEST, 4, 0, m -> m.u8(0).u8(0).u16(0x0a00));
            int held = socket.fd().holdOrThrow();
            try {
                assertThat(Libc.write(Libc.errnoState(), held, s, 0, w.length()))
                        .isEqualTo((int) w.length());
            } finally {
                socket.fd().leave();
            }
        }
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
        for (int window = 0; window < 60 && least > 0.05; window++) {
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
            await(() -> {
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
