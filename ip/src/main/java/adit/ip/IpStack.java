package adit.ip;

import adit.device.BufferPools;
import adit.device.Device;
import adit.device.DeviceTable;
import adit.device.Receiver;
import adit.packet.PacketBuffer;
import adit.packet.UdpTunnel;
import adit.port.Deadline;
import adit.port.Turn;
import adit.wire.EtherType;
import adit.wire.Icmp6;
import java.util.List;

/// The IP layer of one namespace: what its devices receive comes in here, and what is sent goes out by them.
///
/// A packet is worked off on the thread that brings it. The packet path reads snapshots (routes, addresses) and
/// takes no lock; neighbours that are not known yet, fragments to this host, ICMP limits and sockets have small
/// locks of their own. Control calls are in [IpConfiguration]. What is due at a time (questions asked again,
/// fragments given up) is done by [#turn].
public final class IpStack implements Receiver, Turn, Deadline, AutoCloseable {
    final DeviceTable table;
    final IpCounters counters = new IpCounters();
    final IpListeners listeners = new IpListeners();
    final OwnAddresses own;
    final IcmpLimits limits;
    final RedirectLimits redirectLimits;
    final PathMtus paths;
    final Redirects redirects;
    final Identifications identifications;
    final Reassembly reassembly;
    final Sockets sockets;
    final SocketErrors socketErrors;
    final Ip4Output output4;
    final Ip6Output output6;
    final Ip4Icmp icmp4;
    final Ip6Icmp icmp6;
    final Ip4Delivery delivery4;
    final Ip6Delivery delivery6;
    final ArpResponder arp;
    final Discovery discovery;
    final TcpResets resets;
    final Ip4Carriage carriage;
    final LabelSwitch mpls;
    final OwnCopies ownCopies;
    final Ip4Input input4;
    final Ip6Input input6;
    volatile Fib fib4 = Fib.EMPTY_4;
    volatile Fib fib6 = Fib.EMPTY_6;

    private final IpInterfaces interfaces;
    private final IpConfiguration configuration;
    private final ProtocolHandler[] handlers4 = new ProtocolHandler[256];
    private final ErrorHandler[] errorHandlers4 = new ErrorHandler[256];
    private volatile boolean forwarding4;
    private volatile boolean forwarding6;
    private volatile boolean acceptsRedirects4;
    private volatile boolean sendsRedirects4 = true;
    private volatile boolean newLinksSendRedirects4 = true;
    private volatile Runnable alarm = () -> {};

    /// A stack above the devices of `table`, those that are there and those to come.
    public IpStack(DeviceTable table) {
        this.table = table;
        this.limits = new IcmpLimits(table::now);
        this.redirectLimits = new RedirectLimits(table::now);
        this.paths = new PathMtus(table::now);
        this.redirects = new Redirects(table::now);
        table.lock().lock();
        try {
            this.own = new OwnAddresses(this);
            this.identifications = new Identifications(table.random());
            this.sockets = new Sockets(this, table.random().nextInt());
            this.socketErrors = new SocketErrors(sockets);
            this.reassembly = new Reassembly(this);
            this.output4 = new Ip4Output(this);
            this.output6 = new Ip6Output(this);
            this.icmp4 = new Ip4Icmp(this);
            this.icmp6 = new Ip6Icmp(this);
            this.delivery4 = new Ip4Delivery(this);
            this.delivery6 = new Ip6Delivery(this);
            this.arp = new ArpResponder(this);
            this.discovery = new Discovery(this);
            this.resets = new TcpResets(this);
            this.carriage = new Ip4Carriage(this);
            this.mpls = new LabelSwitch(this);
            this.ownCopies = new OwnCopies(this);
            this.input4 = new Ip4Input(this);
            this.input6 = new Ip6Input(this);
            this.configuration = new IpConfiguration(this);
            this.interfaces = new IpInterfaces(this);
            for (Device device : table.devices()) {
                interfaces.join(device);
            }
            table.listen(interfaces);
            table.receiver(this);
        } finally {
            table.lock().unlock();
        }
    }

    /// The devices below.
    public DeviceTable devices() {
        return table;
    }

    /// Addresses, routes and neighbours.
    public IpConfiguration configuration() {
        return configuration;
    }

    /// What it has counted.
    public IpCounters counters() {
        return counters;
    }

