package adit.program.memory;

import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.port.Port;
import adit.wire.EtherType;
import adit.wire.Ipv4;
import adit.wire.Mpls;
import java.lang.foreign.MemorySegment;

/// Puts one MPLS label on each IPv4 packet that is sent, and takes one off each that is received: a label edge
/// router with one label each way. RFC 3032.
///
/// The label's TTL is the packet's. A packet that comes with another label, with more than one or with none is
/// dropped and counted. For one thread. Owns the port behind it.
public final class LabelPort implements Port {
    private final Port inner;
    private final int label;
    private final int expected;
    private long mislabelled;

    /// Sends with `label`, receives what has `expected`.
    public LabelPort(Port inner, int label, int expected) {
        this.inner = inner;
        this.label = label;
        this.expected = expected;
    }

    @Override
    public int receive(PacketBatch into) {
        int before = into.size();
        int kept = before;
        while (kept == before && inner.receive(into) > 0) {
            for (int i = before; i < into.size(); i++) {
                PacketBuffer p = into.get(i);
                if (isLabelled(p)) {
                    p.pull(Mpls.ENTRY_LENGTH);
                    p.protocol(EtherType.IPV4);
                    into.set(kept++, p);
                } else {
                    mislabelled++;
                    p.release();
                }
            }
            into.truncate(kept);
        }
        return kept - before;
    }

    private boolean isLabelled(PacketBuffer p) {
        MemorySegment s = p.segment();
        return p.protocol() == EtherType.MPLS
                && p.length() >= Mpls.ENTRY_LENGTH
                && Mpls.label(s, p.head()) == expected
                && Mpls.bottomOfStack(s, p.head());
    }

    @Override
    public int send(PacketBatch batch) {
        for (int i = 0; i < batch.size(); i++) {
            PacketBuffer p = batch.get(i);
            int ttl = Ipv4.timeToLive(p.segment(), p.head());
            Mpls.emit(p.segment(), p.push(Mpls.ENTRY_LENGTH), label, 0, true, ttl);
            p.protocol(EtherType.MPLS);
        }
        int taken = inner.send(batch);
        for (int i = 0; i < batch.size(); i++) {
            PacketBuffer p = batch.get(i);
            p.pull(Mpls.ENTRY_LENGTH);
            p.protocol(EtherType.IPV4);
        }
        return taken;
    }

    /// Packets dropped because they did not have the one label that was expected.
    public long mislabelled() {
        return mislabelled;
    }

    @Override
    public int mtu() {
        return inner.mtu() - Mpls.ENTRY_LENGTH;
    }

    @Override
    public void close() {
        inner.close();
    }
}
