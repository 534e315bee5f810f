package adit.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import adit.offload.Coalescer.Transports;
import adit.packet.Offload;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.packet.Refusal;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Super-packets on their way to the overlay: made here of packets that came apart or joined, or come so from
/// the underlay.
class CoalescedTest {
    private static final int PORT = 7000;
    private static final Carrier FOU = new Carrier.Fou(PORT, PORT, Carrier.UdpChecksum.OFF);
    private static final Carrier GUE = new Carrier.Gue(PORT, PORT, Carrier.UdpChecksum.OFF);
    private static final byte[] GUE_HEADER = Octet.hex("00040000");
    private static final int FLAGS = SuperPacket.ACK | SuperPacket.PSH;
    private static final SuperPacket PACKET = new SuperPacket(SuperPacket.Version.IPV4, FLAGS, 32, 3000, 700);

    private final PacketPool pool = new PacketPool(32, 64, 8192);
    private final RecordingUnderlay underlay = new RecordingUnderlay();
    private final RecordingPort overlay = new RecordingPort();
    private Tunnel tunnel;
    private Inbound inbound;

    private void serve(Carrier carrier, Transports takes) {
        tunnel = new Tunnel(Rig.spec().carrier(carrier));
        inbound = Inbound.of(underlay, pool).burst(8).build();
        inbound.serve(TunnelTable.of(List.of(tunnel)), _ -> overlay, _ -> takes);
    }

    private PacketBuffer arrive(int protocol, byte[] octets) {
        PacketBuffer p = pool.lend();
        p.segment().fill((byte) 0xa5);
        MemorySegment.copy(octets, 0, p.segment(), ValueLayout.JAVA_BYTE, p.put(octets.length), octets.length);
        p.addressing().source = Rig.THERE.bits();
        p.addressing().destination = Rig.HERE.bits();
        p.addressing().protocol = protocol;
        p.addressing().destinationPort = PORT;
        underlay.arrived.add(p);
        return p;
    }

    /// Has these datagrams arrive as the kernel joins them.
    private void arriveJoined(List<byte[]> datagrams) {
        arrive(17, Octet.join(datagrams.toArray(byte[][]::new))).addressing().joined = datagrams.getFirst().length;
    }

    private void arriveWhole() {
        PACKET.describe(arrive(4, PACKET.whole()));
    }

    private List<String> delivered() {
        return overlay.sent.stream().map(RecordingPort.Packet::hex).toList();
    }

    private static List<String> hex(List<byte[]> packets) {
        return packets.stream().map(Octet::hex).toList();
    }

    private void assertOneSuperPacket() {
        assertThat(overlay.sent).hasSize(1);
        RecordingPort.Packet p = overlay.sent.getFirst();
        assertThat(p.hex()).isEqualTo(Octet.hex(PACKET.whole()));
        assertThat(p.protocol()).isEqualTo(0x0800);
        assertThat(p.segmentation()).isEqualTo(Offload.Segmentation.TCP4);
        assertThat(p.segmentSize()).isEqualTo(700);
    }

    private void assertReceived(int packets, long octets) {
        assertThat(inbound.counters(tunnel).rxPackets()).isEqualTo(packets);
        assertThat(inbound.counters(tunnel).rxOctets()).isEqualTo(octets);
    }

    @AfterEach
    void allIsHome() {
        assertThat(pool.lent()).isZero();
        pool.close();
    }

    @Test
    void packetsOfAFlowThatCameApartBecomeOne() {
        serve(new Carrier.Direct(), Transports.TCP);
        PACKET.segments().forEach(s -> arrive(4, s));
        inbound.turn(0);
        assertOneSuperPacket();
        assertReceived(5, 3000 + 5 * 52);
    }

    @Test
    void datagramsThatCameJoinedBecomeOne() {
        serve(FOU, Transports.TCP);
        arriveJoined(PACKET.segments());
        inbound.turn(0);
        assertOneSuperPacket();
        assertReceived(5, 3000 + 5 * 52);
    }

