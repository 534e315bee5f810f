package adit.linux;

import adit.packet.PacketBatch;
import adit.packet.PacketPool;
import adit.underlay.Path;
import adit.underlay.Underlay;
import java.util.List;

/// FOU and GUE over a UDP socket of the kernel. Needs no privilege.
///
/// The kernel writes and takes off the outer IP and UDP headers. Sending and receiving may be on different
/// threads; the pool is the receiving thread's, and asking for a path is the sending thread's.
public final class UdpUnderlay implements Underlay {
    private final UdpSocket socket;
    private final UdpSender sender;
    private final UdpReceiver receiver;
    private final Paths paths;

    private UdpUnderlay(UdpSocket socket, UdpSpec spec, PacketPool pool, Paths paths) {
        this.socket = socket;
        this.paths = paths;
        this.sender = new UdpSender(socket.fd(), spec, paths);
        this.receiver = new UdpReceiver(socket, spec, pool, paths);
    }

    /// Opens and binds the socket in the network namespace of the calling thread, whose routes decide about
    /// paths. `pool` lends the buffers for what comes in; for [UdpSpec.Offload#AUTO] each needs room for 65535
    /// octets.
    public static UdpUnderlay open(UdpSpec spec, PacketPool pool) throws LinuxException {
        return open(spec, pool, RoutedPaths.open());
    }

    /// The same with paths from somewhere else. Owns `paths` from then on, also when this fails.
    static UdpUnderlay open(UdpSpec spec, PacketPool pool, Paths paths) throws LinuxException {
        try {
            return new UdpUnderlay(UdpSocket.open(spec), spec, pool, paths);
        } catch (Throwable t) {
            paths.close();
            throw t;
        }
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

    /// What to wait on before asking for packets: the socket, and news of the routes.
    public List<Fd> descriptors() {
        return paths.descriptor() == null ? List.of(socket.fd()) : List.of(socket.fd(), paths.descriptor());
    }

    /// For [PollIdle#PollIdle(IdleStrategy, List, RestInRead)] of a thread that receives from this alone.
    public RestInRead restInRead() {
        return receiver.rest();
    }

    /// Whether packets that follow each other are sent in one call, to be cut apart by the kernel or the
    /// network card (UDP_SEGMENT). Becomes false when the kernel refuses that.
    public boolean joinsSent() {
        return sender.segments();
    }

    /// Whether datagrams of a flow are received in one call (UDP_GRO).
    public boolean joinsReceived() {
        return socket.joinsReceived();
    }

    /// How often a packet could not be received because the pool had no buffer.
    public long starved() {
        return receiver.starved();
    }

    /// How many datagrams were lost because they were longer than a buffer.
    public long cut() {
        return receiver.cut();
    }

    /// Closes the socket, which wakes whoever waits for it.
    @Override
    public void close() {
        socket.fd().close();
        paths.close();
    }
}
