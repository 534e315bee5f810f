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
    /// More, because what comes does not wait: while the receiving thread is kept from its processor, this holds what
    /// several senders have under way.
    private static final int RECEIVE_BUFFER = 8 << 20;

    private static final int ERRORS = 1 << Icmp4.DESTINATION_UNREACHABLE
            | 1 << Icmp4.SOURCE_QUENCH
            | 1 << Icmp4.REDIRECT
            | 1 << Icmp4.TIME_EXCEEDED
            | 1 << Icmp4.PARAMETER_PROBLEM;

    private final Fd out;
    private final List<Fd> in;
    private final RawSender sender;
    private final RawReceiver receiver;
    private final Paths paths;

    private RawUnderlay(Fd out, List<Fd> in, RawSpec spec, PacketPool pool, Paths paths) {
        this.out = out;
        this.in = List.copyOf(in);
        this.paths = paths;
        this.sender = new RawSender(out, paths, new SplittableRandom());
        this.receiver = new RawReceiver(this.in, spec, pool, paths);
    }

    /// Opens the sockets in the network namespace of the calling thread, whose routes decide about paths. `pool`
    /// lends the buffers for what comes in.
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
                receiving.enlargeReceiveBuffer(RECEIVE_BUFFER);
                receiving.require(Inet.SOL_IP, Inet.IP_PKTINFO, 1);
            }
            if (!spec.protocols().isEmpty()) {
                SocketOptions errors = new SocketOptions(socket(IpProtocol.ICMP, opened), RAW, arena);
                errors.require(SOL_RAW, ICMP_FILTER, ~ERRORS);
                errors.require(Inet.SOL_IP, Inet.IP_PKTINFO, 1);
            }
            return new RawUnderlay(out, opened.subList(1, opened.size()), spec, pool, paths);
        } catch (Throwable t) {
            opened.forEach(Fd::close);
            paths.close();
            throw t;
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
        paths.close();
    }
}
