package adit.interop;

import adit.interop.host.Namespace;
import adit.linux.Netns;
import adit.linux.RawSpec;
import adit.linux.RawUnderlay;
import adit.linux.UdpSpec;
import adit.linux.UdpUnderlay;
import adit.packet.PacketPool;
import adit.port.Cable;
import adit.program.host.BulkReceiver;
import adit.program.host.BulkSender;
import adit.program.host.MemoryHost;
import adit.program.host.Pings;
import adit.program.host.TestData;
import adit.tunnel.Carrier;
import adit.tunnel.Inbound;
import adit.tunnel.Outbound;
import adit.tunnel.TunnelSpec;
import adit.tunnel.TunnelTable;
import adit.underlay.Underlay;
import adit.wire.Ip4Address;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/// The near end of a tunnel for labelled packets: a host in memory behind a [LabelPort], our engine, and real
/// sockets in a namespace.
///
/// ```
/// MemoryHost -- cable -- LabelPort -- engine -- raw or UDP socket
/// ```
///
/// A thread of its own takes the turns, and whoever asks the host for something waits for the end of one.
final class LabelledHost implements AutoCloseable {
    private static final int HEADROOM = 128;
    private static final int SIZE = 8192;

    private final PacketPool pool = new PacketPool(1024, HEADROOM, SIZE);
    private final Cable cable;
    private final LabelPort labels;
    private final MemoryHost host;
    private final Underlay underlay;
    private final Outbound outbound;
    private final Inbound inbound;
    private final Thread thread;
    private volatile boolean closing;
    private Throwable failure;

    /// Opens the sockets in `namespace` and begins to work. The host at the end of the tunnel has the overlay
    /// address of `here`, and packets for it the label of `here`.
    LabelledHost(Namespace namespace, TunnelSpec spec, Side here, Side there, int mtu) throws IOException {
        cable = new Cable(mtu, 256);
        labels = new LabelPort(cable.right(), there.label(), here.label());
        host = new MemoryHost(Ip4Address.parse(here.overlay()), cable.left(), pool, new Random(1));
        underlay = open(namespace, spec);
        adit.tunnel.Tunnel tunnel = new adit.tunnel.Tunnel(spec);
        outbound = Outbound.of(tunnel, labels, underlay, pool).build();
        inbound = Inbound.of(underlay, pool).build();
        inbound.serve(TunnelTable.of(List.of(tunnel)), t -> labels);
        thread = Thread.ofPlatform().daemon().name("labelled-host").start(this::work);
    }

    private Underlay open(Namespace namespace, TunnelSpec spec) throws IOException {
        try (Netns inside = Netns.open(namespace.name())) {
            return switch (spec.carrier()) {
                case Carrier.Direct direct ->
                    inside.call(() -> RawUnderlay.open(new RawSpec(spec.local(), Set.of(137)), pool));
                case Carrier.Fou fou ->
                    inside.call(() -> UdpUnderlay.open(UdpSpec.of(fou.port(), UdpSpec.Checksum.OFF), pool));
                case Carrier.Gue gue ->
                    inside.call(() -> UdpUnderlay.open(UdpSpec.of(gue.port(), UdpSpec.Checksum.OFF), pool));
            };
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void work() {
        try {
            while (!closing) {
                if (turn() == 0) {
                    Thread.sleep(Duration.ofNanos(100_000));
                }
            }
        } catch (Throwable t) {
            synchronized (this) {
                failure = t;
            }
        }
    }

    private synchronized int turn() {
        long now = System.nanoTime();
        return inbound.turn(now) + host.turn(now) + outbound.turn(now);
    }

    /// Asks the host for something, then waits until it is done, and throws when that takes too long.
    private <T> T await(Function<MemoryHost, T> begin, Predicate<T> over, String what) {
        T running = ask(begin);
        long end = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        while (!ask(h -> over.test(running))) {
            if (System.nanoTime() > end) {
                throw new AssertionError(what + " takes too long");
            }
            try {
                Thread.sleep(5);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted", e);
            }
        }
        return running;
    }

    private synchronized <T> T ask(Function<MemoryHost, T> question) {
        if (failure != null) {
            throw new AssertionError("the labelled host has failed", failure);
        }
        return question.apply(host);
    }

    /// Pings `address` with packets of `length` octets and answers how many of three came back.
    int ping(String address, int length) {
        Pings.Plan plan = new Pings.Plan(3, 10_000_000L, length - 28, 30_000_000_000L);
        return await(h -> h.ping(Ip4Address.parse(address), plan), Pings::isOver, "ping")
                .received();
    }

    /// Begins to wait for a connection.
    BulkReceiver listen(int port) {
        return ask(h -> h.listen(port));
    }

    /// Waits until all has come.
    byte[] digest(BulkReceiver receiver) {
        await(h -> receiver, r -> r.state() == BulkReceiver.State.FINISHED, "receiving");
        return ask(h -> receiver.digest());
    }

    /// Sends data to `address` and waits until all was acknowledged.
    void send(String address, int port, TestData data) {
        await(
                h -> h.send(Ip4Address.parse(address), port, data),
                s -> s.state() == BulkSender.State.FINISHED,
                "sending");
    }

    /// How many packets came with no label or a wrong one.
    synchronized long foreign() {
        return labels.foreign();
    }

    @Override
    public void close() {
        closing = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        underlay.close();
        host.close();
        labels.close();
        cable.close();
        if (pool.lent() != 0) {
            throw new AssertionError(pool.lent() + " packets not given back");
        }
        pool.close();
    }
}
