package adit.program.up;

import adit.linux.Fd;
import adit.linux.IdleStrategy;
import adit.linux.PollIdle;
import adit.linux.RawSpec;
import adit.linux.RawUnderlay;
import adit.linux.RestInRead;
import adit.linux.RingObstacle;
import adit.linux.TunPort;
import adit.linux.TunQueue;
import adit.linux.UdpUnderlay;
import adit.offload.Coalescer.Transports;
import adit.packet.PacketPool;
import adit.port.Port;
import adit.port.Turn;
import adit.port.TurnThread;
import adit.program.config.TunnelConfig;
import adit.program.up.OffloadStatus.Joining;
import adit.tunnel.Inbound;
import adit.tunnel.Outbound;
import adit.tunnel.ReplySource;
import adit.tunnel.Tunnel;
import adit.tunnel.TunnelCounters;
import adit.tunnel.TunnelTable;
import adit.underlay.Underlay;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// One underlay socket, and the queues of the tunnels that use it: a thread that works outbound, and one that
/// works inbound if the socket receives.
///
/// ```
/// TUN queues ── ports ──> Outbound of each tunnel ──> underlay         outbound thread, its pool; of bursts directly
///                                                                      over IP the kernel's part by a third thread
/// TUN queues <── ports ── Inbound <── underlay                         inbound thread, its pool
/// TUN queues <── replies (ICMP to inner senders)                       outbound thread
/// raw socket <── replies (ICMP to peers)                               inbound thread
/// ```
final class Lane implements AutoCloseable {
    private static final int BURST = 64;
    /// Twice a burst; each is as large as the largest packet, and memory from the first moment on.
    private static final int BUFFERS = 128;
    private static final int LARGEST_PACKET = 0xffff;
    /// Room for the largest outer headers, GUE's included, and for what a TUN file wants in front.
    private static final int HEADROOM = 128;

    private final Socket socket;
    private final Undo undo;
    private final Map<Tunnel, Outbound> outbounds = new HashMap<>();
    private final Map<Tunnel, Port> ports = new HashMap<>();
    private final Map<Tunnel, Transports> takes = new HashMap<>();
    private Inbound inbound;
    private Supplier<Joining> sent = () -> Joining.NONE;
    private Joining received = Joining.NONE;
    private IdleStrategy strategy = IdleStrategy.POLL;
    private Supplier<Optional<RingObstacle>> ring = Optional::empty;

    private Lane(Socket socket, Undo undo) {
        this.socket = socket;
        this.undo = undo;
    }

    /// Opens the socket in the namespace of the calling thread and starts the threads.
    static Lane open(Socket socket, List<Overlay> overlays, TunnelHost.Wiring wiring) throws IOException {
        Undo undo = new Undo(wiring.news());
        try {
            Lane lane = new Lane(socket, undo);
            lane.start(overlays, wiring);
            return lane;
        } catch (Throwable t) {
            undo.close();
            throw t;
        }
    }

