package adit.ip;

import adit.device.Device;
import adit.device.DeviceFlags;
import adit.packet.Offload;
import adit.packet.PacketBuffer;
import adit.packet.PacketType;
import adit.wire.Icmp4;
import adit.wire.InternetChecksum;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Octets;
import java.lang.foreign.MemorySegment;

/// ICMP for IPv4: errors about packets that can't go on, answers to questions, and what others report. RFC 792,
/// RFC 1122 section 3.2.2, RFC 1812 section 4.3, with Linux's rules where those leave a choice.
final class Ip4Icmp {
    /// The longest error, IP header included, in octets.
    private static final int MAX_LENGTH = 576;
    /// The former type of service of an error: that of the packet, with the precedence of internetwork control.
    private static final int SERVICE = 0x1e;

    private static final int INTERNETWORK_CONTROL = 0xc0;
    private static final int LAST_TYPE = 18;
    private static final int TIMESTAMP_LENGTH = 20;

    private final IpStack stack;
    private final IpCounters counters;
    private final Ip4Options options;

    Ip4Icmp(IpStack stack) {
        this.stack = stack;
        this.counters = stack.counters;
        this.options = new Ip4Options(stack);
    }

    // ---- Errors

    /// Tells the sender of `p`, which came in by `in` on a route of `type`, what is wrong with it, if that is
    /// allowed and has not been said too often. The packet stays the caller's, its octets start at the IPv4
    /// header, and its options have been looked at.
    void error(IpInterface in, PacketBuffer p, RouteType type, int icmpType, int code, int restOfHeader) {
        error(in, p, type, icmpType, code, restOfHeader, Ipv4.headerLength(p.segment(), p.head()));
    }

    /// The same for a packet whose header is wrong `pointer` octets from its start.
    void parameterProblem(IpInterface in, PacketBuffer p, RouteType type, int pointer) {
        error(in, p, type, Icmp4.PARAMETER_PROBLEM, 0, pointer << 24, pointer);
    }

    /// The same for a packet that a device can't send on. Such an error carries no options (Linux's
    /// `icmp_ndo_send`).
    void errorOfDevice(PacketBuffer p, RouteType type, int icmpType, int code, int restOfHeader) {
        error(null, p, type, icmpType, code, restOfHeader, Ipv4.MIN_HEADER_LENGTH);
    }

    /// Tells the sender of `p` that nobody on `link` answers for where it goes. Its options are looked at anew,
    /// so that a recorded route has this host in it once more (Linux's `ipv4_send_dest_unreach`).
    void unreachable(IpInterface link, PacketBuffer p) {
        int here = stack.output4.sourceTowards(link, Ipv4.source(p.segment(), p.head()));
        if (!Ip4Options.isFault(options.take(p.segment(), p.head(), here))) {
            error(link, p, RouteType.UNICAST, Icmp4.DESTINATION_UNREACHABLE, Icmp4.HOST_UNREACHABLE, 0);
        }
    }

