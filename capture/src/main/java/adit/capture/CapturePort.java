package adit.capture;

import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.Refusal;
import adit.port.Port;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.LongSupplier;

/// A port that records what passes it, both ways. Packets that the port behind refuses are recorded too, with
/// the reason as their comment. Neither way waits for the file, and neither allocates once a batch of the usual
/// size has passed.
public final class CapturePort implements Port {
    /// Where a port stands, which tells which way its packets go.
    public enum Side {
        /// In the overlay: what is received from it goes out, by way of the tunnel.
        OVERLAY,
        /// In the underlay: what is received from it comes in.
        UNDERLAY
    }

    private static final byte[][] COMMENTS = Arrays.stream(Refusal.values())
            .map(r -> r == Refusal.NONE
                    ? "refused"
                    : "refused: " + r.name().toLowerCase(Locale.ROOT).replace('_', ' '))
            .map(text -> text.getBytes(StandardCharsets.UTF_8))
            .toArray(byte[][]::new);
    private static final byte[] NO_COMMENT = new byte[0];
    private static final int USUAL_BATCH = 256;

    private final Port inner;
    private final LongSupplier clock;
    private final CaptureLane receiveLane;
    private final CaptureLane sendLane;
    private final Direction received;
    private final Direction sent;

    // What was offered in the present call of send, and where it was written down.
    private PacketBuffer[] offered = new PacketBuffer[USUAL_BATCH];
    private int[] lengths = new int[USUAL_BATCH];
    private long[] entries = new long[USUAL_BATCH];

    /// Records what passes `inner` as packets of `captured`.
    ///
    /// @param clock nanoseconds since 1970
    public CapturePort(Port inner, CaptureInterface captured, Side side, LongSupplier clock) {
        this.inner = inner;
        this.clock = clock;
        this.receiveLane = captured.lane();
        this.sendLane = captured.lane();
        this.received = side == Side.OVERLAY ? Direction.OUTBOUND : Direction.INBOUND;
        this.sent = side == Side.OVERLAY ? Direction.INBOUND : Direction.OUTBOUND;
    }

    @Override
    public int receive(PacketBatch into) {
        int before = into.size();
        int count = inner.receive(into);
        if (count > 0) {
            long now = clock.getAsLong();
            for (int i = before; i < into.size(); i++) {
                receiveLane.record(into.get(i), received, now);
            }
        }
        return count;
    }

    @Override
    public int send(PacketBatch batch) {
        int size = batch.size();
        if (size == 0) {
            return inner.send(batch);
        }
        ensure(size);
        long now = clock.getAsLong();
        for (int i = 0; i < size; i++) {
            PacketBuffer p = batch.get(i);
            offered[i] = p;
            lengths[i] = p.length();
            entries[i] = sendLane.begin(p, sent, now);
        }
        int taken = inner.send(batch);
        // What was taken may be anybody's by now; only the references are looked at. What was refused stands in the
        // batch in its old order.
        int left = 0;
        for (int i = 0; i < size; i++) {
            boolean refused = left < batch.size() && batch.get(left) == offered[i];
            if (entries[i] >= 0) {
                byte[] comment = refused ? COMMENTS[batch.get(left).refusal().ordinal()] : NO_COMMENT;
                sendLane.end(entries[i], lengths[i], sent, comment);
            }
            left += refused ? 1 : 0;
            offered[i] = null;
        }
        sendLane.commit();
        return taken;
    }

    private void ensure(int size) {
        if (offered.length < size) {
            offered = new PacketBuffer[size];
            lengths = new int[size];
            entries = new long[size];
        }
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
