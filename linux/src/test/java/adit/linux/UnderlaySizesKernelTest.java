package adit.linux;

import static adit.linux.RoutedNet.LEFT;
import static adit.linux.RoutedNet.RIGHT;
import static org.assertj.core.api.Assertions.assertThat;

import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.Refusal;
import adit.underlay.Path;
import adit.wire.Ipv4;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Packets that are larger than the path: fragments, super-packets, and those that are refused.
class UnderlaySizesKernelTest extends UnderlayRig {
    @ParameterizedTest
    @EnumSource
    void fragmentsWhatMayBeFragmented(Carriage carriage) throws Exception {
        open(carriage);
        try (Capture capture = net.captureAtRouter()) {
            PacketBuffer p = packet(carriage, RIGHT, 4000);
            p.addressing().dontFragment = false;
            assertThat(send(p)).isEqualTo(Refusal.NONE);
            List<byte[]> wire = capture.take(3, carried(carriage));
            int offset = 0;
            for (int i = 0; i < wire.size(); i++) {
                MemorySegment s = MemorySegment.ofArray(wire.get(i));
                assertThat(Ipv4.fragmentOffset(s, 0)).isEqualTo(offset);
                assertThat(Ipv4.flags(s, 0)).isEqualTo(i < 2 ? Ipv4.MORE_FRAGMENTS : 0);
                assertThat(Ipv4.identification(s, 0))
                        .isEqualTo(Ipv4.identification(MemorySegment.ofArray(wire.getFirst()), 0));
                assertThat(sumOfHeader(wire.get(i))).isEqualTo(0xffff);
                offset += wire.get(i).length - 20;
            }
            assertThat(offset).isEqualTo(headers(carriage) - 20 + 4000);
        }
        PacketBatch in = receive(right, 1);
        assertThat(octets(in.get(0))).isEqualTo(payload(4000));
        in.releaseAll();
    }

    @Test
    void fragmentsIntoMoreFragmentsThanOneCallTakes() throws Exception {
        net.leftNet().setMtu(net.leftLink(), 68);
        open(Carriage.DIRECT);
        assertThat(left.path(LEFT, RIGHT)).isEqualTo(Path.of(68, net.leftLink()));
        PacketBuffer p = packet(Carriage.DIRECT, RIGHT, 8999);
        p.addressing().dontFragment = false;
        assertThat(send(p)).isEqualTo(Refusal.NONE);
        PacketBatch in = receive(right, 1);
        assertThat(octets(in.get(0))).isEqualTo(payload(8999));
        in.releaseAll();
    }

    /// On the way through a router each packet fits the link, whoever cut the super-packet: it must not be cut
    /// again.
    @ParameterizedTest
    @EnumSource
    void sendsTheSegmentsOfASuperPacketEachOnItsOwn(Carriage carriage) throws Exception {
        open(carriage);
        PacketBuffer p = superPacket(carriage, 30_000, 1400);
        List<byte[]> segments = SuperPackets.cut(p);
        try (Capture capture = net.captureAtRouter()) {
            assertThat(send(p)).isEqualTo(Refusal.NONE);
            List<byte[]> wire = capture.take(segments.size(), carried(carriage));
            assertThat(wire).hasSameSizeAs(segments);
            int identification = Ipv4.identification(MemorySegment.ofArray(wire.getFirst()), 0);
            for (int i = 0; i < wire.size(); i++) {
                byte[] packet = wire.get(i);
                assertThat(packet).hasSizeLessThanOrEqualTo(1500);
                assertThat(Arrays.copyOfRange(packet, headers(carriage), packet.length))
                        .as("segment %d", i)
                        .isEqualTo(segments.get(i));
                assertThat(sumOfHeader(packet)).isEqualTo(0xffff);
                if (carriage == Carriage.DIRECT) {
                    assertThat(Ipv4.identification(MemorySegment.ofArray(packet), 0))
                            .isEqualTo(identification + i & 0xffff);
                }
            }
        }
        PacketBatch in = receive(right, segments.size());
        for (int i = 0; i < in.size(); i++) {
            assertThat(octets(in.get(i))).isEqualTo(segments.get(i));
        }
        in.releaseAll();
    }

