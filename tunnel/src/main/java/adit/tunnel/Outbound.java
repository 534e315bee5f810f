package adit.tunnel;

import adit.packet.Addressing;
import adit.packet.Offload;
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.packet.Refusal;
import adit.packet.TunnelMetadata;
import adit.port.Port;
import adit.port.Turn;
import adit.underlay.Path;
import adit.underlay.Underlay;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Ipv6;

/// Overlay to underlay: takes packets from one queue of a tunnel's device, encapsulates and sends them.
///
/// For each packet, in this order, as Linux's `ip_tunnel_xmit` does it:
///
/// 1. does the mode carry it, and are the octets of its header there;
/// 2. the destination: the remote address, or the packet's next hop, or its metadata;
/// 3. the way there: none, or one that leads into the tunnel itself, ends here;
/// 4. DF and path MTU: a packet that is too large ends here, and its sender is told if he can do something
///    about it;
/// 5. the error count: the sender is told that the peer was unreachable, and the packet goes on;
/// 6. ECN, TOS and TTL;
/// 7. checksums that the overlay left to be finished;
/// 8. the header of the carrier; then all of the burst goes to the underlay together.
///
/// For one thread, which alone uses the pool, the counters and the port for replies while it works.
public final class Outbound implements Turn {
    /// Which work on super-packets and partial checksums is done before the underlay gets them.
    public enum Finishing {
        /// All of it: super-packets are segmented, checksums are finished.
        HERE,
        /// None: the underlay takes packets with their [Offload] and does it, or has it done.
        BY_UNDERLAY
    }

    private final Tunnel tunnel;
    private final Port overlay;
    private final Underlay underlay;
    private final NextHops nextHops;
    private final Segmenter segmenter;
    private final Finishing finishing;
    private final InnerErrors errors;
    private final TunnelCounters counters = new TunnelCounters();

    // What the specification says, as the packet path wants it.
    private final Mode mode;
    private final boolean external;
    private final boolean labelsRefused;
    private final int local;
    private final int remote;
    private final int ttl;
    private final int tos;
    private final boolean tosInherited;
    private final boolean discover;
    private final int link;
    private final int mark;
    private final Encapsulation encapsulation;
    private final int overhead;
    private final int headroom;

    private final PacketBatch received;
    private final PacketBatch segments = new PacketBatch(Segmenter.MAX_SEGMENTS);
    private final PacketBatch out;
    /// The packets of `out` and the lengths they had as inner packets: by the time the underlay has taken some
    /// of them, they can't be asked any more.
    private final PacketBuffer[] offered;

    private final int[] offeredOctets;
    // Asked for once a turn.
    private Path pathToRemote = Path.NONE;
    private int overlayMtu;

    private Outbound(Builder builder) {
        this.tunnel = builder.tunnel;
        this.overlay = builder.overlay;
        this.underlay = builder.underlay;
        this.nextHops = builder.nextHops;
        this.segmenter = builder.segmenter;
        this.finishing = builder.finishing;
        this.errors = new InnerErrors(
                builder.replies, builder.pool, builder.replySource, builder.replyLimit, counters, builder.burst);
        TunnelSpec spec = tunnel.spec();
        this.mode = spec.mode();
        this.external = spec.steering() == Steering.EXTERNAL;
        this.labelsRefused = spec.mode() == Mode.ANY && spec.carrier() instanceof Carrier.Fou;
        this.local = spec.local().bits();
        this.remote = spec.remote().bits();
        this.ttl = spec.ttl().value();
        this.tos = spec.tos().value();
        this.tosInherited = spec.tos().inherited();
        this.discover = spec.pathMtu() == PathMtu.DISCOVER;
        this.link = spec.link();
        this.mark = spec.mark();
        this.encapsulation = Encapsulation.of(spec.carrier());
        this.overhead = spec.carrier().overhead();
        this.headroom = underlay.headroom() + encapsulation.length();
        this.received = new PacketBatch(builder.burst);
        this.out = new PacketBatch(builder.burst);
        this.offered = new PacketBuffer[builder.burst];
        this.offeredOctets = new int[builder.burst];
    }

