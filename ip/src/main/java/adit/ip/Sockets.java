package adit.ip;

import adit.device.Errno;
import adit.packet.PacketBuffer;
import adit.wire.Icmp4;
import adit.wire.Icmp6;
import adit.wire.Ip4Address;
import adit.wire.Ip6Address;
import adit.wire.IpAddress;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Ipv6;
import adit.wire.Ipv6Chain;
import adit.wire.Octets;
import adit.wire.Udp;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.Stream;

/// The sockets of a namespace: opens them, and finds whom a packet is for. Finding takes no lock; binding does.
public final class Sockets {
    private static final int BUCKETS = 1 << 10;
    private static final int FIRST_EPHEMERAL = 32_768;
    private static final int LAST_EPHEMERAL = 60_999;
    private static final UdpSocket[] NO_UDP = {};
    private static final int EPROTO = 71;
    private static final int ENOPROTOOPT = 92;

    private final IpStack stack;
    /// By the low bits of the local port.
    private final AtomicReferenceArray<UdpSocket[]> udp = new AtomicReferenceArray<>(BUCKETS);

    private final AtomicReferenceArray<PingSocket> pings = new AtomicReferenceArray<>(1 << 16);
    private volatile RawSocket[] raws = {};
    private volatile UdpSocket[] unbound = NO_UDP;
    private volatile Map<UdpSocket, List<Membership>> memberships = Map.of();
    private int nextPort;
    private boolean closed;

    /// A family of addresses.
    public enum Family {
        /// IPv4.
        IP4,
        /// IPv6.
        IP6;

        IpAddress any() {
            return this == IP4 ? Ip4Address.ANY : Ip6Address.ANY;
        }

        void require(IpAddress address) throws IpException {
            if (address instanceof Ip4Address != (this == IP4)) {
                throw new IpException("socket", Errno.EAFNOSUPPORT, address + " is of another family than the socket");
            }
        }
    }

    private record Membership(IpInterface link, IpAddress group) {}

    Sockets(IpStack stack, int seed) {
        this.stack = stack;
        this.nextPort = FIRST_EPHEMERAL + (seed & 0x3fff);
    }

    // ---- Opening and closing

    /// Opens a UDP socket.
    public synchronized UdpSocket udp(Family family) throws IpException {
        requireOpen();
        UdpSocket socket = new UdpSocket(stack, this, family);
        unbound = add(unbound, socket);
        return socket;
    }

    /// Opens a socket for pings, with an identifier that no other has.
    public synchronized PingSocket ping() throws IpException {
        requireOpen();
        for (int i = 0; i < 1 << 16; i++) {
            int identifier = nextPort++ & 0xffff;
            if (identifier != 0 && pings.get(identifier) == null) {
                PingSocket socket = new PingSocket(stack, this, identifier);
                pings.set(identifier, socket);
                return socket;
            }
        }
        throw new IpException("socket", Errno.EADDRINUSE, "all 65535 ping identifiers are in use");
    }

    /// Opens a raw socket for an IP protocol.
    public synchronized RawSocket raw(Family family, int protocol) throws IpException {
        requireOpen();
        RawSocket socket = new RawSocket(stack, this, family, protocol);
        RawSocket[] more = Arrays.copyOf(raws, raws.length + 1);
        more[raws.length] = socket;
        raws = more;
        return socket;
    }

    private void requireOpen() throws IpException {
        if (closed) {
            throw new IpException("socket", Errno.ENETDOWN, "the namespace is closed");
        }
    }

    private static UdpSocket[] add(UdpSocket[] to, UdpSocket socket) {
        UdpSocket[] more = Arrays.copyOf(to, to.length + 1);
        more[to.length] = socket;
        return more;
    }

    private static UdpSocket[] remove(UdpSocket[] from, UdpSocket socket) {
        return Arrays.stream(from).filter(s -> s != socket).toArray(UdpSocket[]::new);
    }

    synchronized void close(UdpSocket socket) {
        int port = socket.state().port();
        if (port == 0) {
            unbound = remove(unbound, socket);
        } else {
            udp.set(port & (BUCKETS - 1), remove(bucket(port), socket));
        }
        Map<UdpSocket, List<Membership>> left = new HashMap<>(memberships);
        left.remove(socket);
        memberships = left;
    }

