package adit.ip;

import adit.packet.PacketBuffer;
import adit.packet.PacketType;
import adit.wire.Icmp6;
import adit.wire.InternetChecksum;
import adit.wire.Ip6Address;
import adit.wire.IpProtocol;
import adit.wire.Ipv6;
import adit.wire.Ipv6Chain;
import adit.wire.Octets;
import java.lang.foreign.MemorySegment;

/// ICMP for IPv6: errors about packets that can't go on, answers to pings, what others report, and the door to
/// neighbour discovery. RFC 4443, with Linux's rules where it leaves a choice.
final class Ip6Icmp {
    private static final int CHECKSUM = 2;
    private static final int MAX_QUOTE = Ipv6.MIN_MTU - Ipv6.HEADER_LENGTH - Icmp6.HEADER_LENGTH;
    private static final int UNRECOGNIZED_OPTION = 2;
    /// Options whose kind begins with these bits are told about to senders to groups too.
    private static final int TELL_ALWAYS = 0x80;

    private final IpStack stack;
    private final IpCounters counters;

    Ip6Icmp(IpStack stack) {
        this.stack = stack;
        this.counters = stack.counters;
    }

    // ---- Errors

    /// Tells the sender of `p`, which came in by `in`, what is wrong with it, if that is allowed and has not
    /// been said too often. The packet stays the caller's, and its octets start at the IPv6 header.
    void error(IpInterface in, PacketBuffer p, RouteType type, int icmpType, int code, int restOfHeader) {
        MemorySegment from = p.segment();
        int at = p.head();
        if (!isAllowed(p, icmpType, code, restOfHeader)) {
            return;
        }
        boolean limited = icmpType != Icmp6.PACKET_TOO_BIG;
        if (limited && !in.isLoopback() && !stack.limits.allow()) {
            counters.count(IpCounter.ICMP6_OUT_RATE_LIMIT_HOST);
            return;
        }
        Ip6Address peer = Ip6Address.read(from, at + Ipv6.SOURCE);
        Ip6Address own = Ip6Address.read(from, at + Ipv6.DESTINATION);
        Route route = stack.output6.anyRoute(peer, in);
        if (route == null || route.rejects) {
            if (route == null && hasSource(in, own, peer)) {
                counters.count(IpCounter.IP6_OUT_NO_ROUTES);
            }
            return;
        }
        Ip6Address source = !own.isMulticast() && isOwn(in, own) ? own : sourceTowards(in, route, peer);
        if (source == null || (limited && !takeHost(route, peer))) {
            return;
        }
        if (limited) {
            stack.limits.spend();
        }
        PacketBuffer q = stack.lend(Ipv6.MIN_MTU);
        if (q == null) {
            return;
        }
        int quote = Math.min(p.length(), MAX_QUOTE);
        int to = q.put(Icmp6.HEADER_LENGTH + quote);
        MemorySegment s = q.segment();
        MemorySegment.copy(from, at, s, to + Icmp6.HEADER_LENGTH, quote);
        Octets.put8(s, to, icmpType);
        Octets.put8(s, to + 1, code);
        Octets.put32(s, to + 4, restOfHeader);
        Ip6Output.fillChecksum(q, source, peer, IpProtocol.ICMP6, CHECKSUM);
        count(icmpType);
        stack.output6.send(q, route, new Ip6Output.Header(source, peer, IpProtocol.ICMP6, 0, 0, false));
    }

    /// Whether Linux gets as far as to look for a route: only with a source.
    private boolean hasSource(IpInterface in, Ip6Address own, Ip6Address peer) {
        return (!own.isMulticast() && isOwn(in, own)) || SourceSelection.choose(stack.interfaces(), in, peer) != null;
    }

    private boolean isOwn(IpInterface in, Ip6Address address) {
        return address.isLinkLocal()
                ? in.has6(address.high(), address.low())
                : stack.own.isLocalOrAnycast6(address.high(), address.low());
    }

    /// Linux asks for a source as if the error left by where the packet came in.
    private Ip6Address sourceTowards(IpInterface in, Route route, Ip6Address peer) {
        if (route.spec().preferredSource().orElse(null) instanceof Ip6Address preferred) {
            return preferred;
        }
        return SourceSelection.choose(stack.interfaces(), in, peer);
    }

    private boolean takeHost(Route route, Ip6Address peer) {
        if (route.type == RouteType.LOCAL) {
            return true;
        }
        int shift = route.length < 128 ? (128 - route.length) >> 5 : 0;
        boolean may = stack.limits.takeHost(AddressBits.hash(peer.high(), peer.low()), shift);
        if (!may) {
            counters.count(IpCounter.ICMP6_OUT_RATE_LIMIT_HOST);
        }
        return may;
    }

    /// RFC 4443 section 2.4 (e): not about errors, not to groups or from nobody, and about packets to groups
    /// only that they are too big or hold an option that asks for it.
    private static boolean isAllowed(PacketBuffer p, int type, int code, int pointer) {
        MemorySegment s = p.segment();
        int at = p.head();
        long sourceHigh = Ipv6.sourceHigh(s, at);
        if (Ip6Input.isUnspecified(s, at + Ipv6.SOURCE) || Ip6Input.isMulticast(sourceHigh)) {
            return false;
        }
        boolean toMany = Ip6Input.isMulticast(Ipv6.destinationHigh(s, at)) || p.packetType() != PacketType.HOST;
        if (toMany && type != Icmp6.PACKET_TOO_BIG) {
            boolean option = type == Icmp6.PARAMETER_PROBLEM
                    && code == UNRECOGNIZED_OPTION
                    && pointer < p.length()
                    && (Octets.u8(s, at + pointer) & 0xc0) == TELL_ALWAYS;
            if (!option) {
                return false;
            }
        }
        return !isAboutError(s, at, p.length());
    }

