package adit.interop.rules;

import static adit.interop.rules.TunnelBox.HERE;
import static adit.interop.rules.TunnelBox.INNER_HERE;
import static adit.interop.rules.TunnelBox.INNER_THERE;
import static adit.interop.rules.TunnelBox.PEER;
import static org.assertj.core.api.Assertions.assertThat;

import adit.interop.Site;
import adit.interop.rules.TunnelBox.Output;
import adit.tunnel.Carrier;
import adit.tunnel.Carrier.SourcePort;
import adit.tunnel.Carrier.UdpChecksum;
import adit.tunnel.PathMtu;
import adit.tunnel.Tos;
import adit.tunnel.Ttl;
import adit.tunnel.TunnelSpec;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The same packets into the kernel's tunnel and into ours: the same must come out, octet for octet but for
/// what each may choose itself ([PacketText]), and the same be counted.
///
/// The packets are random, from a seed that is always the same one unless `-Ddifferential.seed` says otherwise.
class DifferentialTest {
    private static final long SEED = Long.getLong("differential.seed", 20_030_726L);
    private static final int PACKETS = 150;
    private static final int DEVICE_MTU = 1500;

    private static GuestBox kernel;

    @BeforeAll
    static void open() {
        kernel = new GuestBox(Site.shared().guest());
    }

    static Stream<TunnelSpec> specs() {
        TunnelSpec plain = Specs.to(PEER);
        return Stream.of(
                plain,
                plain.ttl(Ttl.fixed(99)).tos(Tos.INHERIT),
                plain.pathMtu(PathMtu.IGNORE).tos(new Tos(0x48)),
                plain.carrier(new Carrier.Fou(5555, 5555, UdpChecksum.OFF)),
                plain.carrier(new Carrier.Fou(5555, 7777, UdpChecksum.ON, SourcePort.PER_FLOW))
                        .pathMtu(PathMtu.IGNORE),
                plain.carrier(new Carrier.Gue(6080, 6080, UdpChecksum.OFF)).tos(Tos.INHERIT),
                plain.carrier(new Carrier.Gue(6080, 9999, UdpChecksum.ON, SourcePort.PER_FLOW)));
    }

    @ParameterizedTest
    @MethodSource("specs")
    void encapsulatesAsTheKernelDoes(TunnelSpec spec) {
        Random random = new Random(SEED);
        Ipv4Packet[] inner = Stream.generate(() -> inner(random)).limit(PACKETS).toArray(Ipv4Packet[]::new);
        try (EngineBox ours = new EngineBox()) {
            for (TunnelBox box : List.of(kernel, ours)) {
                box.tunnels(DEVICE_MTU, List.of(spec));
            }
            Output theirs = kernel.outbound(inner);
            assertSame(ours.outbound(inner), theirs);
            assertThat(theirs.underlay()).hasSizeGreaterThan(PACKETS / 3);
            assertThat(ours.statistics("t1")).isEqualTo(kernel.statistics("t1"));
        }
    }

    /// A packet that a router may forward, with whatever a router does not look at.
    private static Ipv4Packet inner(Random random) {
        int[] protocols = {Ipv4Packet.ICMP, Ipv4Packet.IPIP, 6, Ipv4Packet.UDP, 47, 50, 132, 253};
        int protocol = protocols[random.nextInt(protocols.length)];
        // Many around the limits, some small ones.
        int length = random.nextInt(4) == 0 ? random.nextInt(0, 100) : random.nextInt(1420, 1481);
        byte[] payload = new byte[length];
        random.nextBytes(payload);
        if (protocol == Ipv4Packet.ICMP && length >= 1) {
            // Queries, about which errors may be sent, errors, about which none may, and types that nobody knows.
            payload[0] = (byte) (random.nextInt(4) == 0 ? random.nextInt(256) : random.nextInt(20));
        }
        int flags = random.nextInt(4) == 0
                ? random.nextInt(3) * Ipv4Packet.MORE_FRAGMENTS | random.nextInt(200)
                : random.nextBoolean() ? Ipv4Packet.DONT_FRAGMENT : 0;
        return Ipv4Packet.of(INNER_HERE, "10.2.0." + random.nextInt(1, 255), protocol, payload)
                .withTos(random.nextInt(256))
                .withIdentification(random.nextInt(0x10000))
                .withFlagsAndOffset(flags)
                .withTtl(random.nextInt(1, 255));
    }

