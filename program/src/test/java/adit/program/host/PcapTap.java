package adit.program.host;

import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.port.Port;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.ValueLayout;
import java.util.function.LongSupplier;

/// Keeps all that passes a port as a capture file of bare IP packets in the original pcap format with
/// nanoseconds, for other programs to look at.
public final class PcapTap implements Port {
    private static final int MAGIC_NANOS = 0xa1b2_3c4d;
    private static final int LINKTYPE_RAW = 101;

    private final Port inner;
    private final LongSupplier clock;
    private final ByteArrayOutputStream file = new ByteArrayOutputStream();

    public PcapTap(Port inner, LongSupplier clock) {
        this.inner = inner;
        this.clock = clock;
        for (int word : new int[] {MAGIC_NANOS, 2 << 16 | 4, 0, 0, 0xffff, LINKTYPE_RAW}) {
            put(word);
        }
    }

    private void put(int word) {
        for (int shift = 24; shift >= 0; shift -= 8) {
            file.write(word >>> shift);
        }
    }

    private void record(PacketBuffer p) {
        long now = clock.getAsLong();
        put((int) (now / 1_000_000_000L));
        put((int) (now % 1_000_000_000L));
        put(p.length());
        put(p.length());
        file.writeBytes(p.segment().asSlice(p.head(), p.length()).toArray(ValueLayout.JAVA_BYTE));
    }

    /// The file so far.
    public byte[] octets() {
        return file.toByteArray();
    }

    @Override
    public int receive(PacketBatch into) {
        int before = into.size();
        int count = inner.receive(into);
        for (int i = before; i < into.size(); i++) {
            record(into.get(i));
        }
        return count;
    }

    @Override
    public int send(PacketBatch batch) {
        for (int i = 0; i < batch.size(); i++) {
            record(batch.get(i));
        }
        return inner.send(batch);
    }

    @Override
    public int mtu() {
        return inner.mtu();
    }

    @Override
    public void close() {
        inner.close();
    }
}
