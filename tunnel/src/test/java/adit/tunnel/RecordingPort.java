package adit.tunnel;

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
    record Packet(String hex, int protocol, TunnelMetadata.Direction metadata, int peer) {
        byte[] octets() {
            return Octet.hex(hex);
        }
    }

    final Deque<PacketBuffer> queued = new ArrayDeque<>();
    final List<Packet> sent = new ArrayList<>();
    int mtu = 1480;
    /// What it says to each packet; NONE takes it.
    Refusal refusal = Refusal.NONE;

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
        int count = 0;
        if (refusal == Refusal.NONE) {
            count = batch.size();
            for (int i = 0; i < count; i++) {
                PacketBuffer p = batch.get(i);
                sent.add(new Packet(hex(p), p.protocol(), p.metadata().direction, p.metadata().source));
            }
            batch.releaseAll();
        } else {
            for (int i = 0; i < batch.size(); i++) {
                batch.get(i).refuse(refusal);
            }
        }
        return count;
    }

    @Override
    public int mtu() {
        return mtu;
    }

    @Override
    public void close() {}
}
