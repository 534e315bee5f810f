package adit.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adit.linux.UdpSpec.Checksum;
import adit.linux.UdpSpec.Offload;
import adit.linux.UdpSpec.Sharing;
import adit.packet.Addressing;
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.packet.Refusal;
import adit.underlay.Path;
import adit.wire.Icmp4;
import adit.wire.Ip4Address;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Octets;
import adit.wire.Udp;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// On loopback, with the JDK's own sockets as the independent other side. Needs no privilege.
class UdpUnderlayTest {
    private static final int LOOPBACK = 0x7f000001;
    private static final Paths STRAIGHT = new Paths() {
        @Override
        public Path path(int source, int destination) {
            return Path.of(65535, 1);
        }

        @Override
        public void stale(int destination) {}

        @Override
        public void close() {}
    };

    private final PacketPool pool = new PacketPool(256, 64, 65_535);
    private final PacketPool senders = new PacketPool(256, 64, 2_000);
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void allIsHome() throws Exception {
        for (AutoCloseable c : open) {
            c.close();
        }
        assertThat(pool.lent()).isZero();
        assertThat(senders.lent()).isZero();
        pool.close();
        senders.close();
    }

    private UdpUnderlay underlay(int port, Checksum checksum, Offload offload) throws LinuxException {
        UdpSpec spec = new UdpSpec(new Ip4Address(LOOPBACK), port, checksum, offload, Sharing.ALONE);
        UdpUnderlay u = UdpUnderlay.open(spec, pool, STRAIGHT);
        open.add(u);
        return u;
    }

    private static int freePort() throws IOException {
        try (DatagramSocket s = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            return s.getLocalPort();
        }
    }

    private PacketBuffer packet(int from, int to, byte[] octets) {
        PacketBuffer p = senders.lend();
        for (byte octet : octets) {
            Octets.put8(p.segment(), p.put(1), octet);
        }
        address(p, from, to);
        return p;
    }

    private static void address(PacketBuffer p, int from, int to) {
        Addressing a = p.addressing();
        a.source = LOOPBACK;
        a.destination = LOOPBACK;
        a.sourcePort = from;
        a.destinationPort = to;
        a.protocol = IpProtocol.UDP;
        a.tos = 0xb8;
        a.timeToLive = 77;
        a.dontFragment = true;
    }

    private static byte[] octets(int length, int seed) {
        byte[] b = new byte[length];
        for (int i = 0; i < length; i++) {
            b[i] = (byte) (i * 7 + seed);
        }
        return b;
    }

    private static byte[] octets(PacketBuffer p) {
        byte[] b = new byte[p.length()];
        for (int i = 0; i < b.length; i++) {
            b[i] = (byte) Octets.u8(p.segment(), (long) p.head() + i);
        }
        return b;
    }

    /// The next datagrams, those that the kernel joined taken apart.
    private static List<byte[]> receive(UdpUnderlay u, int count, PacketBatch batch) {
        List<byte[]> got = new ArrayList<>();
        long until = System.nanoTime() + 20_000_000_000L;
        while (got.size() < count && System.nanoTime() < until) {
            u.receive(batch);
            for (int i = 0; i < batch.size(); i++) {
                byte[] all = octets(batch.get(i));
                int joined = batch.get(i).addressing().joined;
                int each = joined == 0 ? Math.max(1, all.length) : joined;
                for (int at = 0; at == 0 || at < all.length; at += each) {
                    got.add(Arrays.copyOfRange(all, at, Math.min(all.length, at + each)));
                }
            }
            batch.releaseAll();
        }
        return got;
    }

    @Test
    void countsWhatItHadNoBufferForAndWhatWasLongerThanOne() throws IOException {
        int port = freePort();
        PacketPool one = new PacketPool(1, 64, 1000);
        UdpSpec spec = new UdpSpec(new Ip4Address(LOOPBACK), port, Checksum.ON, Offload.OFF, Sharing.ALONE);
        try (UdpUnderlay u = UdpUnderlay.open(spec, one, STRAIGHT);
                DatagramSocket peer = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            PacketBatch batch = new PacketBatch(8);
            PacketBuffer taken = one.lend();
            int room = taken.tailroom();
            for (int length : new int[] {room + 1, room}) {
                peer.send(new DatagramPacket(octets(length, 1), length, InetAddress.getLoopbackAddress(), port));
            }
            // What was sent by loopback may still be on its way through the kernel.
            Await.until(() -> {
                assertThat(u.receive(batch)).isZero();
                return u.starved() > 0;
            });
            assertThat(u.cut()).isZero();
            taken.release();
            assertThat(receive(u, 1, batch)).containsExactly(octets(room, 1));
            assertThat(u.cut()).isEqualTo(1);
        }
        assertThat(one.lent()).isZero();
        one.close();
    }

