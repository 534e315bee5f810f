package adit.ipip;

import adit.device.Device;
import adit.device.DeviceEvent;
import adit.device.DeviceFeatures;
import adit.device.DeviceFlags;
import adit.device.Errno;
import adit.device.HardwareType;
import adit.device.MtuRange;
import adit.ip.IpInterface;
import adit.ip.IpStack;
import adit.ip.RouteType;
import adit.offload.Checksums;
import adit.packet.Addressing;
import adit.packet.Offload;
import adit.packet.PacketBuffer;
import adit.packet.PacketType;
import adit.packet.TunnelMetadata;
import adit.tunnel.Drop;
import adit.tunnel.Ecn;
import adit.tunnel.IcmpErrors;
import adit.tunnel.InnerPacket;
import adit.tunnel.OuterRules;
import adit.tunnel.RememberedErrors;
import adit.tunnel.Ttl;
import adit.tunnel.TunnelLookup;
import adit.underlay.Path;
import adit.wire.EtherType;
import adit.wire.Icmp4;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// A tunnel device: what is sent by it goes, in IPv4, into the namespace where it was made; what tunnels bring
/// there is received by it, in the namespace where it is. Linux's `ipip` driver.
///
/// ```
/// transmit   inner packet -> OuterRules (destination, way, DF, path MTU, ECN, TTL) -> OuterHeaders (FOU, GUE)
///            -> Ip4Carriage (outer header, IP output)
/// receive    IP input -> IpipNamespace (lookup) -> mode, ECN, counters -> IP input again, by way of the backlog
/// ```
///
/// Packets come from any threads at once. What a control call changes is one immutable [Setting] behind a
/// volatile reference; the packet path takes no lock and allocates nothing.
public final class IpipDevice extends Device implements TunnelLookup.Candidate {
    /// What the kind is called.
    public static final String KIND = "ipip";

    /// The smallest MTU, in octets.
    static final int MIN_MTU = 68;

    private static final int MAX_MTU = 0xffff;
    private static final int QUEUE_LENGTH = 1000;
    private static final int ADDRESS_LENGTH = 4;
    /// What Linux lets `needed_headroom` grow to at most.
    private static final int MAX_HEADROOM = 512;

    private final IpipNamespace lower;
    private final Around around = new Around();
    private final RememberedErrors errors = new RememberedErrors();
    private final DropCounts drops = new DropCounts();
    private volatile Setting setting;
    private volatile int neededHeadroom;
    private volatile int peerAddress;
    private MemorySegment written;

    /// What the packet path wants to know of the parameters.
    private record Setting(Parameters parameters, OuterRules rules, OuterHeaders headers, Ttl ttl) {
        static Setting of(Parameters p) {
            return new Setting(p, p.rules(), OuterHeaders.of(p.encapsulation()), new Ttl(p.ttl()));
        }
    }

    /// Which limits of its MTU a device tells of.
    enum Limits {
        /// None, as one made by rtnetlink.
        UNTOLD,
        /// As one made by ioctl.
        TOLD
    }

    IpipDevice(IpipNamespace lower, Parameters parameters, int mtu, Limits limits) {
        super(
                HardwareType.TUNNEL,
                DeviceFlags.NOARP,
                mtu,
                limits == Limits.TOLD
                        ? new MtuRange(MIN_MTU, MAX_MTU - parameters.overhead())
                        : new MtuRange(0, Integer.MAX_VALUE));
        this.lower = lower;
        hardwareType(HardwareType.TUNNEL, ADDRESS_LENGTH);
        initialTxQueueLength(QUEUE_LENGTH);
        set(parameters);
        wear(parameters);
    }

    private void set(Parameters p) {
        setting = Setting.of(p);
        // A remote checksum is one that is left open; everything else is finished before it gets here.
        features(p.encapsulation().hasRemoteChecksum() ? DeviceFeatures.CHECKSUM : 0);
    }

    // ---- What it is

    /// How it is set up.
    Parameters parameters() {
        return setting.parameters;
    }

    /// The header that a program wrote to have it made; empty when it was made otherwise. Under the lock.
    Optional<MemorySegment> written() {
        return Optional.ofNullable(written);
    }

    void written(MemorySegment header) {
        written = header;
    }

    IpipNamespace lowerNamespace() {
        return lower;
    }

    @Override
    public int link() {
        return setting.parameters.link();
    }

    @Override
    public OptionalInt lower() {
        return OptionalInt.of(setting.parameters.link());
    }

    @Override
    public long broadcast() {
        return peerAddress & 0xffff_ffffL;
    }

    /// Shows a tunnel's addresses for link addresses.
    private void wear(Parameters p) {
        address(p.local() & 0xffff_ffffL, ADDRESS_LENGTH);
        peerAddress = p.remote();
    }

    @Override
    public String kind() {
        return KIND;
    }

    /// Packets that are gone, by their reasons; those with 0 are left out.
    public Map<Drop, Long> drops() {
        return drops.all();
    }