    /// Begins to describe the way from `overlay` through `tunnel` to `underlay`. ICMP errors for inner senders
    /// are written into buffers of `pool`.
    public static Builder of(Tunnel tunnel, Port overlay, Underlay underlay, PacketPool pool) {
        return new Builder(tunnel, overlay, underlay, pool);
    }

    /// What has been counted here for this tunnel.
    public TunnelCounters counters() {
        return counters;
    }

    @Override
    public int turn(long nowNanos) {
        int moved = overlay.receive(received);
        if (moved == 0) {
            return 0;
        }
        overlayMtu = overlay.mtu();
        if (remote != 0) {
            pathToRemote = underlay.path(local, remote);
        }
        for (int i = 0; i < received.size(); i++) {
            take(received.get(i), nowNanos);
        }
        received.clear();
        send();
        errors.flush();
        return moved;
    }

    private void take(PacketBuffer p, long nowNanos) {
        if (!tunnel.isUp()) {
            drop(p, Drop.TUNNEL_DOWN);
        } else if (p.offload().segmentation == Offload.Segmentation.NONE || finishing == Finishing.BY_UNDERLAY) {
            encapsulate(p, nowNanos);
        } else if (segmenter.segment(p, segments)) {
            for (int i = 0; i < segments.size(); i++) {
                encapsulate(segments.get(i), nowNanos);
            }
            segments.clear();
        } else {
            drop(p, Drop.SUPER_PACKET);
        }
    }

    private void encapsulate(PacketBuffer p, long nowNanos) {
        int protocol = InnerPacket.protocol(p.protocol());
        Drop reason = refuse(p, protocol);
        if (reason == null) {
            reason = external ? steerByMetadata(p, protocol) : steerBySpec(p, protocol, nowNanos);
        }
        int octets = p.length();
        if (reason == null) {
            reason = push(p, protocol);
        }
        if (reason != null) {
            drop(p, reason);
            return;
        }
        if (out.room() == 0) {
            send();
        }
        offered[out.size()] = p;
        offeredOctets[out.size()] = octets;
        out.add(p);
    }

    /// Step 1. Answers why the packet ends here, or null, as the steps below do.
    private Drop refuse(PacketBuffer p, int protocol) {
        if (!mode.carries(protocol)) {
            return Drop.NOT_CARRIED;
        }
        if (labelsRefused && protocol == IpProtocol.MPLS) {
            return Drop.LABELS_OVER_FOU;
        }
        return p.length() < InnerPacket.minimumLength(protocol) ? Drop.INNER_TRUNCATED : null;
    }

    /// Steps 2 to 6 as the specification says.
    private Drop steerBySpec(PacketBuffer p, int protocol, long nowNanos) {
        int destination = remote;
        Path path = pathToRemote;
        if (destination == 0) {
            destination = nextHop(p, protocol);
            if (destination == 0) {
                return noNextHop(p, protocol, nowNanos);
            }
            path = underlay.path(local, destination);
        }
        boolean discovers = discover || InnerPacket.dontFragment(p, protocol);
        Drop reason = follow(path, p, protocol, discovers);
        if (reason != null) {
            return reason;
        }
        if (tunnel.takeError(nowNanos)) {
            errors.unreachable(p, protocol, nowNanos);
        }
        Addressing a = p.addressing();
        a.source = local;
        a.destination = destination;
        a.link = link;
        a.tos = tosInherited ? InnerPacket.tos(p, protocol, tos) : tos;
        a.timeToLive = ttl;
        a.dontFragment = discovers && mayForbidFragments(path, protocol);
        inherit(a, p, protocol);
        return null;
    }

    /// Steps 2 to 6 as the packet's metadata says. There is no step 5: errors are not kept by peer.
    private Drop steerByMetadata(PacketBuffer p, int protocol) {
        TunnelMetadata m = p.metadata();
        if (m.direction != TunnelMetadata.Direction.TRANSMIT) {
            return Drop.NO_METADATA;
        }
        Path path = underlay.path(m.source, m.destination);
        Drop reason = follow(path, p, protocol, m.dontFragment);
        if (reason != null) {
            return reason;
        }
        Addressing a = p.addressing();
        a.source = m.source;
        a.destination = m.destination;
        a.link = 0;
        a.tos = m.tos == Tos.INHERIT.value() ? InnerPacket.tos(p, protocol, 0) : m.tos;
        a.timeToLive = m.timeToLive;
        a.dontFragment = m.dontFragment && mayForbidFragments(path, protocol);
        inherit(a, p, protocol);
        return null;
    }

