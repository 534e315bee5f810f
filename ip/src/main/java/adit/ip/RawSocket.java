package adit.ip;

import adit.device.Errno;
import adit.packet.PacketBuffer;
import adit.wire.Ip4Address;
import adit.wire.Ip6Address;
import adit.wire.IpAddress;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// Sends and receives packets of one IP protocol. As in Linux, each socket gets a copy of every whole packet to
/// this host; over IPv4 with its header, over IPv6 without.
public final class RawSocket extends IpSocket {
    private final Sockets sockets;
    private final Sockets.Family family;
    private final int protocol;
    private volatile Header header = Header.MADE;

    /// Who writes the IPv4 header of packets sent.
    public enum Header {
        /// The stack.
        MADE,
        /// The caller (IP_HDRINCL): addresses, protocol and time to live are as given; lengths, checksum, and
        /// an identification or source of 0 are filled in.
        INCLUDED
    }

    RawSocket(IpStack stack, Sockets sockets, Sockets.Family family, int protocol) {
        super(stack);
        this.sockets = sockets;
        this.family = family;
        this.protocol = protocol;
    }

    int protocol() {
        return protocol;
    }

    Sockets.Family family() {
        return family;
    }

    /// Says who writes the IPv4 header.
    public void header(Header who) {
        header = who;
    }

    /// Sends the octets between the buffer's position and limit as one packet to `to`.
    public void send(ByteBuffer data, IpAddress to) throws IOException {
        requireOpen();
        family.require(to);
        int length = data.remaining();
        PacketBuffer p = stack.lend(length);
        if (p == null || p.tailroom() < length) {
            if (p != null) {
                p.release();
            }
            throw new IpException("send", length > 0xffff ? Errno.EMSGSIZE : Errno.ENOBUFS, length + " octets");
        }
        MemorySegment.copy(MemorySegment.ofBuffer(data), 0, p.segment(), p.put(length), length);
        data.position(data.limit());
        int answer = switch (to) {
            case Ip4Address ip4 -> send4(p, ip4.bits());
            case Ip6Address ip6 -> send6(p, ip6);
        };
        if (answer != 0) {
            throw new IpException("send", -answer, "a packet of " + length + " octets to " + to);
        }
    }

    private int send4(PacketBuffer p, int to) {
        Route route = stack.output4.route(to, 0, null);
        if (route == null) {
            return refused(p, stack.output4.refusal(0, to, 0), IpDrop.OUT_NO_ROUTE);
        }
        if (header == Header.MADE) {
            return stack.output4.send(
                    p, route, new Ip4Output.Header(0, to, protocol, 0, timeToLive(Ip4Input.isMulticast(to)), false));
        }
        return sendIncluded(p, route, to);
    }

    private static int timeToLive(boolean toGroup) {
        return toGroup ? MULTICAST_TIME_TO_LIVE : 0;
    }

    private int sendIncluded(PacketBuffer p, Route route, int to) {
        MemorySegment s = p.segment();
        int at = p.head();
        boolean sound = p.length() >= Ipv4.MIN_HEADER_LENGTH
                && Ipv4.headerLength(s, at) >= Ipv4.MIN_HEADER_LENGTH
                && Ipv4.headerLength(s, at) <= p.length();
        if (!sound) {
            p.release();
            return -Errno.EINVAL;
        }
        NextHop hop = stack.output4.hop(route, Ipv4.source(s, at), to);
        int mtu = stack.output4.mtu(route, hop, to);
        if (p.length() > mtu) {
            p.release();
            return -Errno.EMSGSIZE;
        }
        if (Ipv4.source(s, at) == 0) {
            adit.wire.Octets.put32(s, at + Ipv4.SOURCE, stack.output4.sourceOf(route, hop, to));
        }
        if (Ipv4.identification(s, at) == 0) {
            int next = stack.identifications.next(Ipv4.source(s, at), to, Ipv4.protocol(s, at), stack.coarseNow());
            Ipv4.identification(s, at, next);
        }
        Ipv4.totalLength(s, at, p.length());
        Ipv4.fillChecksum(s, at);
        return stack.output4.sendWhole(p, route, hop, mtu);
    }

    private int send6(PacketBuffer p, Ip6Address to) {
        Route route = stack.output6.route(to, sockets.linkOf(this, to));
        Ip6Address source = route == null ? null : stack.output6.source(route, to);
        if (source == null) {
            return refused(p, stack.output6.refusal(to, sockets.linkOf(this, to)), IpDrop.IP6_OUT_NO_ROUTE);
        }
        if (protocol == IpProtocol.ICMP6 && p.length() >= 4) {
            Ip6Output.fillChecksum(p, source, to, IpProtocol.ICMP6, 2);
        }
        return stack.output6.send(
                p, route, new Ip6Output.Header(source, to, protocol, 0, timeToLive(to.isMulticast()), false));
    }

    /// Receives a packet into the buffer, from its position on; what has no room is lost. Answers who sent it,
    /// or null when there is none and no waiting.
    public IpAddress receive(ByteBuffer into) throws IOException {
        PacketBuffer p = next();
        if (p == null) {
            return null;
        }
        try {
            IpAddress from = Datagrams.source(p);
            Datagrams.copy(p, into);
            return from;
        } finally {
            p.release();
        }
    }

    /// Takes a copy of the packet, without its first `headers` octets.
    void accept(PacketBuffer p, int headers) {
        PacketBuffer copy = stack.lend(p.length());
        if (copy == null) {
            stack.counters.drop(IpDrop.NOMEM);
            return;
        }
        MemorySegment.copy(p.segment(), p.head(), copy.segment(), copy.put(p.length()), p.length());
        copy.pull(headers);
        Datagrams.mark(copy, headers);
        if (!offer(copy)) {
            stack.drop(copy, IpDrop.SOCKET_RCVBUFF);
        }
    }

    @Override
    void detach() {
        sockets.close(this);
    }
}
