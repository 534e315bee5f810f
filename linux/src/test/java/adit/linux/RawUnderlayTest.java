package adit.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adit.device.Errno;
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
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// On the loopback of a namespace of the test's own, where the kernel has no tunnel driver.
class RawUnderlayTest {
    private static final int LOOPBACK = 0x7f000001;
    private static final int NOBODY = 0x7f000002;

    private final PacketPool pool = new PacketPool(256, 64, 65_535);
    private final PacketPool senders = new PacketPool(128, 64, 9_000);
    private Path path = Path.of(65535, 1);
    private Netns namespace;
    private RawUnderlay underlay;

    private final Paths paths = new Paths() {
        @Override
        public Path path(int source, int destination) {
            return path;
        }

        @Override
        public void stale(int destination) {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void open() throws Exception {
        namespace = TestHost.namespace();
        assertThat(namespace.exec("ip", "link", "set", "lo", "up").waitFor()).isZero();
        underlay = open(Set.of(IpProtocol.IPIP, IpProtocol.MPLS));
    }

    private RawUnderlay open(Set<Integer> protocols) throws Exception {
        return namespace.call(() -> RawUnderlay.open(new RawSpec(Ip4Address.ANY, protocols), pool, paths));
    }

    @AfterEach
    void allIsHome() {
        if (namespace != null) {
            underlay.close();
            namespace.close();
        }
        assertThat(pool.lent()).isZero();
        assertThat(senders.lent()).isZero();
        pool.close();
        senders.close();
    }

    private PacketBuffer packet(int protocol, int length) {
        PacketBuffer p = senders.lend();
        int at = p.put(length);
        for (int i = 0; i < length; i++) {
            Octets.put8(p.segment(), at + (long) i, i * 11 + length);
        }
        Addressing a = p.addressing();
        a.source = LOOPBACK;
        a.destination = LOOPBACK;
        a.protocol = protocol;
        a.tos = 0xb9;
        a.timeToLive = 33;
        a.dontFragment = true;
        return p;
    }

    private static void assertPayload(PacketBuffer p, int length) {
        assertThat(p.length()).isEqualTo(length);
        for (int i = 0; i < length; i++) {
            assertThat(Octets.u8(p.segment(), (long) p.head() + i)).isEqualTo((i * 11 + length) & 0xff);
        }
    }

    private PacketBatch receive(int count) {
        PacketBatch in = new PacketBatch(64);
        long until = System.nanoTime() + 20_000_000_000L;
        while (in.size() < count && System.nanoTime() < until) {
            underlay.receive(in);
        }
        return in;
    }

    @Test
    void carriesPayloadsAndSaysWhatTheHeaderSaid() {
        PacketBatch out = new PacketBatch(8);
        out.add(packet(IpProtocol.IPIP, 100));
        out.add(packet(IpProtocol.IPIP, 1400));
        assertThat(underlay.send(out)).isEqualTo(2);
        PacketBatch in = receive(2);
        assertThat(in.size()).isEqualTo(2);
        for (int i = 0; i < 2; i++) {
            PacketBuffer p = in.get(i);
            assertPayload(p, i == 0 ? 100 : 1400);
            Addressing a = p.addressing();
            assertThat(a.source).isEqualTo(LOOPBACK);
            assertThat(a.destination).isEqualTo(LOOPBACK);
            assertThat(a.protocol).isEqualTo(IpProtocol.IPIP);
            assertThat(a.tos).isEqualTo(0xb9);
            assertThat(a.timeToLive).isEqualTo(33);
            assertThat(a.dontFragment).isTrue();
            assertThat(a.link).isEqualTo(1);
            // The outer header still stands in front, to be quoted.
            assertThat(a.outerHeaderLength).isEqualTo(20);
            MemorySegment s = p.segment();
            assertThat(Ipv4.checksumValid(s, p.head() - 20L)).isTrue();
            assertThat(Ipv4.totalLength(s, p.head() - 20L)).isEqualTo(20 + p.length());
        }
        int first = Ipv4.identification(in.get(0).segment(), in.get(0).head() - 20L);
        int second = Ipv4.identification(in.get(1).segment(), in.get(1).head() - 20L);
        assertThat((second - first) & 0xffff)
                .as("identifications follow each other")
                .isEqualTo(1);
        in.releaseAll();
    }

    @Test
    void nobodyWaitsBehindAFullSocket() {
        PacketBatch out = new PacketBatch(101);
        for (int i = 0; i < 100; i++) {
            out.add(packet(IpProtocol.IPIP, 60));
        }
        out.add(packet(IpProtocol.MPLS, 61));
        assertThat(underlay.send(out)).isEqualTo(101);
        int before = 0;
        int behind = 0;
        long until = System.nanoTime() + 20_000_000_000L;
        PacketBatch in = new PacketBatch(1);
        while (before + behind < 101 && System.nanoTime() < until) {
            underlay.receive(in);
            for (int i = 0; i < in.size(); i++) {
                if (in.get(i).addressing().protocol == IpProtocol.MPLS) {
                    behind = 1;
                } else if (behind == 0) {
                    before++;
                } else {
                    behind++;
                }
            }
            in.releaseAll();
        }
        assertThat(before + behind).as("all arrive").isEqualTo(101);
        assertThat(before).as("of a hundred, those in front of the one").isLessThan(20);
    }

    @Test
    void receivesOnlyTheProtocolsAskedFor() {
        PacketBatch out = new PacketBatch(8);
        out.add(packet(IpProtocol.IPV6, 60));
        out.add(packet(IpProtocol.MPLS, 61));
        assertThat(underlay.send(out)).isEqualTo(2);
        PacketBatch in = receive(1);
        // The kernel answers for the protocol that nobody receives, which is none of ours.
        assertThat(in.size()).isEqualTo(1);
        assertThat(in.get(0).addressing().protocol).isEqualTo(IpProtocol.MPLS);
        assertPayload(in.get(0), 61);
        in.releaseAll();
    }

    @Test
    void fragmentsWhatIsLargerThanThePathAndMayBe() {
        path = Path.of(576, 1);
        PacketBatch out = new PacketBatch(8);
        out.add(packet(IpProtocol.IPIP, 50));
        PacketBuffer large = packet(IpProtocol.IPIP, 4000);
        large.addressing().dontFragment = false;
        out.add(large);
        out.add(packet(IpProtocol.IPIP, 51));
        assertThat(underlay.send(out)).isEqualTo(3);
        // The kernel's reassembly is the judge.
        PacketBatch in = receive(3);
        assertThat(in.size()).isEqualTo(3);
        assertPayload(in.get(0), 50);
        assertPayload(in.get(1), 4000);
        assertPayload(in.get(2), 51);
        in.releaseAll();
    }

    @Test
    void hearsIcmpErrorsAboutItsPackets() throws Exception {
        // 127.0.0.2 is the host's own, and nobody there receives protocol 41.
        underlay.close();
        underlay = open(Set.of(IpProtocol.IPIP));
        RawUnderlay deaf = open(Set.of());
        PacketBatch out = new PacketBatch(1);
        PacketBuffer p = packet(IpProtocol.IPIP, 40);
        p.addressing().destination = LOOPBACK;
        p.addressing().protocol = IpProtocol.ICMP;
        // An error as a router would send it: host unreachable, quoting a packet of ours.
        writeError(p);
        out.add(p);
        assertThat(deaf.send(out)).isEqualTo(1);
        PacketBatch in = receive(1);
        assertThat(in.size()).isEqualTo(1);
        PacketBuffer error = in.get(0);
        assertThat(error.addressing().protocol).isEqualTo(IpProtocol.ICMP);
        assertThat(Octets.u16(error.segment(), error.head())).isEqualTo(0x0301);
        assertThat(Ipv4.destination(error.segment(), error.head() + (long) Icmp4.HEADER_LENGTH))
                .isEqualTo(NOBODY);
        in.releaseAll();
        deaf.close();
    }

    @Test
    void aRestInTheReadEndsWithAPacketAndElseAfterItsLimit() throws Exception {
        underlay.close();
        underlay = open(Set.of(IpProtocol.IPIP));
        RestInRead rest = underlay.restInRead();
        PacketBatch in = new PacketBatch(4);
        assertThat(rest.offer()).isTrue();
        assertThat(underlay.receive(in)).isZero();
        assertThat(rest.sinceAsked()).isGreaterThan(RestInRead.LIMIT_NANOS / 2);
        PacketBatch out = new PacketBatch(1);
        out.add(packet(IpProtocol.IPIP, 100));
        assertThat(underlay.send(out)).isEqualTo(1);
        for (int tries = 0; tries < 1000 && in.isEmpty(); tries++) {
            assertThat(rest.offer()).isTrue();
            underlay.receive(in);
        }
        assertThat(in.size()).isEqualTo(1);
        assertPayload(in.get(0), 100);
        in.releaseAll();
    }

    @Test
    void anIcmpErrorIsHeardOnceTheRestHasEnded() throws Exception {
        underlay.close();
        underlay = open(Set.of(IpProtocol.IPIP));
        RawUnderlay deaf = open(Set.of());
        PacketBatch out = new PacketBatch(1);
        PacketBuffer p = packet(IpProtocol.ICMP, 40);
        writeError(p);
        out.add(p);
        assertThat(deaf.send(out)).isEqualTo(1);
        PacketBatch in = new PacketBatch(4);
        assertThat(underlay.restInRead().offer()).isTrue();
        assertThat(underlay.receive(in)).isZero();
        in = receive(1);
        assertThat(in.size()).isEqualTo(1);
        assertThat(in.get(0).addressing().protocol).isEqualTo(IpProtocol.ICMP);
        in.releaseAll();
        deaf.close();
    }

    /// While it waited for one protocol, packets of the other would wait too.
    @Test
    void withSeveralProtocolsThereIsNoRestInTheRead() {
        assertThat(underlay.restInRead().offer()).isFalse();
    }

    private static void writeError(PacketBuffer p) {
        MemorySegment s = p.segment();
        int at = p.head();
        Octets.put64(s, at, 0x0301_0000_0000_0000L);
        Ipv4.emit(s, at + 8L, 0, 60, 7, 0, 0, 64, IpProtocol.IPIP, LOOPBACK, NOBODY);
        int sum = 0;
        for (int i = 0; i < p.length(); i += 2) {
            sum += Octets.u16(s, at + (long) i);
        }
        while (sum >> 16 != 0) {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        Octets.put16(s, at + 2L, ~sum);
    }

    @Test
    void refusesWhatIsLargerThanTheLinkAndKeepsTheRest() throws Exception {
        assertThat(namespace.exec("ip", "link", "set", "lo", "mtu", "1500").waitFor())
                .isZero();
        PacketBatch out = new PacketBatch(8);
        out.add(packet(IpProtocol.IPIP, 100));
        out.add(packet(IpProtocol.IPIP, 1481));
        out.add(packet(IpProtocol.IPIP, 1480));
        assertThat(underlay.send(out)).isEqualTo(2);
        assertThat(out.size()).isEqualTo(1);
        assertThat(out.get(0).refusal()).isEqualTo(Refusal.TOO_BIG);
        out.releaseAll();
        PacketBatch in = receive(2);
        assertThat(in.size()).isEqualTo(2);
        in.releaseAll();
    }

    @Test
    void saysThatThereIsNoWay() {
        PacketBatch out = new PacketBatch(1);
        PacketBuffer p = packet(IpProtocol.IPIP, 100);
        p.addressing().destination = 0xc0000201;
        p.addressing().source = 0;
        out.add(p);
        assertThat(underlay.send(out)).isZero();
        assertThat(out.get(0).refusal()).isEqualTo(Refusal.UNREACHABLE);
        out.releaseAll();
    }

    @Test
    void saysWhichCapabilityIsLacking() {
        assertThat(new LinuxException("socket", "raw IPv4, protocol 4", Errno.EPERM))
                .hasMessage(
                        "socket raw IPv4, protocol 4: EPERM (operation not permitted): raw sockets need CAP_NET_RAW;"
                                + " FOU and GUE, which are UDP, need nothing");
    }

    @Test
    void refusesProtocolsThatNoTunnelUses() {
        assertThatThrownBy(() -> new RawSpec(Ip4Address.ANY, Set.of(6))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void allocatesNothingPerPacket() {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        PacketBatch out = new PacketBatch(32);
        PacketBatch in = new PacketBatch(64);
        double least = Double.MAX_VALUE;
        // What is called once a millisecond is compiled last, after some seconds.
        for (int window = 0; window < 300 && least > 0.05; window++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 1_000; i++) {
                while (out.room() > 0) {
                    PacketBuffer p = senders.lend();
                    p.put(512);
                    Addressing a = p.addressing();
                    a.source = LOOPBACK;
                    a.destination = LOOPBACK;
                    a.protocol = IpProtocol.IPIP;
                    a.timeToLive = 64;
                    a.dontFragment = true;
                    out.add(p);
                }
                underlay.send(out);
                out.releaseAll();
                underlay.receive(in);
                in.releaseAll();
            }
            least = Math.min(least, (threads.getCurrentThreadAllocatedBytes() - before) / 32_000.0);
        }
        assertThat(least).as("octets a packet").isLessThan(0.05);
    }
}