    /// The peer of a packet when the specification names none; 0 when there is none.
    private int nextHop(PacketBuffer p, int protocol) {
        TunnelMetadata m = p.metadata();
        if (m.direction == TunnelMetadata.Direction.TRANSMIT && m.destination != 0) {
            return m.destination;
        }
        return switch (protocol) {
            case IpProtocol.IPIP ->
                p.nextHop() != 0 ? p.nextHop() : nextHops.nextHop(Ipv4.destination(p.segment(), p.head()));
            case IpProtocol.IPV6 -> p.nextHop() != 0 ? p.nextHop() : compatible(p);
            default -> 0;
        };
    }

    /// The IPv4 address in an IPv6 destination such as `::192.0.2.1` (RFC 4291 section 2.5.5.1), 0 when it is
    /// another kind of address.
    private static int compatible(PacketBuffer p) {
        long low = Ipv6.destinationLow(p.segment(), p.head());
        boolean compatible = Ipv6.destinationHigh(p.segment(), p.head()) == 0 && low >>> Integer.SIZE == 0 && low != 1;
        return compatible ? (int) low : 0;
    }

    private Drop noNextHop(PacketBuffer p, int protocol, long nowNanos) {
        if (protocol == IpProtocol.IPIP) {
            return Drop.NO_NEXT_HOP;
        }
        if (protocol == IpProtocol.IPV6) {
            errors.unreachable(p, protocol, nowNanos);
        }
        return Drop.NO_IPV4_NEXT_HOP;
    }

    /// Steps 3 and 4. `discovers` says whether the outer packet may be as large as the path takes, and no
    /// larger.
    private Drop follow(Path path, PacketBuffer p, int protocol, boolean discovers) {
        if (!path.exists()) {
            return Drop.NO_PATH;
        }
        if (path.device() == tunnel.device() && path.device() != 0) {
            return Drop.LOOP;
        }
        // The segments of a super-packet are as large as its sender found that they may be.
        boolean whole = p.offload().segmentation == Offload.Segmentation.NONE;
        return whole ? fit(path, p, protocol, discovers) : null;
    }

    private Drop fit(Path path, PacketBuffer p, int protocol, boolean discovers) {
        int mtu = discovers ? path.mtu() - overhead : overlayMtu;
        boolean ipv6 = protocol == IpProtocol.IPV6;
        if (ipv6) {
            // No IPv6 sender can be told to send less than this; see mayForbidFragments.
            mtu = Math.max(mtu, Ipv6.MIN_MTU);
        }
        if (p.length() <= mtu) {
            return null;
        }
        if (ipv6 || InnerPacket.dontFragment(p, protocol)) {
            errors.tooBig(p, protocol, mtu);
            return Drop.TOO_BIG;
        }
        return discovers && mayForbidFragments(path, protocol) ? Drop.TOO_BIG_OUTSIDE : null;
    }

    /// Whether outer packets may carry DF at all: not on a path with a locked MTU, and not where the smallest
    /// IPv6 packet that every link carries would not fit (RFC 4213 section 3.2.2).
    private boolean mayForbidFragments(Path path, int protocol) {
        return path.pinned() == Path.Pinned.NO
                && (protocol != IpProtocol.IPV6 || path.mtu() - overhead >= Ipv6.MIN_MTU);
    }

    /// Step 6: what the inner packet has a say in.
    private static void inherit(Addressing a, PacketBuffer p, int protocol) {
        a.tos = Ecn.encapsulate(a.tos, InnerPacket.tos(p, protocol, 0));
        if (a.timeToLive == 0) {
            a.timeToLive = InnerPacket.timeToLive(p, protocol);
        }
    }