    /// Opens sockets.
    public Sockets sockets() {
        return sockets;
    }

    /// Tells `listener` of all that changes from now on.
    public void listen(IpListener listener) {
        listeners.add(listener);
    }

    /// Tells `listener` nothing more.
    public void forget(IpListener listener) {
        listeners.remove(listener);
    }

    /// Whether a host that forwards believes redirects as one does that doesn't:
    /// `net.ipv4.conf.all.accept_redirects`. Off at first.
    public void acceptRedirects4(boolean on) {
        acceptsRedirects4 = on;
    }

    /// Whether senders are told of nearer next hops by every link, whatever is said of each:
    /// `net.ipv4.conf.all.send_redirects`. On at first.
    ///
    /// @see IpInterface#sendRedirects4
    public void sendRedirects4(boolean on) {
        sendsRedirects4 = on;
    }

    /// Whether links that come from now on tell senders of nearer next hops:
    /// `net.ipv4.conf.default.send_redirects`. On at first.
    public void sendRedirectsByNewLinks4(boolean on) {
        newLinksSendRedirects4 = on;
    }

    /// How often one host is sent ICMP and ICMPv6 errors in the long run, six at once, in nanoseconds:
    /// `net.ipv4.icmp_ratelimit` and `net.ipv6.icmp.ratelimit`. A second at first; 0 for as often as there is
    /// reason, within what all hosts together are sent. Any thread may set it. Throws when it is negative.
    public void icmpErrorInterval(long nanos) {
        if (nanos < 0) {
            throw new IllegalArgumentException("interval " + nanos);
        }
        limits.hostInterval(nanos);
    }

    boolean acceptsRedirects4() {
        return acceptsRedirects4 || !forwarding4;
    }

    boolean sendsRedirects4() {
        return sendsRedirects4;
    }

    boolean newLinksSendRedirects4() {
        return newLinksSendRedirects4;
    }

    /// Whether packets for others are handed on: `net.ipv4.ip_forward` and `net.ipv6.conf.all.forwarding`. Off
    /// at the start, as in Linux.
    public void forwarding(boolean on) {
        forwarding4(on);
        forwarding6(on);
    }

    /// Whether IPv4 packets for others are handed on: `net.ipv4.ip_forward`.
    public void forwarding4(boolean on) {
        forwarding4 = on;
    }

    /// Whether IPv6 packets for others are handed on: `net.ipv6.conf.all.forwarding`.
    public void forwarding6(boolean on) {
        configuration.forwarding6(on, () -> forwarding6 = on);
    }

    boolean forwards4() {
        return forwarding4;
    }

    boolean forwards6() {
        return forwarding6;
    }

    /// Gives all whole IPv4 packets of a protocol that are for this host to `handler`, and what ICMP says of
    /// packets of this protocol to `errors`; null to give them to nobody. For whoever opens a namespace, before
    /// packets come: threads that have some look without a lock, and may hear late that it is nobody's any more.
    public void handle4(int protocol, ProtocolHandler handler, ErrorHandler errors) {
        handlers4[protocol] = handler;
        errorHandlers4[protocol] = errors;
    }

    ProtocolHandler handler4(int protocol) {
        return handlers4[protocol];
    }

    ErrorHandler errorHandler4(int protocol) {
        return errorHandlers4[protocol];
    }

    /// The way out for what tunnels put into IPv4.
    public Ip4Carriage carriage() {
        return carriage;
    }

    /// MPLS: labels, and what becomes of packets behind them.
    public LabelSwitch mpls() {
        return mpls;
    }

    /// Tells the sender of `p`, which a route of `type` has brought here by `in`, or which a device can't send
    /// on where `in` is null, what is wrong with it, if that is allowed and has not been said too often. The
    /// packet stays the caller's, and its octets start at the IPv4 header.
    public void tell4(IpInterface in, PacketBuffer p, RouteType type, int icmpType, int code, int restOfHeader) {
        if (in == null) {
            icmp4.errorOfDevice(p, type, icmpType, code, restOfHeader);
        } else {
            icmp4.error(in, p, type, icmpType, code, restOfHeader);
        }
    }

    /// Remembers that packets to an IPv4 address, as the bits of an int, can be no longer than so many octets.
    public void pathMtu4(int destination, int octets) {
        paths.learn4(destination, octets);
    }

