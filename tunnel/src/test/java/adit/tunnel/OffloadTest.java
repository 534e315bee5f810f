package adit.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import adit.packet.Offload;
import adit.packet.PacketBuffer;
import adit.packet.Refusal;
import adit.underlay.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Super-packets and checksums that the overlay left to be finished.
class OffloadTest {
    private static final Carrier GUE = new Carrier.Gue(6080, 6080, Carrier.UdpChecksum.OFF);

    /// An IPv4 packet with a TCP segment whose checksum is right, or holds the sum of the pseudo-header.
    private static byte[] tcp(boolean finished) {
        byte[] segment = Octet.join(Octet.hex("03e8 07d0 01020304 05060708 5018 0200 0000 0000"), Octet.payload(41));
        byte[] pseudo = Octet.hex("0a010001 0a020002 0006 003d");
        Octet.put16(segment, 16, finished ? Octet.checksum(pseudo, segment) : ~Octet.checksum(pseudo) & 0xffff);
        return Octet.ip4().protocol(6).payload(segment).build();
    }

    private static void partial(PacketBuffer p, int start, int offset) {
        p.offload().checksum = Offload.Checksum.PARTIAL;
        p.offload().checksumStart = start;
        p.offload().checksumOffset = offset;
    }

    @Test
    void finishesAPartialChecksumBeforeItEncapsulates() {
        for (Carrier carrier : new Carrier[] {new Carrier.Direct(), GUE}) {
            try (Rig rig = new Rig(Rig.spec().carrier(carrier))) {
                PacketBuffer[] seen = new PacketBuffer[1];
                rig.send(tcp(false), 0x0800, p -> {
                    partial(p, 20, 16);
                    seen[0] = p;
                });
                assertThat(rig.sent().hex()).endsWith(Octet.hex(tcp(true)));
                // The packet has gone back to its pool, which forgets what it said only when it is lent again.
                assertThat(seen[0].offload().checksum).isEqualTo(Offload.Checksum.UNKNOWN);
                assertThat(rig.counted()).isEqualTo(Map.of("tx_packets", 1L, "tx_bytes", 81L));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"82, 0", "20, 60", "81, 0", "70000, 16", "20, 70000"})
    void dropsAPacketWhoseChecksumLiesOutsideOfIt(int start, int offset) {
        try (Rig rig = new Rig(Rig.spec())) {
            rig.send(tcp(false), 0x0800, p -> partial(p, start, offset));
            assertThat(rig.underlay.sent).isEmpty();
            assertThat(rig.counted()).isEqualTo(Map.of("BAD_OFFLOAD", 1L, "tx_errors", 1L));
        }
    }

    private static final int ALL_FLAGS = SuperPacket.CWR | SuperPacket.ACK | SuperPacket.PSH | SuperPacket.FIN;

    private static final Outbound.SuperPackets WHOLE = Outbound.SuperPackets.CUT_BY_UNDERLAY;

    private static void send(Rig rig, SuperPacket superPacket) {
        rig.send(superPacket.whole(), etherType(superPacket), superPacket::describe);
    }

    private static int etherType(SuperPacket superPacket) {
        return superPacket.version() == SuperPacket.Version.IPV4 ? 0x0800 : 0x86dd;
    }

    static List<Arguments> superPackets() {
        List<Carrier> carriers = List.of(
                new Carrier.Direct(),
                new Carrier.Fou(7000, 7001, Carrier.UdpChecksum.OFF, Carrier.SourcePort.PER_FLOW),
                GUE);
        List<Arguments> all = new ArrayList<>();
        for (Carrier carrier : carriers) {
            for (SuperPacket.Version version : SuperPacket.Version.values()) {
                all.add(arguments(carrier, new SuperPacket(version, ALL_FLAGS, 32, 3900, 1300)));
                all.add(arguments(carrier, new SuperPacket(version, ALL_FLAGS, 20, 3901, 536)));
                all.add(arguments(carrier, new SuperPacket(version, ALL_FLAGS, 60, 100, 1)));
                all.add(arguments(carrier, new SuperPacket(version, ALL_FLAGS, 20, 1000, 1000)));
            }
        }
        return all;
    }

    /// The engine given a super-packet does what it does given its segments one by one, to the octet.
    @ParameterizedTest
    @MethodSource("superPackets")
    void whatIsCutHereIsWhatTheSegmentsAloneBecome(Carrier carrier, SuperPacket superPacket) {
        TunnelSpec spec = Rig.spec().mode(Mode.ANY).carrier(carrier).tos(Tos.INHERIT);
        try (Rig cut = new Rig(spec, b -> b.burst(16));
                Rig alone = new Rig(spec)) {
            send(cut, superPacket);
            for (byte[] segment : superPacket.segments()) {
                alone.send(segment, etherType(superPacket), p -> {});
            }
            assertThat(cut.underlay.sent).isEqualTo(alone.underlay.sent);
            assertThat(cut.counted()).isEqualTo(alone.counted());
        }
    }

    @Test
    void whatTheUnderlayCutsGoesThereWholeWithItsDescriptionMovedBehindTheHeader() {
        SuperPacket superPacket = new SuperPacket(SuperPacket.Version.IPV4, ALL_FLAGS, 32, 3000, 1300);
        try (Rig rig = new Rig(Rig.spec().carrier(GUE), b -> b.superPackets(WHOLE))) {
            PacketBuffer[] seen = new PacketBuffer[1];
            rig.send(superPacket.whole(), 0x0800, p -> {
                superPacket.describe(p);
                seen[0] = p;
            });
            assertThat(rig.sent().hex()).isEqualTo("00040000" + Octet.hex(superPacket.whole()));
            // The packet has gone back to its pool, which forgets what it said only when it is lent again.
            Offload o = seen[0].offload();
            assertThat(o.networkStart).isEqualTo(4);
            assertThat(o.checksumStart).isEqualTo(24);
            assertThat(o.checksumOffset).isEqualTo(16);
            assertThat(o.segmentSize).isEqualTo(1300);
            assertThat(rig.counted()).isEqualTo(Map.of("tx_packets", 3L, "tx_bytes", 3156L));
        }
    }

    @ParameterizedTest
    @CsvSource({"1428, true", "1429, false"})
    void aSuperPacketFitsWhenItsSegmentsDo(int segmentSize, boolean fits) {
        for (Outbound.SuperPackets who : Outbound.SuperPackets.values()) {
            SuperPacket superPacket = new SuperPacket(SuperPacket.Version.IPV4, SuperPacket.ACK, 32, 3000, segmentSize);
            try (Rig rig = new Rig(Rig.spec(), b -> b.superPackets(who))) {
                send(rig, superPacket);
                if (fits) {
                    assertThat(rig.underlay.sent).isNotEmpty();
                    assertThat(rig.overlay.sent).isEmpty();
                } else {
                    assertThat(rig.underlay.sent).isEmpty();
                    byte[] error = rig.delivered().octets();
                    assertThat(Octet.u16(error, 20)).as("type and code").isEqualTo(0x0304);
                    assertThat(Octet.u16(error, 26)).as("mtu").isEqualTo(1480);
                    assertThat(Octet.hex(error))
                            .contains(Octet.hex(superPacket.whole()).substring(0, 2 * 52));
                    assertThat(rig.counted()).isEqualTo(Map.of("TOO_BIG", 3L, "TOLD_TOO_BIG", 1L, "tx_errors", 3L));
                }
            }
        }
    }

    /// The path has narrowed without anybody's knowledge: the socket says so, and so does the engine to the
    /// sender.
    @Test
    void aSuperPacketThatTheUnderlayFindsTooBigIsReportedToItsSender() {
        SuperPacket superPacket = new SuperPacket(SuperPacket.Version.IPV4, SuperPacket.ACK, 32, 3000, 1400);
        try (Rig rig = new Rig(Rig.spec().carrier(GUE), b -> b.superPackets(WHOLE))) {
            rig.underlay.refusal = n -> {
                rig.underlay.path = Path.of(1400, 1);
                return Refusal.TOO_BIG;
            };
            send(rig, superPacket);
            assertThat(Octet.u16(rig.delivered().octets(), 26)).as("mtu").isEqualTo(1368);
            assertThat(rig.counted()).isEqualTo(Map.of("TOO_BIG", 3L, "TOLD_TOO_BIG", 1L, "tx_errors", 3L));
        }
    }

    @Test
    void dropsASuperPacketWhoseOctetsAreNotWhatItSays() {
        for (Outbound.SuperPackets who : Outbound.SuperPackets.values()) {
            try (Rig rig = new Rig(Rig.spec(), b -> b.superPackets(who))) {
                rig.send(Octet.ip4().length(3000).build(), 0x0800, p -> {
                    p.offload().segmentation = Offload.Segmentation.TCP4;
                    p.offload().segmentSize = 1400;
                });
                assertThat(rig.underlay.sent).isEmpty();
                assertThat(rig.counted()).isEqualTo(Map.of("SUPER_PACKET", 1L, "tx_errors", 1L));
            }
        }
    }

    @Test
    void countsASuperPacketForWhoseSegmentsThereAreNoBuffers() {
        SuperPacket superPacket = new SuperPacket(SuperPacket.Version.IPV4, SuperPacket.ACK, 20, 1000, 10);
        try (Rig rig = new Rig(Rig.spec(), b -> b.burst(128))) {
            List<PacketBuffer> held = new ArrayList<>();
            while (rig.pool.lent() < rig.pool.capacity() - 2) {
                held.add(rig.pool.lend());
            }
            send(rig, superPacket);
            // The buffer that is left is sent and used again.
            assertThat(rig.underlay.sent).hasSize(100);
            held.add(rig.pool.lend());
            send(rig, superPacket);
            assertThat(rig.underlay.sent).hasSize(100);
            held.forEach(PacketBuffer::release);
            assertThat(rig.outbound.counters().drops(Drop.NO_BUFFER)).isEqualTo(100);
        }
    }
}