    /// Steps 7 and 8.
    private Drop push(PacketBuffer p, int protocol) {
        if (p.headroom() < headroom) {
            return Drop.NO_HEADROOM;
        }
        Offload offload = p.offload();
        if (offload.checksum == Offload.Checksum.PARTIAL) {
            if (finishing == Finishing.BY_UNDERLAY) {
                offload.checksumStart += encapsulation.length();
            } else if (!PartialChecksum.finish(p)) {
                return Drop.BAD_OFFLOAD;
            }
        }
        offload.headerLength += encapsulation.length();
        encapsulation.push(p, protocol);
        p.addressing().outerHeaderLength = 0;
        if (mark != 0) {
            p.mark(mark);
        }
        return null;
    }

    private void send() {
        int count = out.size();
        if (count == 0) {
            return;
        }
        underlay.send(out);
        long octets = 0;
        for (int i = 0; i < count; i++) {
            octets += offeredOctets[i];
        }
        // What was refused stands in its old order.
        int at = 0;
        for (int i = 0; i < out.size(); i++) {
            PacketBuffer p = out.get(i);
            while (offered[at] != p) {
                at++;
            }
            octets -= offeredOctets[at];
            drop(p, reasonOfRefusal(p, offeredOctets[at]));
        }
        counters.sent(count - out.size(), octets);
        out.clear();
    }

    /// A path that has become narrower since it was asked for shows in the refusal; then the sender is told as
    /// in step 4.
    private Drop reasonOfRefusal(PacketBuffer p, int innerOctets) {
        if (p.refusal() == Refusal.TOO_BIG && p.length() >= innerOctets) {
            p.pull(p.length() - innerOctets);
            Addressing a = p.addressing();
            Path path = underlay.path(a.source, a.destination);
            if (path.exists() && fit(path, p, InnerPacket.protocol(p.protocol()), a.dontFragment) == Drop.TOO_BIG) {
                return Drop.TOO_BIG;
            }
        }
        return Drop.ofUnderlay(p.refusal());
    }

    private void drop(PacketBuffer p, Drop reason) {
        counters.drop(reason);
        p.release();
    }

    /// Describes an [Outbound].
    public static final class Builder {
        private final Tunnel tunnel;
        private final Port overlay;
        private final Underlay underlay;
        private final PacketPool pool;
        private Port replies;
        private ReplySource replySource = ReplySource.INNER_DESTINATION;
        private RateLimit replyLimit = RateLimit.ofLinux();
        private NextHops nextHops = NextHops.NONE;
        private Segmenter segmenter = Segmenter.NONE;
        private Finishing finishing = Finishing.HERE;
        private int burst = 64;

        private Builder(Tunnel tunnel, Port overlay, Underlay underlay, PacketPool pool) {
            this.tunnel = tunnel;
            this.overlay = overlay;
            this.underlay = underlay;
            this.pool = pool;
            this.replies = overlay;
        }

        /// Where ICMP errors for inner senders go, and who they are from. The default is the overlay port
        /// itself, and from the destination of the packet in question. Give another port when another thread
        /// sends into that one.
        public Builder replies(Port port, ReplySource source) {
            this.replies = port;
            this.replySource = source;
            return this;
        }

        /// How many ICMP errors other than "too big" may be sent. The default is Linux's.
        public Builder replyLimit(RateLimit limit) {
            this.replyLimit = limit;
            return this;
        }

        /// Where packets without a next hop of their own go, in a tunnel without a remote address. The default
        /// is nowhere.
        public Builder nextHops(NextHops routes) {
            this.nextHops = routes;
            return this;
        }

        /// Who segments super-packets. The default is nobody: they are dropped.
        public Builder segmenter(Segmenter segmenter) {
            this.segmenter = segmenter;
            return this;
        }

        /// Where super-packets are segmented and checksums are finished. The default is here.
        public Builder finishing(Finishing finishing) {
            this.finishing = finishing;
            return this;
        }

        /// How many packets one turn moves at most. The default is 64.
        public Builder burst(int packets) {
            this.burst = packets;
            return this;
        }

        /// Makes it.
        public Outbound build() {
            return new Outbound(this);
        }
    }
}
