package adit.ip;

import adit.offload.Segmenter;
import adit.offload.Segmenters;
import adit.packet.Offload;
import adit.packet.PacketBuffer;
import adit.wire.Icmp4;
import adit.wire.InternetChecksum;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Udp;
import java.lang.foreign.MemorySegment;

/// Hands IPv4 packets to this host to whom they are for: raw sockets, then the protocol.
final class Ip4Delivery {
    /// The longest segment or datagram that Linux sums as soon as it comes, in octets.
    private static final int SUMMED_AT_ONCE = 76;

    private final IpStack stack;
    private final IpCounters counters;

    Ip4Delivery(IpStack stack) {
        this.stack = stack;
        this.counters = stack.counters;
    }

    /// Takes a sound packet that a route of `type` says is for this host.
    void deliver(IpInterface in, PacketBuffer p, RouteType type) {
        PacketBuffer whole = p;
        if (Ipv4.isFragment(p.segment(), p.head())) {
            whole = stack.reassembly.add4(in, p);
            if (whole == null) {
                return;
            }
        }
        protocol(in, whole, type);
    }

    private void protocol(IpInterface in, PacketBuffer p, RouteType type) {
        MemorySegment s = p.segment();
        int protocol = Ipv4.protocol(s, p.head());
        boolean raw = stack.sockets.copyToRaw4(p, protocol);
        ProtocolHandler handler = stack.handler4(protocol);
        if (handler != null) {
            counters.count(IpCounter.IP_IN_DELIVERS);
            handler.receive(in, p, type);
            return;
        }
        switch (protocol) {
            case IpProtocol.ICMP -> {
                counters.count(IpCounter.IP_IN_DELIVERS);
                stack.icmp4.receive(in, p, type);
            }
            case IpProtocol.UDP -> {
                counters.count(IpCounter.IP_IN_DELIVERS);
                udp(in, p, type);
            }
            case IpProtocol.TCP -> {
                counters.count(IpCounter.IP_IN_DELIVERS);
                stack.resets.answer4(p, type);
            }
            case IpProtocol.IGMP -> {
                // Known, and nobody here is in a group that a router would have to hear of.
                counters.count(IpCounter.IP_IN_DELIVERS);
                p.release();
            }
            default -> {
                if (raw) {
                    counters.count(IpCounter.IP_IN_DELIVERS);
                    p.release();
                } else {
                    stack.icmp4.error(in, p, type, Icmp4.DESTINATION_UNREACHABLE, Icmp4.PROTOCOL_UNREACHABLE, 0);
                    stack.drop(p, IpDrop.IP_NOPROTO);
                }
            }
        }
    }

    private void udp(IpInterface in, PacketBuffer p, RouteType type) {
        MemorySegment s = p.segment();
        int header = Ipv4.headerLength(s, p.head());
        int udp = p.head() + header;
        int available = p.length() - header;
        int length = available < Udp.HEADER_LENGTH ? 0 : Udp.length(s, udp);
        if (length < Udp.HEADER_LENGTH
                || length > available
                || (length < available && !p.offload().fits(header + length))) {
            stack.drop(p, IpDrop.UDP);
            return;
        }
        p.trim(header + length);
        UdpSocket socket = stack.sockets.ports().receiver(Sockets.Family.IP4, s, p.head(), udp);
        if (isDamaged(p, udp)) {
            counters.count(IpCounter.UDP_IN_CSUM_ERRORS);
            stack.drop(p, IpDrop.UDP);
        } else if (socket != null && (p.offload().segmentation == Offload.Segmentation.UDP || p.offload().listed)) {
            cut(in, p, type);
        } else if (socket != null && socket.encapsulation() != null) {
            socket.encapsulation().receive(in, p, header, type);
        } else if (socket != null) {
            socket.accept(in, p, udp);
        } else {
            stack.icmp4.error(in, p, type, Icmp4.DESTINATION_UNREACHABLE, Icmp4.PORT_UNREACHABLE, 0);
            stack.drop(p, IpDrop.NO_SOCKET);
        }
    }

    /// Whether the checksum of the transport header at `transport` octets, with `length` octets from there on,
    /// is to be verified. Linux puts off the sum over what is longer, and then has forgotten where a partial
    /// one starts.
    static boolean isUnverified(PacketBuffer p, int transport, int length) {
        boolean putOff = p.offload().checksum == Offload.Checksum.PARTIAL && length > SUMMED_AT_ONCE;
        return !putOff && p.offload().isUnverified(transport);
    }

    private static boolean isDamaged(PacketBuffer p, int udp) {
        MemorySegment s = p.segment();
        if (!isUnverified(p, udp - p.head(), Udp.length(s, udp)) || !Udp.hasChecksum(s, udp)) {
            return false;
        }
        int at = p.head();
        int pseudo = InternetChecksum.pseudoHeader4(
                Ipv4.source(s, at), Ipv4.destination(s, at), IpProtocol.UDP, Udp.length(s, udp));
        return !Udp.checksumValid(s, udp, pseudo);
    }

    /// A super-packet of datagrams, those in a tunnel too, or a list: sockets get them one by one.
    private void cut(IpInterface in, PacketBuffer p, RouteType type) {
        Segmenter segmenter = Segmenters.take();
        try {
            cut(in, p, type, segmenter);
        } finally {
            Segmenters.rest(segmenter);
        }
    }

    private void cut(IpInterface in, PacketBuffer p, RouteType type, Segmenter segmenter) {
        int count = segmenter.begin(p);
        for (int i = 0; i < count; i++) {
            PacketBuffer piece = stack.lend(segmenter.largest());
            if (piece == null) {
                stack.counters.drop(IpDrop.NOMEM, count - i);
                break;
            }
            segmenter.next(piece);
            udp(in, piece, type);
        }
        if (count == 0) {
            stack.drop(p, IpDrop.UDP);
        } else {
            p.release();
        }
    }
}