    /// One call for the whole: the kernel cuts it, here before the link, which does not take it whole.
    @Test
    void letsTheKernelCutWhatLeavesInOneCall() throws Exception {
        net.left.run("ethtool", "-K", "l0", "tx-udp-segmentation", "off");
        left = net.left.netns.call(() -> UdpUnderlay.open(UdpSpec.of(PORT, UdpSpec.Checksum.OFF), leftPool));
        right = net.right.netns.call(() -> UdpUnderlay.open(UdpSpec.of(PORT, UdpSpec.Checksum.OFF), rightPool));
        PacketBuffer p = superPacket(Carriage.UDP, 65_000, 1424);
        List<byte[]> segments = SuperPackets.cut(p);
        try (Capture capture = net.captureAtRouter()) {
            assertThat(send(p)).isEqualTo(Refusal.NONE);
            List<byte[]> wire = capture.take(segments.size(), carried(Carriage.UDP));
            assertThat(wire).hasSameSizeAs(segments);
            for (int i = 0; i < wire.size(); i++) {
                byte[] packet = wire.get(i);
                assertThat(packet).hasSizeLessThanOrEqualTo(1500);
                assertThat(Arrays.copyOfRange(packet, 28, packet.length))
                        .as("segment %d", i)
                        .isEqualTo(segments.get(i));
            }
        }
        assertThat(((UdpUnderlay) left).joinsSent()).isTrue();
        // A segment that is larger than the path is refused as it is without the kernel's help.
        assertThat(send(superPacket(Carriage.UDP, 8000, 1480))).isEqualTo(Refusal.TOO_BIG);
        assertThat(((UdpUnderlay) left).joinsSent()).isTrue();
    }

    /// The segments are larger than the link, and may be fragmented.
    @ParameterizedTest
    @EnumSource
    void fragmentsTheSegmentsOfASuperPacket(Carriage carriage) throws Exception {
        open(carriage);
        PacketBuffer p = superPacket(carriage, 8000, 2500);
        p.addressing().dontFragment = false;
        List<byte[]> segments = SuperPackets.cut(p);
        assertThat(segments).hasSize(4);
        assertThat(send(p)).isEqualTo(Refusal.NONE);
        PacketBatch in = receive(right, segments.size());
        for (int i = 0; i < in.size(); i++) {
            assertThat(octets(in.get(i))).isEqualTo(segments.get(i));
        }
        in.releaseAll();
    }

    @ParameterizedTest
    @EnumSource
    void refusesASuperPacketWhoseSegmentsExceedThePath(Carriage carriage) throws Exception {
        open(carriage);
        assertThat(send(superPacket(carriage, 8000, 1480))).isEqualTo(Refusal.TOO_BIG);
        PacketBuffer damaged = superPacket(carriage, 8000, 1000);
        damaged.offload().networkStart++;
        assertThat(send(damaged)).isEqualTo(Refusal.MALFORMED);
    }

    private PacketBuffer superPacket(Carriage carriage, int payload, int segmentSize) {
        PacketBuffer p = SuperPackets.lend(leftPool, payload, segmentSize);
        PacketBuffer like = packet(carriage, RIGHT, 1);
        p.addressing().copyFrom(like.addressing());
        like.release();
        return p;
    }

    @ParameterizedTest
    @EnumSource
    void refusesWhatExceedsThePathAndMustNotBeFragmented(Carriage carriage) throws Exception {
        open(carriage);
        PacketBatch batch = new PacketBatch(3);
        int most = 1500 - headers(carriage);
        batch.add(packet(carriage, RIGHT, most));
        batch.add(packet(carriage, RIGHT, most + 1));
        batch.add(packet(carriage, RIGHT, most - 1));
        assertThat(left.send(batch)).isEqualTo(2);
        assertThat(batch.get(0).refusal()).isEqualTo(Refusal.TOO_BIG);
        assertThat(octets(batch.get(0))).isEqualTo(payload(most + 1));
        batch.releaseAll();
        receive(right, 2).releaseAll();
    }
}
