package adit.fuzz;

import adit.offload.Segmenter;
import adit.packet.Offload;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.lang.foreign.MemorySegment;

/// Super-packets that are not what their description says: they are cut, or refused. The pieces together are no
/// longer than their headers allow, and every buffer comes back.
class SuperPacketFuzzTest {
    private static final Integer[] ETHER_TYPES = {0x0800, 0x86dd, 0x8847, 0x6558, 0};
    private static final int MAX_LENGTH = 8_000;

    /// What the packet is said to be, as [#describe] takes it; the packet.
    @FuzzTest
    void cutsOrRefuses(byte[] octets) {
        Input input = new Input(octets);
        try (PacketPool pool = new PacketPool(2, 64, 70_000)) {
            PacketBuffer whole = pool.lend();
            whole.protocol(input.oneOf(ETHER_TYPES));
            describe(whole.offload(), input);
            byte[] packet = input.octets(MAX_LENGTH);
            MemorySegment.copy(
                    MemorySegment.ofArray(packet), 0, whole.segment(), whole.put(packet.length), packet.length);
            cut(whole, pool);
            whole.release();
            if (pool.lent() != 0) {
                throw new AssertionError(pool.lent() + " buffers did not come back");
            }
        }
    }

    private static void describe(Offload offload, Input input) {
        offload.checksum = input.oneOf(Offload.Checksum.values());
        offload.checksumStart = input.u16();
        offload.checksumOffset = input.u16();
        offload.segmentation = input.oneOf(Offload.Segmentation.values());
        offload.segmentSize = input.u16();
        offload.headerLength = input.u16();
        offload.congestionWindowReduced = (input.u8() & 1) != 0;
    }

    private static void cut(PacketBuffer whole, PacketPool pool) {
        Segmenter segmenter = new Segmenter();
        int count = segmenter.begin(whole);
        long total = 0;
        for (int i = 0; i < count; i++) {
            PacketBuffer piece = pool.lend();
            segmenter.next(piece);
            total += piece.length();
            if (piece.length() > whole.length() + 8) {
                throw new AssertionError("a piece of " + piece.length() + " octets, cut from " + whole.length());
            }
            piece.release();
        }
        if (count > 0 && total < whole.length() - whole.offload().headerLength) {
            throw new AssertionError(count + " pieces have " + total + " octets of " + whole.length());
        }
    }
}
