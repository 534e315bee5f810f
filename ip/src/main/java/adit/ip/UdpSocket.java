package adit.ip;

import adit.device.Errno;
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.wire.Ip4Address;
import adit.wire.Ip6Address;
import adit.wire.IpAddress;
import adit.wire.Ipv4;
import adit.wire.Udp;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Optional;

/// A UDP socket of one family, used as a `DatagramChannel` is. RFC 768, RFC 8085.
///
/// ```java
/// try (UdpSocket socket = ns.sockets().udp(Sockets.Family.IP4)) {
///     socket.bind(Endpoint.of("0.0.0.0", 53));
///     Endpoint client = socket.receive(buffer);
///     socket.send(buffer.flip(), client);
/// }
/// ```
///
/// A connected socket receives from its peer alone and hears of ICMP errors in its next call; one that is not
/// finds them in [#pollError].
public final class UdpSocket extends IpSocket {
    /// What Linux looks at before it asks for a way, in octets.
    private static final int LARGEST_REQUEST = 0xffff;

    private final Sockets sockets;
    private final Sockets.Family family;
    private final UdpOutput output;
    private volatile State state;
    private volatile int timeToLive;
    private volatile int multicastTimeToLive = MULTICAST_TIME_TO_LIVE;
    private volatile int tos;
    private volatile Fragmentation fragmentation = Fragmentation.WANT;
    private volatile boolean mayBroadcast;
    private volatile UdpEncapsulation encapsulation;

    /// Where it stands: what it receives, and what it sends from, which is the unspecified address when that depends
    /// on where to. A port of 0 is none, and so is a peer that is null; with a peer, `before` is where it stood
    /// without one.
    record State(IpAddress local, IpAddress source, int port, Endpoint peer, State before) {
        State(IpAddress local, IpAddress source, int port) {
            this(local, source, port, null, null);
        }

        State connected(IpAddress to, IpAddress from, Endpoint with) {
            return new State(to, from, port, with, peer == null ? this : before);
        }

        State disconnected() {
            return peer == null ? this : before;
        }

        int local4() {
            return local instanceof Ip4Address ip4 ? ip4.bits() : 0;
        }

        int source4() {
            return source instanceof Ip4Address ip4 ? ip4.bits() : 0;
        }

        /// Where what is sent to `to` goes: what is sent to nobody comes back.
        IpAddress destination(IpAddress to) {
            return switch (to) {
                case Ip4Address ip4 -> new Ip4Address(destination4(ip4.bits()));
                case Ip6Address ip6 -> destination6(ip6);
            };
        }

        int destination4(int to) {
            return to != 0 ? to : source4() != 0 ? source4() : Ip4Address.LOOPBACK.bits();
        }

        static Ip6Address destination6(Ip6Address to) {
            return to.isUnspecified() ? Ip6Address.LOOPBACK : to;
        }
    }

    /// What happens to datagrams that are longer than the way takes.
    public enum Fragmentation {
        /// They are cut here. Others carry DF over IPv4, so that it becomes known what the way takes: Linux's usual
        /// IP_PMTUDISC_WANT.
        WANT,
        /// They are refused with EMSGSIZE when that is known, and carry DF so that it becomes known.
        DISCOVER,
        /// They are cut, here or over IPv4 on the way.
        ALLOW
    }

    UdpSocket(IpStack stack, Sockets sockets, Sockets.Family family) {
        super(stack);
        this.sockets = sockets;
        this.family = family;
        this.output = new UdpOutput(stack, sockets, this);
        this.state = new State(family.any(), family.any(), 0);
    }

    State state() {
        return state;
    }

    void state(State with) {
        state = with;
    }

    Sockets.Family family() {
        return family;
    }

    // ---- Control

    /// Takes a local address and port; the address may be the unspecified one, the port 0 for any that is free.
    ///
    /// @throws IpException EINVAL when it is bound, EADDRINUSE when another is there, EADDRNOTAVAIL for a
    ///     foreign address
    public void bind(Endpoint local) throws IOException {
        requireOpen();
        sockets.bind(this, local);
    }

