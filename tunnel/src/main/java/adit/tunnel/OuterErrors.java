package adit.tunnel;

import adit.packet.Addressing;
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.underlay.Underlay;
import adit.wire.Icmp4;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import java.lang.foreign.MemorySegment;

/// Tells peers, by ICMP through the underlay, that nothing here takes their packets.
///
/// Errors are collected and sent together by [#flush], and limited in rate. They quote the outer packet, so
/// there are none on underlays that do not show the outer header; a UDP socket is one, and there the kernel
/// tells the peer.
final class OuterErrors {
    private final Underlay underlay;
    private final PacketPool pool;
    private final RateLimit limit;
    private final TunnelCounters counters;
    private final PacketBatch batch;

    OuterErrors(Underlay underlay, PacketPool pool, RateLimit limit, TunnelCounters counters, int capacity) {
        this.underlay = underlay;
        this.pool = pool;
        this.limit = limit;
        this.counters = counters;
        this.batch = new PacketBatch(capacity);
    }

    /// Answers the packet `p`, in front of which the outer headers still stand, with "destination unreachable".
    void unreachable(PacketBuffer p, int code, long nowNanos) {
        Addressing a = p.addressing();
        int outer = p.head() - a.outerHeaderLength;
        int length = p.length() + a.outerHeaderLength;
        boolean told = a.outerHeaderLength >= Ipv4.MIN_HEADER_LENGTH
                && IcmpRules.allow4(p.segment(), outer, length)
                && limit.take(nowNanos)
                && report(p, code, outer, length);
        counters.event(told ? Event.TOLD_NO_TUNNEL : Event.NOT_TOLD);
    }

    private boolean report(PacketBuffer about, int code, int outer, int length) {
        if (batch.room() == 0) {
            flush();
        }
        PacketBuffer p = pool.lend();
        if (p == null) {
            return false;
        }
        int quote = Math.min(length, IcmpRules.MAX_LENGTH_4 - Ipv4.MIN_HEADER_LENGTH - Icmp4.HEADER_LENGTH);
        int message = Icmp4.HEADER_LENGTH + quote;
        if (p.tailroom() < message || p.headroom() < underlay.headroom()) {
            p.release();
            return false;
        }
        int at = p.put(message);
        MemorySegment.copy(about.segment(), outer, p.segment(), at + Icmp4.HEADER_LENGTH, quote);
        Icmp4.emit(p.segment(), at, message, Icmp4.DESTINATION_UNREACHABLE, code, 0);
        Addressing from = about.addressing();
        Addressing a = p.addressing();
        a.source = from.destination;
        a.destination = from.source;
        a.protocol = IpProtocol.ICMP;
        a.tos = IcmpRules.tos(from.tos);
        a.timeToLive = IcmpRules.TIME_TO_LIVE;
        a.link = from.link;
        batch.add(p);
        return true;
    }

    /// Sends what was collected. What the underlay refuses is gone.
    void flush() {
        if (!batch.isEmpty()) {
            underlay.send(batch);
            batch.releaseAll();
        }
    }
}
