package adit.tunnel;

import adit.offload.Segmenter;
import adit.packet.Offload;
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.packet.Refusal;
import java.lang.foreign.MemorySegment;

/// The last step inbound: hands the packets of a turn to the overlays, those of each tunnel together.
///
/// Packets of a flow that follow each other become one super-packet where the overlay takes that; a
/// super-packet is cut where it does not. The order within a flow stays. For one thread.
final class Delivery {
    private final PacketPool pool;
    private final Segmenter segmenter = new Segmenter();
    /// The segments of a super-packet that was refused.
    private final PacketBatch retried;
    /// Batches for the tunnels that a turn has packets for; as many as there are packets.
    private final PacketBatch[] batches;

    private final InboundLane[] busy;
    private int busyLanes;

    private final DropObserver drops;

    Delivery(PacketPool pool, int burst, DropObserver drops) {
        this.pool = pool;
        this.drops = drops;
        this.retried = new PacketBatch(burst);
        this.busy = new InboundLane[burst];
        this.batches = new PacketBatch[burst];
        for (int i = 0; i < burst; i++) {
            batches[i] = new PacketBatch(burst);
        }
    }

    /// Takes over `p` for the overlay of `lane`.
    void hand(PacketBuffer p, InboundLane lane) {
        if (!lane.takes(p)) {
            cut(p, lane);
        } else if (lane.coalescer.joins(p)) {
            p.release();
        } else {
            add(p, lane);
        }
    }

    /// Takes a copy of `p`, which stays the caller's.
    void handCopy(PacketBuffer p, InboundLane lane) {
        if (lane.coalescer.joins(p)) {
            return;
        }
        PacketBuffer copy = lend(p.length());
        if (copy == null) {
            drop(p, lane, Drop.NO_BUFFER_INBOUND);
            return;
        }
        int octets = p.length();
        MemorySegment.copy(p.segment(), p.head(), copy.segment(), copy.put(octets), octets);
        copy.describeAs(p);
        add(copy, lane);
    }

    /// A buffer for `octets`, or null when there is none, not even after what waits has been delivered.
    private PacketBuffer lend(int octets) {
        PacketBuffer p = pool.lend();
        if (p == null) {
            deliver();
            p = pool.lend();
        }
        if (p != null && p.tailroom() < octets) {
            p.release();
            return null;
        }
        return p;
    }

    /// Adds `p`, which the coalescer was asked about last.
    private void add(PacketBuffer p, InboundLane lane) {
        if (lane.batch == null) {
            lane.batch = batches[busyLanes];
            busy[busyLanes++] = lane;
        } else if (lane.batch.room() == 0) {
            deliver(lane);
        }
        lane.batch.add(p);
        lane.coalescer.open(p);
    }

    /// Adds the segments of a super-packet, which ends here.
    private void cut(PacketBuffer p, InboundLane lane) {
        // Ends what grows of this flow, so that nothing overtakes it.
        lane.coalescer.joins(p);
        int count = segmenter.begin(p);
        if (count == 0) {
            drop(p, lane, Drop.OVERLAY_REFUSED);
        }
        for (int i = 0; i < count; i++) {
            PacketBuffer segment = lend(segmenter.largest());
            if (segment == null) {
                drop(p, lane, Drop.NO_BUFFER_INBOUND);
                break;
            }
            segmenter.next(segment);
            add(segment, lane);
        }
        p.release();
    }

    /// Sends all that waits.
    void deliver() {
        for (int i = 0; i < busyLanes; i++) {
            InboundLane lane = busy[i];
            busy[i] = null;
            deliver(lane);
            lane.batch = null;
        }
        busyLanes = 0;
    }

    private void deliver(InboundLane lane) {
        PacketBatch batch = lane.batch;
        lane.coalescer.finish();
        lane.overlay.send(batch);
        for (int i = 0; i < batch.size(); i++) {
            PacketBuffer p = batch.get(i);
            boolean whole = p.offload().segmentation != Offload.Segmentation.NONE;
            if (whole && p.refusal() == Refusal.MALFORMED) {
                retry(p, lane);
            } else {
                drop(p, lane, Drop.ofOverlay(p.refusal()));
            }
        }
        batch.releaseAll();
    }

    /// Sends the segments of a super-packet that the overlay refused. If it takes them, it is super-packets
    /// that it does not take.
    private void retry(PacketBuffer p, InboundLane lane) {
        int count = segmenter.begin(p);
        boolean all = count > 0;
        for (int i = 0; i < count; i++) {
            PacketBuffer segment = pool.lend();
            if (segment == null) {
                drop(p, lane, Drop.NO_BUFFER_INBOUND);
                all = false;
                continue;
            }
            segmenter.next(segment);
            retried.add(segment);
            if (retried.room() == 0) {
                all &= flushRetried(lane);
            }
        }
        all &= flushRetried(lane);
        if (!all) {
            drop(p, lane, Drop.OVERLAY_REFUSED);
        } else if (lane.takes(p)) {
            lane.refuses(p);
        }
    }

    /// Answers whether all were taken.
    private boolean flushRetried(InboundLane lane) {
        if (retried.isEmpty()) {
            return true;
        }
        lane.overlay.send(retried);
        boolean all = retried.isEmpty();
        retried.releaseAll();
        return all;
    }

    private void drop(PacketBuffer p, InboundLane lane, Drop reason) {
        lane.counters.drop(reason);
        drops.dropped(p, reason);
    }
}