    /// Sends to and receives from `peer` only. Takes a port if it has none.
    public void connect(Endpoint peer) throws IOException {
        requireOpen();
        family.require(peer.address());
        sockets.connect(this, peer);
    }

    /// Sends to and receives from anybody again, by the address that it was bound to. It keeps its port.
    public void disconnect() {
        sockets.disconnect(this);
    }

    /// Where it stands: the unspecified address and port 0 when nowhere.
    public Endpoint localEndpoint() {
        State s = state;
        return new Endpoint(s.local, s.port);
    }

    /// The peer that it is connected to.
    public Optional<Endpoint> remoteEndpoint() {
        return Optional.ofNullable(state.peer);
    }

    /// The time to live of datagrams to one host, 0 for the usual.
    public void timeToLive(int hops) {
        timeToLive = hops;
    }

    /// The time to live of datagrams to groups, at first 1: they stay on the link.
    public void multicastTimeToLive(int hops) {
        if (hops < 1 || hops > 255) {
            throw new IllegalArgumentException("a time to live of " + hops + " (1 to 255)");
        }
        multicastTimeToLive = hops;
    }

    int timeToLive(boolean toGroup) {
        return toGroup ? multicastTimeToLive : timeToLive;
    }

    /// DSCP and ECN of datagrams.
    public void tos(int octet) {
        tos = octet;
    }

    int tos() {
        return tos;
    }

    /// What happens to datagrams that are longer than the way takes; they are cut unless told otherwise.
    public void fragmentation(Fragmentation wanted) {
        fragmentation = wanted;
    }

    Fragmentation fragmentation() {
        return fragmentation;
    }

    /// Gives what comes over IPv4 to `taker` from now on, and to nobody who receives.
    public void encapsulation(UdpEncapsulation taker) {
        encapsulation = taker;
    }

    UdpEncapsulation encapsulation() {
        return encapsulation;
    }

    /// Allows datagrams to broadcast addresses.
    public void allowBroadcast() {
        mayBroadcast = true;
    }

    boolean mayBroadcast() {
        return mayBroadcast;
    }

    /// Receives what goes to a group on `link` too.
    public void join(IpInterface link, IpAddress group) throws IpException {
        family.require(group);
        if (!group.isMulticast()) {
            throw new IpException("join", Errno.EINVAL, group + " is no group");
        }
        sockets.join(this, link, group);
    }

    @Override
    void detach() {
        sockets.close(this);
    }

    // ---- Sending

    /// Sends the datagram between the buffer's position and limit. `to` is where; the position moves to the
    /// limit.
    public int send(ByteBuffer data, Endpoint to) throws IOException {
        int octets = data.remaining();
        send(MemorySegment.ofBuffer(data), to);
        data.position(data.limit());
        return octets;
    }

    /// Sends a datagram to the peer.
    public int write(ByteBuffer data) throws IOException {
        return send(data, requirePeer());
    }

    private Endpoint requirePeer() throws IpException {
        Endpoint peer = state.peer;
        if (peer == null) {
            throw new IpException("write", EDESTADDRREQ, "the socket is not connected");
        }
        return peer;
    }

    private static final int EDESTADDRREQ = 89;

    /// Sends `data` as one datagram.
    public void send(MemorySegment data, Endpoint to) throws IOException {
        requireOpen();
        throwPending("send");
        if (data.byteSize() > LARGEST_REQUEST) {
            throw tooLong(data);
        }
        prepare(to);
        if (data.byteSize() > family.largestPayload()) {
            State s = state;
            requireWay("send", s, s.destination(to.address()));
            throw tooLong(data);
        }
        PacketBuffer p = stack.lend((int) data.byteSize() + Udp.HEADER_LENGTH);
        if (p == null) {
            throw new IpException("send", Errno.ENOBUFS, "all packet buffers are out");
        }
        int length = (int) data.byteSize();
        MemorySegment.copy(data, 0, p.segment(), p.put(length), length);
        int answer = send(p, to);
        if (answer != 0) {
            throw new IpException("send", -answer, "a datagram of " + length + " octets to " + to);
        }
    }