    /// The loopback's device, or null.
    Device loopback() {
        return interfaces.loopback();
    }

    /// Has `alarm` run, on any thread, whenever [#deadline] may have become earlier.
    public void alarm(Runnable run) {
        alarm = run;
    }

    void armed() {
        alarm.run();
    }

    // ---- Packets

    @Override
    public void receive(Device device, PacketBuffer p) {
        IpInterface in = of(device);
        if (in == null) {
            drop(p, IpDrop.UNHANDLED_PROTO);
            return;
        }
        switch (p.protocol()) {
            case EtherType.IPV4 -> input4.receive(in, p);
            case EtherType.IPV6 -> input6.receive(in, p);
            case EtherType.ARP -> arp.receive(in, p);
            case EtherType.MPLS -> mpls.receive(in, p);
            default -> {
                counters.drop(IpDrop.UNHANDLED_PROTO);
                device.drop(p, adit.device.Drop.UNHANDLED_PROTO);
            }
        }
    }

    @Override
    public UdpTunnel tunnelAt(Device device, PacketBuffer p, int network, int transport) {
        UdpSocket socket = sockets.ports()
                .receiver(Sockets.Family.IP4, p.segment(), p.head() + (long) network, p.head() + (long) transport);
        UdpEncapsulation taker = socket == null ? null : socket.encapsulation();
        return taker == null ? UdpTunnel.NONE : taker.tunnel(device);
    }

    /// Sends a packet to this host itself.
    void loop(PacketBuffer p) {
        Device loopback = loopback();
        if (loopback == null) {
            drop(p, IpDrop.OUT_NO_ROUTE);
        } else {
            loopback.send(p);
        }
    }

    void drop(PacketBuffer p, IpDrop why) {
        counters.drop(why);
        p.release();
    }

    /// No link address was to be had for where `p`, whose octets start at the network header, goes.
    void unreachable(IpInterface link, PacketBuffer p, Neighbours.Family family) {
        if (family == Neighbours.Family.IP4) {
            icmp4.unreachable(link, p);
        } else {
            icmp6.error(link, p, RouteType.UNICAST, Icmp6.DESTINATION_UNREACHABLE, Icmp6.ADDRESS_UNREACHABLE, 0);
        }
        drop(p, IpDrop.NEIGH_FAILED);
    }

    /// A buffer for `octets` octets behind its headroom, or null.
    PacketBuffer lend(int octets) {
        return table.buffers().lend(octets);
    }

    BufferPools buffers() {
        return table.buffers();
    }

    long now() {
        return table.now();
    }

    /// The time for what happens with every packet; see [DeviceTable#coarseNow].
    long coarseNow() {
        return table.coarseNow();
    }

    // ---- What is known

    /// The interfaces, in the order of their indices.
    public List<IpInterface> interfaces() {
        return interfaces.all();
    }

    /// What the IP layer knows of a device; null when it is not in this namespace.
    public IpInterface of(Device device) {
        return device.above() instanceof IpInterface link && link.isOf(this) ? link : null;
    }

    // ---- Time

    /// Does what is due.
    @Override
    public int turn(long nowNanos) {
        for (IpInterface link : interfaces()) {
            link.neighbours4.expire(nowNanos);
            link.neighbours6.expire(nowNanos);
        }
        reassembly.expire(nowNanos);
        configuration.lifetimes().expiry().expire(nowNanos);
        configuration.routes().expiry().expire(nowNanos);
        return 0;
    }

    @Override
    public long deadline() {
        long earliest = Math.min(
                reassembly.deadline(),
                Math.min(
                        configuration.lifetimes().expiry().deadline(),
                        configuration.routes().expiry().deadline()));
        for (IpInterface link : interfaces()) {
            earliest = Math.min(earliest, Math.min(link.neighbours4.deadline(), link.neighbours6.deadline()));
        }
        return earliest;
    }

    /// Closes all sockets and releases all packets that wait.
    @Override
    public void close() {
        sockets.close();
        table.lock().lock();
        try {
            table.forget(interfaces);
            if (equals(table.receiver())) {
                table.receiver(null);
            }
        } finally {
            table.lock().unlock();
        }
        interfaces().forEach(IpInterface::flushNeighbours);
        reassembly.close();
    }
}