    /// The options in the first `known` octets of the header are answered.
    private void error(
            IpInterface in, PacketBuffer p, RouteType type, int icmpType, int code, int restOfHeader, int known) {
        MemorySegment from = p.segment();
        int at = p.head();
        if (p.packetType() != PacketType.HOST
                || type == RouteType.BROADCAST
                || type == RouteType.MULTICAST
                || Ipv4.fragmentOffset(from, at) != 0
                || isAboutError(p)) {
            return;
        }
        boolean limited = isLimited(icmpType, code);
        boolean fromLoopback = in != null && (in.device().flags() & DeviceFlags.LOOPBACK) != 0;
        if (limited && !fromLoopback && !stack.limits.allow()) {
            counters.count(IpCounter.ICMP_OUT_RATE_LIMIT_GLOBAL);
            return;
        }
        int destination = Ipv4.source(from, at);
        Route route = stack.output4.route(destination, INTERNETWORK_CONTROL, null);
        if (route == null) {
            return;
        }
        boolean local = route.type == RouteType.LOCAL;
        if (limited && !local && !stack.limits.takeHost(AddressBits.hash((long) destination << 32, 0), 0)) {
            counters.count(IpCounter.ICMP_OUT_RATE_LIMIT_HOST);
            return;
        }
        if (limited) {
            stack.limits.spend();
        }
        PacketBuffer q = stack.lend(MAX_LENGTH);
        if (q == null) {
            return;
        }
        int source = type == RouteType.LOCAL
                ? Ipv4.destination(from, at)
                : stack.output4.sourceOf(route, stack.output4.hop(route, 0, destination), destination);
        int echoed = options.prepend(q, from, at, known, source);
        NextHop hop = stack.output4.hop(route, source, destination);
        int mtu = Math.min(MAX_LENGTH, stack.output4.mtu(route, hop, destination));
        int room = mtu - Ipv4.MIN_HEADER_LENGTH - echoed - Icmp4.HEADER_LENGTH;
        if (echoed < 0 || room <= Ipv4.MIN_HEADER_LENGTH) {
            q.release();
            return;
        }
        int quote = Math.min(p.length(), room);
        int message = Icmp4.HEADER_LENGTH + quote;
        int to = q.put(message);
        MemorySegment.copy(from, at, q.segment(), to + Icmp4.HEADER_LENGTH, quote);
        Icmp4.emit(q.segment(), to, message, icmpType, code, restOfHeader);
        count(icmpType);
        int tos = (Ipv4.tos(from, at) & SERVICE) | INTERNETWORK_CONTROL;
        stack.output4.send(q, route, new Ip4Output.Header(source, destination, IpProtocol.ICMP, tos, 0, false), echoed);
    }

    /// Whether the packet is an ICMP message about which no error may be sent: an error, or one that is not
    /// known.
    private static boolean isAboutError(PacketBuffer p) {
        MemorySegment s = p.segment();
        int at = p.head();
        if (Ipv4.protocol(s, at) != IpProtocol.ICMP) {
            return false;
        }
        int header = Ipv4.headerLength(s, at);
        if (header >= p.length()) {
            return true;
        }
        return !isQuery(Octets.u8(s, at + header));
    }

    private static boolean isQuery(int type) {
        return type == Icmp4.ECHO_REPLY
                || type == Icmp4.ECHO_REQUEST
                || (type >= Icmp4.TIMESTAMP_REQUEST && type <= LAST_TYPE);
    }

    /// Path MTU discovery is never slowed down.
    private static boolean isLimited(int type, int code) {
        return switch (type) {
            case Icmp4.DESTINATION_UNREACHABLE -> code != Icmp4.FRAGMENTATION_NEEDED;
            case Icmp4.SOURCE_QUENCH, Icmp4.TIME_EXCEEDED, Icmp4.PARAMETER_PROBLEM -> true;
            default -> false;
        };
    }

    private void count(int type) {
        counters.count(IpCounter.ICMP_OUT_MSGS);
        switch (type) {
            case Icmp4.DESTINATION_UNREACHABLE -> counters.count(IpCounter.ICMP_OUT_DEST_UNREACHS);
            case Icmp4.TIME_EXCEEDED -> counters.count(IpCounter.ICMP_OUT_TIME_EXCDS);
            case Icmp4.PARAMETER_PROBLEM -> counters.count(IpCounter.ICMP_OUT_PARM_PROBS);
            case Icmp4.REDIRECT -> counters.count(IpCounter.ICMP_OUT_REDIRECTS);
            case Icmp4.ECHO_REPLY -> counters.count(IpCounter.ICMP_OUT_ECHO_REPS);
            default -> {}
        }
    }

    // ---- Messages to this host