    @Test
    void joinedGueDatagramsLoseAHeaderEach() {
        serve(GUE, Transports.TCP);
        arriveJoined(
                PACKET.segments().stream().map(s -> Octet.join(GUE_HEADER, s)).toList());
        inbound.turn(0);
        assertOneSuperPacket();
    }

    /// More than a batch holds.
    @Test
    void joinedDatagramsGoAloneToAnOverlayThatTakesNoSuperPackets() {
        serve(FOU, Transports.NONE);
        SuperPacket many = new SuperPacket(SuperPacket.Version.IPV4, FLAGS, 20, 3000, 100);
        arriveJoined(many.segments());
        inbound.turn(0);
        assertThat(delivered()).isEqualTo(hex(many.segments()));
    }

    /// What follows in the buffer is not disturbed by what was done to the packets before it.
    @Test
    void eachOfJoinedDatagramsIsLookedAtForItself() {
        serve(GUE, Transports.TCP);
        byte[] good = Octet.join(GUE_HEADER, Octet.ip4().length(100).build());
        byte[] otherFlags =
                Octet.join(Octet.hex("00041000"), Octet.ip4().length(100).build());
        byte[] otherMode =
                Octet.join(Octet.hex("00290000"), Octet.ip4().length(100).build());
        byte[] unknown =
                Octet.join(Octet.hex("00fd0000"), Octet.ip4().length(100).build());
        byte[] last = Octet.join(GUE_HEADER, Octet.ip4().length(60).build());
        arriveJoined(List.of(otherFlags, good, otherMode, unknown, good, last));
        inbound.turn(0);
        String inner = Octet.hex(Octet.ip4().length(100).build());
        assertThat(delivered())
                .containsExactly(inner, inner, Octet.hex(Octet.ip4().length(60).build()));
        assertThat(inbound.strays().drops(Drop.BAD_GUE)).isOne();
        assertThat(inbound.strays().drops(Drop.UNKNOWN_PROTOCOL)).isOne();
        assertThat(inbound.counters(tunnel).drops(Drop.WRONG_MODE)).isOne();
        assertReceived(3, 260);
    }

    /// Congestion that the outer packets met becomes each inner packet's.
    @Test
    void theEcnOfJoinedDatagramsIsPassedOnToEach() {
        serve(FOU, Transports.TCP);
        byte[] capable = Octet.ip4().tos(2).length(100).build();
        arriveJoined(List.of(capable, capable, Octet.ip4().length(100).build()));
        underlay.arrived.getLast().addressing().tos = 3;
        inbound.turn(0);
        String marked = Octet.hex(Octet.ip4().tos(3).length(100).build());
        assertThat(delivered()).containsExactly(marked, marked);
        assertThat(inbound.counters(tunnel).drops(Drop.ECN)).isOne();
    }

    @Test
    void countsJoinedDatagramsForWhichThereIsNoBuffer() {
        serve(FOU, Transports.NONE);
        arriveJoined(PACKET.segments());
        List<PacketBuffer> held = new ArrayList<>();
        while (pool.lent() < pool.capacity()) {
            held.add(pool.lend());
        }
        inbound.turn(0);
        held.forEach(PacketBuffer::release);
        assertThat(overlay.sent).isEmpty();
        assertThat(inbound.counters(tunnel).drops(Drop.NO_BUFFER_INBOUND)).isEqualTo(5);
    }

