package adit.tunnel;

import adit.offload.Coalescer.Transports;
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
/// 6. it is counted as received, and the packets of each tunnel go to its port together.
///
/// Packets that came joined take these steps each for itself, where they stand. An overlay that takes
/// super-packets gets those of a flow that follow each other as one; what the underlay has coalesced is cut for
/// one that does not. Nothing waits for packets of a later turn. An overlay that refuses a super-packet as
/// malformed gets its segments, and no more super-packets of that kind.
///
/// For one thread, which alone uses the pool, the counters and the ports while it works. The set of tunnels may
/// be changed from any thread.
public final class Inbound implements Turn {
    private final Underlay underlay;
    private final TunnelCounters strays = new TunnelCounters();
    private final OuterErrors errors;
    private final Delivery delivery;
    private final PacketBatch received;

    private volatile Serving serving =
            new Serving(TunnelTable.empty(LookupProfile.CURRENT), Map.of(), new UdpReceivers(List.of()));

    /// What is received for: replaced as a whole.
    private record Serving(TunnelTable<InboundLane> lanes, Map<Tunnel, InboundLane> byTunnel, UdpReceivers receivers) {}

    private final DropObserver drops;

    private Inbound(Builder builder) {
        this.underlay = builder.underlay;
        this.drops = builder.drops;
        this.delivery = new Delivery(builder.pool, builder.burst, drops);
        this.errors = new OuterErrors(builder.replies, builder.pool, builder.replyLimit, strays, builder.burst);
        this.received = new PacketBatch(builder.burst);
    }

    /// Begins to describe the way from `underlay` to the overlays. ICMP errors for peers, and what came joined,
    /// are written into buffers of `pool`.
    public static Builder of(Underlay underlay, PacketPool pool) {
        return new Builder(underlay, pool);
    }

    /// Receives from now on for these tunnels alone, and hands the packets of each to the port that `overlays`
    /// answers for it. A tunnel that was there before keeps its counters. Any thread; it takes effect with the
    /// next turn, and the ports of tunnels that are gone may be closed after that.
    ///
    /// @throws IllegalArgumentException when two of them expect different things on one UDP port
    public void serve(TunnelTable<Tunnel> tunnels, Function<? super Tunnel, ? extends Port> overlays) {
        serve(tunnels, overlays, _ -> Transports.NONE);
    }

    /// The same, where `takes` answers for each tunnel which super-packets its port takes.
    ///
    /// @throws IllegalArgumentException when two of them expect different things on one UDP port
    public synchronized void serve(
            TunnelTable<Tunnel> tunnels,
            Function<? super Tunnel, ? extends Port> overlays,
            Function<? super Tunnel, Transports> takes) {
        Map<Tunnel, InboundLane> before = serving.byTunnel();
        Map<Tunnel, InboundLane> byTunnel = new HashMap<>();
        UdpReceivers receivers = new UdpReceivers(tunnels.entries());
        TunnelTable<InboundLane> lanes = tunnels.map(tunnel -> {
            InboundLane lane = before.get(tunnel);
            TunnelCounters counters = lane == null ? new TunnelCounters() : lane.counters;
            InboundLane next = new InboundLane(tunnel, overlays.apply(tunnel), counters, takes.apply(tunnel));
            byTunnel.put(tunnel, next);
            return next;
        });
        serving = new Serving(lanes, byTunnel, receivers);
    }

    /// What has been counted here for this tunnel; null when it is not served.
    public TunnelCounters counters(Tunnel tunnel) {
        InboundLane lane = serving.byTunnel().get(tunnel);
        return lane == null ? null : lane.counters;
    }