    /// Takes an ICMP message to this host.
    void receive(IpInterface in, PacketBuffer p, RouteType type) {
        counters.count(IpCounter.ICMP_IN_MSGS);
        MemorySegment s = p.segment();
        int header = Ipv4.headerLength(s, p.head());
        int icmp = p.head() + header;
        int length = p.length() - header;
        boolean unfinished =
                p.offload().checksum == Offload.Checksum.PARTIAL && !p.offload().isUnverified(header);
        if (!unfinished && !Icmp4.checksumValid(s, icmp, length)) {
            counters.count(IpCounter.ICMP_IN_CSUM_ERRORS);
            stack.drop(p, IpDrop.ICMP);
            return;
        }
        if (length < Icmp4.HEADER_LENGTH) {
            stack.drop(p, IpDrop.ICMP);
            return;
        }
        int kind = Icmp4.type(s, icmp);
        if (kind > LAST_TYPE) {
            stack.drop(p, IpDrop.ICMP);
            return;
        }
        boolean toOne = type != RouteType.BROADCAST && type != RouteType.MULTICAST;
        switch (kind) {
            case Icmp4.ECHO_REQUEST -> {
                counters.count(IpCounter.ICMP_IN_ECHOS);
                if (toOne) {
                    echo(p, header);
                } else {
                    stack.drop(p, IpDrop.ICMP_IGNORED);
                }
            }
            case Icmp4.TIMESTAMP_REQUEST -> {
                if (toOne && length >= TIMESTAMP_LENGTH) {
                    timestamp(p, header);
                } else {
                    stack.drop(p, IpDrop.ICMP_IGNORED);
                }
            }
            case Icmp4.ECHO_REPLY -> {
                counters.count(IpCounter.ICMP_IN_ECHO_REPS);
                stack.sockets.pong4(p, icmp);
            }
            case Icmp4.DESTINATION_UNREACHABLE -> {
                counters.count(IpCounter.ICMP_IN_DEST_UNREACHS);
                report(in, p, icmp, length);
            }
            case Icmp4.TIME_EXCEEDED -> {
                counters.count(IpCounter.ICMP_IN_TIME_EXCDS);
                report(in, p, icmp, length);
            }
            case Icmp4.PARAMETER_PROBLEM -> report(in, p, icmp, length);
            case Icmp4.REDIRECT -> {
                counters.count(IpCounter.ICMP_IN_REDIRECTS);
                redirect(in, p, icmp, length);
            }
            default -> stack.drop(p, IpDrop.ICMP_IGNORED);
        }
    }

    /// The message behind the IP header goes back as it came, but for its type.
    private void echo(PacketBuffer p, int header) {
        MemorySegment s = p.segment();
        int icmp = p.head() + header;
        Octets.put8(s, icmp, Icmp4.ECHO_REPLY);
        int checksum = InternetChecksum.update(
                Icmp4.checksum(s, icmp),
                Icmp4.ECHO_REQUEST << 8 | Icmp4.code(s, icmp),
                Icmp4.ECHO_REPLY << 8 | Icmp4.code(s, icmp));
        Octets.put16(s, icmp + 2, checksum);
        answer(p, header, Icmp4.ECHO_REPLY);
    }

    /// RFC 792: when the question came and when the answer left, which are the same.
    private void timestamp(PacketBuffer p, int header) {
        MemorySegment s = p.segment();
        int icmp = p.head() + header;
        int now = (int) Math.floorMod(stack.now() / 1_000_000, 86_400_000L) | 1 << 31;
        p.trim(header + TIMESTAMP_LENGTH);
        Octets.put8(s, icmp, Icmp4.TIMESTAMP_REPLY);
        Octets.put8(s, icmp + 1, 0);
        Octets.put32(s, icmp + 12, now);
        Octets.put32(s, icmp + 16, now);
        Icmp4.fillChecksum(s, icmp, TIMESTAMP_LENGTH);
        answer(p, header, Icmp4.TIMESTAMP_REPLY);
    }

    private void answer(PacketBuffer p, int header, int type) {
        MemorySegment s = p.segment();
        int peer = Ipv4.source(s, p.head());
        int own = Ipv4.destination(s, p.head());
        int tos = Ipv4.tos(s, p.head());
        Route route = stack.output4.route(peer, tos, null);
        if (route == null) {
            stack.drop(p, IpDrop.OUT_NO_ROUTE);
            return;
        }
        int question = p.pull(header);
        int echoed = options.prepend(p, s, question, header, own);
        if (echoed < 0) {
            p.release();
            return;
        }
        count(type);
        p.offload().clear();
        stack.output4.send(p, route, new Ip4Output.Header(own, peer, IpProtocol.ICMP, tos, 0, false), echoed);
    }

