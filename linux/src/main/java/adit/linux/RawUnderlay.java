package adit.linux;

import adit.linux.sys.Inet;
import adit.packet.PacketBatch;
import adit.packet.PacketPool;
import adit.underlay.Path;
import adit.underlay.Underlay;
import adit.wire.Icmp4;
import adit.wire.IpProtocol;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Tunnels directly over IP, by raw sockets. Needs CAP_NET_RAW.
///
/// What is sent goes by a packet ring instead, bursts by a thread of their own, where [RawSpec.Ring] allows it
/// and nothing stands in the way of it; [#obstacle] says what does. Nothing else depends on it: paths, refusals
/// and ICMP errors are the raw sockets' in either case.
///
/// The kernel must not have a tunnel driver of its own that takes the same packets: both would answer them.
///
/// Sending and receiving may be on different threads; the pool is the receiving thread's, and asking for a path
/// is the sending thread's. Several of these may send side by side, but each one that receives gets every
/// packet.
public final class RawUnderlay implements Underlay {
    /// ICMP_FILTER: which types a raw ICMP socket does *not* receive, one bit each.
    private static final int ICMP_FILTER = 1;

    private static final int SOL_RAW = 255;
    private static final int IPPROTO_RAW = 255;
    private static final String RAW = "raw socket";
    private static final int SEND_BUFFER = 4 << 20;
    /// More, because what comes does not wait: while the receiving thread is kept from its processor, this
    /// holds what several senders have under way.
    private static final int RECEIVE_BUFFER = 8 << 20;

    private static final int ERRORS = 1 << Icmp4.DESTINATION_UNREACHABLE
            | 1 << Icmp4.SOURCE_QUENCH
            | 1 << Icmp4.REDIRECT
            | 1 << Icmp4.TIME_EXCEEDED
            | 1 << Icmp4.PARAMETER_PROBLEM;

    private final Fd out;
    private final List<Fd> in;
    /// Null when there is none.
    private final RingWriter ring;

    private final RingObstacle noRing;
    private final RawSender sender;
    private final RawReceiver receiver;
    private final Paths paths;

    private RawUnderlay(Fd out, List<Fd> in, RingWriter ring, RawSpec spec, PacketPool pool, Paths paths) {
        this.out = out;
        this.in = List.copyOf(in);
        this.paths = paths;
        this.ring = ring;
        this.noRing = spec.ring() == RawSpec.Ring.OFF ? RingObstacle.UNWANTED : RingObstacle.NO_PACKET_SOCKET;
        this.sender = new RawSender(new SocketWriter(out, paths), ring, paths, new SplittableRandom());
        this.receiver = new RawReceiver(this.in, spec, pool, paths);
    }

    /// Opens the sockets in the network namespace of the calling thread, whose routes decide about paths.
    /// `pool` lends the buffers for what comes in.
    public static RawUnderlay open(RawSpec spec, PacketPool pool) throws LinuxException {
        return open(spec, pool, RoutedPaths.open());
    }

    /// The same with paths from somewhere else. Owns `paths` from then on, also when this fails.
    static RawUnderlay open(RawSpec spec, PacketPool pool, Paths paths) throws LinuxException {
        List<Fd> opened = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            Fd out = socket(IPPROTO_RAW, opened);
            SocketOptions sending = new SocketOptions(out, RAW, arena);
            sending.enlargeSendBuffer(SEND_BUFFER);
            // Without it the kernel keeps silent about packets that a full queue dropped.
            sending.require(Inet.SOL_IP, Inet.IP_RECVERR, 1);
            for (int protocol : spec.protocols()) {
                SocketOptions receiving = new SocketOptions(socket(protocol, opened), RAW, arena);
                receiving.waitAtMost(RestInRead.LIMIT_NANOS);
                receiving.enlargeReceiveBuffer(RECEIVE_BUFFER);
                receiving.require(Inet.SOL_IP, Inet.IP_PKTINFO, 1);
            }
            if (!spec.protocols().isEmpty()) {
                SocketOptions errors = new SocketOptions(socket(IpProtocol.ICMP, opened), RAW, arena);
                errors.require(SOL_RAW, ICMP_FILTER, ~ERRORS);
                errors.require(Inet.SOL_IP, Inet.IP_PKTINFO, 1);
            }
            RingWriter ring = spec.ring() == RawSpec.Ring.AUTO ? ringIfThereMayBeOne() : null;
            return new RawUnderlay(out, opened.subList(1, opened.size()), ring, spec, pool, paths);
        } catch (Throwable t) {
            opened.forEach(Fd::close);
            paths.close();
            throw t;
        }
    }

    private static RingWriter ringIfThereMayBeOne() {
        try {
            return RingWriter.open();
        } catch (LinuxException e) {
            return null;
        }
    }

    private static Fd socket(int protocol, List<Fd> opened) throws LinuxException {
        Fd fd = Fd.socket(Inet.SOCK_RAW, protocol, "raw IPv4, protocol " + protocol);
        opened.add(fd);
        return fd;
    }

    @Override
    public int receive(PacketBatch into) {
        int received = receiver.receive(into);
        if (received == 0) {
            paths.hear();
        }
        return received;
    }

    @Override
    public int send(PacketBatch batch) {
        return sender.send(batch);
    }

    /// Takes back packets of bursts that could not be sent after [#send] had taken them, and says so to the
    /// batches that they came in ([PacketBatch#late]). [#send] does it as well; this is for a sending thread
    /// that has nothing to send. A [adit.port.Turn]; moves nothing.
    public int takeBack(long nowNanos) {
        if (ring != null) {
            ring.takeBack();
        }
        return 0;
    }

    @Override
    public Path path(int source, int destination) {
        return paths.path(source, destination);
    }

    @Override
    public int headroom() {
        return 0;
    }

    /// What to wait on before asking for packets: the sockets, and news of the routes.
    public List<Fd> descriptors() {
        List<Fd> all = new ArrayList<>(in);
        if (paths.descriptor() != null) {
            all.add(paths.descriptor());
        }
        return List.copyOf(all);
    }

    /// For [PollIdle#PollIdle(IdleStrategy, List, RestInRead)] of a thread that receives from this alone.
    public RestInRead restInRead() {
        return receiver.rest();
    }

    /// What the sending thread is to wait for besides its packets, before [#takeBack].
    public List<Fd> sendingDescriptors() {
        return ring == null ? List.of() : List.of(ring.news().fd());
    }

    /// Why the packet that was sent last went by the raw socket and not by a packet ring; [RingObstacle#NONE]
    /// when it went by the ring. Any thread.
    public RingObstacle obstacle() {
        return ring == null ? noRing : ring.obstacle();
    }

    /// How often a packet could not be received because the pool had no buffer.
    public long starved() {
        return receiver.starved();
    }

    /// How many packets were lost because they were longer than a buffer.
    public long cut() {
        return receiver.cut();
    }

    /// How many ICMP errors were passed over because they were damaged or about somebody else's packets.
    public long foreignErrors() {
        return receiver.foreignErrors();
    }

    /// Closes the sockets, which wakes whoever waits for them.
    @Override
    public void close() {
        in.forEach(Fd::close);
        out.close();
        if (ring != null) {
            ring.close();
        }
        paths.close();
    }
}
