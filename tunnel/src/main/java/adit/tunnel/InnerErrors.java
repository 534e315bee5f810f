package adit.tunnel;

import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.port.Port;
import adit.wire.EtherType;
import adit.wire.Icmp4;
import adit.wire.Icmp6;
import adit.wire.InternetChecksum;
import adit.wire.Ip6Address;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Ipv6;
import java.lang.foreign.MemorySegment;

/// Tells the senders of inner packets, by ICMP through the overlay, what became of them.
///
/// Errors are collected and sent together by [#flush]. "Too big" is not limited in rate, because a sender who
/// does not hear it stalls; the rest is, together with whatever else uses the same limit.
final class InnerErrors {
    private static final int HEADERS_4 = Ipv4.MIN_HEADER_LENGTH + Icmp4.HEADER_LENGTH;
    private static final int HEADERS_6 = Ipv6.HEADER_LENGTH + Icmp6.HEADER_LENGTH;
    /// The two addresses of an IPv6 header together, in octets.
    private static final int ADDRESS_LENGTH_6 = 16;

    private final Port port;
    private final PacketPool pool;
    private final ReplySource source;
    private final RateLimit limit;
    private final TunnelCounters counters;
    private final PacketBatch batch;
    private int identification;

    InnerErrors(
            Port port, PacketPool pool, ReplySource source, RateLimit limit, TunnelCounters counters, int capacity) {
        this.port = port;
        this.pool = pool;
        this.source = source;
        this.limit = limit;
        this.counters = counters;
        this.batch = new PacketBatch(capacity);
    }

    /// The inner packet, announced by `protocol`, is larger than `mtu` octets.
    void tooBig(PacketBuffer inner, int protocol, int mtu) {
        boolean told = protocol == IpProtocol.IPV6
                ? report6(inner, Icmp6.PACKET_TOO_BIG, 0, mtu)
                : report4(inner, Icmp4.DESTINATION_UNREACHABLE, Icmp4.FRAGMENTATION_NEEDED, mtu);
        counters.event(told ? Event.TOLD_TOO_BIG : Event.NOT_TOLD);
    }

    /// The peer that the inner packet goes to can't be reached. Label stacks have no sender to tell.
    void unreachable(PacketBuffer inner, int protocol, long nowNanos) {
        boolean told = protocol != IpProtocol.MPLS
                && limit.take(nowNanos)
                && (protocol == IpProtocol.IPV6
                        ? report6(inner, Icmp6.DESTINATION_UNREACHABLE, Icmp6.ADDRESS_UNREACHABLE, 0)
                        : report4(inner, Icmp4.DESTINATION_UNREACHABLE, Icmp4.HOST_UNREACHABLE, 0));
        counters.event(told ? Event.TOLD_UNREACHABLE : Event.NOT_TOLD);
    }

    private boolean report4(PacketBuffer inner, int type, int code, int restOfHeader) {
        MemorySegment from = inner.segment();
        int at = inner.head();
        PacketBuffer p = IcmpRules.allow4(from, at, inner.length()) ? lend(IcmpRules.MAX_LENGTH_4) : null;
        if (p == null) {
            return false;
        }
        int quote = Math.min(Ipv4.totalLength(from, at), IcmpRules.MAX_LENGTH_4 - HEADERS_4);
        MemorySegment s = p.segment();
        int header = p.put(HEADERS_4 + quote);
        MemorySegment.copy(from, at, s, header + HEADERS_4, quote);
        Icmp4.emit(s, header + Ipv4.MIN_HEADER_LENGTH, Icmp4.HEADER_LENGTH + quote, type, code, restOfHeader);
        Ipv4.emit(
                s,
                header,
                IcmpRules.tos(Ipv4.tos(from, at)),
                HEADERS_4 + quote,
                identification++,
                0,
                0,
                IcmpRules.TIME_TO_LIVE,
                IpProtocol.ICMP,
                source.ip4().isUnspecified()
                        ? Ipv4.destination(from, at)
                        : source.ip4().bits(),
                Ipv4.source(from, at));
        p.protocol(EtherType.IPV4);
        batch.add(p);
        return true;
    }

    private boolean report6(PacketBuffer inner, int type, int code, int restOfHeader) {
        MemorySegment from = inner.segment();
        int at = inner.head();
        PacketBuffer p = IcmpRules.allow6(from, at, inner.length()) ? lend(IcmpRules.MAX_LENGTH_6) : null;
        if (p == null) {
            return false;
        }
        int quote = Math.min(Ipv6.totalLength(from, at), IcmpRules.MAX_LENGTH_6 - HEADERS_6);
        int message = Icmp6.HEADER_LENGTH + quote;
        MemorySegment s = p.segment();
        int header = p.put(HEADERS_6 + quote);
        MemorySegment.copy(from, at, s, header + HEADERS_6, quote);
        Ipv6.emit(s, header, 0, 0, message, IpProtocol.ICMP6, IcmpRules.TIME_TO_LIVE, source.ip6(), Ip6Address.ANY);
        if (source.ip6().isUnspecified()) {
            MemorySegment.copy(from, at + Ipv6.DESTINATION, s, header + Ipv6.SOURCE, ADDRESS_LENGTH_6);
        }
        MemorySegment.copy(from, at + Ipv6.SOURCE, s, header + Ipv6.DESTINATION, ADDRESS_LENGTH_6);
        int pseudo = InternetChecksum.pseudoHeader6(s, header + Ipv6.SOURCE, IpProtocol.ICMP6, message);
        Icmp6.emit(s, header + Ipv6.HEADER_LENGTH, message, type, code, restOfHeader, pseudo);
        p.protocol(EtherType.IPV6);
        batch.add(p);
        return true;
    }

    private PacketBuffer lend(int most) {
        if (batch.room() == 0) {
            flush();
        }
        PacketBuffer p = pool.lend();
        if (p != null && p.tailroom() < most) {
            p.release();
            return null;
        }
        return p;
    }

    /// Sends what was collected. What the overlay refuses is gone: the next packet like it will cause another.
    void flush() {
        if (!batch.isEmpty()) {
            port.send(batch);
            batch.releaseAll();
        }
    }
}
