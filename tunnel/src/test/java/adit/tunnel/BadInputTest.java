package adit.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import adit.packet.Offload;
import adit.packet.PacketBuffer;
import adit.packet.Refusal;
import adit.packet.TunnelMetadata;
import adit.underlay.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Octets that break every format: each packet is counted once or passed on as the kernel does, nothing is
/// thrown and every buffer comes back.
class BadInputTest {
    private static final int PORT = 7000;
    private static final Carrier FOU = new Carrier.Fou(PORT, PORT, Carrier.UdpChecksum.OFF);
    private static final Carrier GUE = new Carrier.Gue(PORT, PORT, Carrier.UdpChecksum.OFF);

    private static final Map<String, Long> TRUNCATED = Map.of("stray TRUNCATED", 1L);

    private static Map<String, Long> received(long octets) {
        return Map.of("rx_packets", 1L, "rx_bytes", octets);
    }

    @ParameterizedTest
    @CsvSource({"4, 20", "41, 40", "137, 4"})
    void innerPacketsShorterThanTheirHeaderAreDroppedInboundWithoutACounterOfTheDevice(int protocol, int header) {
        byte[] inner = protocol == 4
                ? Octet.ip4().build()
                : protocol == 41 ? Octet.ip6().build() : Octet.labelled();
        for (int length = 0; length <= inner.length; length++) {
            try (Rig rig = new Rig(Rig.spec().mode(Mode.ANY))) {
                rig.receive(protocol, Arrays.copyOf(inner, length));
                assertThat(rig.counted())
                        .as("%d octets", length)
                        .isEqualTo(length < header ? TRUNCATED : received(length));
                assertThat(rig.underlay.sent).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"4, 20", "6, 40", "0, 4"})
    void innerPacketsShorterThanTheirHeaderAreDroppedOutbound(int version, int header) {
        byte[] inner =
                version == 4 ? Octet.ip4().build() : version == 6 ? Octet.ip6().build() : Octet.labelled();
        int etherType = version == 4 ? 0x0800 : version == 6 ? 0x86dd : 0x8847;
        for (int length = 0; length <= inner.length; length++) {
            try (Rig rig = new Rig(Rig.spec().mode(Mode.ANY))) {
                rig.send(Arrays.copyOf(inner, length), etherType, p -> {});
                assertThat(rig.counted())
                        .as("%d octets", length)
                        .isEqualTo(
                                length < header
                                        ? Map.of("INNER_TRUNCATED", 1L, "tx_errors", 1L)
                                        : Map.of("tx_packets", 1L, "tx_bytes", (long) length));
            }
        }
    }

    /// Inner IPv4 headers that lie. The tunnel counts them as good and hands them up; the IP layer behind it
    /// drops them.
    static Stream<Arguments> lies() {
        byte[] version = Octet.ip4().build();
        version[0] = 0x55;
        byte[] shortHeader = Octet.ip4().build();
        shortHeader[0] = 0x44;
        byte[] longHeader = Arrays.copyOf(Octet.ip4().build(), 20);
        longHeader[0] = 0x4f;
        byte[] checksum = Octet.ip4().build();
        checksum[10] ^= 1;
        byte[] tooLong = Octet.ip4().build();
        Octet.put16(tooLong, 2, 0xffff);
        byte[] tooShort = Octet.ip4().build();
        Octet.put16(tooShort, 2, 19);
        return Stream.of(
                Arguments.of("version 5", version),
                Arguments.of("IHL 4", shortHeader),
                Arguments.of("IHL 15 in 20 octets", longHeader),
                Arguments.of("checksum", checksum),
                Arguments.of("total length beyond the packet", tooLong),
                Arguments.of("total length below the header's", tooShort));
    }

    @ParameterizedTest
    @MethodSource("lies")
    void innerHeadersThatLieAreHandedUpAsTheyAre(String lie, byte[] inner) {
        try (Rig rig = new Rig(Rig.spec())) {
            rig.receive(4, inner);
            assertThat(rig.delivered().hex()).isEqualTo(Octet.hex(inner));
            assertThat(rig.counted()).isEqualTo(received(inner.length));
        }
    }

    @ParameterizedTest
    @MethodSource("lies")
    void innerHeadersThatLieAreSentAsTheyAre(String lie, byte[] inner) {
        try (Rig rig = new Rig(Rig.spec())) {
            rig.send(inner, 0x0800, p -> {});
            assertThat(rig.sent().hex()).isEqualTo(Octet.hex(inner));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"00064007", "00064007 00064007", "00064007000640070006400700064007 0006"})
    void labelStacksWithoutABottomPassBothWays(String stack) {
        byte[] inner = Octet.hex(stack);
        try (Rig rig = new Rig(Rig.spec().mode(Mode.MPLSIP))) {
            rig.send(inner, 0x8847, p -> {});
            assertThat(rig.sent().hex()).isEqualTo(Octet.hex(inner));
            rig.receive(137, inner);
            assertThat(rig.delivered().hex()).isEqualTo(Octet.hex(inner));
        }
    }

    @Test
    void everyBeginningOfAGuePacketIsDroppedOrReceived() {
        byte[] whole = Octet.join(
                Octet.hex("02040001 80000000 0014001a"),
                Octet.ip4().protocol(17).build());
        for (int length = 0; length < whole.length; length++) {
            try (Rig rig = new Rig(Rig.spec().carrier(GUE))) {
                rig.receiveUdp(PORT, Arrays.copyOf(whole, length));
                // The words of remote checksum offload point at the octets 20 to 27 of the payload.
                assertThat(rig.counted())
                        .as("%d octets", length)
                        .isEqualTo(length < 12 + 28 ? Map.of("stray BAD_GUE", 1L) : received(length - 12));
            }
        }
    }

    @Test
    void anOuterHeaderLengthThatIsNoneIsNotQuoted() {
        for (int length = 0; length < 20; length++) {
            int hidden = length;
            try (Rig rig = new Rig(Rig.spec())) {
                rig.receive(4, Octet.ip4().build(), a -> {
                    a.source = 0x0a0b0c0d;
                    a.outerHeaderLength = hidden;
                });
                assertThat(rig.underlay.sent).isEmpty();
                assertThat(rig.counted()).isEqualTo(Map.of("stray NO_TUNNEL", 1L, "stray NOT_TOLD", 1L));
            }
        }
    }

    private static byte[] noise(Random random) {
        byte[] octets = new byte[random.nextInt(300)];
        random.nextBytes(octets);
        if (octets.length > 0 && random.nextInt(3) > 0) {
            // More often something that looks like a packet.
            octets[0] = (byte) (random.nextBoolean() ? 0x40 + random.nextInt(16) : 0x60);
        }
        if (octets.length > 9 && random.nextBoolean()) {
            octets[9] = 1;
            octets[6] = (byte) new int[] {0, 43, 44, 51, 58, 60}[random.nextInt(6)];
            Octet.put16(octets, 2, octets.length);
            Octet.put16(octets, 4, Math.max(0, octets.length - 40));
        }
        return octets;
    }

    static Stream<Arguments> everyKindOfTunnel() {
        return Stream.of(Mode.values())
                .flatMap(mode -> Stream.of(new Carrier.Direct(), FOU, GUE).map(carrier -> Arguments.of(mode, carrier)));
    }

    @ParameterizedTest
    @MethodSource("everyKindOfTunnel")
    void noiseIsCountedPacketByPacket(Mode mode, Carrier carrier) {
        long seed = 20260103;
        Random random = new Random(seed);
        for (TunnelSpec spec : List.of(
                Rig.spec().mode(mode).carrier(carrier),
                TunnelSpec.of("t1", Rig.HERE, adit.wire.Ip4Address.ANY)
                        .mode(mode)
                        .carrier(carrier),
                TunnelSpec.external("t1").mode(mode).carrier(carrier))) {
            try (Rig rig = new Rig(spec, b -> b.nextHops(destination -> destination))) {
                long sent = 0;
                long received = 0;
                for (int i = 0; i < 4000; i++) {
                    rig.now += random.nextInt(1_000_000);
                    rig.overlay.refusal = seldomOne(random);
                    Refusal refusal = seldomOne(random);
                    rig.underlay.refusal = n -> refusal;
                    rig.underlay.path = Path.of(1 + random.nextInt(400), random.nextInt(3));
                    rig.overlay.mtu = random.nextInt(400);
                    int etherType = new int[] {0x0800, 0x86dd, 0x8847, 0}[random.nextInt(4)];
                    rig.send(noise(random), etherType, p -> describe(p, random));
                    sent++;
                    int protocol = new int[] {4, 41, 137, 17, 17, 1, 47}[random.nextInt(7)];
                    rig.receive(protocol, noise(random), a -> {
                        a.tos = random.nextInt(256);
                        a.destinationPort = random.nextInt(4) == 0 ? random.nextInt(65536) : PORT;
                        a.source = random.nextInt(8) == 0 ? random.nextInt() : a.source;
                    });
                    received++;
                    assertThat(rig.pool.lent())
                            .as("seed %d, packet %d", seed, i)
                            .isZero();
                }
                assertThat(out(rig)).isEqualTo(sent);
                assertThat(in(rig)).isEqualTo(received);
            }
        }
    }

    private static Refusal seldomOne(Random random) {
        List<Refusal> all = List.of(Refusal.values());
        return random.nextInt(8) == 0 ? all.get(random.nextInt(all.size())) : Refusal.NONE;
    }

    private static void describe(PacketBuffer p, Random random) {
        if (random.nextInt(4) == 0) {
            p.offload().checksum = Offload.Checksum.PARTIAL;
            p.offload().checksumStart = random.nextInt(400);
            p.offload().checksumOffset = random.nextInt(400);
        }
        if (random.nextInt(16) == 0) {
            p.offload().segmentation = Offload.Segmentation.TCP4;
        }
        if (random.nextBoolean()) {
            p.metadata().direction = TunnelMetadata.Direction.TRANSMIT;
            p.metadata().destination = random.nextInt();
            p.metadata().dontFragment = random.nextBoolean();
            p.metadata().tos = random.nextInt(4);
        }
    }

    private static long out(Rig rig) {
        TunnelCounters counters = rig.outbound.counters();
        return counters.txPackets() + drops(counters, Drop.Side.OUTBOUND);
    }

    private static long in(Rig rig) {
        TunnelCounters counters = rig.inbound.counters(rig.tunnel);
        TunnelCounters strays = rig.inbound.strays();
        return counters.rxPackets()
                + drops(counters, Drop.Side.INBOUND)
                + drops(strays, Drop.Side.STRAY)
                + strays.events(Event.ICMP_HEARD);
    }

    private static long drops(TunnelCounters counters, Drop.Side side) {
        return Arrays.stream(Drop.values())
                .filter(drop -> drop.side() == side)
                .mapToLong(counters::drops)
                .sum();
    }
}