    synchronized void close(PingSocket socket) {
        pings.set(socket.identifier(), null);
    }

    synchronized void close(RawSocket socket) {
        raws = Arrays.stream(raws).filter(s -> s != socket).toArray(RawSocket[]::new);
    }

    void close() {
        List<IpSocket> all;
        synchronized (this) {
            closed = true;
            Stream<IpSocket> bound =
                    Stream.iterate(0, i -> i < BUCKETS, i -> i + 1).flatMap(i -> Arrays.stream(bucket(i)));
            Stream<IpSocket> pinging = Stream.iterate(0, i -> i < 1 << 16, i -> i + 1)
                    .filter(i -> pings.get(i) != null)
                    .map(pings::get);
            all = Stream.of(bound, Arrays.stream(unbound), pinging, Arrays.stream(raws))
                    .flatMap(s -> s)
                    .map(IpSocket.class::cast)
                    .toList();
        }
        all.forEach(IpSocket::close);
    }

    // ---- Binding

    private UdpSocket[] bucket(int port) {
        UdpSocket[] sockets = udp.get(port & (BUCKETS - 1));
        return sockets == null ? NO_UDP : sockets;
    }

    synchronized void bind(UdpSocket socket, Endpoint local) throws IpException {
        socket.family().require(local.address());
        if (socket.state().port() != 0) {
            throw new IpException("bind", Errno.EINVAL, "the socket is bound to " + socket.localEndpoint());
        }
        boolean fits =
                local.address().isUnspecified() || local.address().isMulticast() || stack.isLocal(local.address());
        if (!fits) {
            throw new IpException("bind", Errno.EADDRNOTAVAIL, local.address() + " is no address of this namespace");
        }
        int port = local.port() == 0 ? freePort(socket, local.address()) : local.port();
        if (local.port() != 0 && isTaken(socket, local.address(), port)) {
            throw new IpException("bind", Errno.EADDRINUSE, "port " + port + " is in use");
        }
        socket.state(new UdpSocket.State(local.address(), port, socket.state().peer()));
        unbound = remove(unbound, socket);
        udp.set(port & (BUCKETS - 1), add(bucket(port), socket));
    }

    synchronized void bindAny(UdpSocket socket) throws IpException {
        if (socket.state().port() == 0) {
            bind(socket, new Endpoint(socket.family().any(), 0));
        }
    }

    private int freePort(UdpSocket socket, IpAddress address) throws IpException {
        int count = LAST_EPHEMERAL - FIRST_EPHEMERAL + 1;
        for (int i = 0; i < count; i++) {
            int port = FIRST_EPHEMERAL + Math.floorMod(nextPort++ - FIRST_EPHEMERAL, count);
            if (!isTaken(socket, address, port)) {
                return port;
            }
        }
        throw new IpException("bind", Errno.EADDRINUSE, "all ephemeral ports are in use");
    }

    private boolean isTaken(UdpSocket socket, IpAddress address, int port) {
        for (UdpSocket other : bucket(port)) {
            UdpSocket.State s = other.state();
            boolean meets = s.local().isUnspecified()
                    || address.isUnspecified()
                    || s.local().equals(address);
            if (s.port() == port && other.family() == socket.family() && meets) {
                return true;
            }
        }
        return false;
    }

    synchronized void connect(UdpSocket socket, Endpoint peer) throws IpException {
        bindAny(socket);
        UdpSocket.State s = socket.state();
        IpAddress local = s.local();
        if (local.isUnspecified()) {
            local = switch (peer.address()) {
                case Ip4Address ip4 -> source4(ip4.bits());
                case Ip6Address ip6 -> source6(socket, ip6);
            };
        }
        socket.state(new UdpSocket.State(local, s.port(), peer));
    }

    private IpAddress source4(int peer) throws IpException {
        Route route = stack.output4.route(peer, 0, null);
        if (route == null) {
            throw IpSocket.noRoute("connect", new Ip4Address(peer));
        }
        return new Ip4Address(stack.output4.sourceOf(route, route.hop(peer), peer));
    }

