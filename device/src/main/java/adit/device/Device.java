package adit.device;

import adit.packet.PacketBuffer;
import adit.wire.MacAddress;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/// A network interface.
///
/// A kind of device extends this and says in [#transmit] what becomes of a packet that goes out; it calls
/// [#deliver] with each one that comes in. Packets may come from any threads at once. Everything that a control
/// call changes is changed under the table's lock, which those methods take, and read without it.
public abstract class Device {
    private final DeviceStatistics statistics = new DeviceStatistics();
    private final MtuRange mtuRange;
    private final Carrier carrier = new Carrier();
    private final LinkLayer linkLayer;
    private final PacketTaps taps = new PacketTaps();

    private volatile DeviceTable table;
    private volatile String name = "";
    private volatile List<String> otherNames = List.of();
    private volatile int index;
    private volatile int flags;
    private volatile int mtu;
    private volatile int txQueueLength;
    private volatile int features;
    private volatile int group;
    private volatile String alias = "";
    private volatile boolean wasUp;
    private volatile Object above;

    /// A device that is in no table yet. `flags` are [DeviceFlags] without [DeviceFlags#UP].
    protected Device(int hardwareType, int flags, int mtu, MtuRange mtuRange) {
        this.linkLayer = new LinkLayer(hardwareType);
        this.flags = flags;
        this.mtu = mtu;
        this.mtuRange = mtuRange;
    }

    // ---- What each kind of device does

    /// Takes a packet out of the stack. The device is up and carries the packet as it is; octets start at the
    /// link header. The packet is the device's.
    protected abstract void transmit(PacketBuffer p);

    /// What the device calls itself to users, such as `tun` or `veth`; empty for a plain one.
    public String kind() {
        return "";
    }

    /// Octets of the link header that the stack pushes in front of a packet before [#send].
    public int headerLength() {
        return 0;
    }

    /// Told that the device is about to go up. A negative errno prevents it.
    protected int open() {
        return 0;
    }

    /// Told that the device is up.
    protected void wentUp() {}

    /// Told that the device is up, after everybody who listens.
    protected void wasHeardUp() {}

    /// Told that the device has gone down.
    protected void stop() {}

    /// Asked before the MTU, which is within the range, changes. A negative errno prevents it.
    protected int changeMtu(int octets) {
        return 0;
    }

    /// Asked before the link address changes. A negative errno prevents it; EOPNOTSUPP unless the kind says
    /// otherwise.
    protected int changeAddress(long address) {
        return -Errno.EOPNOTSUPP;
    }

    /// Told that the length of the transmit queue has changed. A negative errno undoes it. More than 2^31
    /// packets, which rtnetlink can say, are a negative number here.
    protected int changeTxQueueLength(int packets) {
        return packets < 0 ? -Errno.ERANGE : 0;
    }

    /// Asked by a user to say whether there is somebody at the other end of the link. EOPNOTSUPP unless the
    /// kind says otherwise.
    public int changeCarrier(boolean present) {
        return -Errno.EOPNOTSUPP;
    }

    /// Told that the device is in a table now.
    protected void registered() {}

    /// Told that the device has left its table for good.
    protected void unregistered() {}

    /// Its link broadcast address, or of a tunnel the outer destination, in the same form as [#address].
    public long broadcast() {
        return linkLayer.hardwareType() == HardwareType.ETHER ? MacAddress.BROADCAST.bits() : 0;
    }

    /// The index of the device below it, 0 for none in particular; empty for a device that stands on nothing.
    public OptionalInt lower() {
        return OptionalInt.empty();
    }

    /// Whether IPv6 knows of it. Linux brings its `tunl0` into the world without a word to IPv6, which hears of it
    /// when it comes up.
    public boolean isKnownToIp6() {
        return true;
    }

    /// Whether it may go to another namespace.
    public boolean mayMove() {
        return true;
    }

