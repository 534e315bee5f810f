package adit.tunnel;

import adit.packet.Addressing;
import adit.packet.Offload;
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.packet.TunnelMetadata;
import adit.port.Port;
import adit.port.Turn;
import adit.underlay.Underlay;
import adit.wire.EtherType;
import adit.wire.Gue;
import adit.wire.Icmp4;
import adit.wire.IpProtocol;
import adit.wire.WireFault;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// Underlay to overlay: takes packets from the underlay, finds the tunnel each belongs to and hands them to its
/// device.
///
/// For each packet, in this order, as Linux's `ip_tunnel_rcv` does it:
///
/// 1. what is inside: the outer protocol says it, or the configured FOU port, or the GUE header; an ICMP error
///    goes another way, see [IcmpErrors];
/// 2. are the octets of the inner header there;
/// 3. the tunnel, by the outer addresses; without one, the peer is told;
/// 4. does its mode carry it;
/// 5. ECN;
/// 6. it is counted as received, cut if it is a super-packet and there is a [Segmenter], and the packets of each
///    tunnel go to its port together.
///
/// For one thread, which alone uses the pool, the counters and the ports while it works. The set of tunnels may
/// be changed from any thread.
public final class Inbound implements Turn {
    private final Underlay underlay;
    private final TunnelCounters strays = new TunnelCounters();
    private final OuterErrors errors;
    private final Segmenter segmenter;
    private final PacketBatch segments = new PacketBatch(Segmenter.MAX_SEGMENTS);
    private final PacketBatch received;
    /// Batches for the tunnels that a burst has packets for; as many as there are packets.
    private final PacketBatch[] batches;

    private final Lane[] busy;
    private int busyLanes;

    private volatile Serving serving =
            new Serving(TunnelTable.empty(LookupProfile.CURRENT), Map.of(), new UdpReceivers(List.of()));

    /// What is received for: replaced as a whole.
    private record Serving(TunnelTable<Lane> lanes, Map<Tunnel, Lane> byTunnel, UdpReceivers receivers) {}

    /// What this worker keeps for a tunnel.
    private static final class Lane implements TunnelTable.Entry {
        final Tunnel tunnel;
        final Port overlay;
        final TunnelCounters counters;
        final Mode mode;
        final boolean external;
        /// The packets of this burst; null when there are none.
        PacketBatch batch;

        Lane(Tunnel tunnel, Port overlay, TunnelCounters counters) {
            this.tunnel = tunnel;
            this.overlay = overlay;
            this.counters = counters;
            this.mode = tunnel.spec().mode();
            this.external = tunnel.spec().steering() == Steering.EXTERNAL;
        }

        @Override
        public Tunnel tunnel() {
            return tunnel;
        }
    }

    private Inbound(Builder builder) {
        this.underlay = builder.underlay;
        this.segmenter = builder.segmenter;
        this.errors = new OuterErrors(builder.replies, builder.pool, builder.replyLimit, strays, builder.burst);
        this.received = new PacketBatch(builder.burst);
        this.busy = new Lane[builder.burst];
        this.batches = new PacketBatch[builder.burst];
        for (int i = 0; i < batches.length; i++) {
            batches[i] = new PacketBatch(builder.burst);
        }
    }

    /// Begins to describe the way from `underlay` to the overlays. ICMP errors for peers are written into
    /// buffers of `pool`.
    public static Builder of(Underlay underlay, PacketPool pool) {
        return new Builder(underlay, pool);
    }

    /// Receives from now on for these tunnels alone, and hands the packets of each to the port that `overlays`
    /// answers for it. A tunnel that was there before keeps its counters. Any thread; it takes effect with the
    /// next turn, and the ports of tunnels that are gone may be closed after that.
    ///
    /// @throws IllegalArgumentException when two of them expect different things on one UDP port
    public synchronized void serve(TunnelTable<Tunnel> tunnels, Function<? super Tunnel, ? extends Port> overlays) {
        Map<Tunnel, Lane> before = serving.byTunnel();
        Map<Tunnel, Lane> byTunnel = new HashMap<>();
        UdpReceivers receivers = new UdpReceivers(tunnels.entries());
        TunnelTable<Lane> lanes = tunnels.map(tunnel -> {
            Lane lane = before.get(tunnel);
            TunnelCounters counters = lane == null ? new TunnelCounters() : lane.counters;
            Lane next = new Lane(tunnel, overlays.apply(tunnel), counters);
            byTunnel.put(tunnel, next);
            return next;
        });
        serving = new Serving(lanes, byTunnel, receivers);
    }

