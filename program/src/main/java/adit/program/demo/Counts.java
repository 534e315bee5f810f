package adit.program.demo;

import adit.program.up.TunnelStatus;
import adit.tunnel.LinkStatistic;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/// What the two ends of a tunnel have counted when a demonstration is over.
final class Counts {
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long STILL_NANOS = TimeUnit.MILLISECONDS.toNanos(30);
    private static final long BETWEEN_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private Counts() {}

    /// What both `ends` say once each has received what the other has sent, or after nothing has changed for 30 ms,
    /// or after half a second. The last acknowledgments are still under way when the data has come, and a packet
    /// that has gone is counted after the call that sent it. Where one was lost, such as a router solicitation
    /// before the other end was there, they never agree.
    static List<TunnelStatus> settled(Supplier<List<TunnelStatus>> ends) {
        long begun = System.nanoTime();
        long changed = begun;
        List<TunnelStatus> before = ends.get();
        while (!agree(before.getFirst(), before.getLast())) {
            LockSupport.parkNanos(BETWEEN_NANOS);
            List<TunnelStatus> now = ends.get();
            long time = System.nanoTime();
            if (!now.equals(before)) {
                changed = time;
            }
            before = now;
            if (time - changed >= STILL_NANOS || time - begun >= PATIENCE_NANOS) {
                break;
            }
        }
        return before;
    }

    private static boolean agree(TunnelStatus one, TunnelStatus other) {
        return hasCome(one, other) && hasCome(other, one);
    }

    private static boolean hasCome(TunnelStatus from, TunnelStatus to) {
        return from.value(LinkStatistic.TX_PACKETS) == to.value(LinkStatistic.RX_PACKETS);
    }
}
