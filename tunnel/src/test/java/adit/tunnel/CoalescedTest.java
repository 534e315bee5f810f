package adit.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import adit.packet.Offload;
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.packet.Refusal;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Super-packets that the underlay has coalesced, on their way to the overlay.
class CoalescedTest {
    private static final int LENGTH = 1000;
    private static final int TTL = 8;

    private final PacketPool pool = new PacketPool(256, 64, 4096);
    private final RecordingUnderlay underlay = new RecordingUnderlay();
    private final RecordingPort overlay = new RecordingPort();
    private final Tunnel tunnel = new Tunnel(Rig.spec());

    private Inbound inbound(Segmenter segmenter) {
        Inbound inbound =
                Inbound.of(underlay, pool).segmenter(segmenter).burst(4).build();
        inbound.serve(TunnelTable.of(List.of(tunnel)), t -> overlay);
        return inbound;
    }

    /// Has a packet arrive whose time to live is `ttl`, a super-packet or not.
    private void arrive(int ttl, Offload.Segmentation segmentation) {
        PacketBuffer p = pool.lend();
        byte[] octets = Octet.ip4().ttl(ttl).length(LENGTH).build();
        MemorySegment.copy(octets, 0, p.segment(), ValueLayout.JAVA_BYTE, p.put(LENGTH), LENGTH);
        p.offload().segmentation = segmentation;
        p.addressing().source = Rig.THERE.bits();
        p.addressing().destination = Rig.HERE.bits();
        p.addressing().protocol = 4;
        underlay.arrived.add(p);
    }

    /// Makes ten packets of one, with times to live from its own up.
    private boolean tenOf(PacketBuffer superPacket, PacketBatch into) {
        for (int i = 0; i < 10; i++) {
            PacketBuffer p = pool.lend();
            int at = p.put(100);
            MemorySegment.copy(superPacket.segment(), superPacket.head(), p.segment(), at, 100);
            int ttl = superPacket.segment().get(ValueLayout.JAVA_BYTE, superPacket.head() + (long) TTL);
            p.segment().set(ValueLayout.JAVA_BYTE, at + (long) TTL, (byte) (ttl + i));
            into.add(p);
        }
        superPacket.release();
        return true;
    }

    private List<Integer> timesToLive() {
        return overlay.sent.stream().map(p -> (int) p.octets()[TTL]).toList();
    }

    @AfterEach
    void allIsHome() {
        assertThat(pool.lent()).isZero();
        pool.close();
    }

    @Test
    void cutsThemAndKeepsTheOrderWhenThereIsASegmenter() {
        Inbound inbound = inbound(this::tenOf);
        arrive(10, Offload.Segmentation.NONE);
        arrive(20, Offload.Segmentation.TCP4);
        arrive(40, Offload.Segmentation.NONE);
        assertThat(inbound.turn(0)).isEqualTo(3);
        assertThat(timesToLive()).containsExactly(10, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 40);
        assertThat(overlay.sent.get(1).octets()).hasSize(100);
    }

    @Test
    void handsThemOverWholeWhenThereIsNone() {
        Inbound inbound = inbound(Segmenter.NONE);
        arrive(20, Offload.Segmentation.TCP4);
        inbound.turn(0);
        assertThat(overlay.sent).hasSize(1);
        assertThat(overlay.sent.getFirst().octets()).hasSize(LENGTH);
    }

    @Test
    void countsWhatTheOverlayRefusesOfTheSegments() {
        Inbound inbound = inbound(this::tenOf);
        overlay.refusal = Refusal.FULL;
        arrive(20, Offload.Segmentation.TCP4);
        inbound.turn(0);
        assertThat(inbound.counters(tunnel).drops(Drop.ofOverlay(Refusal.FULL))).isEqualTo(10);
    }
}