    /// Which super-packets the overlay of this tunnel takes, as far as is known by now; any thread may ask.
    public Transports takes(Tunnel tunnel) {
        InboundLane lane = serving.byTunnel().get(tunnel);
        return lane == null ? Transports.NONE : lane.takes();
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
            PacketBuffer p = received.get(i);
            if (p.addressing().joined == 0) {
                take(p, now, nowNanos);
            } else {
                takeJoined(p, now, nowNanos);
            }
        }
        received.clear();
        delivery.deliver();
        errors.flush();
        return moved;
    }

    private void take(PacketBuffer p, Serving serving, long nowNanos) {
        InboundLane lane = accept(p, serving, nowNanos);
        if (lane == null) {
            p.release();
        } else {
            delivery.hand(p, lane);
        }
    }

    /// Each of the packets in `p` is looked at where it stands, through a window that is `p` itself, and copied
    /// to where it is kept.
    private void takeJoined(PacketBuffer p, Serving serving, long nowNanos) {
        int each = p.addressing().joined;
        int at = p.head();
        int end = at + p.length();
        p.addressing().joined = 0;
        while (at < end) {
            p.reserve(at);
            p.put(Math.min(each, end - at));
            p.offload().clear();
            InboundLane lane = accept(p, serving, nowNanos);
            if (lane != null) {
                delivery.handCopy(p, lane);
            }
            at += each;
        }
        p.release();
    }

    /// Steps 1 to 5, and counts. Answers for which tunnel `p`, which stays the caller's, now is; or null when
    /// it ends here.
    private InboundLane accept(PacketBuffer p, Serving serving, long nowNanos) {
        int protocol = p.addressing().protocol;
        p.protocol(0);
        return switch (protocol) {
            case IpProtocol.ICMP -> hear(p, serving, nowNanos);
            case IpProtocol.UDP -> acceptUdp(p, serving, nowNanos);
            default -> decapsulate(p, protocol, serving, nowNanos);
        };
    }

    private InboundLane acceptUdp(PacketBuffer p, Serving serving, long nowNanos) {
        int kind = serving.receivers().at(p.addressing().destinationPort);
        return switch (kind) {
            case UdpReceivers.NONE -> {
                errors.unreachable(p, Icmp4.PORT_UNREACHABLE, nowNanos);
                yield stray(p, Drop.UNKNOWN_PORT);
            }
            case UdpReceivers.GUE -> acceptGue(p, serving, nowNanos);
            case UdpReceivers.FOU_BY_VERSION -> {
                int protocol = p.length() == 0 ? 0 : InnerPacket.protocolByVersion(p);
                yield protocol == 0 ? stray(p, Drop.BAD_FOU) : decapsulate(p, protocol, serving, nowNanos);
            }
            default -> decapsulate(p, kind, serving, nowNanos);
        };
    }

    private InboundLane acceptGue(PacketBuffer p, Serving serving, long nowNanos) {
        int protocol = GueReceiver.open(p);
        if (protocol == GueReceiver.BAD) {
            return stray(p, Drop.BAD_GUE);
        }
        return decapsulate(p, protocol, serving, nowNanos);
    }

    /// Steps 2 to 5.
    private InboundLane decapsulate(PacketBuffer p, int protocol, Serving serving, long nowNanos) {
        int etherType = InnerPacket.etherType(protocol);
        if (etherType == 0) {
            errors.unreachable(p, Icmp4.PROTOCOL_UNREACHABLE, nowNanos);
            return stray(p, Drop.UNKNOWN_PROTOCOL);
        }
        p.protocol(etherType);
        if (p.length() < InnerPacket.minimumLength(protocol)) {
            return stray(p, Drop.TRUNCATED);
        }
        Addressing a = p.addressing();
        InboundLane lane = serving.lanes().lookup(a.link, a.source, a.destination);
        if (lane == null) {
            errors.unreachable(p, Icmp4.PORT_UNREACHABLE, nowNanos);
            return stray(p, Drop.NO_TUNNEL);
        }
        if (!lane.mode.carries(protocol)) {
            return drop(p, lane, Drop.WRONG_MODE);
        }
        if (etherType != EtherType.MPLS && !passCongestion(p, protocol, lane)) {
            return drop(p, lane, Drop.ECN);
        }
        count(p, lane.counters);
        p.metadata().clear();
        if (lane.external) {
            describe(p.metadata(), a);
        }
        return lane;
    }

    /// A super-packet counts as the packets that it stands for, as far as its description tells.
    private static void count(PacketBuffer p, TunnelCounters counters) {
        Offload o = p.offload();
        int packets = 1;
        if (o.segmentation != Offload.Segmentation.NONE && o.segmentSize > 0) {
            packets = Math.max(1, (p.length() - o.headerLength + o.segmentSize - 1) / o.segmentSize);
        }
        counters.received(packets, p.length() + (packets - 1) * o.headerLength);
    }

    /// Step 5. Answers whether the packet may go on.
    private static boolean passCongestion(PacketBuffer p, int protocol, InboundLane lane) {
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

    private InboundLane hear(PacketBuffer p, Serving serving, long nowNanos) {
        strays.event(Event.ICMP_HEARD);
        if (IcmpErrors.fault(p) == WireFault.NONE) {
            InboundLane lane = serving.lanes()
                    .lookup(p.addressing().link, IcmpErrors.quotedDestination(p), IcmpErrors.quotedSource(p));
            if (lane != null && IcmpErrors.concerns(p, lane.tunnel.spec())) {
                lane.tunnel.errors().note(nowNanos);
                lane.counters.event(Event.ICMP_NOTED);
            }
        }
        return null;
    }

    private InboundLane stray(PacketBuffer p, Drop reason) {
        strays.drop(reason);
        drops.dropped(p, reason);
        return null;
    }

    private InboundLane drop(PacketBuffer p, InboundLane lane, Drop reason) {
        lane.counters.drop(reason);
        drops.dropped(p, reason);
        return null;
    }

    /// Describes an [Inbound].
    public static final class Builder {
        private final Underlay underlay;
        private final PacketPool pool;
        private Underlay replies;
        private RateLimit replyLimit = RateLimit.ofLinux();
        private DropObserver drops = DropObserver.NONE;
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

        /// Who is shown the packets that are dropped. The default is nobody.
        public Builder drops(DropObserver observer) {
            this.drops = observer;
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
