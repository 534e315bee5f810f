package adit.ip;

import adit.offload.Segmenter;
import adit.offload.Segmenters;
import adit.packet.Offload;
import adit.packet.PacketBuffer;
import adit.packet.PacketType;
import adit.wire.Icmp6;
import adit.wire.InternetChecksum;
import adit.wire.IpProtocol;
import adit.wire.Ipv6;
import adit.wire.Ipv6Chain;
import adit.wire.Octets;
import adit.wire.Udp;
import java.lang.foreign.MemorySegment;

/// Hands IPv6 packets to this host to whom they are for, through their extension headers. RFC 8200 section 4.
final class Ip6Delivery {
    private static final int UNRECOGNIZED_NEXT_HEADER = 1;
    private static final int SEGMENTS_LEFT = 3;
    /// Routing header of RFC 6554; off, as in Linux.
    private static final int RPL = 3;
    /// Routing header of RFC 8754; off, as in Linux.
    private static final int SEGMENT_ROUTING = 4;

    private final IpStack stack;
    private final IpCounters counters;

    Ip6Delivery(IpStack stack) {
        this.stack = stack;
        this.counters = stack.counters;
    }

    /// Takes a sound packet that is for this host.
    void deliver(IpInterface in, PacketBuffer packet, RouteType type) {
        PacketBuffer p = packet;
        int offset = Ipv6.HEADER_LENGTH;
        // The octet that names the header at the offset.
        int previous = 6;
        boolean fragmented = false;
        while (true) {
            MemorySegment s = p.segment();
            int at = p.head();
            int protocol = Octets.u8(s, at + previous);
            switch (protocol) {
                case IpProtocol.HOP_BY_HOP -> {
                    // Checked on the way in; anywhere but in front it is a header that nobody knows.
                    if (offset != Ipv6.HEADER_LENGTH) {
                        unknown(in, p, type, previous);
                        return;
                    }
                }
                case IpProtocol.DESTINATION_OPTIONS -> {
                    if (!Ip6Options.take(stack, in, p, offset, Ip6Options.Kind.DESTINATION)) {
                        stack.drop(p, IpDrop.IP6_EXTENSION);
                        return;
                    }
                }
                case IpProtocol.ROUTING -> {
                    if (!routing(in, p, offset, type)) {
                        return;
                    }
                }
                case IpProtocol.FRAGMENT -> {
                    if (!fragmented) {
                        counters.count(IpCounter.IP6_REASM_REQDS);
                    }
                    if (fragmented || p.length() - offset < Ipv6Chain.FRAGMENT_LENGTH) {
                        stack.icmp6.error(in, p, type, Icmp6.PARAMETER_PROBLEM, 0, offset);
                        stack.drop(p, IpDrop.IP6_EXTENSION);
                        return;
                    }
                    fragmented = true;
                    if (Ipv6Chain.fragmentOffset(s, at + offset) != 0 || Ipv6Chain.moreFragments(s, at + offset)) {
                        p = stack.reassembly.add6(in, p, offset, previous);
                        if (p == null) {
                            return;
                        }
                        // The fragment header is gone: what it named stands at the same place.
                        continue;
                    }
                    counters.count(IpCounter.IP6_REASM_OKS);
                }
                default -> {
                    upper(in, p, type, protocol, offset, previous);
                    return;
                }
            }
            previous = offset;
            offset += Ipv6Chain.length(s, at + offset, protocol);
            if (offset > p.length()) {
                stack.drop(p, IpDrop.IP6_EXTENSION);
                return;
            }
        }
    }

    /// No routing header is heeded (RFC 5095, RFC 8754 is off as in Linux): one that is done is passed over.
    private boolean routing(IpInterface in, PacketBuffer p, int offset, RouteType type) {
        MemorySegment s = p.segment();
        int at = p.head() + offset;
        if (p.length() - offset < 8 || p.length() - offset < Ipv6Chain.length(s, at, IpProtocol.ROUTING)) {
            stack.drop(p, IpDrop.IP6_EXTENSION);
            return false;
        }
        int kind = Octets.u8(s, at + 2);
        if (type == RouteType.MULTICAST || p.packetType() != PacketType.HOST) {
            stack.drop(p, IpDrop.IP6_ADDRESS);
            return false;
        }
        if (kind == RPL || kind == SEGMENT_ROUTING) {
            stack.drop(p, IpDrop.IP6_SEGMENT_ROUTED);
            return false;
        }
        if (Octets.u8(s, at + SEGMENTS_LEFT) == 0) {
            return true;
        }
        stack.icmp6.error(in, p, type, Icmp6.PARAMETER_PROBLEM, 0, offset + 2);
        stack.drop(p, IpDrop.IP6_EXTENSION);
        return false;
    }

