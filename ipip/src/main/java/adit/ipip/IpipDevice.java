package adit.ipip;

import adit.device.Device;
import adit.device.DeviceEvent;
import adit.device.DeviceFeatures;
import adit.device.DeviceFlags;
import adit.device.DropReason;
import adit.device.Errno;
import adit.device.HardwareType;
import adit.device.MtuRange;
import adit.ip.IpStack;
import adit.packet.PacketBuffer;
import adit.tunnel.Drop;
import adit.tunnel.IcmpErrors;
import adit.tunnel.TunnelLookup;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// A tunnel device: what is sent by it goes, in IPv4, into the namespace where it was made; what tunnels bring
/// there is received by it, in the namespace where it is. Linux's `ipip` driver.
///
/// ```
/// transmit   inner packet -> IpipOutput -> IP output
/// receive    IP input -> IpipNamespace (lookup) -> IpipInput -> IP input again, by way of the backlog
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
    /// Never changes.
    private final boolean isExternal;

    private final IpipOutput output;
    private final IpipInput input;
    private final DropCounts drops = new DropCounts();
    private volatile Setting setting;
    private volatile int neededHeadroom;
    private volatile int peerAddress;
    private MemorySegment written;

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
        this.isExternal = parameters.isExternal();
        this.output = new IpipOutput(this);
        this.input = new IpipInput(this, parameters);
        hardwareType(HardwareType.TUNNEL, ADDRESS_LENGTH);
        initialTxQueueLength(QUEUE_LENGTH);
        set(parameters);
        wear(parameters);
    }

    private void set(Parameters p) {
        setting = Setting.of(p, lower.profile());
        // A remote checksum is one that is left open; all others are finished before they get here, but those of
        // super-packets, which whoever cuts them finishes.
        int checksum = p.encapsulation().hasRemoteChecksum() ? DeviceFeatures.CHECKSUM : 0;
        features(checksum | DeviceFeatures.ANY_SUPER_PACKET);
    }

    // ---- What it is

    /// How it is set up.
    Parameters parameters() {
        return setting.parameters();
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

    Setting setting() {
        return setting;
    }

    @Override
    public int link() {
        return setting.parameters().link();
    }

    @Override
    public OptionalInt lower() {
        return OptionalInt.of(setting.parameters().link());
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

    @Override
    public Map<DropReason, Long> ownDrops() {
        Map<DropReason, Long> own = new LinkedHashMap<>();
        drops().forEach((reason, count) -> own.put(new DropReason(reason.name(), reason.description()), count));
        return own;
    }

    /// ICMP errors about its outer packets that no inner sender has been told of yet.
    public int errorCount() {
        return output.errorCount();
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
        boolean tied = lower.profile() == Profile.LINUX_5_4 && isExternal;
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
        Parameters before = setting.parameters();
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

    /// Linux's `ip_tunnel_bind_dev`: finds the device that leads to the peer, takes the headroom that it needs,
    /// and answers its MTU without the outer headers. A tunnel with a peer is a point-to-point link from then
    /// on.
    private int bind() {
        Parameters p = setting.parameters();
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
        return Math.clamp(octets, MIN_MTU, MAX_MTU - setting.parameters().overhead());
    }

    @Override
    protected int changeMtu(int octets) {
        return octets < MIN_MTU || octets > MAX_MTU - setting.parameters().overhead() ? -Errno.EINVAL : 0;
    }

    @Override
    protected void wentUp() {
        lower.index().turned(this);
    }

    @Override
    protected void stop() {
        lower.index().turned(this);
    }

    @Override
    protected void unregistered() {
        lower.index().remove(this, setting.parameters());
        lower.index().forgetFallback(this);
        lower.forget(this);
    }

    @Override
    public int delete() {
        // Linux passes over a request to delete tunl0, and says that it was done.
        return isFallback() ? 0 : super.delete();
    }

    // ---- Packets

    @Override
    protected void transmit(PacketBuffer p) {
        Nesting nesting = Nesting.enter();
        if (nesting == null) {
            lose(p, Drop.LOOP);
            return;
        }
        try {
            output.send(p, setting);
        } finally {
            nesting.leave();
        }
    }

    /// A packet has gone out that needed so much room in front of it, in octets.
    void grow(int headroom) {
        if (headroom > neededHeadroom) {
            neededHeadroom = Math.min(MAX_HEADROOM, headroom);
        }
    }

    void lose(PacketBuffer p, Drop reason) {
        count(reason);
        p.release();
    }

    void count(Drop reason) {
        drops.count(reason, statistics());
    }

    /// The stack of the namespace where the device is now.
    IpStack upper() {
        return table().receiver() instanceof IpStack stack ? stack : lower.stack();
    }

    /// The way in.
    IpipInput input() {
        return input;
    }

    /// Hands an inner packet to the stack of the namespace where the device is, by way of the backlog.
    void handUp(PacketBuffer p) {
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

    /// Hears of an ICMP error about one of its outer packets.
    void hear(int type, int code) {
        Setting now = setting;
        if (now.parameters().remote() != 0 && IcmpErrors.counts(type, code, now.ttl())) {
            output.hear(lower.now());
        }
    }
}
