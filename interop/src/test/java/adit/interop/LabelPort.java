package adit.interop;

import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.port.Port;
import adit.wire.EtherType;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The smallest MPLS router: puts one label in front of what comes out of the inner port, and takes one off
/// what goes in. Packets with another label are dropped and counted.
final class LabelPort implements Port {
    private static final int ENTRY_LENGTH = 4;
    private static final int BOTTOM_OF_STACK = 0x100;
    private static final int TTL = 64;
    private static final ValueLayout.OfInt ENTRY = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final Port inner;
    private final int out;
    private final int in;
    private final PacketBatch stripped = new PacketBatch(256);
    private long foreign;

    /// Sends with the label `out` and receives the label `in`.
    LabelPort(Port inner, int out, int in) {
        this.inner = inner;
        this.out = out;
        this.in = in;
    }

    @Override
    public int receive(PacketBatch into) {
        int before = into.size();
        int count = inner.receive(into);
        for (int i = before; i < into.size(); i++) {
            PacketBuffer p = into.get(i);
            int at = p.push(ENTRY_LENGTH);
            p.segment().set(ENTRY, at, out << 12 | BOTTOM_OF_STACK | TTL);
            p.protocol(EtherType.MPLS);
        }
        return count;
    }

    @Override
    public int send(PacketBatch batch) {
        int count = batch.size();
        for (int i = 0; i < count; i++) {
            PacketBuffer p = batch.get(i);
            int entry = p.length() < ENTRY_LENGTH ? 0 : p.segment().get(ENTRY, p.head());
            if (p.protocol() != EtherType.MPLS || entry >>> 12 != in || (entry & BOTTOM_OF_STACK) == 0) {
                foreign++;
                p.release();
                continue;
            }
            p.pull(ENTRY_LENGTH);
            p.protocol(EtherType.IPV4);
            stripped.add(p);
        }
        batch.clear();
        inner.send(stripped);
        stripped.releaseAll();
        return count;
    }

    /// How many packets had no label or a wrong one.
    long foreign() {
        return foreign;
    }

    @Override
    public int mtu() {
        return inner.mtu() + ENTRY_LENGTH;
    }

    @Override
    public void close() {
        inner.close();
    }
}