    /// ICMP errors about its outer packets that no inner sender has been told of yet.
    public int errorCount() {
        return errors.count();
    }

    /// Octets that it wants free in front of each packet: its own headers and those of the device below.
    public int neededHeadroom() {
        return neededHeadroom;
    }

    boolean isFallback() {
        return equals(lower.index().theFallback());
    }

    @Override
    public boolean isKnownToIp6() {
        return !isFallback() || wasUp();
    }

    @Override
    public boolean mayMove() {
        boolean tied = lower.profile() == Profile.LINUX_5_4 && setting.parameters.isExternal();
        return !isFallback() && !tied;
    }

    // ---- Control, under the lock

    /// The device is in its table: it comes to be found, and has the MTU that fits its way unless told another.
    void join(OptionalInt mtu) {
        ownMtu(bind());
        mtu.ifPresent(octets -> ownMtu(clamp(octets)));
        lower.index().add(this);
    }

    /// Takes other parameters, of which the caller has made sure that they may be.
    void change(Parameters next, Remeasure remeasure) {
        changeBehind(this, next, remeasure);
    }

    /// The same where `face` is the device that was asked: it is the one that gets the link addresses and the
    /// MTU, as in Linux, where a tunnel can be changed by asking `tunl0`.
    void changeBehind(IpipDevice face, Parameters next, Remeasure remeasure) {
        Parameters before = setting.parameters;
        lower.index().remove(this, before);
        set(next);
        face.wear(next);
        lower.index().add(this);
        if (before.link() != next.link() || before.mark() != next.mark()) {
            int fits = face.bind();
            if (remeasure == Remeasure.MTU) {
                face.ownMtu(fits);
            }
        }
        face.tell(DeviceEvent.CHANGED);
    }

    /// Whether a change of the link or the mark means another MTU.
    enum Remeasure {
        /// It does.
        MTU,
        /// The request names one itself.
        NOTHING
    }

    /// Linux's `ip_tunnel_bind_dev`: finds the device that leads to the peer, takes the headroom that it needs, and
    /// answers its MTU without the outer headers. A tunnel with a peer is a point-to-point link from then on.
    private int bind() {
        Parameters p = setting.parameters;
        Device below = null;
        if (p.remote() != 0) {
            Ways.Known known = lower.ways().to(p.local(), p.remote(), p.tos(), p.link());
            below = known == null ? null : known.way().device();
            linkFlags(DeviceFlags.POINTOPOINT, DeviceFlags.POINTOPOINT);
        }
        if (below == null && p.link() != 0) {
            below = lower.table().byIndex(p.link());
        }
        int mtu = below == null ? 1500 : Math.min(below.mtu(), MAX_MTU);
        neededHeadroom = Math.min(MAX_HEADROOM, p.overhead() + (below == null ? 0 : below.headerLength()));
        return Math.max(MIN_MTU, mtu - p.overhead());
    }

    private int clamp(int octets) {
        return Math.clamp(octets, MIN_MTU, MAX_MTU - setting.parameters.overhead());
    }

    @Override
    protected int changeMtu(int octets) {
        return octets < MIN_MTU || octets > MAX_MTU - setting.parameters.overhead() ? -Errno.EINVAL : 0;
    }

    @Override
    protected void unregistered() {
        lower.index().remove(this, setting.parameters);
        lower.index().forgetFallback(this);
        lower.forget(this);
    }

    @Override
    public int delete() {
        // Linux passes over a request to delete tunl0, and says that it was done.
        return isFallback() ? 0 : super.delete();
    }

    // ---- Outbound

    @Override
    protected void transmit(PacketBuffer p) {
        Nesting nesting = Nesting.enter();
        if (nesting == null) {
            lose(p, Drop.LOOP);
            return;
        }
        try {
            encapsulate(p);
        } finally {
            nesting.leave();
        }
    }

    private void encapsulate(PacketBuffer p) {
        Setting now = setting;
        int protocol = InnerPacket.protocol(p.protocol());
        if (!now.parameters.carries(protocol)) {
            lose(p, Drop.NOT_CARRIED);
            return;
        }
        if (p.length() < InnerPacket.minimumLength(protocol)) {
            lose(p, Drop.INNER_TRUNCATED);
            return;
        }
        Drop reason = now.rules.steer(p, protocol, p.length(), lower.now(), around);
        if (reason != null) {
            lose(p, reason);
            return;
        }
        Addressing a = p.addressing();
        Ways.Known known = lower.ways().to(a.source, a.destination, a.tos, a.link);
        if (known == null) {
            lose(p, Drop.NO_PATH);
            return;
        }
        int needed = now.parameters.overhead() + known.way().device().headerLength();
        PacketBuffer roomy = lower.withHeadroom(p, needed);
        if (roomy == null) {
            lose(p, Drop.NO_HEADROOM);
            return;
        }
        grow(needed);
        int octets = roomy.length();
        reason = now.headers.push(roomy, protocol, known.way().source());
        if (reason != null) {
            lose(roomy, reason);
            return;
        }
        if (now.parameters.mark() != 0) {
            roomy.mark(now.parameters.mark());
        }
        if (lower.carriage().send(roomy, known.way()) == 0) {
            statistics().transmitted(octets);
        } else {
            // The packet is gone, and its length has been found to be the reason.
            drops.count(Drop.TOO_BIG_OUTSIDE, statistics());
        }
    }

