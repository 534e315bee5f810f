package adit.program.up;

import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.tunnel.Segmenter;

/// Cuts super-packets into buffers of a pool. For the thread that the pool belongs to.
final class SoftwareSegmenter implements Segmenter {
    private final adit.offload.Segmenter segmenter = new adit.offload.Segmenter();
    private final PacketPool pool;

    SoftwareSegmenter(PacketPool pool) {
        this.pool = pool;
    }

    @Override
    public boolean segment(PacketBuffer superPacket, PacketBatch into) {
        int count = segmenter.begin(superPacket);
        if (count == 0 || count > into.room() || count > pool.capacity() - pool.lent()) {
            return false;
        }
        for (int i = 0; i < count; i++) {
            PacketBuffer p = pool.lend();
            segmenter.next(p);
            into.add(p);
        }
        superPacket.release();
        return true;
    }
}
