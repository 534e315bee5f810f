package adit.tun;

import adit.device.Device;
import adit.device.DeviceEvent;
import adit.device.DeviceFeatures;
import adit.device.DeviceFlags;
import adit.device.Drop;
import adit.device.Errno;
import adit.device.HardwareType;
import adit.device.MtuRange;
import adit.offload.VnetHeader;
import adit.packet.PacketBuffer;
import adit.wire.EtherType;
import adit.wire.Ethernet;
import adit.wire.FlowHash;
import adit.wire.MacAddress;
import adit.wire.VirtioNet;
import java.nio.ByteOrder;

/// A TUN or TAP device and the files attached to it, each one queue.
///
/// On the way out of the stack: choose a queue ([AttachedFiles]); then drop what has none, what the address
/// filter or the queue's program does not want, and what the queue has no room for; else the reader wakes.
public final class TunTapDevice extends Device {
    private static final int TUN_QUEUE_LENGTH = 500;
    private static final int TAP_QUEUE_LENGTH = 1000;
    private static final int MTU = 1500;
    private static final int MAX_MTU = 65535;
    /// The longest ring that Linux can allocate: 4 MiB of pointers.
    private static final int MAX_RING = 1 << 19;
    private static final MtuRange TUN_MTU = new MtuRange(68, MAX_MTU);
    private static final MtuRange TAP_MTU = new MtuRange(68, MAX_MTU - Ethernet.HEADER_LENGTH);
    private static final int WITHOUT_FLOW = 1;
    private static final long GROUP_BIT = 1L << 40;
    private static final long LOCAL_BIT = 1L << 41;

    private final TunSpec.Kind kind;
    private final TunDriver driver;
    private final AttachedFiles files = new AttachedFiles(this);
    private final Knowledge knowledge = new Knowledge(this);
    private final EthtoolSettings ethtoolSettings = new EthtoolSettings();

    // Written under the control lock.
    private volatile int tunFlags;
    private volatile int vnetHeaderLength = VirtioNet.LENGTH;
    private volatile boolean vnetLittleEndian;
    private volatile AddressFilter addressFilter = AddressFilter.NONE;
    private volatile ReceiveOffload receiveOffload = ReceiveOffload.USUAL;
    private volatile int owner = -1;
    private volatile int group = -1;
    private boolean gone;
    private Runnable firstFile = () -> {};

    TunTapDevice(TunDriver driver, TunSpec.Kind kind) {
        super(
                kind == TunSpec.Kind.TUN ? HardwareType.NONE : HardwareType.ETHER,
                kind == TunSpec.Kind.TUN
                        ? DeviceFlags.POINTOPOINT | DeviceFlags.NOARP | DeviceFlags.MULTICAST
                        : DeviceFlags.BROADCAST | DeviceFlags.MULTICAST,
                MTU,
                kind == TunSpec.Kind.TUN ? TUN_MTU : TAP_MTU);
        this.driver = driver;
        this.kind = kind;
        this.tunFlags = kind == TunSpec.Kind.TUN ? TunIoctl.IFF_TUN : TunIoctl.IFF_TAP;
        boolean longer = kind == TunSpec.Kind.TAP && driver.profile() == Profile.LINUX_6_18;
        initialTxQueueLength(longer ? TAP_QUEUE_LENGTH : TUN_QUEUE_LENGTH);
        features(DeviceFeatures.VLAN);
        if (kind == TunSpec.Kind.TAP) {
            long random = driver.table().random().nextLong() & 0xffff_ffff_ffffL;
            address(new MacAddress((random & ~GROUP_BIT) | LOCAL_BIT));
        }
    }

    @Override
    public String kind() {
        return "tun";
    }

    @Override
    public int headerLength() {
        return kind == TunSpec.Kind.TAP ? Ethernet.HEADER_LENGTH : 0;
    }

    /// What rtnetlink tells of it.
    public TunInfo info() {
        int flags = tunFlags;
        return new TunInfo(
                kind,
                owner,
                group,
                (flags & TunIoctl.IFF_NO_PI) == 0,
                (flags & TunIoctl.IFF_VNET_HDR) != 0,
                isPersistent(),
                isMultiQueue(),
                files.inService(),
                files.all() - files.inService());
    }