    /// Asked by a user to delete the device. EOPNOTSUPP for those that can't be.
    public int delete() {
        table.unregister(this);
        return 0;
    }

    // ---- Packets

    /// Hands a packet up to the stack. For a device with link headers use [#deliverFrame].
    protected final void deliver(PacketBuffer p) {
        taps.show(this, p, PacketTap.Direction.RECEIVED);
        if (Frames.openTags(p)) {
            up(p);
        } else {
            drop(p, Drop.TAG_TRUNC);
        }
    }

    /// Takes the Ethernet header, and a VLAN tag behind it, off a frame, and hands the packet up to the stack.
    /// The frame is at least 14 octets long.
    protected final void deliverFrame(PacketBuffer frame) {
        taps.show(this, frame, PacketTap.Direction.RECEIVED);
        if (Frames.open(frame, linkLayer.address())) {
            up(frame);
        } else {
            drop(frame, Drop.TAG_TRUNC);
        }
    }

    private void up(PacketBuffer p) {
        DeviceTable t = table;
        Receiver receiver = t == null ? null : t.receiver();
        if (receiver == null) {
            drop(p, Drop.NO_STACK);
        } else {
            receiver.receive(this, p);
        }
    }

    /// Takes a packet from the stack, with its link header if the device has one. What the device can't carry
    /// as it is is made so first: super-packets are cut, checksums finished. The packet belongs to the device
    /// from then on.
    public final void send(PacketBuffer p) {
        if (!isUp() || !carrier.isPresent()) {
            drop(p, Drop.DEV_READY);
            return;
        }
        Egress.send(this, p);
    }

    /// One packet that the device carries as it is.
    final void transmitted(PacketBuffer p) {
        taps.show(this, p, PacketTap.Direction.SENT);
        transmit(p);
    }

    /// Hands a packet to another device, or to the same one, which is told by [#arrive]: now, or, when this
    /// happens inside such a hand-over, as soon as that has ended. Everything has happened when the outermost
    /// call returns.
    protected static void cross(Device to, PacketBuffer p) {
        Backlog.cross(to, p);
    }

    /// Takes a packet that [#cross] brought. The packet is the device's.
    protected void arrive(PacketBuffer p) {
        throw new UnsupportedOperationException(this + " has no other end");
    }

    /// Counts a packet under a reason and releases it.
    public final void drop(PacketBuffer p, Drop why) {
        statistics.drop(why);
        p.release();
    }

    /// What the stack above keeps for this device; null for nothing.
    public final Object above() {
        return above;
    }

    /// Has something kept for the stack above, in whose namespace the device is.
    public final void above(Object kept) {
        above = kept;
    }

    /// What the device has counted.
    public final DeviceStatistics statistics() {
        return statistics;
    }

    /// How many packets are gone for reasons that are the kind's own, and not among those of
    /// [DeviceStatistics#drops]; what is 0 is left out.
    public Map<DropReason, Long> ownDrops() {
        return Map.of();
    }

    /// Shows every packet to `tap` from now on.
    public final void addTap(PacketTap tap) {
        taps.add(tap);
    }

    /// Shows `tap` nothing more.
    public final void removeTap(PacketTap tap) {
        taps.remove(tap);
    }

    // ---- What it is

    /// The table that it is in; null before it was registered.
    public final DeviceTable table() {
        return table;
    }

    /// Its further names, by which it is found too, in the order in which it got them.
    public final List<String> otherNames() {
        return otherNames;
    }

    final void otherNames(List<String> names) {
        otherNames = List.copyOf(names);
    }

    /// Its name.
    public final String name() {
        return name;
    }

    /// Its index, from 1.
    public final int index() {
        return index;
    }

    /// Its link type, one of [HardwareType].
    public final int hardwareType() {
        return linkLayer.hardwareType();
    }

    /// Its link address, as the low bits of a number; 0 when it has none.
    public final long address() {
        return linkLayer.address();
    }