    /// What has been counted here for this tunnel; null when it is not served.
    public TunnelCounters counters(Tunnel tunnel) {
        Lane lane = serving.byTunnel().get(tunnel);
        return lane == null ? null : lane.counters;
    }

    /// What has been counted here for no tunnel.
    public TunnelCounters strays() {
        return strays;
    }

    @Override
    public int turn(long nowNanos) {
        int moved = underlay.receive(received);
        if (moved == 0) {
            return 0;
        }
        Serving now = serving;
        for (int i = 0; i < received.size(); i++) {
            take(received.get(i), now, nowNanos);
        }
        received.clear();
        deliver();
        errors.flush();
        return moved;
    }

    /// Step 1.
    private void take(PacketBuffer p, Serving serving, long nowNanos) {
        int protocol = p.addressing().protocol;
        switch (protocol) {
            case IpProtocol.ICMP -> hear(p, serving, nowNanos);
            case IpProtocol.UDP -> takeUdp(p, serving, nowNanos);
            default -> decapsulate(p, protocol, serving, nowNanos);
        }
    }

    private void takeUdp(PacketBuffer p, Serving serving, long nowNanos) {
        int kind = serving.receivers().at(p.addressing().destinationPort);
        switch (kind) {
            case UdpReceivers.NONE -> {
                errors.unreachable(p, Icmp4.PORT_UNREACHABLE, nowNanos);
                drop(p, Drop.UNKNOWN_PORT);
            }
            case UdpReceivers.GUE -> takeGue(p, serving, nowNanos);
            case UdpReceivers.FOU_BY_VERSION -> {
                int protocol = p.length() == 0 ? 0 : InnerPacket.protocolByVersion(p);
                if (protocol == 0) {
                    drop(p, Drop.BAD_FOU);
                } else {
                    decapsulate(p, protocol, serving, nowNanos);
                }
            }
            default -> decapsulate(p, kind, serving, nowNanos);
        }
    }

    private void takeGue(PacketBuffer p, Serving serving, long nowNanos) {
        if (Gue.fault(p.segment(), p.head(), p.length()) != WireFault.NONE) {
            drop(p, Drop.BAD_GUE);
            return;
        }
        int protocol = Gue.payloadProtocol(p.segment(), p.head());
        boolean checksum = Gue.hasRemoteChecksum(p.segment(), p.head());
        int header = Gue.payloadOffset(p.segment(), p.head());
        int at = p.pull(header);
        if (p.addressing().outerHeaderLength != 0) {
            p.addressing().outerHeaderLength += header;
        }
        if (checksum) {
            // The fault check has seen that both are inside the payload.
            PartialChecksum.finish(
                    p, Gue.remoteChecksumStart(p.segment(), at), Gue.remoteChecksumOffset(p.segment(), at));
        }
        decapsulate(p, protocol, serving, nowNanos);
    }

    /// Steps 2 to 6.
    private void decapsulate(PacketBuffer p, int protocol, Serving serving, long nowNanos) {
        int etherType = InnerPacket.etherType(protocol);
        if (etherType == 0) {
            errors.unreachable(p, Icmp4.PROTOCOL_UNREACHABLE, nowNanos);
            drop(p, Drop.UNKNOWN_PROTOCOL);
            return;
        }
        if (p.length() < InnerPacket.minimumLength(protocol)) {
            drop(p, Drop.TRUNCATED);
            return;
        }
        Addressing a = p.addressing();
        Lane lane = serving.lanes().lookup(a.link, a.source, a.destination);
        if (lane == null) {
            errors.unreachable(p, Icmp4.PORT_UNREACHABLE, nowNanos);
            drop(p, Drop.NO_TUNNEL);
            return;
        }
        if (!lane.mode.carries(protocol)) {
            drop(p, lane, Drop.WRONG_MODE);
            return;
        }
        if (etherType != EtherType.MPLS && !passCongestion(p, protocol, lane)) {
            drop(p, lane, Drop.ECN);
            return;
        }
        lane.counters.received(p.length());
        p.protocol(etherType);
        p.metadata().clear();
        if (lane.external) {
            describe(p.metadata(), a);
        }
        add(p, lane);
    }