    private static IpException tooLong(MemorySegment data) {
        return new IpException("send", Errno.EMSGSIZE, data.byteSize() + " octets are no datagram");
    }

    /// Sends the packets of `batch`, each as one datagram to `to`, or to the peer when that is null, and takes
    /// them out of the batch: they are gone, sent or not. Answers how many were sent.
    ///
    /// @throws IOException when nothing can be sent there by this socket; then the packets stay the caller's
    public int send(PacketBatch batch, Endpoint to) throws IOException {
        requireOpen();
        Endpoint where = to == null ? requirePeer() : to;
        prepare(where);
        int sent = 0;
        for (int i = 0; i < batch.size(); i++) {
            if (send(batch.get(i), where) == 0) {
                sent++;
            }
        }
        batch.clear();
        return sent;
    }

    /// A buffer for a payload to be sent by [#send(PacketBatch, Endpoint)]; null when all are out.
    public PacketBuffer lend(int octets) {
        return stack.lend(octets + Udp.HEADER_LENGTH);
    }

    /// Refuses what can't be sent by this socket before any buffer is in hand, and sees to it that it has a port.
    private void prepare(Endpoint to) throws IpException {
        family.require(to.address());
        if (to.port() == 0) {
            throw new IpException("send", Errno.EINVAL, "there is no port 0");
        }
        if (state.port == 0) {
            sockets.bindAny(this);
        }
    }

    private int send(PacketBuffer p, Endpoint to) {
        return output.send(p, state, to);
    }

    /// Refuses what can't be sent to `where`, an address that is some host's.
    void requireWay(String call, State s, IpAddress where) throws IpException {
        output.requireWay(call, s, where);
    }

    // ---- Receiving

    /// Takes a datagram whose UDP header stands at `udp`.
    void accept(IpInterface in, PacketBuffer p, int udp) {
        boolean ip4 = Ipv4.version(p.segment(), p.head()) == 4;
        int headers = udp - p.head() + Udp.HEADER_LENGTH;
        p.pull(headers);
        Datagrams.mark(p, headers);
        p.addressing().link = in.device().index();
        if (offer(p)) {
            stack.counters.count(ip4 ? IpCounter.UDP_IN_DATAGRAMS : IpCounter.UDP6_IN_DATAGRAMS);
            return;
        }
        stack.counters.count(ip4 ? IpCounter.UDP_RCVBUF_ERRORS : IpCounter.UDP6_RCVBUF_ERRORS);
        stack.counters.count(ip4 ? IpCounter.UDP_IN_ERRORS : IpCounter.UDP6_IN_ERRORS);
        stack.drop(p, IpDrop.SOCKET_RCVBUFF);
    }

    /// Receives a datagram into the buffer, from its position on; what has no room is lost. Answers who sent
    /// it, or null when there is none and no waiting.
    public Endpoint receive(ByteBuffer into) throws IOException {
        PacketBuffer p = next();
        if (p == null) {
            return null;
        }
        try {
            Endpoint from = Datagrams.sender(p);
            Datagrams.copy(p, into);
            return from;
        } finally {
            p.release();
        }
    }

    /// Receives a datagram from the peer and answers its length as far as it fitted, or -1 when there is none
    /// and no waiting.
    public int read(ByteBuffer into) throws IOException {
        requirePeer();
        int before = into.position();
        return receive(into) == null ? -1 : into.position() - before;
    }

    /// The payload of a received packet as an array.
    static byte[] octets(PacketBuffer p) {
        return p.segment().asSlice(p.head(), p.length()).toArray(ValueLayout.JAVA_BYTE);
    }

    /// The local endpoint and the peer.
    @Override
    public String toString() {
        State s = state;
        return "udp " + localEndpoint() + (s.peer == null ? "" : " -> " + s.peer);
    }
}
