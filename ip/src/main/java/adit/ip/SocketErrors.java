package adit.ip;

import adit.device.Errno;
import adit.wire.Icmp4;
import adit.wire.Icmp6;
import adit.wire.Ip4Address;
import adit.wire.Ip6Address;
import adit.wire.IpAddress;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Ipv6;
import adit.wire.Ipv6Chain;
import adit.wire.Udp;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// Tells sockets what became of the packets that they sent, as ICMP errors say it: the one that sent it, and all raw
/// sockets of its protocol.
final class SocketErrors {
    private static final int EPROTO = 71;
    private static final int ENOPROTOOPT = 92;
    private static final int EREMOTEIO = 121;

    private final Sockets sockets;

    SocketErrors(Sockets sockets) {
        this.sockets = sockets;
    }

    /// An ICMP error. `mtu` is what fits in octets where a packet was too big, else 0.
    private record Report(
            Sockets.Family family,
            int errno,
            int type,
            int code,
            int mtu,
            IpAddress sender,
            Optional<IpAddress> gateway) {
        SocketError about(Endpoint destination) {
            return new SocketError(errno, type, code, mtu, destination, sender, gateway);
        }

        /// Whether the next call on a connected socket fails by it.
        boolean isFatal() {
            return errno == Errno.ECONNREFUSED || errno == EPROTO || errno == ENOPROTOOPT;
        }
    }

    /// Tells the sockets that sent the IPv4 packet which the ICMP message at `icmp` of `sender` quotes. Answers whether
    /// there was one.
    boolean tell4(MemorySegment s, int icmp, int sender, int mtu) {
        int quote = icmp + Icmp4.HEADER_LENGTH;
        Report report = report4(s, icmp, sender, mtu, Optional.empty());
        int transport = quote + Ipv4.headerLength(s, quote);
        IpAddress from = new Ip4Address(Ipv4.source(s, quote));
        IpAddress to = new Ip4Address(Ipv4.destination(s, quote));
        int protocol = Ipv4.protocol(s, quote);
        boolean isKnown = switch (protocol) {
            case IpProtocol.UDP -> tellUdp(report, s, transport, from, to);
            case IpProtocol.ICMP -> tellPing(report, Icmp4.identifier(s, transport), to);
            default -> false;
        };
        return tellRaw(report, protocol, to) || isKnown;
    }

    private static Report report4(MemorySegment s, int icmp, int sender, int mtu, Optional<IpAddress> gateway) {
        int type = Icmp4.type(s, icmp);
        int code = Icmp4.code(s, icmp);
        return new Report(Sockets.Family.IP4, errno4(type, code), type, code, mtu, new Ip4Address(sender), gateway);
    }

    /// Somebody names a nearer gateway for the IPv4 packet that the redirect at `icmp` of `sender` quotes. A ping
    /// socket is told of it as of an error, and its packets go on as before. Those of other sockets go by that
    /// gateway from now on, as answers to pings do, and nobody is told: it answers whether such a packet is
    /// quoted (Linux's `udp_err`, `raw_err`, `ping_err` and `icmp_err`).
    boolean tellRedirect4(MemorySegment s, int icmp, int sender) {
        int quote = icmp + Icmp4.HEADER_LENGTH;
        int transport = quote + Ipv4.headerLength(s, quote);
        IpAddress from = new Ip4Address(Ipv4.source(s, quote));
        IpAddress to = new Ip4Address(Ipv4.destination(s, quote));
        int protocol = Ipv4.protocol(s, quote);
        boolean goesOn = switch (protocol) {
            case IpProtocol.UDP -> sender(Sockets.Family.IP4, s, transport, from, peer(s, transport, to)) != null;
            case IpProtocol.ICMP -> Icmp4.type(s, transport) == Icmp4.ECHO_REPLY;
            default -> false;
        };
        if (protocol == IpProtocol.ICMP && !goesOn) {
            IpAddress gateway = new Ip4Address(Icmp4.gateway(s, icmp));
            tellPing(report4(s, icmp, sender, 0, Optional.of(gateway)), Icmp4.identifier(s, transport), to);
        }
        return goesOn || hasRaw(protocol);
    }

    private static Endpoint peer(MemorySegment s, int transport, IpAddress to) {
        return new Endpoint(to, Udp.destinationPort(s, transport));
    }

    /// The socket that has sent the quoted datagram, or null.
    private UdpSocket sender(Sockets.Family family, MemorySegment s, int transport, IpAddress from, Endpoint peer) {
        return sockets.ports().sender(family, from, Udp.sourcePort(s, transport), peer);
    }