    /// The length of its link address in octets: 6 for Ethernet, 0 for none.
    public final int addressLength() {
        return linkLayer.addressLength();
    }

    /// Its flags, as Linux reports them: what was set, and what follows from the carrier.
    public final int flags() {
        return carrier.told(flags);
    }

    /// Whether it is administratively up.
    public final boolean isUp() {
        return (flags & DeviceFlags.UP) != 0;
    }

    /// Whether it has ever been up.
    public final boolean wasUp() {
        return wasUp;
    }

    /// Its MTU in octets, without the link header.
    public final int mtu() {
        return mtu;
    }

    /// The MTUs that it can have.
    public final MtuRange mtuRange() {
        return mtuRange;
    }

    /// How many packets its transmit queue, or each of them, holds.
    public final int txQueueLength() {
        return txQueueLength;
    }

    /// Whether there is somebody at the other end of the link.
    public final boolean hasCarrier() {
        return carrier.isPresent();
    }

    /// Its operational state; [OperState#DOWN] while it is not up.
    public final OperState operState() {
        return isUp() ? carrier.operState() : OperState.DOWN;
    }

    /// What it carries as it is: a set of [DeviceFeatures].
    public final int features() {
        return features;
    }

    /// What users say of it; empty for nothing.
    public final String alias() {
        return alias;
    }

    /// The group that users put it in.
    public final int group() {
        return group;
    }

    // ---- Control

    /// Brings it up. Answers 0, also when it was up, or a negative errno: ENODEV when it has left its table.
    public final int up() {
        lock();
        try {
            if (isUp()) {
                return 0;
            }
            int answer = hasLeft() ? -Errno.ENODEV : open();
            if (answer == 0) {
                flags |= DeviceFlags.UP;
                wasUp = true;
                wentUp();
                tell(DeviceEvent.UP);
                wasHeardUp();
            }
            return answer;
        } finally {
            unlock();
        }
    }

    private boolean hasLeft() {
        DeviceTable t = table;
        return t != null && !t.holds(this);
    }

    /// Takes it down.
    public final void down() {
        lock();
        try {
            if (isUp()) {
                flags &= ~DeviceFlags.UP;
                stop();
                tell(DeviceEvent.DOWN);
            }
        } finally {
            unlock();
        }
    }

    /// Gives those flags that users may change and that are in `mask` the values in `wanted`.
    public final int flags(int wanted, int mask) {
        lock();
        try {
            int change = (flags ^ wanted) & mask & DeviceFlags.CHANGEABLE & ~DeviceFlags.UP;
            if (change != 0) {
                flags ^= change;
                tell(DeviceEvent.FLAGS);
            }
            if ((mask & DeviceFlags.UP) == 0) {
                return 0;
            }
            if ((wanted & DeviceFlags.UP) != 0) {
                return up();
            }
            down();
            return 0;
        } finally {
            unlock();
        }
    }

    /// Changes the MTU. EINVAL outside of [#mtuRange].
    public final int mtu(int octets) {
        lock();
        try {
            if (octets == mtu) {
                return 0;
            }
            if (!mtuRange.contains(octets)) {
                return -Errno.EINVAL;
            }
            int answer = changeMtu(octets);
            if (answer == 0) {
                mtu = octets;
                tell(DeviceEvent.MTU);
            }
            return answer;
        } finally {
            unlock();
        }
    }

    /// Changes the length of the transmit queue, in packets.
    public final int txQueueLength(int packets) {
        lock();
        try {
            int was = txQueueLength;
            if (packets == was) {
                return 0;
            }
            txQueueLength = packets;
            int answer = changeTxQueueLength(packets);
            if (answer != 0) {
                txQueueLength = was;
                return answer;
            }
            tell(DeviceEvent.QUEUE_LENGTH);
            return 0;
        } finally {
            unlock();
        }
    }

