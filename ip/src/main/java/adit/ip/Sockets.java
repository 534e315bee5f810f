package adit.ip;

import adit.device.Errno;
import adit.packet.PacketBuffer;
import adit.wire.Icmp4;
import adit.wire.Icmp6;
import adit.wire.Ip4Address;
import adit.wire.Ip6Address;
import adit.wire.IpAddress;
import adit.wire.Ipv4;
import adit.wire.Udp;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.Stream;

/// The sockets of a namespace: opens and binds them, which takes a lock, and gives them packets, which takes
/// none. [UdpPorts] finds whom a datagram is for, [SocketErrors] who sent the packet that an ICMP error is
/// about.
public final class Sockets {
    private static final int FIRST_EPHEMERAL = 32_768;
    private static final int LAST_EPHEMERAL = 60_999;

    private final IpStack stack;
    private final UdpPorts ports = new UdpPorts();
    private final AtomicReferenceArray<PingSocket> pings = new AtomicReferenceArray<>(1 << 16);
    private volatile RawSocket[] raws = {};
    private final Set<UdpSocket> unbound = new LinkedHashSet<>();
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

        /// The longest payload of a datagram, in octets.
        int largestPayload() {
            return 0xffff - Udp.HEADER_LENGTH - (this == IP4 ? Ipv4.MIN_HEADER_LENGTH : 0);
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
        unbound.add(socket);
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

    synchronized void close(UdpSocket socket) {
        if (!unbound.remove(socket)) {
            ports.remove(socket);
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
            Stream<IpSocket> pinging = Stream.iterate(0, i -> i < 1 << 16, i -> i + 1)
                    .filter(i -> pings.get(i) != null)
                    .map(pings::get);
            all = Stream.of(ports.all(), unbound.stream(), pinging, Arrays.stream(raws))
                    .flatMap(s -> s)
                    .map(IpSocket.class::cast)
                    .toList();
        }
        all.forEach(IpSocket::close);
    }

    // ---- Binding

    synchronized void bind(UdpSocket socket, Endpoint local) throws IpException {
        socket.family().require(local.address());
        if (socket.state().port() != 0) {
            throw new IpException("bind", Errno.EINVAL, "the socket is bound to " + socket.localEndpoint());
        }
        RouteType type = type(local.address());
        if (type != RouteType.LOCAL && type != RouteType.BROADCAST && type != RouteType.MULTICAST) {
            throw new IpException("bind", Errno.EADDRNOTAVAIL, local.address() + " is no address of this namespace");
        }
        int port = local.port() == 0 ? freePort(socket, local.address()) : local.port();
        if (local.port() != 0 && ports.isTaken(socket, local.address(), port)) {
            throw new IpException("bind", Errno.EADDRINUSE, "port " + port + " is in use");
        }
        // What goes to many is nobody's source.
        IpAddress source =
                type == RouteType.LOCAL ? local.address() : socket.family().any();
        socket.state(new UdpSocket.State(local.address(), source, port));
        unbound.remove(socket);
        ports.add(socket);
    }

    private RouteType type(IpAddress address) {
        return switch (address) {
            case Ip4Address ip4 -> stack.own.type4(ip4.bits());
            case Ip6Address ip6 when ip6.isMulticast() || ip6.isUnspecified() -> RouteType.MULTICAST;
            case Ip6Address ip6 -> stack.own.isLocal6(ip6.high(), ip6.low()) ? RouteType.LOCAL : RouteType.UNICAST;
        };
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
            if (!ports.isTaken(socket, address, port)) {
                return port;
            }
        }
        throw new IpException("bind", Errno.EADDRINUSE, "all ephemeral ports are in use");
    }

    synchronized void connect(UdpSocket socket, Endpoint peer) throws IpException {
        bindAny(socket);
        UdpSocket.State s = socket.state();
        IpAddress to = s.destination(peer.address());
        socket.requireWay("connect", s, to);
        IpAddress source = s.source();
        if (source.isUnspecified()) {
            source = switch (to) {
                case Ip4Address ip4 -> source4(ip4.bits());
                case Ip6Address ip6 -> source6(socket, ip6);
            };
        }
        IpAddress local = s.local().isUnspecified() ? source : s.local();
        socket.state(s.connected(local, source, new Endpoint(to, peer.port())));
    }

    synchronized void disconnect(UdpSocket socket) {
        socket.state(socket.state().disconnected());
    }

    private IpAddress source4(int peer) throws IpException {
        Route route = stack.output4.route(peer, 0, null);
        if (route == null) {
            throw IpSocket.noRoute("connect", new Ip4Address(peer));
        }
        return new Ip4Address(stack.output4.sourceOf(route, stack.output4.hop(route, 0, peer), peer));
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

    /// Those that have a UDP port.
    UdpPorts ports() {
        return ports;
    }

    /// The socket whose pings have this identifier, or null.
    PingSocket ping(int identifier) {
        return pings.get(identifier);
    }

    /// All raw sockets; not to be changed.
    RawSocket[] raws() {
        return raws;
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
}
