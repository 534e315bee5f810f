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
import adit.port.Deadline;
import adit.wire.EtherType;
import adit.wire.Ethernet;
import adit.wire.FlowHash;
import adit.wire.MacAddress;
import adit.wire.VirtioNet;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A TUN or TAP device and the files attached to it, each one queue.
///
/// On the way out of the stack: choose a queue; then drop what has none, what the address filter or the queue's
/// program does not want, and what the queue has no room for; else the reader wakes.
public final class TunTapDevice extends Device {
    /// The most queues that a device has, those out of service included.
    public static final int MAX_QUEUES = 256;

    private static final int TUN_QUEUE_LENGTH = 500;
    private static final int TAP_QUEUE_LENGTH = 1000;
    private static final int MTU = 1500;
    private static final int MAX_MTU = 65535;
    /// The longest ring that Linux can allocate: 4 MiB of pointers.
    private static final int MAX_RING = 1 << 19;
    private static final MtuRange TUN_MTU = new MtuRange(68, MAX_MTU);
    private static final MtuRange TAP_MTU = new MtuRange(68, MAX_MTU - Ethernet.HEADER_LENGTH);
    private static final MemoryTunFile[] NO_QUEUES = {};
    private static final int WITHOUT_FLOW = 1;
    private static final int FPROG_LENGTH = 16;
    private static final long GROUP_BIT = 1L << 40;
    private static final long LOCAL_BIT = 1L << 41;

    private final TunSpec.Kind kind;
    private final TunDriver driver;
    private final FlowTable flows = new FlowTable();
    private final List<MemoryTunFile> disabled = new ArrayList<>();
    private final byte[] program = new byte[FPROG_LENGTH];
    private final EthtoolSettings ethtoolSettings = new EthtoolSettings();