    /// Whether the packet is an ICMPv6 error, or one of which the type is cut off. Looks through extension
    /// headers in any order, as Linux does here; what can't be looked through is no error.
    private static boolean isAboutError(MemorySegment s, int at, int available) {
        int protocol = Ipv6.nextHeader(s, at);
        int offset = Ipv6.HEADER_LENGTH;
        boolean fragment = false;
        while (Ipv6Chain.isExtension(protocol)) {
            if (available - offset < (protocol == IpProtocol.FRAGMENT ? 4 : 2)) {
                return false;
            }
            if (protocol == IpProtocol.FRAGMENT) {
                if (Ipv6Chain.fragmentOffset(s, at + offset) != 0) {
                    return false;
                }
                fragment = Ipv6Chain.moreFragments(s, at + offset);
            }
            int length = Ipv6Chain.length(s, at + offset, protocol);
            protocol = Octets.u8(s, at + offset);
            offset += length;
        }
        if (protocol != IpProtocol.ICMP6) {
            return false;
        }
        return offset >= available ? !fragment : Icmp6.isError(Octets.u8(s, at + offset));
    }

    private void count(int type) {
        counters.count(IpCounter.ICMP6_OUT_MSGS);
        switch (type) {
            case Icmp6.DESTINATION_UNREACHABLE -> counters.count(IpCounter.ICMP6_OUT_DEST_UNREACHS);
            case Icmp6.PACKET_TOO_BIG -> counters.count(IpCounter.ICMP6_OUT_PKT_TOO_BIGS);
            case Icmp6.TIME_EXCEEDED -> counters.count(IpCounter.ICMP6_OUT_TIME_EXCDS);
            case Icmp6.PARAMETER_PROBLEM -> counters.count(IpCounter.ICMP6_OUT_PARM_PROBLEMS);
            case Icmp6.ECHO_REPLY -> counters.count(IpCounter.ICMP6_OUT_ECHO_REPLIES);
            default -> {}
        }
    }

    // ---- Messages to this host

    /// Takes an ICMPv6 message to this host, which starts `offset` octets behind the IPv6 header's start.
    void receive(IpInterface in, PacketBuffer p, int offset) {
        counters.count(IpCounter.ICMP6_IN_MSGS);
        MemorySegment s = p.segment();
        int icmp = p.head() + offset;
        int length = p.length() - offset;
        int pseudo = InternetChecksum.pseudoHeader6(s, p.head() + Ipv6.SOURCE, IpProtocol.ICMP6, length);
        if (p.offload().isUnverified(offset) && !Icmp6.checksumValid(s, icmp, length, pseudo)) {
            counters.count(IpCounter.ICMP6_IN_CSUM_ERRORS);
            stack.drop(p, IpDrop.ICMP6);
            return;
        }
        if (length < Icmp6.HEADER_LENGTH) {
            stack.drop(p, IpDrop.ICMP6);
            return;
        }
        int type = Icmp6.type(s, icmp);
        switch (type) {
            case Icmp6.ECHO_REQUEST -> {
                PacketBuffer q = stack.lend(length);
                if (q == null) {
                    stack.drop(p, IpDrop.NOMEM);
                    return;
                }
                int to = q.put(length);
                MemorySegment.copy(s, icmp, q.segment(), to, length);
                Octets.put8(q.segment(), to, Icmp6.ECHO_REPLY);
                count(Icmp6.ECHO_REPLY);
                stack.output6.reply(in, p, q, IpProtocol.ICMP6, CHECKSUM);
                p.release();
            }
            case Icmp6.ECHO_REPLY -> stack.sockets.pong6(p, icmp);
            case Icmp6.DESTINATION_UNREACHABLE, Icmp6.PACKET_TOO_BIG, Icmp6.TIME_EXCEEDED, Icmp6.PARAMETER_PROBLEM ->
                report(p, icmp, length);
            case Icmp6.NEIGHBOR_SOLICITATION, Icmp6.NEIGHBOR_ADVERTISEMENT ->
                stack.discovery.receive(in, p, icmp, length);
            default -> stack.drop(p, IpDrop.ICMP_IGNORED);
        }
    }

    private void report(PacketBuffer p, int icmp, int length) {
        MemorySegment s = p.segment();
        int quote = icmp + Icmp6.HEADER_LENGTH;
        int available = length - Icmp6.HEADER_LENGTH;
        if (available < Ipv6.HEADER_LENGTH || Ipv6.version(s, quote) != 6) {
            stack.drop(p, IpDrop.ICMP6);
            return;
        }
        int type = Icmp6.type(s, icmp);
        int mtu = type == Icmp6.PACKET_TOO_BIG ? (int) Math.min(Icmp6.mtu(s, icmp), Ip6Output.MAX_LENGTH) : 0;
        boolean known = stack.own.isLocal6(Ipv6.sourceHigh(s, quote), Ipv6.sourceLow(s, quote))
                && stack.socketErrors.tell6(s, icmp, available, Ip6Address.read(s, p.head() + Ipv6.SOURCE), mtu);
        if (known && mtu != 0) {
            stack.paths.learn6(Ipv6.destinationHigh(s, quote), Ipv6.destinationLow(s, quote), mtu);
        }
        p.release();
    }
}
