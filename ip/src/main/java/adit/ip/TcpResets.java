package adit.ip;

import adit.packet.PacketBuffer;
import adit.wire.InternetChecksum;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Ipv6;
import adit.wire.Octets;
import adit.wire.Tcp;
import java.lang.foreign.MemorySegment;

/// Tells TCP peers that nobody listens here: there is no TCP in this stack, so every segment to it is answered
/// as one to a closed port is. RFC 9293 section 3.10.7.1.
final class TcpResets {
    private static final int ADDRESSES_6 = 32;

    private final IpStack stack;
    private final Ip4Options options;

    TcpResets(IpStack stack) {
        this.stack = stack;
        this.options = new Ip4Options(stack);
    }

    /// Takes a segment over IPv4 and answers it, unless it is damaged, a reset itself, or went to many.
    void answer4(PacketBuffer p, RouteType type) {
        MemorySegment s = p.segment();
        int at = p.head();
        int header = Ipv4.headerLength(s, at);
        int length = p.length() - header;
        int pseudo =
                InternetChecksum.pseudoHeader4(Ipv4.source(s, at), Ipv4.destination(s, at), IpProtocol.TCP, length);
        PacketBuffer q = type == RouteType.LOCAL
                ? reset(p, at + header, length, pseudo, Ip4Delivery.isUnverified(p, header, length))
                : null;
        int peer = Ipv4.source(s, at);
        int own = Ipv4.destination(s, at);
        int tos = Ipv4.tos(s, at) & ~3;
        int echoed = 0;
        if (q != null) {
            int reply = InternetChecksum.pseudoHeader4(own, peer, IpProtocol.TCP, Tcp.MIN_HEADER_LENGTH);
            Tcp.fillChecksum(q.segment(), q.head(), Tcp.MIN_HEADER_LENGTH, reply);
            echoed = options.prepend(q, s, at, header, own);
        }
        stack.drop(p, IpDrop.TCP);
        if (q == null) {
            return;
        }
        // Linux counts those too that no way leads to.
        stack.counters.count(IpCounter.TCP_OUT_RSTS);
        if (echoed < 0) {
            q.release();
            return;
        }
        Route route = stack.output4.route(peer, tos, null);
        if (route == null) {
            stack.drop(q, IpDrop.OUT_NO_ROUTE);
            return;
        }
        stack.output4.send(q, route, new Ip4Output.Header(own, peer, IpProtocol.TCP, tos, 0, true), echoed);
    }

    /// The same over IPv6. The segment starts `offset` octets behind the IPv6 header's start.
    void answer6(IpInterface in, PacketBuffer p, int offset, RouteType type) {
        MemorySegment s = p.segment();
        int at = p.head();
        int length = p.length() - offset;
        int pseudo = InternetChecksum.pseudoHeader6(s, at + Ipv6.SOURCE, IpProtocol.TCP, length);
        PacketBuffer q = type == RouteType.LOCAL
                ? reset(p, at + offset, length, pseudo, p.offload().isUnverified(offset))
                : null;
        if (q != null) {
            stack.counters.count(IpCounter.TCP_OUT_RSTS);
            stack.output6.reply(in, p, q, IpProtocol.TCP, Tcp.CHECKSUM);
        }
        stack.drop(p, IpDrop.TCP);
    }

    /// A segment without its checksum, or null when there is to be none.
    private PacketBuffer reset(PacketBuffer p, int tcp, int length, int pseudo, boolean unverified) {
        MemorySegment s = p.segment();
        if (length < Tcp.MIN_HEADER_LENGTH
                || Tcp.headerLength(s, tcp) < Tcp.MIN_HEADER_LENGTH
                || Tcp.headerLength(s, tcp) > length
                || (Tcp.flags(s, tcp) & Tcp.RST) != 0) {
            return null;
        }
        PacketBuffer q = unverified && !Tcp.checksumValid(s, tcp, length, pseudo) ? null : stack.lend(ADDRESSES_6 * 4);
        if (q == null) {
            return null;
        }
        int flags = Tcp.flags(s, tcp);
        boolean acknowledges = (flags & Tcp.ACK) != 0;
        int occupied = length - Tcp.headerLength(s, tcp) + Integer.bitCount(flags & (Tcp.SYN | Tcp.FIN));
        int to = q.put(Tcp.MIN_HEADER_LENGTH);
        MemorySegment r = q.segment();
        Octets.put16(r, to, Tcp.destinationPort(s, tcp));
        Octets.put16(r, to + 2, Tcp.sourcePort(s, tcp));
        Octets.put32(r, to + 4, acknowledges ? (int) Tcp.acknowledgmentNumber(s, tcp) : 0);
        Octets.put32(r, to + 8, acknowledges ? 0 : (int) (Tcp.sequenceNumber(s, tcp) + occupied));
        Octets.put16(r, to + 12, 5 << 12 | (acknowledges ? Tcp.RST : Tcp.RST | Tcp.ACK));
        Octets.put16(r, to + 14, 0);
        Octets.put16(r, to + Tcp.CHECKSUM, 0);
        Octets.put16(r, to + 18, 0);
        return q;
    }
}