    // Written under the control lock.
    private volatile MemoryTunFile[] queues = NO_QUEUES;
    private volatile int tunFlags;
    private volatile int vnetHeaderLength = VirtioNet.LENGTH;
    private volatile boolean vnetLittleEndian;
    private volatile AddressFilter addressFilter = AddressFilter.NONE;
    private volatile ReceiveOffload receiveOffload = ReceiveOffload.USUAL;
    private volatile int owner = -1;
    private volatile int group = -1;
    private boolean hasFilter;
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
                queues.length,
                disabled.size());
    }

    EthtoolSettings ethtoolSettings() {
        return ethtoolSettings;
    }

    // ---- Packets

    @Override
    protected void transmit(PacketBuffer p) {
        MemoryTunFile[] present = queues;
        int index = present.length > 1 ? select(p, present.length) : 0;
        if (index >= present.length) {
            drop(p, Drop.DEV_READY);
            return;
        }
        MemoryTunFile file = present[index];
        Drop why = refusal(p, file, present.length);
        if (why != null) {
            file.statistics().drop(why);
            drop(p, why);
        }
    }

    /// Hands the packet to the queue, or says why not.
    private Drop refusal(PacketBuffer p, MemoryTunFile file, int count) {
        if (isTap() && !addressFilter.passes(Ethernet.destination(p.segment(), p.head()))) {
            return Drop.TAP_TXFILTER;
        }
        SocketFilter program = file.filter();
        if (program != null) {
            int kept = program.keep(p);
            if (kept == 0) {
                return Drop.SOCKET_FILTER;
            }
            p.trim(kept);
        }
        if (driver.profile() == Profile.LINUX_4_1 && (long) file.queued() * count >= txQueueLength()) {
            return Drop.FULL_RING;
        }
        return file.offer(p) ? null : Drop.FULL_RING;
    }

    private int select(PacketBuffer p, int count) {
        int hash = flowHash(p);
        if (hash == FlowHash.NONE) {
            return p.queue() % count;
        }
        int learnt = flows.queue(hash, table().coarseNow());
        if (learnt >= 0) {
            // A queue that is no longer there counts as the first one.
            return learnt < count ? learnt : 0;
        }
        return (int) ((Integer.toUnsignedLong(hash) * count) >>> 32);
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

    /// Whether flows of packets written to `file` are learnt.
    boolean learns(MemoryTunFile file) {
        return queues.length > 1 && !file.isDetached();
    }

    void learn(int hash, MemoryTunFile file) {
        flows.learn(hash, file.queueIndex(), table().coarseNow());
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
            if (present && queues.length == 0) {
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
        for (MemoryTunFile file : queues) {
            // The older queue is a list: what waits in it stays, and is compared with the length by who adds to it.
            file.resize(profile() == Profile.LINUX_4_1 ? Math.max(packets, file.queued()) : packets);
        }
        return 0;
    }

    @Override
    protected void wentUp() {
        for (MemoryTunFile file : queues) {
            file.arrived(PollEvents.OUT | PollEvents.WRITE_NORMAL);
            file.space(MemoryTunFile.NOTHING_UNDER_WAY);
        }
    }

    @Override
    protected void unregistered() {
        gone = true;
        MemoryTunFile[] all = queues;
        queues = NO_QUEUES;
        for (MemoryTunFile file : all) {
            file.deleted();
        }
        for (MemoryTunFile file : disabled) {
            file.deleted();
        }
        disabled.clear();
    }

    // ---- Files, under the control lock

    /// How a file leaves its device.
    enum Detach {
        /// It may come back.
        FROM_SERVICE,
        /// It does not come back.
        FOR_GOOD
    }

    /// Has the device be told of for the first time with this file in service.
    void first(MemoryTunFile file, MemoryTunFile.Reception reception) {
        firstFile = () -> attach(file, reception, false);
    }

    @Override
    protected void registered() {
        firstFile.run();
    }

    /// Puts a file into service. Answers 0 or a negative errno.
    int attach(MemoryTunFile file, MemoryTunFile.Reception reception, boolean skipFilter) {
        boolean again = file.isDetached();
        if (file.device() != null && !again) {
            return -Errno.EINVAL;
        }
        if (!isMultiQueue() && queues.length == 1) {
            return -Errno.EBUSY;
        }
        if (!again && queues.length + disabled.size() == MAX_QUEUES) {
            return -Errno.E2BIG;
        }
        int answer = 0;
        if (!skipFilter && hasFilter) {
            answer = SocketFilter.load(this, program(), driver.memory(), file::filter);
            if (answer == 0) {
                // Linux ends here, in all versions, and answers success for a file that is not attached.
                return 0;
            }
        }
        if (again) {
            disabled.remove(file);
        }
        file.reception(reception);
        MemoryTunFile[] more = Arrays.copyOf(queues, queues.length + 1);
        more[queues.length] = file;
        file.attached(this, queues.length);
        queues = more;
        // A file that comes back is told of the program that could not be run, though it is attached.
        return again ? answer : 0;
    }

    /// Takes a file out of service, or away. A device without files loses its carrier, and goes if it does not
    /// persist.
    void detach(MemoryTunFile file, Detach how) {
        if (file.isDetached()) {
            if (how == Detach.FOR_GOOD) {
                disabled.remove(file);
                file.unattached();
            }
        } else {
            remove(file);
            if (how == Detach.FOR_GOOD) {
                file.unattached();
            } else {
                disabled.add(file);
                file.outOfService();
            }
        }
        boolean last = how == Detach.FOR_GOOD && queues.length + disabled.size() == 0 && !gone;
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

    /// The last queue takes the place of one that leaves.
    private void remove(MemoryTunFile file) {
        int last = queues.length - 1;
        int index = file.queueIndex();
        MemoryTunFile[] rest = Arrays.copyOf(queues, last);
        if (index < last) {
            rest[index] = queues[last];
            rest[index].queueIndex(index);
        }
        queues = rest;
        // Linux means the queue that went, and forgets the flows of one that had gone before it.
        flows.forget(last + 1);
    }

    int files() {
        return queues.length + disabled.size();
    }

    int inService() {
        return queues.length;
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
        driver.armed();
    }

    /// The earliest time at which a packet that a file's NAPI holds is due.
    long deadline() {
        long earliest = Deadline.NEVER;
        for (MemoryTunFile file : queues) {
            Napi napi = file.napi();
            if (napi != null) {
                earliest = Math.min(earliest, napi.deadline());
            }
        }
        return earliest;
    }

    /// Hands up what files' NAPIs have held long enough.
    void expire(long nowNanos) {
        for (MemoryTunFile file : queues) {
            Napi napi = file.napi();
            if (napi != null) {
                napi.expire(nowNanos);
            }
        }
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

    void sendBuffer(int octets) {
        for (MemoryTunFile file : queues) {
            file.sendBuffer(octets);
        }
    }

    void addressFilter(AddressFilter filter) {
        addressFilter = filter;
    }

    /// Gives all queues in service the program that [#program] names. One that can't be run takes none away,
    /// but files that attach later get none. Answers 0 or a negative errno.
    int filter(MemoryTunFile caller) {
        int answer = SocketFilter.load(this, program(), caller.driver().memory(), this::give);
        hasFilter = answer == 0;
        return answer;
    }

    /// Has files that attach later look for the program that [#program] names.
    int announceFilter() {
        hasFilter = true;
        return 0;
    }

    /// Takes the program from all queues in service.
    void dropFilter() {
        hasFilter = false;
        give(null);
    }

    private void give(SocketFilter filter) {
        for (MemoryTunFile file : queues) {
            file.filter(filter);
        }
    }

    /// What TUNATTACHFILTER was given last and TUNGETFILTER answers: a `struct sock_fprog`.
    MemorySegment program() {
        return MemorySegment.ofArray(program);
    }

    int owner() {
        return owner;
    }

    void owner(int user) {
        owner = user;
    }

    int ownerGroup() {
        return group;
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