    private void upper(IpInterface in, PacketBuffer p, RouteType type, int protocol, int offset, int previous) {
        boolean raw = stack.sockets.copyToRaw6(p, protocol, offset);
        boolean known = protocol == IpProtocol.ICMP6
                || protocol == IpProtocol.UDP
                || protocol == IpProtocol.TCP
                || protocol == IpProtocol.NO_NEXT_HEADER;
        if (!known && !raw) {
            unknown(in, p, type, previous);
            return;
        }
        counters.count(IpCounter.IP6_IN_DELIVERS);
        switch (protocol) {
            case IpProtocol.ICMP6 -> stack.icmp6.receive(in, p, offset);
            case IpProtocol.UDP -> udp(in, p, type, offset);
            case IpProtocol.TCP -> stack.resets.answer6(in, p, offset, type);
            default -> p.release();
        }
    }

    private void unknown(IpInterface in, PacketBuffer p, RouteType type, int previous) {
        stack.icmp6.error(in, p, type, Icmp6.PARAMETER_PROBLEM, UNRECOGNIZED_NEXT_HEADER, previous);
        stack.drop(p, IpDrop.IP6_NOPROTO);
    }

    private void udp(IpInterface in, PacketBuffer p, RouteType type, int offset) {
        MemorySegment s = p.segment();
        int udp = p.head() + offset;
        int available = p.length() - offset;
        int length = available < Udp.HEADER_LENGTH ? 0 : udpLength(s, udp, available);
        if (length < Udp.HEADER_LENGTH
                || length > available
                || (length < available && !p.offload().fits(offset + length))) {
            stack.drop(p, IpDrop.UDP6);
            return;
        }
        p.trim(offset + length);
        int pseudo = InternetChecksum.pseudoHeader6(s, p.head() + Ipv6.SOURCE, IpProtocol.UDP, length);
        boolean damaged = p.offload().isUnverified(offset)
                && (!Udp.hasChecksum(s, udp) || !Udp.checksumValid(s, udp, length, pseudo));
        UdpSocket socket = damaged ? null : stack.sockets.ports().receiver(Sockets.Family.IP6, s, p.head(), udp);
        if (damaged) {
            counters.count(IpCounter.UDP6_IN_CSUM_ERRORS);
            stack.drop(p, IpDrop.UDP6);
        } else if (socket != null && p.offload().segmentation == Offload.Segmentation.UDP) {
            cut(in, p, type, offset);
        } else if (socket != null) {
            socket.accept(in, p, udp);
        } else {
            stack.icmp6.error(in, p, type, Icmp6.DESTINATION_UNREACHABLE, Icmp6.PORT_UNREACHABLE, 0);
            stack.drop(p, IpDrop.NO_SOCKET6);
        }
    }

    /// Of a length field of 0 the length is all that is there, so that a jumbogram may be longer than the field can say
    /// (RFC 2675, section 4). Linux takes short ones so, too.
    private static int udpLength(MemorySegment s, long udp, int available) {
        int length = Udp.length(s, udp);
        return length == 0 ? available : length;
    }

    private void cut(IpInterface in, PacketBuffer p, RouteType type, int offset) {
        Segmenter segmenter = Segmenters.take();
        try {
            cut(in, p, type, offset, segmenter);
        } finally {
            Segmenters.rest(segmenter);
        }
    }

    private void cut(IpInterface in, PacketBuffer p, RouteType type, int offset, Segmenter segmenter) {
        int count = segmenter.begin(p);
        for (int i = 0; i < count; i++) {
            PacketBuffer piece = stack.lend(segmenter.largest());
            if (piece == null) {
                counters.drop(IpDrop.NOMEM, count - i);
                break;
            }
            segmenter.next(piece);
            udp(in, piece, type, offset);
        }
        if (count == 0) {
            stack.drop(p, IpDrop.UDP6);
        } else {
            p.release();
        }
    }
}