    /// The files attached to it.
    AttachedFiles files() {
        return files;
    }

    EthtoolSettings ethtoolSettings() {
        return ethtoolSettings;
    }

    // ---- Packets

    @Override
    protected void transmit(PacketBuffer p) {
        MemoryTunFile file = files.choose(p);
        if (file == null) {
            drop(p, Drop.DEV_READY);
            return;
        }
        Drop why = refusal(p, file);
        if (why != null) {
            file.statistics().drop(why);
            drop(p, why);
        }
    }

    /// Hands the packet to the queue, or says why not.
    private Drop refusal(PacketBuffer p, MemoryTunFile file) {
        if (isTap() && !addressFilter.passes(Ethernet.destination(p.segment(), p.head()))) {
            return Drop.TAP_TXFILTER;
        }
        SocketFilter program = file.filter();
        if (program != null) {
            int kept = program.keep(p, knowledge);
            if (kept == 0) {
                return Drop.SOCKET_FILTER;
            }
            p.trim(kept);
        }
        if (driver.profile() == Profile.LINUX_4_1 && (long) file.queued() * files.inService() >= txQueueLength()) {
            return Drop.FULL_RING;
        }
        return file.offer(p) ? null : Drop.FULL_RING;
    }

    /// A hash of the packet's flow, the same both ways. What has no flow is one flow to today's Linux, and
    /// [FlowHash#NONE] to Linux 4.1. The octets start at the link header on the way out and behind it on the way
    /// in.
    int flowHash(PacketBuffer p) {
        int hash = FlowHash.of(
                p.segment(), p.head(), p.length(), protocolAt(p), driver.table().hashSeed());
        return hash == FlowHash.NONE && profile() == Profile.LINUX_6_18 ? WITHOUT_FLOW : hash;
    }

    private int protocolAt(PacketBuffer p) {
        return isTap() ? EtherType.TRANSPARENT_ETHERNET : p.protocol();
    }

    /// Hands a packet that was written to the stack.
    void receive(PacketBuffer p) {
        if (isTap()) {
            deliverFrame(p);
        } else {
            deliver(p);
        }
    }

    // ---- Up and down

    @Override
    protected int changeAddress(long address) {
        if (!isTap()) {
            return -Errno.EOPNOTSUPP;
        }
        boolean valid = address != 0 && (address & GROUP_BIT) == 0;
        return valid ? 0 : -Errno.EADDRNOTAVAIL;
    }

    @Override
    public int changeCarrier(boolean present) {
        table().lock().lock();
        try {
            if (present && files.inService() == 0) {
                return -Errno.EPERM;
            }
            carrier(present);
            return 0;
        } finally {
            table().lock().unlock();
        }
    }

    @Override
    protected int changeTxQueueLength(int packets) {
        if (packets < 0 || packets > MAX_RING) {
            // The driver only tells that it can't, which is EPERM to the user. By then listeners were told of the
            // new length, and of the old one again they are not.
            tell(DeviceEvent.QUEUE_LENGTH);
            return -Errno.EPERM;
        }
        files.resize(packets);
        return 0;
    }

    @Override
    protected void wentUp() {
        files.wake();
    }

    @Override
    protected void unregistered() {
        gone = true;
        files.deleted();
    }

    // ---- Files, under the control lock

    /// Has the device be told of for the first time with this file in service.
    void first(MemoryTunFile file, MemoryTunFile.Reception reception) {
        firstFile = () -> files.attach(file, reception, false);
    }

    @Override
    protected void registered() {
        firstFile.run();
    }

    /// Takes a file out of service, or away. A device without files loses its carrier, and goes if it does not
    /// persist.
    void detach(MemoryTunFile file, AttachedFiles.Leaving how) {
        files.leave(file, how);
        boolean last = how == AttachedFiles.Leaving.FOR_GOOD && files.all() == 0 && !gone;
        if (last) {
            loseCarrier();
        }
        if (last && !isPersistent()) {
            table().unregister(this);
            return;
        }
        if (!gone) {
            tell(DeviceEvent.CHANGED);
        }
        if (last) {
            carrier(false);
        }
    }

