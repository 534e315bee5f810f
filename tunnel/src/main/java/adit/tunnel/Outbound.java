package adit.tunnel;

import adit.offload.Segmenter;
import adit.packet.Addressing;
import adit.packet.LateRefusals;
import adit.packet.Offload;
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.packet.Refusal;
import adit.port.Port;
import adit.port.Turn;
import adit.underlay.Path;
import adit.underlay.Underlay;
import adit.wire.IpProtocol;

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

    private static final Refusal[] REFUSALS = Refusal.values();

    private final Tunnel tunnel;
    private final Port overlay;
    private final Underlay underlay;
    private final NextHops nextHops;
    private final PacketPool pool;
    private final Segmenter segmenter = new Segmenter();
    private final boolean cutsHere;
    private final InnerErrors errors;
    private final TunnelCounters counters = new TunnelCounters();
    private final Here surroundings = new Here();

    // What the specification says, as the packet path wants it.
    private final Mode mode;
    private final OuterRules rules;
    private final boolean labelsRefused;
    private final int mark;
    private final Encapsulation encapsulation;
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
        this.rules = OuterRules.of(spec);
        this.labelsRefused = spec.mode() == Mode.ANY && spec.carrier() instanceof Carrier.Fou;
        this.mark = spec.mark();
        this.encapsulation = Encapsulation.of(spec.carrier());
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
        if (!out.late().isEmpty()) {
            countLate(out.late());
        }
        int moved = overlay.receive(received);
        if (moved == 0) {
            return 0;
        }
        overlayMtu = overlay.mtu();
        if (rules.remote() != 0) {
            pathToRemote = underlay.path(rules.local(), rules.remote());
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
            reason = rules.steer(p, protocol, largest, nowNanos, surroundings);
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

    /// What steps 2 to 6 ask of the place where this works.
    private final class Here implements OuterRules.Surroundings {
        @Override
        public Path path(int source, int destination, int tos) {
            return rules.remote() != 0 ? pathToRemote : underlay.path(source, destination);
        }

        @Override
        public int nextHop(int destination) {
            return nextHops.nextHop(destination);
        }

        @Override
        public int overlayMtu() {
            return overlayMtu;
        }

        @Override
        public int device() {
            return tunnel.device();
        }

        @Override
        public boolean takeError(long nowNanos) {
            return tunnel.errors().take(nowNanos);
        }

        @Override
        public void tooBig(PacketBuffer p, int protocol, int mtu) {
            errors.tooBig(p, protocol, mtu);
        }

        @Override
        public void unreachable(PacketBuffer p, int protocol, long nowNanos) {
            errors.unreachable(p, protocol, nowNanos);
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

    /// Packets that the underlay had taken and could not send after all were counted as sent. They have gone,
    /// so nobody is told of them one by one.
    private void countLate(LateRefusals late) {
        int all = 0;
        for (Refusal why : REFUSALS) {
            int packets = late.packets(why);
            if (packets > 0) {
                counters.drop(Drop.ofUnderlay(why), packets);
                all += packets;
            }
        }
        counters.sent(-all, (long) all * encapsulation.length() - late.octets());
        late.clear();
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
            if (path.exists() && rules.fit(path, p, protocol, largest, a.dontFragment, surroundings) == Drop.TOO_BIG) {
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