    private void start(List<Overlay> overlays, TunnelHost.Wiring wiring) throws IOException {
        strategy = strategyFor(overlays);
        PacketPool outPool = pool("outbound");
        PacketPool inPool = pool("inbound");
        Underlay underlay;
        Underlay toPeers;
        List<Fd> underlayFds;
        RestInRead inReading;
        // Who waits at one device would let the packets of another wait.
        RestInRead outReading = null;
        List<Fd> outboundFds = new ArrayList<>();
        List<Turn> turns = new ArrayList<>();
        switch (socket) {
            case Socket.Direct direct -> {
                RawSpec spec = new RawSpec(direct.local(), direct.protocols(), direct.ring());
                RawUnderlay raw = RawUnderlay.open(spec, inPool);
                ring = () -> Optional.of(raw.obstacle());
                underlay = raw;
                underlayFds = raw.descriptors();
                inReading = raw.restInRead();
                outboundFds.addAll(raw.sendingDescriptors());
                turns.add(raw::takeBack);
                // Sending on an underlay is for one thread, and that is the outbound one.
                toPeers = RawUnderlay.open(new RawSpec(direct.local(), Set.of(), RawSpec.Ring.OFF), inPool);
                undo.later("close the replies of " + socket, toPeers::close);
            }
            case Socket.Udp udp -> {
                UdpUnderlay u = UdpUnderlay.open(udp.spec(), inPool);
                underlay = u;
                underlayFds = u.descriptors();
                inReading = u.restInRead();
                sent = () -> Joining.of(u.joinsSent());
                received = Joining.of(u.joinsReceived());
                // The kernel tells the peers of UDP sockets.
                toPeers = u;
            }
        }
        Underlay wrapped = wiring.underlay().apply(underlay);
        undo.later("close " + socket, wrapped::close);
        for (Overlay o : overlays) {
            TunQueue queue = o.device().queue(socket.queue());
            TunPort port = new TunPort(queue, outPool);
            Port replies = new TunPort(queue, outPool);
            Port overlay = wiring.overlay().apply(port);
            Outbound outbound = Outbound.of(o.tunnel(), overlay, wrapped, outPool)
                    .replies(replies, ReplySource.INNER_DESTINATION)
                    .nextHops(o.nextHops())
                    .superPackets(Outbound.SuperPackets.CUT_BY_UNDERLAY)
                    .drops(wiring.drops().get())
                    .burst(BURST)
                    .build();
            ports.put(o.tunnel(), overlay);
            takes.put(o.tunnel(), o.takes());
            outbounds.put(o.tunnel(), outbound);
            turns.add(outbound);
            outboundFds.addAll(port.descriptors());
            outReading = overlays.size() == 1 ? port.restInRead() : null;
        }
        inbound = Inbound.of(wrapped, inPool)
                .replies(toPeers)
                .drops(wiring.drops().get())
                .burst(BURST)
                .build();
        inbound.serve(TunnelTable.of(List.copyOf(ports.keySet())), ports::get, takes::get);
        if (socket.receives()) {
            startThread("in", new PollIdle(strategy, underlayFds, inReading), wiring.failure(), List.of(inbound));
        }
        startThread("out", new PollIdle(strategy, outboundFds, outReading), wiring.failure(), turns);
    }

    /// Of tunnels that share a lane the one that rests least decides.
    private static IdleStrategy strategyFor(List<Overlay> overlays) {
        for (IdleStrategy strategy : List.of(IdleStrategy.BUSY, IdleStrategy.ADAPTIVE)) {
            if (overlays.stream().anyMatch(o -> o.config().idle() == strategy)) {
                return strategy;
            }
        }
        return IdleStrategy.POLL;
    }

    private PacketPool pool(String what) {
        PacketPool pool = new PacketPool(BUFFERS, HEADROOM, LARGEST_PACKET);
        undo.later("free the " + what + " buffers of " + socket, pool::close);
        return pool;
    }

    private void startThread(String direction, PollIdle idle, Consumer<Throwable> failure, List<Turn> turns) {
        String name = "adit-" + direction + "-" + socket;
        TurnThread thread = TurnThread.start(name, idle, failure, turns.toArray(Turn[]::new));
        undo.later("stop " + name, thread::close);
    }

    Socket socket() {
        return socket;
    }

    /// What this lane counted for a tunnel, both ways.
    List<TunnelCounters> counters(Tunnel tunnel) {
        List<TunnelCounters> all = new ArrayList<>();
        if (outbounds.containsKey(tunnel)) {
            all.add(outbounds.get(tunnel).counters());
            all.add(inbound.counters(tunnel));
        }
        return all;
    }

    /// Which offloads this lane uses for a tunnel that it serves.
    OffloadStatus offload(Overlay o) {
        String reason = o.config().offload() == TunnelConfig.OffloadUse.OFF ? "as the file says" : o.offloadReason();
        return new OffloadStatus(o.offloads(), inbound.takes(o.tunnel()), sent.get(), received, ring.get(), reason);
    }

    /// How its threads rest.
    IdleStrategy strategy() {
        return strategy;
    }

    boolean serves(Tunnel tunnel) {
        return outbounds.containsKey(tunnel);
    }

    /// What this lane counted for no tunnel.
    TunnelCounters strays() {
        return inbound.strays();
    }

    /// Stops the threads and closes the socket. The devices stay their owners'.
    @Override
    public void close() {
        undo.close();
    }
}