    // ---- Settings, under the control lock

    /// What NAPI does with what is written to its files.
    public ReceiveOffload receiveOffload() {
        return receiveOffload;
    }

    /// Says what NAPI does with what is written to its files from now on.
    public void receiveOffload(ReceiveOffload settings) {
        receiveOffload = settings;
    }

    /// A packet waits for its time.
    void armed() {
        table().armed();
    }

    /// The earliest time at which a packet that a file's NAPI holds is due.
    long deadline() {
        return files.deadline();
    }

    /// Hands up what files' NAPIs have held long enough.
    void expire(long nowNanos) {
        files.expire(nowNanos);
    }

    /// Whether it carries frames.
    public boolean isTap() {
        return kind == TunSpec.Kind.TAP;
    }

    boolean isMultiQueue() {
        return (tunFlags & TunIoctl.IFF_MULTI_QUEUE) != 0;
    }

    boolean isPersistent() {
        return (tunFlags & TunIoctl.IFF_PERSIST) != 0;
    }

    /// Whose behaviour it has.
    public Profile profile() {
        return driver.profile();
    }

    /// The flags of the driver, IFF of `linux/if_tun.h`.
    int tunFlags() {
        return tunFlags;
    }

    void tunFlags(int flags) {
        tunFlags = flags;
    }

    /// Says that one of the driver's own settings changed.
    void tell() {
        tell(DeviceEvent.CHANGED);
    }

    int vnetHeaderLength() {
        return vnetHeaderLength;
    }

    void vnetHeaderLength(int octets) {
        vnetHeaderLength = octets;
    }

    /// How many octets of the virtio-net header Linux has behind it when it looks how many are left.
    int parsedVnetHeader() {
        if (profile() == Profile.LINUX_4_1) {
            return vnetHeaderLength;
        }
        return vnetHeaderLength >= VirtioNet.LENGTH_WITH_TUNNEL ? VirtioNet.LENGTH_WITH_TUNNEL : VirtioNet.LENGTH;
    }

    boolean isVnetLittleEndian() {
        return vnetLittleEndian;
    }

    void vnetLittleEndian(boolean little) {
        vnetLittleEndian = little;
    }

    ByteOrder vnetOrder() {
        return vnetLittleEndian ? ByteOrder.LITTLE_ENDIAN : ByteOrder.nativeOrder();
    }

    VnetHeader.Rules vnetRules() {
        return profile() == Profile.LINUX_4_1 ? VnetHeader.Rules.LINUX_4_1 : VnetHeader.Rules.LINUX_6_18;
    }

    /// How a bad virtio-net header counts: a TAP of today's Linux leaves it out of its statistics.
    Drop vnetFault() {
        return isTap() && profile() == Profile.LINUX_6_18 ? Drop.VNET_HEADER_OF_FRAME : Drop.VNET_HEADER;
    }

    void addressFilter(AddressFilter filter) {
        addressFilter = filter;
    }

    int owner() {
        return owner;
    }

    void owner(int user) {
        owner = user;
    }

    void ownerGroup(int number) {
        group = number;
    }

    /// Whether the driver keeps this caller from attaching.
    boolean refuses(Credentials caller) {
        boolean stranger = owner != -1 && caller.user() != owner;
        boolean outsider = group != -1 && !caller.isIn(group);
        return (stranger || outsider) && !caller.isNetAdmin();
    }

    void carried(int features) {
        features(features | DeviceFeatures.VLAN);
    }

    void linkType(int type) {
        if (profile() == Profile.LINUX_4_1) {
            hardwareType(type & 0xffff, addressLength());
            return;
        }
        hardwareType(type & 0xffff, LinkTypes.addressLength(type & 0xffff));
        tell(DeviceEvent.LINK_TYPE);
    }
}
