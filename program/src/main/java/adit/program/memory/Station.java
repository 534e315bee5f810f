package adit.program.memory;

import adit.packet.PacketPool;
import adit.port.Cable;
import adit.port.CountingPort;
import adit.port.DelayPort;
import adit.port.FaultyPort;
import adit.port.Port;
import adit.port.RatePort;
import adit.port.Stepper;
import adit.port.VirtualTime;
import adit.program.host.MemoryHost;
import adit.tunnel.Carrier;
import adit.tunnel.Drop;
import adit.tunnel.Event;
import adit.tunnel.Inbound;
import adit.tunnel.Mode;
import adit.tunnel.Outbound;
import adit.tunnel.Tunnel;
import adit.tunnel.TunnelCounters;
import adit.tunnel.TunnelSpec;
import adit.tunnel.TunnelTable;
import adit.underlay.HeaderUnderlay;
import adit.underlay.OuterHeader;
import adit.wire.Ip4Address;
import java.util.List;
import java.util.SplittableRandom;

/// One side of the demonstration: a host, its tunnel device, the tunnel and the underlay.
final class Station implements AutoCloseable {
    private static final int DEVICE_QUEUE = 512;
    private static final int BURST_OCTETS = 3_000;

    /// Who is who.
    ///
    /// @param name the station's name
    /// @param overlay the host's address
    /// @param underlay the outer address
    /// @param peer the other station's outer address
    /// @param label the MPLS label that it sends with
    /// @param peerLabel the MPLS label that it receives
    record Identity(String name, Ip4Address overlay, Ip4Address underlay, Ip4Address peer, int label, int peerLabel) {}

    final Identity identity;
    final MemoryHost host;
    final CountingPort device;
    final CountingPort wire;
    final FaultyPort faults;
    final HeaderUnderlay underlay;
    final Outbound outbound;
    final Inbound inbound;
    final Tunnel tunnel;
    final LabelPort labels;
    private final Cable cable;

    /// Builds the side that stands at `lineEnd`.
    Station(
            Identity identity,
            MemoryDemoOptions options,
            Port lineEnd,
            PacketPool pool,
            VirtualTime time,
            SplittableRandom random,
            Stepper stepper,
            Tap tap) {
        this.identity = identity;
        Line line = options.line();
        RatePort rate = new RatePort(lineEnd, line.bitsPerSecond(), BURST_OCTETS, time);
        DelayPort delay = new DelayPort(rate, line.delayNanos(), time, packetsUnderWay(line));
        faults = new FaultyPort(delay, options.faults(), random.split(), pool, time);
        wire = new CountingPort(tap.around(identity.name + "/eth0", faults, time));
        underlay = new HeaderUnderlay(
                wire,
                identity.underlay.bits(),
                HeaderUnderlay.Accepts.TUNNELS,
                checksum(options.carrier()),
                pool,
                time,
                random.split());

        cable = new Cable(options.deviceMtu(), DEVICE_QUEUE);
        device = new CountingPort(tap.around(identity.name + "/tun0", cable.right(), time));
        boolean labelled = options.mode() == Mode.MPLSIP;
        labels = labelled ? new LabelPort(cable.left(), identity.label, identity.peerLabel) : null;
        host = new MemoryHost(identity.overlay, labelled ? labels : cable.left(), pool, random.split());

        tunnel = new Tunnel(TunnelSpec.of("tun0", identity.underlay, identity.peer)
                .mode(options.mode())
                .carrier(options.carrier()));
        outbound = Outbound.of(tunnel, device, underlay, pool)
                .drops(tap.drops(identity.name, time))
                .build();
        inbound =
                Inbound.of(underlay, pool).drops(tap.drops(identity.name, time)).build();
        inbound.serve(TunnelTable.of(List.of(tunnel)), _ -> device);
        stepper.add(host).add(outbound).add(inbound);
        stepper.watch(host).watch(underlay).watch(rate).watch(delay).watch(faults);
    }

    /// What a full line holds, twice over for the smallest packets, so that the delay never becomes a second
    /// bottleneck.
    private static int packetsUnderWay(Line line) {
        long smallest = 40 * 8;
        double packets = line.bitsPerSecond() / 1e9 * line.delayNanos() / smallest;
        return Math.clamp(2 * (long) packets, 64, 1 << 14);
    }

    private static OuterHeader.UdpChecksum checksum(Carrier carrier) {
        Carrier.UdpChecksum wanted = switch (carrier) {
            case Carrier.Direct() -> Carrier.UdpChecksum.OFF;
            case Carrier.Fou fou -> fou.checksum();
            case Carrier.Gue gue -> gue.checksum();
        };
        return switch (wanted) {
            case ON -> OuterHeader.UdpChecksum.ON;
            case OFF -> OuterHeader.UdpChecksum.OFF;
        };
    }

    /// The counters of all that works for the tunnel here.
    List<TunnelCounters> counters() {
        return List.of(outbound.counters(), inbound.counters(tunnel), inbound.strays());
    }

    long drops(Drop reason) {
        return counters().stream().mapToLong(c -> c.drops(reason)).sum();
    }

    long events(Event event) {
        return counters().stream().mapToLong(c -> c.events(event)).sum();
    }

    @Override
    public void close() {
        host.close();
        underlay.close();
        cable.close();
    }
}
