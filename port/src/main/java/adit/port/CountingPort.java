package adit.port;

import adit.packet.PacketBatch;
import adit.packet.Refusal;

/// A port that counts what passes. Sending and receiving may be on different threads; read the counts of each
/// where it happens, or when both rest.
public final class CountingPort implements Port {
    private final Port inner;
    private final long[] refused = new long[Refusal.values().length];
    private long receivedPackets;
    private long receivedOctets;
    private long sentPackets;
    private long sentOctets;

    /// Counts what passes to and from `inner`.
    public CountingPort(Port inner) {
        this.inner = inner;
    }

    @Override
    public int receive(PacketBatch into) {
        int before = into.size();
        int count = inner.receive(into);
        receivedPackets += count;
        receivedOctets += octets(into, before);
        return count;
    }

    @Override
    public int send(PacketBatch batch) {
        long offered = octets(batch, 0);
        int taken = inner.send(batch);
        sentPackets += taken;
        sentOctets += offered - octets(batch, 0);
        for (int i = 0; i < batch.size(); i++) {
            refused[batch.get(i).refusal().ordinal()]++;
        }
        return taken;
    }

    private static long octets(PacketBatch batch, int from) {
        long sum = 0;
        for (int i = from; i < batch.size(); i++) {
            sum += batch.get(i).length();
        }
        return sum;
    }

    /// Packets that came.
    public long receivedPackets() {
        return receivedPackets;
    }

    /// Octets that came.
    public long receivedOctets() {
        return receivedOctets;
    }

    /// Packets that the port behind took.
    public long sentPackets() {
        return sentPackets;
    }

    /// Octets that the port behind took.
    public long sentOctets() {
        return sentOctets;
    }

    /// Packets that the port behind refused for this reason.
    public long refused(Refusal why) {
        return refused[why.ordinal()];
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
