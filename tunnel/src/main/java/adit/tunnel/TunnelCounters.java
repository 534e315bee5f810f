package adit.tunnel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;

/// What one worker counts for one tunnel, or for what belongs to none.
///
/// One thread writes; any thread reads a number that is whole and not older than its last look. Numbers of
/// different kinds need not be of the same instant.
public final class TunnelCounters {
    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);

    private static final int RX_PACKETS = 0;
    private static final int RX_OCTETS = 1;
    private static final int TX_PACKETS = 2;
    private static final int TX_OCTETS = 3;
    private static final int EVENTS = 4;
    private static final int DROPS = EVENTS + Event.values().length;
    private static final int SIZE = DROPS + Drop.values().length;

    private final long[] cells = new long[SIZE];

    TunnelCounters() {}

    /// What all of these have counted by now, together. It counts nothing more: for workers that have ended.
    public static TunnelCounters sum(List<TunnelCounters> workers) {
        TunnelCounters sum = new TunnelCounters();
        for (TunnelCounters worker : workers) {
            for (int i = 0; i < SIZE; i++) {
                sum.add(i, worker.read(i));
            }
        }
        return sum;
    }

    /// Packets decapsulated.
    public long rxPackets() {
        return read(RX_PACKETS);
    }

    /// Their octets.
    public long rxOctets() {
        return read(RX_OCTETS);
    }

    /// Packets sent.
    public long txPackets() {
        return read(TX_PACKETS);
    }

    /// Their octets, without what the tunnel put around them.
    public long txOctets() {
        return read(TX_OCTETS);
    }

    /// How many packets were dropped for this reason.
    public long drops(Drop reason) {
        return read(cell(reason));
    }

    /// How often this happened.
    public long events(Event event) {
        return read(cell(event));
    }

    void received(int packets, int octets) {
        add(RX_PACKETS, packets);
        add(RX_OCTETS, octets);
    }

    void sent(int packets, long octets) {
        add(TX_PACKETS, packets);
        add(TX_OCTETS, octets);
    }

    void drop(Drop reason) {
        drop(reason, 1);
    }

    void drop(Drop reason, int packets) {
        add(cell(reason), packets);
    }

    void event(Event event) {
        add(cell(event), 1);
    }

    @SuppressWarnings("EnumOrdinal") // an index into an array that never leaves this object
    private static int cell(Drop reason) {
        return DROPS + reason.ordinal();
    }

    @SuppressWarnings("EnumOrdinal") // as above
    private static int cell(Event event) {
        return EVENTS + event.ordinal();
    }

    private long read(int cell) {
        return (long) CELL.getOpaque(cells, cell);
    }

    /// The only writer reads its own last value plainly; the opaque write keeps it whole for readers and costs
    /// a plain one.
    private void add(int cell, long n) {
        CELL.setOpaque(cells, cell, cells[cell] + n);
    }
}