    /// Changes the link address. `type` must be the device's link type, else EINVAL; what else is refused is
    /// the kind's business.
    public final int address(int type, long wanted) {
        lock();
        try {
            int answer = changeAddress(wanted);
            if (answer == -Errno.EOPNOTSUPP) {
                return answer;
            }
            if (type != linkLayer.hardwareType()) {
                return -Errno.EINVAL;
            }
            if (linkLayer.isAddress(wanted)) {
                tell(DeviceEvent.ADDRESS);
                return 0;
            }
            if (answer == 0) {
                linkLayer.address(wanted);
                tell(DeviceEvent.ADDRESS);
            }
            return answer;
        } finally {
            unlock();
        }
    }

    /// Says whether there is somebody at the other end of the link.
    public final void carrier(boolean present) {
        lock();
        try {
            if (carrier.isNews(present)) {
                carrier.note(present, below());
                tell(DeviceEvent.CARRIER);
            }
        } finally {
            unlock();
        }
    }

    /// Takes the carrier away and tells nobody yet: [#carrier(boolean)] does. Under the lock.
    protected final void loseCarrier() {
        carrier.lose();
    }

    /// Works out anew whether it lacks a carrier because of the device below, and tells nobody. Under the lock.
    protected final void blameBelow() {
        carrier.blame(below());
    }

    /// The device of the index that the one below has, in this device's table: Linux looks there also when the
    /// one below is in another namespace.
    private Device below() {
        DeviceTable t = table;
        OptionalInt lower = lower();
        return t == null || lower.isEmpty() || lower.getAsInt() == index ? null : t.byIndex(lower.getAsInt());
    }

    /// Says something of it to users.
    public final void alias(String text) {
        lock();
        try {
            alias = text;
            tell(DeviceEvent.CHANGED);
        } finally {
            unlock();
        }
    }

    /// Puts it in a group.
    public final void group(int number) {
        lock();
        try {
            group = number;
            tell(DeviceEvent.CHANGED);
        } finally {
            unlock();
        }
    }

    /// Tells listeners of something that happened to the device.
    protected final void tell(DeviceEvent event) {
        DeviceTable t = table;
        if (t != null) {
            t.tell(this, event);
        }
    }

    // ---- For subclasses, before registration or under the lock

    /// Says what it carries as it is.
    protected final void features(int bits) {
        if (bits != features) {
            features = bits;
            tell(DeviceEvent.FEATURES);
        }
    }

    /// Gives it an Ethernet address.
    protected final void address(MacAddress mac) {
        linkLayer.address(mac.bits(), MacAddress.LENGTH);
    }

    /// Gives it an address of `length` octets, as the low bits of a number.
    protected final void address(long bits, int length) {
        linkLayer.address(bits, length);
    }

    /// Gives the flags in `mask`, of which [DeviceFlags#UP] is none, the values in `values`.
    protected final void linkFlags(int mask, int values) {
        flags = (flags & ~mask) | (values & mask);
    }

    /// Gives it an MTU that it has come to by itself, and tells listeners.
    protected final void ownMtu(int octets) {
        if (octets != mtu) {
            mtu = octets;
            tell(DeviceEvent.MTU);
        }
    }

    /// Gives it a link type and the length of that type's addresses.
    protected final void hardwareType(int type, int length) {
        linkLayer.type(type, length);
    }

    /// Gives it a transmit queue before anybody can be told.
    protected final void initialTxQueueLength(int packets) {
        txQueueLength = packets;
    }

    // ---- For the table, under its lock

    final void enter(DeviceTable owner, String as, int number) {
        table = owner;
        name = as;
        index = number;
    }

    final void rename(String as) {
        name = as;
    }

    private void lock() {
        DeviceTable t = table;
        if (t != null) {
            t.lock().lock();
        }
    }

    private void unlock() {
        DeviceTable t = table;
        if (t != null) {
            t.lock().unlock();
        }
    }

    @Override
    public String toString() {
        return index + ": " + name;
    }
}