    private boolean hasRaw(int protocol) {
        for (RawSocket socket : sockets.raws()) {
            if (socket.protocol() == protocol && socket.family() == Sockets.Family.IP4) {
                return true;
            }
        }
        return false;
    }

    /// The same as [#tell4] for IPv6, of whose packet so many octets are there.
    boolean tell6(MemorySegment s, int icmp, int available, Ip6Address sender, int mtu) {
        int quote = icmp + Icmp6.HEADER_LENGTH;
        long chain = Ipv6Chain.walk(s, quote, available);
        int transport = quote + Ipv6Chain.offset(chain);
        if (available < Ipv6Chain.offset(chain) + 8 || Ipv6Chain.isLaterFragment(chain)) {
            return false;
        }
        int type = Icmp6.type(s, icmp);
        int code = Icmp6.code(s, icmp);
        Report report = new Report(Sockets.Family.IP6, errno6(type, code), type, code, mtu, sender, Optional.empty());
        IpAddress from = Ip6Address.read(s, quote + Ipv6.SOURCE);
        IpAddress to = Ip6Address.read(s, quote + Ipv6.DESTINATION);
        int protocol = Ipv6Chain.protocol(chain);
        boolean isKnown = switch (protocol) {
            case IpProtocol.UDP -> tellUdp(report, s, transport, from, to);
            case IpProtocol.ICMP6 -> tellPing(report, Icmp6.identifier(s, transport), to);
            default -> false;
        };
        return tellRaw(report, protocol, to) || isKnown;
    }

    private boolean tellUdp(Report report, MemorySegment s, int transport, IpAddress from, IpAddress to) {
        Endpoint peer = peer(s, transport, to);
        UdpSocket socket = sender(report.family, s, transport, from, peer);
        if (socket == null) {
            return false;
        }
        socket.fail(report.about(peer), report.isFatal() && socket.state().peer() != null);
        return true;
    }

    private boolean tellPing(Report report, int identifier, IpAddress to) {
        PingSocket socket = sockets.ping(identifier);
        if (socket == null) {
            return false;
        }
        socket.fail(report.about(new Endpoint(to, 0)), false);
        return true;
    }

    private boolean tellRaw(Report report, int protocol, IpAddress to) {
        boolean any = false;
        for (RawSocket socket : sockets.raws()) {
            if (socket.protocol() == protocol && socket.family() == report.family) {
                socket.fail(report.about(new Endpoint(to, 0)), false);
                any = true;
            }
        }
        return any;
    }

    /// Linux's `icmp_err_convert`.
    private static int errno4(int type, int code) {
        return switch (type) {
            case Icmp4.DESTINATION_UNREACHABLE ->
                switch (code) {
                    case Icmp4.NETWORK_UNREACHABLE, 6, 9, 11 -> Errno.ENETUNREACH;
                    case Icmp4.PROTOCOL_UNREACHABLE -> ENOPROTOOPT;
                    case Icmp4.PORT_UNREACHABLE -> Errno.ECONNREFUSED;
                    case Icmp4.FRAGMENTATION_NEEDED -> Errno.EMSGSIZE;
                    case Icmp4.SOURCE_ROUTE_FAILED -> Errno.EOPNOTSUPP;
                    case 7 -> Errno.EHOSTDOWN;
                    default -> Errno.EHOSTUNREACH;
                };
            case Icmp4.PARAMETER_PROBLEM -> EPROTO;
            case Icmp4.REDIRECT -> EREMOTEIO;
            default -> Errno.EHOSTUNREACH;
        };
    }

    /// Linux's `icmpv6_err_convert`.
    private static int errno6(int type, int code) {
        return switch (type) {
            case Icmp6.DESTINATION_UNREACHABLE ->
                switch (code) {
                    case Icmp6.NO_ROUTE -> Errno.ENETUNREACH;
                    case Icmp6.ADMINISTRATIVELY_PROHIBITED, 5, 6 -> Errno.EACCES;
                    case Icmp6.PORT_UNREACHABLE -> Errno.ECONNREFUSED;
                    default -> Errno.EHOSTUNREACH;
                };
            case Icmp6.PACKET_TOO_BIG -> Errno.EMSGSIZE;
            case Icmp6.PARAMETER_PROBLEM -> EPROTO;
            default -> Errno.EHOSTUNREACH;
        };
    }
}
