package adit.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import adit.packet.Offload;
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    @Test
    void leavesAPartialChecksumToTheUnderlayIfThatTakesIt() {
        try (Rig rig = new Rig(Rig.spec().carrier(GUE), b -> b.finishing(Outbound.Finishing.BY_UNDERLAY))) {
            PacketBuffer[] seen = new PacketBuffer[1];
            rig.send(tcp(false), 0x0800, p -> {
                partial(p, 20, 16);
                p.offload().headerLength = 40;
                seen[0] = p;
            });
            assertThat(rig.sent().hex()).isEqualTo("00040000" + Octet.hex(tcp(false)));
            // The packet has gone back to its pool, which forgets what it said only when it is lent again.
            assertThat(seen[0].offload().checksumStart).isEqualTo(24);
            assertThat(seen[0].offload().checksumOffset).isEqualTo(16);
            assertThat(seen[0].offload().headerLength).isEqualTo(44);
        }
    }

    @Test
    void dropsASuperPacketThatNobodySegments() {
        try (Rig rig = new Rig(Rig.spec())) {
            rig.send(Octet.ip4().length(3000).build(), 0x0800, p -> {
                p.offload().segmentation = Offload.Segmentation.TCP4;
                p.offload().segmentSize = 1400;
            });
            assertThat(rig.underlay.sent).isEmpty();
            assertThat(rig.counted()).isEqualTo(Map.of("SUPER_PACKET", 1L, "tx_errors", 1L));
        }
    }

    /// Cuts off so many packets of 100 octets; what they hold is of no interest here.
    private static final class Slices implements Segmenter {
        private final int count;
        private Rig rig;

        Slices(int count) {
            this.count = count;
        }

        @Override
        public boolean segment(PacketBuffer superPacket, PacketBatch into) {
            for (int i = 0; i < count; i++) {
                PacketBuffer p = rig.buffer(Octet.ip4().ttl(i + 1).length(100).build());
                p.protocol(0x0800);
                into.add(p);
            }
            superPacket.release();
            return true;
        }
    }

    @Test
    void encapsulatesEachSegmentOfASuperPacket() {
        Slices slices = new Slices(40);
        try (Rig rig = new Rig(Rig.spec(), b -> b.segmenter(slices).burst(16))) {
            slices.rig = rig;
            rig.send(Octet.ip4().length(3000).build(), 0x0800, p -> {
                p.offload().segmentation = Offload.Segmentation.UDP;
                p.offload().segmentSize = 80;
            });
            assertThat(rig.underlay.sent)
                    .hasSize(40)
                    .extracting(RecordingUnderlay.Packet::ttl)
                    .endsWith(39, 40);
            assertThat(rig.counted()).isEqualTo(Map.of("tx_packets", 40L, "tx_bytes", 4000L));
        }
    }
}