    /// Somebody says that a packet of ours did not arrive: a path has an MTU, a socket hears of it.
    private void report(IpInterface in, PacketBuffer p, int icmp, int length) {
        MemorySegment s = p.segment();
        if (!quotesEnough(s, icmp, length)) {
            stack.drop(p, IpDrop.ICMP);
            return;
        }
        int quote = icmp + Icmp4.HEADER_LENGTH;
        int available = length - Icmp4.HEADER_LENGTH;
        int type = Icmp4.type(s, icmp);
        int code = Icmp4.code(s, icmp);
        boolean tooBig = type == Icmp4.DESTINATION_UNREACHABLE && code == Icmp4.FRAGMENTATION_NEEDED;
        int mtu = tooBig ? Icmp4.nextHopMtu(s, icmp) : 0;
        boolean known = stack.own.isLocal4(Ipv4.source(s, quote))
                && stack.socketErrors.tell4(s, icmp, Ipv4.source(s, p.head()), mtu);
        ErrorHandler handler = stack.errorHandler4(Ipv4.protocol(s, quote));
        if (!known && handler != null) {
            known = handler.error(s, quote, available, type, code, in.device().index());
        }
        if (known && tooBig && mtu != 0) {
            stack.paths.learn4(Ipv4.destination(s, quote), mtu);
        }
        p.release();
    }

    private static boolean quotesEnough(MemorySegment s, int icmp, int length) {
        int quote = icmp + Icmp4.HEADER_LENGTH;
        int available = length - Icmp4.HEADER_LENGTH;
        return available >= Ipv4.MIN_HEADER_LENGTH
                && Ipv4.version(s, quote) == 4
                && Ipv4.headerLength(s, quote) >= Ipv4.MIN_HEADER_LENGTH
                && available >= Ipv4.headerLength(s, quote) + 8;
    }

    /// A gateway names a nearer one for packets that a tunnel or a socket has sent, or an answer to a ping.
    /// Believed as Linux believes it: from the gateway that is in use, about one on the same link whose link
    /// address is known, for which it is asked first, and by hosts that do not forward themselves, unless they
    /// are told to.
    private void redirect(IpInterface in, PacketBuffer p, int icmp, int length) {
        MemorySegment s = p.segment();
        if (!quotesEnough(s, icmp, length)) {
            stack.drop(p, IpDrop.ICMP);
            return;
        }
        int quote = icmp + Icmp4.HEADER_LENGTH;
        int nearer = Icmp4.gateway(s, icmp);
        int from = Ipv4.source(s, p.head());
        boolean believed = isAboutOurs(in, p, icmp, length)
                && stack.acceptsRedirects4()
                && nearer != from
                && in.isOnLink4(nearer)
                && !stack.own.isLocal4(nearer);
        NextHop given = believed ? hopBy(Ipv4.destination(s, quote), from) : null;
        if (given != null && isReady(given.device(), nearer)) {
            stack.redirects.learn(Ipv4.destination(s, quote), given, nearer);
        }
        p.release();
    }

    private boolean isAboutOurs(IpInterface in, PacketBuffer p, int icmp, int length) {
        MemorySegment s = p.segment();
        int quote = icmp + Icmp4.HEADER_LENGTH;
        if (stack.own.isLocal4(Ipv4.source(s, quote))
                && stack.socketErrors.tellRedirect4(s, icmp, Ipv4.source(s, p.head()))) {
            return true;
        }
        ErrorHandler handler = stack.errorHandler4(Ipv4.protocol(s, quote));
        int index = in.device().index();
        return handler != null
                && handler.error(s, quote, length - Icmp4.HEADER_LENGTH, Icmp4.REDIRECT, Icmp4.code(s, icmp), index);
    }

    private boolean isReady(Device device, int gateway) {
        IpInterface link = stack.of(device);
        return link != null && (!link.resolves() || link.neighbours4.isReadyOrAsked((long) gateway << 32, 0));
    }

    /// The next hop of packets to `destination` that is this gateway, or null.
    private NextHop hopBy(int destination, int gateway) {
        Route route = stack.output4.route(destination, 0, null);
        if (route != null) {
            for (NextHop hop : route.hops()) {
                if (hop.hasGateway() && hop.gateway4 == gateway) {
                    return hop;
                }
            }
        }
        return null;
    }
}
