package adit.tunnel;

import adit.offload.Segmenter;
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
/// A super-packet takes these steps once, as the largest of its segments would: the length in step 4 is that
/// one's. It goes to the underlay whole, described by its [Offload], and counts as one packet, as in Linux's
/// tunnels; or it is cut between steps 6 and 7, and its segments count. See [SuperPackets].
///
/// For one thread, which alone uses the pool, the counters and the port for replies while it works.
public final class Outbound implements Turn {
    /// Who cuts super-packets.
    public enum SuperPackets {
        /// This: the underlay gets packets that are ready to go.
        CUT_HERE,
        /// The underlay: it takes them whole, with their [Offload], and cuts them or has them cut.
        CUT_BY_UNDERLAY
    }

    private final Tunnel tunnel;
    private final Port overlay;
    private final Underlay underlay;
    private final NextHops nextHops;
    private final PacketPool pool;
    private final Segmenter segmenter = new Segmenter();
    private final boolean cutsHere;
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
    private final PacketBatch out;
    /// The packets of `out` and the lengths they had as inner packets: by the time the underlay has taken some
    /// of them, they can't be asked any more.
    private final PacketBuffer[] offered;

    private final int[] offeredOctets;
    /// How many packets each stands for, and their octets together.
    private final int[] offeredPackets;

    private final int[] offeredTotal;
    // Asked for once a turn.
    private Path pathToRemote = Path.NONE;
    private int overlayMtu;

    private final DropObserver drops;

    private Outbound(Builder builder) {
        this.tunnel = builder.tunnel;
        this.overlay = builder.overlay;
        this.underlay = builder.underlay;
        this.nextHops = builder.nextHops;
        this.pool = builder.pool;
        this.drops = builder.drops;
        this.cutsHere = builder.superPackets == SuperPackets.CUT_HERE;
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
        this.offeredPackets = new int[builder.burst];
        this.offeredTotal = new int[builder.burst];
    }