    private IpAddress source6(UdpSocket socket, Ip6Address peer) throws IpException {
        Route route = stack.output6.route(peer, linkOf(socket, peer));
        Ip6Address source = route == null ? null : stack.output6.source(route, peer);
        if (source == null) {
            throw IpSocket.noRoute("connect", peer);
        }
        return source;
    }

    /// The link that packets to an address that means something on a link only go to: the one whose group the
    /// socket is in, else the first that is up.
    IpInterface linkOf(IpSocket socket, Ip6Address to) {
        if (!to.isLinkLocal() && !to.isMulticast()) {
            return null;
        }
        List<Membership> joined = memberships.getOrDefault(socket, List.of());
        if (!joined.isEmpty()) {
            return joined.getFirst().link();
        }
        for (IpInterface link : stack.interfaces()) {
            if (link.device().isUp() && !link.isLoopback() && link.ip6) {
                return link;
            }
        }
        return null;
    }

    synchronized void join(UdpSocket socket, IpInterface link, IpAddress group) {
        Map<UdpSocket, List<Membership>> more = new HashMap<>(memberships);
        more.merge(
                socket,
                List.of(new Membership(link, group)),
                (a, b) -> Stream.concat(a.stream(), b.stream()).toList());
        memberships = more;
    }

    boolean isMember4(IpInterface in, int group) {
        return !memberships.isEmpty() && isMember(in, new Ip4Address(group));
    }

    boolean isMember6(IpInterface in, long high, long low) {
        return !memberships.isEmpty() && isMember(in, new Ip6Address(high, low));
    }

    private boolean isMember(IpInterface in, IpAddress group) {
        Membership wanted = new Membership(in, group);
        return memberships.values().stream().anyMatch(all -> all.contains(wanted));
    }

    // ---- Finding

    /// The socket that a datagram over IPv4 is for, or null. The one that says most about itself wins, as in
    /// Linux.
    UdpSocket udp4(MemorySegment s, long ip, long header) {
        int port = Udp.destinationPort(s, header);
        UdpSocket best = null;
        int bestScore = -1;
        for (UdpSocket socket : bucket(port)) {
            UdpSocket.State state = socket.state();
            if (state.port() != port || socket.family() != Family.IP4) {
                continue;
            }
            int score = 0;
            int local = state.local4();
            if (local != 0) {
                if (local != Ipv4.destination(s, ip)) {
                    continue;
                }
                score++;
            }
            Endpoint peer = state.peer();
            if (peer != null) {
                boolean fits = ((Ip4Address) peer.address()).bits() == Ipv4.source(s, ip)
                        && peer.port() == Udp.sourcePort(s, header);
                if (!fits) {
                    continue;
                }
                score += 2;
            }
            if (score > bestScore) {
                best = socket;
                bestScore = score;
            }
        }
        return best;
    }

    /// The same over IPv6.
    UdpSocket udp6(MemorySegment s, long ip, long header) {
        int port = Udp.destinationPort(s, header);
        UdpSocket best = null;
        int bestScore = -1;
        for (UdpSocket socket : bucket(port)) {
            UdpSocket.State state = socket.state();
            if (state.port() != port || socket.family() != Family.IP6) {
                continue;
            }
            int score = 0;
            Ip6Address local = (Ip6Address) state.local();
            if (!local.isUnspecified()) {
                if (!is(local, s, ip + Ipv6.DESTINATION)) {
                    continue;
                }
                score++;
            }
            Endpoint peer = state.peer();
            if (peer != null) {
                if (!is((Ip6Address) peer.address(), s, ip + Ipv6.SOURCE) || peer.port() != Udp.sourcePort(s, header)) {
                    continue;
                }
                score += 2;
            }
            if (score > bestScore) {
                best = socket;
                bestScore = score;
            }
        }
        return best;
    }

    private static boolean is(Ip6Address address, MemorySegment s, long at) {
        return address.high() == Octets.i64(s, at) && address.low() == Octets.i64(s, at + 8);
    }

    /// Gives each raw socket of the protocol a copy, and answers whether there is one.
    boolean copyToRaw4(PacketBuffer p, int protocol) {
        return copyToRaw(p, protocol, Family.IP4, 0);
    }