    @Test
    void aPacketNeverOvertakesItsFlow() {
        serve(FOU, Transports.TCP);
        List<byte[]> segments = PACKET.segments();
        byte[] urgent = new SuperPacket(SuperPacket.Version.IPV4, SuperPacket.ACK | 0x20, 32, 700, 700).whole();
        arriveJoined(List.of(segments.get(0), segments.get(1)));
        arrive(17, urgent);
        arriveJoined(List.of(segments.get(2), segments.get(3), segments.get(4)));
        inbound.turn(0);
        assertThat(overlay.sent)
                .extracting(RecordingPort.Packet::segmentation)
                .containsExactly(Offload.Segmentation.TCP4, Offload.Segmentation.NONE, Offload.Segmentation.TCP4);
        assertThat(overlay.sent.get(1).hex()).isEqualTo(Octet.hex(urgent));
        assertThat(overlay.sent.get(2).hex())
                .endsWith(Octet.hex(segments.get(4)).substring(2 * 52));
    }

    @Test
    void packetsOfTwoTunnelsStayApart() {
        Tunnel other = new Tunnel(TunnelSpec.of("t2", Rig.HERE, adit.wire.Ip4Address.parse("198.51.100.8"))
                .carrier(FOU));
        serve(FOU, Transports.TCP);
        RecordingPort otherOverlay = new RecordingPort();
        inbound.serve(
                TunnelTable.of(List.of(tunnel, other)), t -> t == tunnel ? overlay : otherOverlay, _ -> Transports.TCP);
        List<byte[]> segments = PACKET.segments();
        arrive(17, segments.get(0));
        arrive(17, segments.get(1)).addressing().source =
                adit.wire.Ip4Address.parse("198.51.100.8").bits();
        arrive(17, segments.get(1));
        inbound.turn(0);
        assertThat(overlay.sent).hasSize(1);
        assertThat(otherOverlay.sent).extracting(RecordingPort.Packet::hex).containsExactly(Octet.hex(segments.get(1)));
    }

    @Test
    void whatTheUnderlayHasCoalescedGoesOnWholeWhereItCan() {
        serve(new Carrier.Direct(), Transports.TCP);
        arriveWhole();
        inbound.turn(0);
        assertOneSuperPacket();
    }

    @Test
    void whatTheUnderlayHasCoalescedIsCutWhereItMustBe() {
        serve(new Carrier.Direct(), Transports.NONE);
        byte[] before = Octet.ip4().length(100).build();
        arrive(4, before);
        arriveWhole();
        arrive(4, before);
        inbound.turn(0);
        List<String> expected = new ArrayList<>(hex(PACKET.segments()));
        expected.addFirst(Octet.hex(before));
        expected.add(Octet.hex(before));
        assertThat(delivered()).isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource(names = {"TCP", "TCP_AND_UDP"})
    void anOverlayThatRefusesASuperPacketGetsItsSegmentsAndNoMoreSuperPackets(Transports takes) {
        serve(FOU, takes);
        overlay.refusedKind = Offload.Segmentation.TCP4;
        for (int i = 0; i < 3; i++) {
            arriveJoined(PACKET.segments());
        }
        inbound.turn(0);
        arriveJoined(PACKET.segments());
        inbound.turn(0);
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            expected.addAll(hex(PACKET.segments()));
        }
        assertThat(delivered()).isEqualTo(expected);
        assertThat(inbound.takes(tunnel)).isEqualTo(Transports.NONE);
        assertThat(inbound.counters(tunnel).events(Event.SUPER_PACKET_REFUSED)).isOne();
        for (Drop drop : Drop.values()) {
            assertThat(inbound.counters(tunnel).drops(drop)).as("%s", drop).isZero();
        }
    }

    @Test
    void anOverlayThatRefusesTheSegmentsTooKeepsItsName() {
        serve(FOU, Transports.TCP);
        overlay.refusal = Refusal.MALFORMED;
        arriveJoined(PACKET.segments());
        inbound.turn(0);
        assertThat(inbound.takes(tunnel)).isEqualTo(Transports.TCP);
        assertThat(Map.of(Drop.OVERLAY_REFUSED, inbound.counters(tunnel).drops(Drop.OVERLAY_REFUSED)))
                .containsEntry(Drop.OVERLAY_REFUSED, 1L);
    }
}