    /// Begins to describe the way from `overlay` through `tunnel` to `underlay`. ICMP errors for inner senders
    /// and segments of super-packets are written into buffers of `pool`.
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
        int protocol = InnerPacket.protocol(p.protocol());
        boolean whole = p.offload().segmentation == Offload.Segmentation.NONE;
        int packets = whole ? 1 : segmenter.begin(p);
        Drop reason = tunnel.isUp() ? refuse(p, protocol) : Drop.TUNNEL_DOWN;
        if (reason == null && packets == 0) {
            reason = Drop.SUPER_PACKET;
        }
        if (reason == null) {
            int largest = whole ? p.length() : segmenter.largest();
            reason = external ? steerByMetadata(p, protocol, largest) : steerBySpec(p, protocol, largest, nowNanos);
        }
        if (reason != null) {
            drop(p, reason, Math.max(1, packets));
        } else if (whole) {
            offer(p, protocol, 1, p.length());
        } else if (cutsHere) {
            cut(p, protocol, packets);
        } else {
            offer(p, protocol, packets, p.length() + (packets - 1) * segmenter.headerLength());
        }
    }

    /// Steps 7 and 8; then `p`, which stands for so many packets with so many octets together, waits to be
    /// sent.
    private void offer(PacketBuffer p, int protocol, int packets, int total) {
        int octets = p.length();
        Drop reason = push(p, protocol);
        if (reason != null) {
            drop(p, reason, packets);
            return;
        }
        if (out.room() == 0) {
            send();
        }
        int at = out.size();
        offered[at] = p;
        offeredOctets[at] = octets;
        offeredPackets[at] = packets;
        offeredTotal[at] = total;
        out.add(p);
    }

    /// Offers the segments of a super-packet that the segmenter has begun with, addressed as it is.
    private void cut(PacketBuffer p, int protocol, int packets) {
        int octets = segmenter.largest();
        for (int i = 0; i < packets; i++) {
            PacketBuffer segment = lend(octets);
            if (segment == null) {
                // What has gone is as if the rest had been lost on the way.
                drop(p, Drop.NO_BUFFER, packets - i);
                return;
            }
            segmenter.next(segment);
            segment.addressing().copyFrom(p.addressing());
            offer(segment, protocol, 1, segment.length());
        }
        p.release();
    }

    /// A buffer for `octets`, or null when there is none, not even after what waits has been sent.
    private PacketBuffer lend(int octets) {
        PacketBuffer p = pool.lend();
        if (p == null) {
            send();
            p = pool.lend();
        }
        if (p != null && p.tailroom() < octets) {
            p.release();
            return null;
        }
        return p;
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
    private Drop steerBySpec(PacketBuffer p, int protocol, int largest, long nowNanos) {
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
        Drop reason = follow(path, p, protocol, largest, discovers);
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
    private Drop steerByMetadata(PacketBuffer p, int protocol, int largest) {
        TunnelMetadata m = p.metadata();
        if (m.direction != TunnelMetadata.Direction.TRANSMIT) {
            return Drop.NO_METADATA;
        }
        Path path = underlay.path(m.source, m.destination);
        Drop reason = follow(path, p, protocol, largest, m.dontFragment);
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

    /// Steps 3 and 4. `largest` is the length of the packet, or of the largest that it stands for. `discovers`
    /// says whether the outer packet may be as large as the path takes, and no larger.
    private Drop follow(Path path, PacketBuffer p, int protocol, int largest, boolean discovers) {
        if (!path.exists()) {
            return Drop.NO_PATH;
        }
        if (path.device() == tunnel.device() && path.device() != 0) {
            return Drop.LOOP;
        }
        return fit(path, p, protocol, largest, discovers);
    }

    private Drop fit(Path path, PacketBuffer p, int protocol, int largest, boolean discovers) {
        int mtu = discovers ? path.mtu() - overhead : overlayMtu;
        boolean ipv6 = protocol == IpProtocol.IPV6;
        if (ipv6) {
            // No IPv6 sender can be told to send less than this; see mayForbidFragments.
            mtu = Math.max(mtu, Ipv6.MIN_MTU);
        }
        if (largest <= mtu) {
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
        if (offload.segmentation != Offload.Segmentation.NONE) {
            offload.networkStart += encapsulation.length();
            offload.checksumStart += encapsulation.length();
            offload.headerLength += encapsulation.length();
        } else if (offload.checksum == Offload.Checksum.PARTIAL && !PartialChecksum.finish(p)) {
            return Drop.BAD_OFFLOAD;
        }
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
        int packets = 0;
        long octets = 0;
        for (int i = 0; i < count; i++) {
            packets += offeredPackets[i];
            octets += offeredTotal[i];
        }
        // What was refused stands in its old order.
        int at = 0;
        for (int i = 0; i < out.size(); i++) {
            PacketBuffer p = out.get(i);
            while (offered[at] != p) {
                at++;
            }
            packets -= offeredPackets[at];
            octets -= offeredTotal[at];
            Drop reason = reasonOfRefusal(p, offeredOctets[at]);
            p.pull(Math.max(0, p.length() - offeredOctets[at]));
            drop(p, reason, offeredPackets[at]);
        }
        counters.sent(packets, octets);
        out.clear();
    }

    /// A path that has become narrower since it was asked for shows in the refusal; then the sender is told as
    /// in step 4.
    private Drop reasonOfRefusal(PacketBuffer p, int innerOctets) {
        if (p.refusal() == Refusal.TOO_BIG && p.length() >= innerOctets) {
            int pushed = p.length() - innerOctets;
            boolean whole = p.offload().segmentation == Offload.Segmentation.NONE;
            int largest = whole ? innerOctets : segmenter.begin(p) == 0 ? 0 : segmenter.largest() - pushed;
            p.pull(pushed);
            Addressing a = p.addressing();
            Path path = underlay.path(a.source, a.destination);
            int protocol = InnerPacket.protocol(p.protocol());
            if (path.exists() && fit(path, p, protocol, largest, a.dontFragment) == Drop.TOO_BIG) {
                return Drop.TOO_BIG;
            }
        }
        return Drop.ofUnderlay(p.refusal());
    }

    private void drop(PacketBuffer p, Drop reason, int packets) {
        counters.drop(reason, packets);
        drops.dropped(p, reason);
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
        private SuperPackets superPackets = SuperPackets.CUT_HERE;
        private DropObserver drops = DropObserver.NONE;
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

        /// Who cuts super-packets. The default is this.
        public Builder superPackets(SuperPackets who) {
            this.superPackets = who;
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

        /// Makes it.
        public Outbound build() {
            return new Outbound(this);
        }
    }
}