    /// Step 5. Answers whether the packet may go on.
    private static boolean passCongestion(PacketBuffer p, int protocol, Lane lane) {
        int innerTos = InnerPacket.tos(p, protocol, 0);
        int passed = Ecn.decapsulate(p.addressing().tos, innerTos);
        if ((passed & Ecn.UNEXPECTED) != 0) {
            lane.counters.event(Event.ECN_UNEXPECTED);
        }
        int ecn = passed & Ecn.MASK;
        if (ecn != (innerTos & Ecn.MASK)) {
            InnerPacket.ecn(p, protocol, ecn);
        }
        return (passed & Ecn.LOST) == 0;
    }

    private static void describe(TunnelMetadata m, Addressing a) {
        m.direction = TunnelMetadata.Direction.RECEIVED;
        m.source = a.source;
        m.destination = a.destination;
        m.tos = a.tos;
        m.timeToLive = a.timeToLive;
    }

    private void add(PacketBuffer p, Lane lane) {
        boolean whole = p.offload().segmentation == Offload.Segmentation.NONE || !segmenter.segment(p, segments);
        if (whole) {
            enqueue(p, lane);
            return;
        }
        for (int i = 0; i < segments.size(); i++) {
            enqueue(segments.get(i), lane);
        }
        segments.clear();
    }

    private void enqueue(PacketBuffer p, Lane lane) {
        if (lane.batch == null) {
            lane.batch = batches[busyLanes];
            busy[busyLanes++] = lane;
        } else if (lane.batch.room() == 0) {
            deliver(lane);
        }
        lane.batch.add(p);
    }

    private void deliver() {
        for (int i = 0; i < busyLanes; i++) {
            Lane lane = busy[i];
            busy[i] = null;
            deliver(lane);
            lane.batch = null;
        }
        busyLanes = 0;
    }

    private static void deliver(Lane lane) {
        PacketBatch batch = lane.batch;
        lane.overlay.send(batch);
        for (int k = 0; k < batch.size(); k++) {
            drop(batch.get(k), lane, Drop.ofOverlay(batch.get(k).refusal()));
        }
        batch.clear();
    }

    private void hear(PacketBuffer p, Serving serving, long nowNanos) {
        strays.event(Event.ICMP_HEARD);
        if (IcmpErrors.fault(p) == WireFault.NONE) {
            Lane lane = serving.lanes()
                    .lookup(p.addressing().link, IcmpErrors.quotedDestination(p), IcmpErrors.quotedSource(p));
            if (lane != null && IcmpErrors.concerns(p, lane.tunnel.spec())) {
                lane.tunnel.noteError(nowNanos);
                lane.counters.event(Event.ICMP_NOTED);
            }
        }
        p.release();
    }

    private void drop(PacketBuffer p, Drop reason) {
        strays.drop(reason);
        p.release();
    }

    private static void drop(PacketBuffer p, Lane lane, Drop reason) {
        lane.counters.drop(reason);
        p.release();
    }

    /// Describes an [Inbound].
    public static final class Builder {
        private final Underlay underlay;
        private final PacketPool pool;
        private Underlay replies;
        private RateLimit replyLimit = RateLimit.ofLinux();
        private Segmenter segmenter = Segmenter.NONE;
        private int burst = 64;

        private Builder(Underlay underlay, PacketPool pool) {
            this.underlay = underlay;
            this.pool = pool;
            this.replies = underlay;
        }

        /// Where ICMP errors for peers go. The default is the underlay itself. Give another one when another
        /// thread sends into that.
        public Builder replies(Underlay underlay) {
            this.replies = underlay;
            return this;
        }

        /// How many ICMP errors may be sent. The default is Linux's.
        public Builder replyLimit(RateLimit limit) {
            this.replyLimit = limit;
            return this;
        }

        /// Who cuts super-packets that the underlay has coalesced. The default is nobody: they go to the overlay as
        /// they are, which refuses what it can't take.
        public Builder segmenter(Segmenter segmenter) {
            this.segmenter = segmenter;
            return this;
        }

        /// How many packets one turn moves at most. The default is 64.
        public Builder burst(int packets) {
            this.burst = packets;
            return this;
        }

        /// Makes it. It drops everything until it is told what to [Inbound#serve].
        public Inbound build() {
            return new Inbound(this);
        }
    }
}
