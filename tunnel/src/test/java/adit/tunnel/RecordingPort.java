package adit.tunnel;

import adit.packet.Offload;
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.Refusal;
import adit.packet.TunnelMetadata;
import adit.port.Port;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// The overlay seam's double: hands out what was queued, keeps a copy of what it is sent, refuses on demand.
final class RecordingPort implements Port {
    /// A packet it was sent, its octets as a hex string.
    record Packet(
            String hex,
            int protocol,
            TunnelMetadata.Direction metadata,
            int peer,
            Offload.Segmentation segmentation,
            int segmentSize) {
        byte[] octets() {
            return Octet.hex(hex);
        }
    }

    final Deque<PacketBuffer> queued = new ArrayDeque<>();
    final List<Packet> sent = new ArrayList<>();
    int mtu = 1480;
    /// What it says to each packet; NONE takes it.
    Refusal refusal = Refusal.NONE;
    /// The same for super-packets of this kind alone.
    Offload.Segmentation refusedKind = Offload.Segmentation.NONE;

    static String hex(PacketBuffer p) {
        byte[] octets = new byte[p.length()];
        MemorySegment.copy(p.segment(), ValueLayout.JAVA_BYTE, p.head(), octets, 0, octets.length);
        return Octet.hex(octets);
    }

    @Override
    public int receive(PacketBatch into) {
        int count = 0;
        while (into.room() > 0 && !queued.isEmpty()) {
            into.add(queued.remove());
            count++;
        }
        return count;
    }

    @Override
    public int send(PacketBatch batch) {
        int size = batch.size();
        int kept = 0;
        for (int i = 0; i < size; i++) {
            PacketBuffer p = batch.get(i);
            Offload o = p.offload();
            boolean refusesKind = o.segmentation != Offload.Segmentation.NONE && o.segmentation == refusedKind;
            if (refusal != Refusal.NONE || refusesKind) {
                p.refuse(refusesKind ? Refusal.MALFORMED : refusal);
                batch.set(kept++, p);
                continue;
            }
            TunnelMetadata m = p.metadata();
            sent.add(new Packet(hex(p), p.protocol(), m.direction, m.source, o.segmentation, o.segmentSize));
            p.release();
        }
        batch.truncate(kept);
        return size - kept;
    }

    @Override
    public int mtu() {
        return mtu;
    }

    @Override
    public void close() {}
}
