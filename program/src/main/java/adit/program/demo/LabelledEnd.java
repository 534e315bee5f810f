package adit.program.demo;

import adit.linux.RawSpec;
import adit.linux.RawUnderlay;
import adit.linux.UdpSpec;
import adit.linux.UdpUnderlay;
import adit.packet.PacketPool;
import adit.port.Cable;
import adit.port.Idle;
import adit.port.Port;
import adit.port.Turn;
import adit.port.TurnThread;
import adit.program.host.MemoryHost;
import adit.program.memory.LabelPort;
import adit.program.up.TunnelHost.Wiring;
import adit.program.up.TunnelStatus;
import adit.program.up.Undo;
import adit.tunnel.Carrier;
import adit.tunnel.Inbound;
import adit.tunnel.Outbound;
import adit.tunnel.Tunnel;
import adit.tunnel.TunnelSpec;
import adit.tunnel.TunnelTable;
import adit.underlay.Underlay;
import adit.wire.Ip4Address;
import adit.wire.IpProtocol;
import java.io.IOException;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/// A host in memory that labels its packets, behind our engine on the kernel's sockets in a namespace.
///
/// ```
/// MemoryHost ── LabelPort ── cable ── engine ── raw or UDP socket of the kernel
/// ```
///
/// One thread works all of it. Others ask it, and wait for the answer.
final class LabelledEnd implements AutoCloseable {
    private static final int CABLE_MTU = 1500;
    private static final int QUEUE = 512;
    private static final int BUFFERS = 4096;
    private static final int HEADROOM = 128;
    private static final int LARGEST_PACKET = 2048;
    private static final long NAP_NANOS = 50_000;
    private static final long PATIENCE_SECONDS = 30;

    /// The labels of one end.
    ///
    /// @param sent what its host labels packets with
    /// @param expected what packets for its host must have
    record Labels(int sent, int expected) {}

    private final TunnelSpec spec;
    private final Undo undo;
    private final Queue<Runnable> questions = new ConcurrentLinkedQueue<>();
    private final Cable cable;
    private final MemoryHost host;
    private final Outbound outbound;
    private final Inbound inbound;
    private final Tunnel tunnel;

    private LabelledEnd(
            TunnelSpec spec, Ip4Address address, Labels labels, KernelHost where, Wiring wiring, long seed, Undo undo)
            throws IOException {
        this.spec = spec;
        this.undo = undo;
        PacketPool pool = new PacketPool(BUFFERS, HEADROOM, LARGEST_PACKET);
        undo.later("free the buffers of " + spec.name(), pool::close);
        cable = new Cable(CABLE_MTU - spec.carrier().overhead(), QUEUE);
        undo.later("empty the cable of " + spec.name(), cable::close);
        Underlay underlay = wiring.underlay().apply(where.call(() -> open(spec, pool)));
        undo.later("close the socket of " + spec.name(), underlay::close);
        Port device = wiring.overlay().apply(cable.right());
        tunnel = new Tunnel(spec);
        outbound = Outbound.of(tunnel, device, underlay, pool)
                .drops(wiring.drops().get())
                .build();
        inbound = Inbound.of(underlay, pool).drops(wiring.drops().get()).build();
        inbound.serve(TunnelTable.of(List.of(tunnel)), _ -> device);
        LabelPort port = new LabelPort(cable.left(), labels.sent(), labels.expected());
        host = new MemoryHost(address, port, pool, new SplittableRandom(seed));
        undo.later("close the host behind " + spec.name(), host::close);
        Turn answering = _ -> answer();
        TurnThread thread = TurnThread.start(
                "adit-" + spec.name(), new Nap(), wiring.failure(), answering, inbound, host, outbound);
        undo.later("stop " + spec.name(), thread::close);
    }

    /// Opens the sockets in the namespace of `where` and begins to work.
    static LabelledEnd open(
            TunnelSpec spec, Ip4Address address, Labels labels, KernelHost where, Wiring wiring, long seed)
            throws IOException {
        Undo undo = new Undo(wiring.news());
        try {
            return new LabelledEnd(spec, address, labels, where, wiring, seed, undo);
        } catch (Throwable t) {
            undo.close();
            throw t;
        }
    }

    private static Underlay open(TunnelSpec spec, PacketPool pool) throws IOException {
        return switch (spec.carrier()) {
            case Carrier.Direct _ -> RawUnderlay.open(new RawSpec(spec.local(), Set.of(IpProtocol.MPLS)), pool);
            case Carrier.Fou fou -> UdpUnderlay.open(udp(spec, fou.port(), fou.checksum()), pool);
            case Carrier.Gue gue -> UdpUnderlay.open(udp(spec, gue.port(), gue.checksum()), pool);
        };
    }

    /// One packet a message: the buffers hold no more.
    private static UdpSpec udp(TunnelSpec spec, int port, Carrier.UdpChecksum checksum) {
        UdpSpec.Checksum wanted = checksum == Carrier.UdpChecksum.ON ? UdpSpec.Checksum.ON : UdpSpec.Checksum.OFF;
        return new UdpSpec(spec.local(), port, wanted, UdpSpec.Offload.OFF, UdpSpec.Sharing.ALONE);
    }

    private int answer() {
        int answered = 0;
        for (Runnable question = questions.poll(); question != null; question = questions.poll()) {
            question.run();
            answered++;
        }
        return answered;
    }

    /// Asks the host on its own thread, and waits for the answer.
    <T> T ask(Function<MemoryHost, T> question) throws IOException {
        CompletableFuture<T> answer = new CompletableFuture<>();
        questions.add(() -> answer.complete(question.apply(host)));
        try {
            return answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("the host behind " + spec.name() + " does not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /// The MTU of the device between engine and host, in octets.
    int mtu() {
        return cable.right().mtu();
    }

    TunnelStatus status() {
        return TunnelStatus.inMemory(spec, mtu(), List.of(outbound.counters(), inbound.counters(tunnel)));
    }

    @Override
    public void close() {
        undo.close();
    }

    /// Rests a little: the host's timers want to be looked at anyway.
    private static final class Nap implements Idle {
        @Override
        public void idle(int moved) {
            if (moved == 0) {
                LockSupport.parkNanos(NAP_NANOS);
            }
        }

        @Override
        public void wake() {
            // It wakes by itself soon enough.
        }

        @Override
        public void close() {
            // It holds nothing.
        }
    }
}