    @ParameterizedTest
    @EnumSource(Offload.class)
    void sendsDatagramsThatTheJdkReceivesWhole(Offload offload) throws IOException {
        int port = freePort();
        UdpUnderlay u = underlay(port, Checksum.ON, offload);
        try (DatagramSocket peer = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            peer.setSoTimeout(5_000);
            // Runs of equal length, shorter last ones, single ones and an empty one: every way to join and not to join.
            int[] lengths = {100, 100, 100, 60, 100, 1, 0, 1400, 1400, 3, 3};
            PacketBatch batch = new PacketBatch(64);
            for (int i = 0; i < lengths.length; i++) {
                batch.add(packet(port, peer.getLocalPort(), octets(lengths[i], i)));
            }
            assertThat(u.send(batch)).isEqualTo(lengths.length);
            assertThat(batch.isEmpty()).isTrue();
            for (int i = 0; i < lengths.length; i++) {
                DatagramPacket d = new DatagramPacket(new byte[2000], 2000);
                peer.receive(d);
                assertThat(Arrays.copyOf(d.getData(), d.getLength())).isEqualTo(octets(lengths[i], i));
                assertThat(d.getPort()).isEqualTo(port);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Checksum.class)
    void saysWhatTheKernelJoined(Checksum checksum) throws IOException {
        int a = freePort();
        UdpUnderlay from = underlay(a, checksum, Offload.AUTO);
        int b = freePort();
        UdpUnderlay to = underlay(b, Checksum.ON, Offload.AUTO);
        PacketBatch batch = new PacketBatch(64);
        List<byte[]> sent = IntStream.range(0, 64)
                .mapToObj(i -> octets(i == 63 ? 900 : 1000, i))
                .toList();
        sent.forEach(octets -> batch.add(packet(a, b, octets)));
        assertThat(from.send(batch)).isEqualTo(64);
        assertThat(from.joinsSent()).isTrue();
        assertThat(receive(to, 64, new PacketBatch(5))).containsExactlyElementsOf(sent);
    }

    @ParameterizedTest
    @EnumSource(Offload.class)
    void sendsTheSegmentsOfSuperPackets(Offload offload) throws IOException {
        int a = freePort();
        UdpUnderlay from = underlay(a, Checksum.OFF, offload);
        int b = freePort();
        UdpUnderlay to = underlay(b, Checksum.ON, Offload.AUTO);
        List<byte[]> expected = new ArrayList<>();
        PacketBatch batch = new PacketBatch(8);
        // One message, several by length, several by count, more iovecs than a call takes, and one segment only.
        int[][] shapes = {{9000, 1000}, {65_000, 1424}, {9_999, 33}, {20_000, 25}, {700, 1000}, {65_000, 60_000}};
        for (int i = 0; i < shapes.length; i++) {
            PacketBuffer p = SuperPackets.lend(pool, shapes[i][0], shapes[i][1]);
            address(p, a, b);
            expected.addAll(SuperPackets.cut(p));
            batch.add(p);
            byte[] plain = octets(100 + i, i);
            expected.add(plain);
            batch.add(packet(a, b, plain));
            // As many as the receiver's socket takes in one go.
            int count = batch.size();
            assertThat(from.send(batch)).isEqualTo(count);
            List<byte[]> got = receive(to, expected.size(), new PacketBatch(64));
            assertThat(got).containsExactlyElementsOf(expected);
            expected.clear();
        }
        assertThat(from.joinsSent()).isEqualTo(offload == Offload.AUTO);
    }

    @Test
    void refusesASuperPacketThatIsNotWhatItSays() throws IOException {
        int a = freePort();
        UdpUnderlay from = underlay(a, Checksum.OFF, Offload.AUTO);
        PacketBuffer p = SuperPackets.lend(pool, 3000, 1000);
        address(p, a, a);
        p.offload().networkStart = 0;
        PacketBatch batch = new PacketBatch(1);
        batch.add(p);
        assertThat(from.send(batch)).isZero();
        assertThat(batch.get(0).refusal()).isEqualTo(Refusal.MALFORMED);
        batch.releaseAll();
    }

    @Test
    void tellsWhereADatagramCameFromAndWhatItsHeaderSaid() throws IOException {
        int a = freePort();
        UdpUnderlay from = underlay(a, Checksum.OFF, Offload.OFF);
        int b = freePort();
        UdpUnderlay to = underlay(b, Checksum.OFF, Offload.OFF);
        PacketBatch batch = new PacketBatch(1);
        batch.add(packet(a, b, octets(33, 1)));
        from.send(batch);
        PacketBatch in = new PacketBatch(8);
        long until = System.nanoTime() + 20_000_000_000L;
        while (to.receive(in) == 0 && System.nanoTime() < until) {
            Thread.onSpinWait();
        }
        assertThat(in.size()).isEqualTo(1);
        Addressing got = in.get(0).addressing();
        assertThat(got.source).isEqualTo(LOOPBACK);
        assertThat(got.destination).isEqualTo(LOOPBACK);
        assertThat(got.sourcePort).isEqualTo(a);
        assertThat(got.destinationPort).isEqualTo(b);
        assertThat(got.protocol).isEqualTo(IpProtocol.UDP);
        assertThat(got.tos).isEqualTo(0xb8);
        assertThat(got.timeToLive).isEqualTo(77);
        assertThat(got.outerHeaderLength).isZero();
        in.releaseAll();
    }

    @Test
    void hearsThatNobodyListens() throws IOException {
        int a = freePort();
        int nobody = freePort();
        UdpUnderlay u = underlay(a, Checksum.ON, Offload.OFF);
        PacketBatch batch = new PacketBatch(1);
        batch.add(packet(a, nobody, octets(40, 9)));
        assertThat(u.send(batch)).isEqualTo(1);
        PacketBatch in = new PacketBatch(8);
        long until = System.nanoTime() + 20_000_000_000L;
        while (u.receive(in) == 0 && System.nanoTime() < until) {
            Thread.onSpinWait();
        }
        assertThat(in.size()).isEqualTo(1);
        PacketBuffer p = in.get(0);
        var s = p.segment();
        int at = p.head();
        assertThat(p.addressing().protocol).isEqualTo(IpProtocol.ICMP);
        assertThat(Octets.u16(s, at)).as("type 3 code 3").isEqualTo(0x0303);
        long quote = at + (long) Icmp4.HEADER_LENGTH;
        assertThat(Ipv4.source(s, quote)).isEqualTo(LOOPBACK);
        assertThat(Ipv4.destination(s, quote)).isEqualTo(LOOPBACK);
        assertThat(Ipv4.protocol(s, quote)).isEqualTo(IpProtocol.UDP);
        long udp = quote + Ipv4.MIN_HEADER_LENGTH;
        assertThat(Udp.sourcePort(s, udp)).isEqualTo(a);
        assertThat(Udp.destinationPort(s, udp)).isEqualTo(nobody);
        in.releaseAll();
        // The echo of that error must not cost the next packet.
        batch.add(packet(a, nobody, octets(40, 9)));
        assertThat(u.send(batch)).isEqualTo(1);
    }

    @Test
    void refusesWhatIsTooLargeAndSendsTheRest() throws IOException {
        int a = freePort();
        UdpUnderlay u = underlay(a, Checksum.ON, Offload.AUTO);
        PacketPool large = new PacketPool(1, 64, 65_535);
        try (DatagramSocket peer = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            peer.setSoTimeout(5_000);
            PacketBuffer big = large.lend();
            big.put(65_530);
            big.addressing().copyFrom(packetAddressing(a, peer.getLocalPort()));
            PacketBatch batch = new PacketBatch(8);
            batch.add(packet(a, peer.getLocalPort(), octets(10, 1)));
            batch.add(big);
            batch.add(packet(a, peer.getLocalPort(), octets(10, 2)));
            assertThat(u.send(batch)).isEqualTo(2);
            assertThat(batch.size()).isEqualTo(1);
            assertThat(batch.get(0).refusal()).isEqualTo(Refusal.TOO_BIG);
            batch.releaseAll();
            for (int seed = 1; seed <= 2; seed++) {
                DatagramPacket d = new DatagramPacket(new byte[2000], 2000);
                peer.receive(d);
                assertThat(Arrays.copyOf(d.getData(), d.getLength())).isEqualTo(octets(10, seed));
            }
        }
        assertThat(large.lent()).isZero();
        large.close();
    }

    private Addressing packetAddressing(int from, int to) {
        PacketBuffer p = packet(from, to, new byte[0]);
        p.release();
        return p.addressing();
    }

    @Test
    void refusesEverythingOnceClosed() throws IOException {
        UdpUnderlay u = underlay(freePort(), Checksum.ON, Offload.AUTO);
        u.close();
        PacketBatch batch = new PacketBatch(1);
        batch.add(packet(1, 2, octets(10, 1)));
        assertThat(u.send(batch)).isZero();
        assertThat(batch.get(0).refusal()).isEqualTo(Refusal.DOWN);
        assertThat(u.receive(new PacketBatch(1))).isZero();
        batch.releaseAll();
    }

    @Test
    void saysWhichPortIsTaken() throws IOException {
        int port = freePort();
        underlay(port, Checksum.ON, Offload.AUTO);
        assertThatThrownBy(() -> underlay(port, Checksum.ON, Offload.AUTO))
                .isInstanceOf(LinuxException.class)
                .hasMessageContaining("EADDRINUSE")
                .hasMessageContaining(String.valueOf(port));
    }

    @Test
    void leavesNoDescriptorBehindAfterAThousandOpenings() throws IOException {
        int port = freePort();
        int taken = freePort();
        underlay(taken, Checksum.ON, Offload.AUTO);
        long before = descriptors();
        for (int i = 0; i < 1000; i++) {
            UdpUnderlay.open(UdpSpec.of(port, Checksum.OFF), pool, STRAIGHT).close();
            assertThatThrownBy(() -> UdpUnderlay.open(UdpSpec.of(taken, Checksum.OFF), pool, STRAIGHT))
                    .isInstanceOf(LinuxException.class);
        }
        assertThat(descriptors()).isEqualTo(before);
    }

    private static long descriptors() throws IOException {
        try (Stream<java.nio.file.Path> files = Files.list(java.nio.file.Path.of("/proc/self/fd"))) {
            return files.count();
        }
    }

    @ParameterizedTest
    @EnumSource(Offload.class)
    void allocatesNothingPerPacket(Offload offload) throws IOException {
        int a = freePort();
        UdpUnderlay from = underlay(a, Checksum.ON, offload);
        int b = freePort();
        UdpUnderlay to = underlay(b, Checksum.ON, offload);
        PacketBatch out = new PacketBatch(32);
        PacketBatch in = new PacketBatch(64);
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        int rounds = 1_000;
        double least = Double.MAX_VALUE;
        // Until the compiler has done its work, boxes and slices are real. After that none may be left.
        for (int window = 0; window < 300 && least > 0.05; window++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            exchange(from, to, a, b, out, in, rounds);
            long octets = threads.getCurrentThreadAllocatedBytes() - before;
            least = Math.min(least, octets / (32.0 * rounds));
        }
        assertThat(least).as("octets a packet").isLessThan(0.05);
    }

    @ParameterizedTest
    @EnumSource(Offload.class)
    void allocatesNothingPerSuperPacket(Offload offload) throws IOException {
        int a = freePort();
        UdpUnderlay from = underlay(a, Checksum.OFF, offload);
        int b = freePort();
        UdpUnderlay to = underlay(b, Checksum.ON, offload);
        PacketBuffer template = SuperPackets.lend(pool, 40_000, 1000);
        address(template, a, b);
        PacketBatch out = new PacketBatch(1);
        PacketBatch in = new PacketBatch(64);
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        double least = Double.MAX_VALUE;
        for (int window = 0; window < 300 && least > 0.05; window++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 500; i++) {
                PacketBuffer p = pool.lend();
                p.copyFrom(template);
                out.add(p);
                from.send(out);
                out.releaseAll();
                to.receive(in);
                in.releaseAll();
            }
            long octets = threads.getCurrentThreadAllocatedBytes() - before;
            least = Math.min(least, octets / (40.0 * 500));
        }
        template.release();
        assertThat(least).as("octets a segment").isLessThan(0.05);
    }

    private void exchange(UdpUnderlay from, UdpUnderlay to, int a, int b, PacketBatch out, PacketBatch in, int rounds) {
        for (int i = 0; i < rounds; i++) {
            while (out.room() > 0) {
                PacketBuffer p = senders.lend();
                p.put(512);
                Addressing d = p.addressing();
                d.destination = LOOPBACK;
                d.sourcePort = a;
                d.destinationPort = b;
                d.timeToLive = 64;
                d.dontFragment = true;
                out.add(p);
            }
            from.send(out);
            out.releaseAll();
            to.receive(in);
            in.releaseAll();
        }
    }
}