    private void grow(int headroom) {
        if (headroom > neededHeadroom) {
            neededHeadroom = Math.min(MAX_HEADROOM, headroom);
        }
    }

    private void lose(PacketBuffer p, Drop reason) {
        drops.count(reason, statistics());
        p.release();
    }

    /// The stack of the namespace where the device is now.
    private IpStack upper() {
        return table().receiver() instanceof IpStack stack ? stack : lower.stack();
    }

    /// What the rules ask of this place.
    private final class Around implements OuterRules.Surroundings {
        @Override
        public Path path(int source, int destination, int tos) {
            Ways.Known known = lower.ways().to(source, destination, tos, setting.parameters.isExternal() ? 0 : link());
            return known == null ? Path.NONE : known.path();
        }

        @Override
        public int nextHop(int destination) {
            return 0;
        }

        @Override
        public int overlayMtu() {
            return mtu();
        }

        @Override
        public int device() {
            return lower.table().equals(table()) ? index() : 0;
        }

        @Override
        public boolean takeError(long nowNanos) {
            return errors.take(nowNanos);
        }

        @Override
        public void tooBig(PacketBuffer p, int protocol, int mtu) {
            upper().pathMtu4(Ipv4.destination(p.segment(), p.head()), mtu);
            tell(p, Icmp4.FRAGMENTATION_NEEDED, mtu);
        }

        @Override
        public void unreachable(PacketBuffer p, int protocol, long nowNanos) {
            if (protocol == IpProtocol.IPIP) {
                tell(p, Icmp4.HOST_UNREACHABLE, 0);
            }
        }

        private void tell(PacketBuffer p, int code, int restOfHeader) {
            upper().tell4(null, p, RouteType.UNICAST, Icmp4.DESTINATION_UNREACHABLE, code, restOfHeader);
        }
    }

    // ---- Inbound

    /// Takes an outer packet that the lookup has found to be for this tunnel: `outer` octets of headers, and
    /// behind them an inner packet that `protocol` announces.
    void receive(IpInterface in, PacketBuffer p, int outer, int protocol) {
        Setting now = setting;
        if (!now.parameters.carries(protocol)) {
            lose(p, Drop.WRONG_MODE);
            return;
        }
        boolean open = p.offload().checksum == Offload.Checksum.PARTIAL;
        if (open && !Checksums.finish(p)) {
            lose(p, Drop.OVERLAY_REFUSED);
            return;
        }
        int outerTos = Ipv4.tos(p.segment(), p.head());
        if (now.parameters.isExternal()) {
            describe(p);
        } else {
            p.metadata().clear();
        }
        p.pull(outer);
        p.offload().clear();
        if (protocol == IpProtocol.IPIP && !passCongestion(p, outerTos)) {
            lose(p, Drop.ECN);
            return;
        }
        statistics().received(p.length());
        p.protocol(protocol == IpProtocol.IPIP ? EtherType.IPV4 : EtherType.MPLS);
        p.packetType(PacketType.HOST);
        p.vlan(0);
        p.nextHop(0);
        p.flowHash(0);
        p.addressing().clear();
        if (!in.device().table().equals(table())) {
            p.mark(0);
        }
        cross(this, p);
    }

    @Override
    protected void arrive(PacketBuffer p) {
        if (isUp()) {
            deliver(p);
        } else {
            drop(p, adit.device.Drop.DEV_READY_RX);
        }
    }

    private boolean passCongestion(PacketBuffer p, int outerTos) {
        int innerTos = InnerPacket.tos(p, IpProtocol.IPIP, 0);
        int passed = lower.congestion(outerTos, innerTos);
        if ((passed & Ecn.UNEXPECTED) != 0) {
            lower.noteUnexpectedCongestion();
        }
        int ecn = passed & Ecn.MASK;
        if (ecn != (innerTos & Ecn.MASK)) {
            InnerPacket.ecn(p, IpProtocol.IPIP, ecn);
        }
        return (passed & Ecn.LOST) == 0;
    }

    private static void describe(PacketBuffer p) {
        TunnelMetadata m = p.metadata();
        m.clear();
        m.direction = TunnelMetadata.Direction.RECEIVED;
        m.source = Ipv4.source(p.segment(), p.head());
        m.destination = Ipv4.destination(p.segment(), p.head());
        m.tos = Ipv4.tos(p.segment(), p.head());
        m.timeToLive = Ipv4.timeToLive(p.segment(), p.head());
    }

    /// Hears of an ICMP error about one of its outer packets.
    void hear(int type, int code) {
        Setting now = setting;
        if (now.parameters.remote() != 0 && IcmpErrors.counts(type, code, now.ttl)) {
            errors.note(lower.now());
        }
    }
}
