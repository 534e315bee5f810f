package adit.port;

import static org.assertj.core.api.Assertions.assertThat;

import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import java.lang.foreign.ValueLayout;

/// Numbered packets, and where they end up.
final class Packets implements AutoCloseable {
    final PacketPool pool = new PacketPool(64, 0, 2000);
    final PacketBatch batch = new PacketBatch(64);

    /// A packet of `length` octets, all of them `number`.
    PacketBuffer numbered(int number, int length) {
        PacketBuffer p = pool.lend();
        p.segment().asSlice(p.put(length), length).fill((byte) number);
        return p;
    }

    /// Sends packets number `from` up to but not including `to`, and answers how many were taken. The others
    /// stay in [#batch].
    int send(Port port, int from, int to, int length) {
        for (int i = from; i < to; i++) {
            batch.add(numbered(i, length));
        }
        return port.send(batch);
    }

    /// Receives what is there, at most `most` packets, and answers their numbers.
    int[] receive(Port port, int most) {
        PacketBatch into = new PacketBatch(most);
        int count = port.receive(into);
        assertThat(count).isEqualTo(into.size());
        int[] numbers = new int[count];
        for (int i = 0; i < count; i++) {
            PacketBuffer p = into.get(i);
            numbers[i] = p.segment().get(ValueLayout.JAVA_BYTE, p.head());
        }
        into.releaseAll();
        return numbers;
    }

    /// Ends the test: all packets must be home.
    @Override
    public void close() {
        batch.releaseAll();
        assertThat(pool.lent()).as("packets still out").isZero();
        pool.close();
    }
}
