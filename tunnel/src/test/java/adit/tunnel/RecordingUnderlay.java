package adit.tunnel;

import adit.packet.Addressing;
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.Refusal;
import adit.underlay.Path;
import adit.underlay.Underlay;
import adit.wire.Ip4Address;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.IntFunction;

/// The underlay seam's double: hands out what arrived, keeps a copy of what it is sent, refuses on demand.
final class RecordingUnderlay implements Underlay {
    /// A packet it was sent, its octets as a hex string.
    record Packet(
            String hex,
            String source,
            String destination,
            int protocol,
            int sourcePort,
            int destinationPort,
            int tos,
            int ttl,
            boolean dontFragment,
            int link,
            int outerHeaderLength,
            int mark) {
        byte[] octets() {
            return Octet.hex(hex);
        }
    }

    final Deque<PacketBuffer> arrived = new ArrayDeque<>();
    final List<Packet> sent = new ArrayList<>();
    Path path = Path.of(1500, 1);
    /// The way to a destination, if not all have the same.
    IntFunction<Path> paths = destination -> path;
    /// What it says to the n-th packet it is offered; NONE takes it.
    IntFunction<Refusal> refusal = n -> Refusal.NONE;

    /// The batch that it was offered last.
    PacketBatch batch;

    private int offered;

    @Override
    public int receive(PacketBatch into) {
        int count = 0;
        while (into.room() > 0 && !arrived.isEmpty()) {
            into.add(arrived.remove());
            count++;
        }
        return count;
    }

    @Override
    public int send(PacketBatch batch) {
        this.batch = batch;
        List<PacketBuffer> refused = new ArrayList<>();
        int count = batch.size();
        for (int i = 0; i < count; i++) {
            PacketBuffer p = batch.get(i);
            p.refuse(refusal.apply(offered++));
            if (p.refusal() == Refusal.NONE) {
                sent.add(record(p));
                p.release();
            } else {
                refused.add(p);
            }
        }
        batch.clear();
        refused.forEach(batch::add);
        return count - refused.size();
    }

    private static Packet record(PacketBuffer p) {
        Addressing a = p.addressing();
        return new Packet(
                RecordingPort.hex(p),
                Ip4Address.text(a.source),
                Ip4Address.text(a.destination),
                a.protocol,
                a.sourcePort,
                a.destinationPort,
                a.tos,
                a.timeToLive,
                a.dontFragment,
                a.link,
                a.outerHeaderLength,
                p.mark());
    }

    @Override
    public Path path(int source, int destination) {
        return paths.apply(destination);
    }

    @Override
    public int headroom() {
        return 28;
    }

    @Override
    public void close() {}
}