    boolean copyToRaw6(PacketBuffer p, int protocol, int offset) {
        return copyToRaw(p, protocol, Family.IP6, offset);
    }

    private boolean copyToRaw(PacketBuffer p, int protocol, Family family, int headers) {
        RawSocket[] present = raws;
        boolean any = false;
        for (RawSocket socket : present) {
            if (socket.protocol() == protocol && socket.family() == family) {
                socket.accept(p, headers);
                any = true;
            }
        }
        return any;
    }

    void pong4(PacketBuffer p, int icmp) {
        pong(p, icmp, Icmp4.identifier(p.segment(), icmp));
    }

    void pong6(PacketBuffer p, int icmp) {
        pong(p, icmp, Icmp6.identifier(p.segment(), icmp));
    }

    private void pong(PacketBuffer p, int icmp, int identifier) {
        PingSocket socket = pings.get(identifier);
        if (socket == null) {
            stack.drop(p, IpDrop.ICMP_IGNORED);
        } else {
            socket.accept(p, icmp);
        }
    }

    // ---- Errors

    /// Tells the socket that sent the quoted IPv4 packet what became of it. Answers whether it was one of ours.
    boolean error4(MemorySegment s, int quote, int type, int code, int mtu) {
        int protocol = Ipv4.protocol(s, quote);
        int transport = quote + Ipv4.headerLength(s, quote);
        IpAddress from = new Ip4Address(Ipv4.source(s, quote));
        IpAddress to = new Ip4Address(Ipv4.destination(s, quote));
        return error(s, transport, protocol, protocol == IpProtocol.ICMP, from, to, Family.IP4, type, code, mtu);
    }

    /// The same for IPv6.
    boolean error6(MemorySegment s, int quote, int available, int type, int code, int mtu) {
        long chain = Ipv6Chain.walk(s, quote, available);
        int transport = quote + Ipv6Chain.offset(chain);
        if (available < Ipv6Chain.offset(chain) + 8 || Ipv6Chain.isLaterFragment(chain)) {
            return false;
        }
        int protocol = Ipv6Chain.protocol(chain);
        IpAddress from = Ip6Address.read(s, quote + Ipv6.SOURCE);
        IpAddress to = Ip6Address.read(s, quote + Ipv6.DESTINATION);
        return error(s, transport, protocol, protocol == IpProtocol.ICMP6, from, to, Family.IP6, type, code, mtu);
    }

    private boolean error(
            MemorySegment s,
            int transport,
            int protocol,
            boolean isIcmp,
            IpAddress from,
            IpAddress to,
            Family family,
            int type,
            int code,
            int mtu) {
        int errno = family == Family.IP4 ? errno4(type, code) : errno6(type, code);
        boolean known = false;
        if (protocol == IpProtocol.UDP) {
            Endpoint peer = new Endpoint(to, Udp.destinationPort(s, transport));
            UdpSocket socket = sender(from, Udp.sourcePort(s, transport), peer, family);
            if (socket != null) {
                boolean fatal = errno == Errno.ECONNREFUSED || errno == EPROTO || errno == ENOPROTOOPT;
                socket.fail(
                        new SocketError(errno, type, code, mtu, peer),
                        fatal && socket.state().peer() != null);
                known = true;
            }
        } else if (isIcmp) {
            PingSocket socket = pings.get(Icmp4.identifier(s, transport));
            if (socket != null) {
                socket.fail(new SocketError(errno, type, code, mtu, new Endpoint(to, 0)), false);
                known = true;
            }
        }
        for (RawSocket socket : raws) {
            if (socket.protocol() == protocol && socket.family() == family) {
                socket.fail(new SocketError(errno, type, code, mtu, new Endpoint(to, 0)), false);
                known = true;
            }
        }
        return known;
    }

    private UdpSocket sender(IpAddress from, int port, Endpoint peer, Family family) {
        UdpSocket best = null;
        for (UdpSocket socket : bucket(port)) {
            UdpSocket.State s = socket.state();
            boolean fits = s.port() == port
                    && socket.family() == family
                    && (s.local().isUnspecified() || s.local().equals(from))
                    && (s.peer() == null || s.peer().equals(peer));
            if (fits && (best == null || s.peer() != null)) {
                best = socket;
            }
        }
        return best;
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