    @ParameterizedTest
    @MethodSource("specs")
    void decapsulatesAsTheKernelDoes(TunnelSpec spec) {
        Random random = new Random(SEED + 1);
        byte[][] outer = Stream.generate(() -> damage(random, outer(random, spec.carrier())))
                .limit(PACKETS)
                .toArray(byte[][]::new);
        try (EngineBox ours = new EngineBox()) {
            for (TunnelBox box : List.of(kernel, ours)) {
                box.tunnels(DEVICE_MTU, List.of(spec));
            }
            Output theirs = kernel.inbound(outer);
            assertSame(behindAHost(ours.inbound(outer)), theirs);
            assertThat(theirs.overlay()).hasSizeGreaterThan(PACKETS / 3);
            Map<String, Long> counted = kernel.statistics("t1");
            assertThat(ours.statistics("t1")).isEqualTo(counted);
        }
    }

    /// The tunnel's packet around a random inner one.
    private static byte[] outer(Random random, Carrier carrier) {
        byte[] data = new byte[random.nextInt(0, 200)];
        random.nextBytes(data);
        byte[] inner = Ipv4Packet.udp(INNER_THERE, INNER_HERE, 7, random.nextInt(0x10000), data)
                .withTos(random.nextInt(256))
                .withIdentification(random.nextInt(0x10000))
                .withTtl(random.nextInt(2, 255))
                .octets();
        Ipv4Packet outer = switch (carrier) {
            case Carrier.Direct direct -> Ipv4Packet.of(PEER, HERE, Ipv4Packet.IPIP, inner);
            case Carrier.Fou fou -> Ipv4Packet.udp(PEER, HERE, 40000, fou.port(), inner);
            case Carrier.Gue gue -> Ipv4Packet.udp(PEER, HERE, 40000, gue.port(), gue(random, inner));
        };
        return outer.withTos(random.nextInt(256))
                .withIdentification(random.nextInt(0x10000))
                .withFlagsAndOffset(random.nextBoolean() ? Ipv4Packet.DONT_FRAGMENT : 0)
                .withTtl(random.nextInt(1, 256))
                .octets();
    }

    private static byte[] gue(Random random, byte[] inner) {
        int words = random.nextInt(3) == 0 ? random.nextInt(5) : 0;
        byte[] extra = new byte[4 * words];
        random.nextBytes(extra);
        return ByteBuffer.allocate(4 + extra.length + inner.length)
                .put((byte) words)
                .put((byte) Ipv4Packet.IPIP)
                .putShort((short) 0)
                .put(extra)
                .put(inner)
                .array();
    }

    /// Flips a bit in every other packet: in the outer header's TOS, identification, TTL or checksum, or, over
    /// UDP, in the twelve octets behind it. (One in an address, the protocol, the lengths or the fragment
    /// fields would have the host look at the packet before any tunnel does.) The header checksum is mended
    /// more often than not.
    private static byte[] damage(Random random, byte[] packet) {
        if (random.nextBoolean()) {
            return packet;
        }
        int[] header = {1, 4, 5, 8, 10, 11};
        boolean udp = packet[9] == Ipv4Packet.UDP;
        int at = !udp || random.nextInt(3) == 0 ? header[random.nextInt(header.length)] : 20 + random.nextInt(12);
        packet[at] ^= (byte) (1 << random.nextInt(8));
        if (at < 10 && random.nextInt(4) != 0) {
            mend(packet);
        }
        return packet;
    }

    private static void mend(byte[] packet) {
        byte[] right = Ipv4Packet.parse(packet).octets();
        packet[10] = right[10];
        packet[11] = right[11];
    }

    /// What a host behind our overlay port would take: the kernel's tunnel hands its packets to the host's IP
    /// layer, which drops those that are no IPv4 packets, and we see only what it forwards.
    private static Output behindAHost(Output output) {
        return new Output(
                output.underlay(),
                output.overlay().stream()
                        .filter(p -> Ipv4Packet.isWhole(p) && Ipv4Packet.headerChecksumIsRight(p))
                        .toList());
    }

    private static void assertSame(Output ours, Output theirs) {
        assertSame("underlay", ours.underlay(), theirs.underlay());
        assertSame("overlay", ours.overlay(), theirs.overlay());
    }

    /// Says of two lists of 150 long lines only where they part.
    private static void assertSame(String side, List<byte[]> ours, List<byte[]> theirs) {
        List<String> our = ours.stream().map(PacketText::line).toList();
        List<String> their = theirs.stream().map(PacketText::line).toList();
        int same = 0;
        while (same < Math.min(our.size(), their.size()) && our.get(same).equals(their.get(same))) {
            same++;
        }
        assertThat(our.stream().skip(same).limit(1).toList())
                .as("packet %d of %d on the %s; the kernel has sent %d", same, our.size(), side, their.size())
                .isEqualTo(their.stream().skip(same).limit(1).toList());
    }
}
