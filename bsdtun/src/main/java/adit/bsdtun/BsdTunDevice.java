package adit.bsdtun;

import adit.bsdtun.BsdProfile.Trait;
import adit.device.Counter;
import adit.device.Device;
import adit.device.DeviceEvent;
import adit.device.DeviceFlags;
import adit.device.Drop;
import adit.device.HardwareType;
import adit.device.MtuRange;
import adit.device.PacketQueue;
import adit.packet.PacketBuffer;
import adit.wire.EtherType;
import adit.wire.Ipv4;
import adit.wire.Ipv6;
import adit.wire.Octets;
import java.util.Arrays;
import java.util.function.BooleanSupplier;

/// The interface of a unit: `tunN`. It goes with its destruction, and what is made anew under the same name is
/// another.
///
/// On the way out of the stack, in this order: the unit is open and has an address, else EHOSTDOWN; taps see
/// the packet; the framing in use goes in front of it, else EAFNOSUPPORT or ENOBUFS; it goes into the send
/// queue, else EAFNOSUPPORT, which is what the original says of a full queue; the reader wakes.
public final class BsdTunDevice extends Device {
    /// The MTU at the start and the largest, in octets.
    public static final int MTU = 1500;
    /// The smallest MTU in octets.
    public static final int MIN_MTU = 576;
    /// The interface type, IFT_TUNNEL.
    public static final int TYPE = 131;
    /// The data link type of taps, DLT_NULL: four octets of address family in front.
    public static final int DATA_LINK_TYPE = 0;
    /// How many packets the send queue holds at the start: `ifqmaxlen`.
    public static final int QUEUE_LENGTH = 256;

    private static final FamilyTap[] NO_TAPS = {};
    private static final int OTHER_FAMILY = -1;
    private static final int FAMILY_LENGTH = 4;

    private final BsdTunDriver driver;
    private final TunUnit unit;
    private final BsdProfile profile;
    /// Without room while nobody has the unit open.
    private final PacketQueue queue = new PacketQueue(0);
    private final Ip4Settings settings;

    private volatile int ifFlags = BsdFlags.IFF_POINTOPOINT;
    private volatile FamilyTap[] taps = NO_TAPS;
    private volatile BooleanSupplier regulator;
    private boolean open;

    BsdTunDevice(BsdTunDriver driver, TunUnit unit) {
        super(HardwareType.NONE, DeviceFlags.POINTOPOINT | DeviceFlags.NOARP, MTU, new MtuRange(MIN_MTU, MTU));
        this.driver = driver;
        this.unit = unit;
        this.profile = driver.profile();
        this.settings = new Ip4Settings(driver.ip(), this);
        initialTxQueueLength(QUEUE_LENGTH);
    }

    @Override
    public String kind() {
        return "bsdtun";
    }

    /// Whose interface it is.
    BsdTunDriver driver() {
        return driver;
    }

    TunUnit tunUnit() {
        return unit;
    }

    /// The number of the unit.
    public int unit() {
        return unit.number();
    }

    // ---- Packets

    @Override
    protected void transmit(PacketBuffer p) {
        output(p);
    }

    /// Takes a packet out of the stack, whether the interface is up or not, and answers what the driver
    /// answers: 0 or a negative [BsdErrno], of which NetBSD 3 never tells. The packet is the interface's.
    public int output(PacketBuffer p) {
        int answer = enqueue(p);
        return profile.has(Trait.OUTPUT_ANSWERS) ? answer : 0;
    }

    private int enqueue(PacketBuffer p) {
        int flags = unit.flags();
        if ((flags & TunFlags.READY) != TunFlags.READY) {
            return refuse(p, Drop.HOST_DOWN, BsdErrno.EHOSTDOWN);
        }
        int family = family(p.protocol());
        show(family, p, FamilyTap.Direction.OUT);
        if (family == OTHER_FAMILY) {
            return refuse(p, Drop.FAMILY_NOT_SUPPORTED, BsdErrno.EAFNOSUPPORT);
        }
        if (family != Sockaddr.AF_UNSPEC) {
            if ((flags & TunFlags.PREPADDR) != 0 && !pushAddress(p, family)) {
                return refuse(p, Drop.NOMEM, BsdErrno.ENOBUFS);
            }
            if (profile.has(Trait.FAMILY_HEADER)) {
                if ((flags & TunFlags.IFHEAD) != 0) {
                    Octets.put32(p.segment(), p.push(FAMILY_LENGTH), family);
                } else if (family != Sockaddr.AF_INET) {
                    return refuse(p, Drop.FAMILY_NOT_SUPPORTED, BsdErrno.EAFNOSUPPORT);
                }
            }
        }
        // Once it is in the queue a reader may have it, so its length is taken before. The original looks after.
        int octets = p.length();
        if (!queue.offer(p)) {
            statistics().add(Counter.COLLISIONS, 1);
            return refuse(p, Drop.SEND_QUEUE_FULL, BsdErrno.EAFNOSUPPORT);
        }
        statistics().transmitted(octets);
        unit.tell(SignalHandler.POLL_IN, BsdPoll.POLLIN | BsdPoll.POLLRDNORM);
        return 0;
    }

    private int refuse(PacketBuffer p, Drop why, int errno) {
        drop(p, why);
        return -errno;
    }

    private static int family(int protocol) {
        return switch (protocol) {
            case EtherType.IPV4 -> Sockaddr.AF_INET;
            case EtherType.IPV6 -> Sockaddr.AF_INET6;
            case 0 -> Sockaddr.AF_UNSPEC;
            default -> OTHER_FAMILY;
        };
    }

    /// Pushes the address that the packet goes to next. False when there is no room.
    private static boolean pushAddress(PacketBuffer p, int family) {
        boolean ip4 = family == Sockaddr.AF_INET;
        int length = ip4 ? Sockaddr.LENGTH : Sockaddr.LENGTH_6;
        if (p.headroom() < length || p.length() < (ip4 ? Ipv4.MIN_HEADER_LENGTH : Ipv6.HEADER_LENGTH)) {
            return false;
        }
        int header = p.head();
        int at = p.push(length);
        if (ip4) {
            int next = p.nextHop() == 0 ? Ipv4.destination(p.segment(), header) : p.nextHop();
            Sockaddr.emit4(p.segment(), at, next);
        } else {
            Sockaddr.emit6(
                    p.segment(),
                    at,
                    Ipv6.destinationHigh(p.segment(), header),
                    Ipv6.destinationLow(p.segment(), header));
        }
        return true;
    }

    /// Takes the first packet out of the send queue; null when there is none, or none may leave.
    PacketBuffer dequeue() {
        BooleanSupplier gate = regulator;
        return gate == null || gate.getAsBoolean() ? queue.poll() : null;
    }

    /// The length of the first packet in octets, with its framing; -1 when there is none.
    int firstLength() {
        return queue.firstLength();
    }

    int queued() {
        return queue.size();
    }

    boolean hasPacket() {
        return !queue.isEmpty();
    }

    /// Hands a packet that was written to the stack.
    void receive(PacketBuffer p) {
        deliver(p);
    }

    // ---- Taps

    /// Shows every packet to `tap` from now on.
    public void addFamilyTap(FamilyTap tap) {
        synchronized (queue) {
            FamilyTap[] more = Arrays.copyOf(taps, taps.length + 1);
            more[taps.length] = tap;
            taps = more;
        }
    }

    /// Shows `tap` nothing more.
    public void removeFamilyTap(FamilyTap tap) {
        synchronized (queue) {
            taps = Arrays.stream(taps).filter(t -> !t.equals(tap)).toArray(FamilyTap[]::new);
        }
    }

    void show(int family, PacketBuffer p, FamilyTap.Direction direction) {
        for (FamilyTap tap : taps) {
            tap.packet(family, p, direction);
        }
    }

    // ---- A queueing discipline

    /// Has a queueing discipline (ALTQ, or a token bucket regulator) decide whether a packet may leave the send
    /// queue now; null for none. Readers wait for as long as it says no, though poll(2) says that there is
    /// something. [#start] tells them to look again.
    public void regulator(BooleanSupplier mayLeave) {
        regulator = mayLeave;
    }

    /// What a queueing discipline calls when packets may leave again: wakes readers, and tells the owner with
    /// POLL_OUT. Does nothing without a discipline or without packets.
    public void start() {
        if (regulator != null && hasPacket()) {
            unit.tell(SignalHandler.POLL_OUT, BsdPoll.POLLOUT | BsdPoll.POLLWRNORM);
        }
    }

    // ---- The interface, under the control lock

    /// Its flags, of [BsdFlags].
    public int ifFlags() {
        return ifFlags;
    }

    Ip4Settings settings() {
        return settings;
    }

    /// SIOCSIFFLAGS: what users may change is changed.
    void changeFlags(int wanted) {
        if ((wanted & BsdFlags.IFF_UP) == 0) {
            down();
        } else {
            up();
        }
        ifFlags = (ifFlags & BsdFlags.CANT_CHANGE) | (wanted & ~BsdFlags.CANT_CHANGE);
    }

    /// TUNSIFMODE: the bits of the mode are replaced, and then all that was given is set, whatever it is.
    void mode(int wanted) {
        ifFlags = (ifFlags & ~(BsdFlags.IFF_BROADCAST | BsdFlags.IFF_POINTOPOINT | BsdFlags.IFF_MULTICAST)) | wanted;
        int kind = (wanted & BsdFlags.IFF_BROADCAST) != 0 ? DeviceFlags.BROADCAST : DeviceFlags.POINTOPOINT;
        int groups = (wanted & BsdFlags.IFF_MULTICAST) != 0 ? DeviceFlags.MULTICAST : 0;
        linkFlags(DeviceFlags.BROADCAST | DeviceFlags.POINTOPOINT | DeviceFlags.MULTICAST, kind | groups);
        tell(DeviceEvent.FLAGS);
        if ((wanted & BsdFlags.IFF_UP) != 0) {
            up();
        }
    }

    boolean isPointToPoint() {
        return (ifFlags & BsdFlags.IFF_POINTOPOINT) != 0;
    }

    /// An address was set: the interface is up and running, and ready if the address is one. `address` may be
    /// null, for the unspecified one.
    void enable(adit.ip.InterfaceAddress address) {
        unit.clear(TunFlags.IASET | TunFlags.DSTADDR);
        unit.set(settings.readiness(address, profile));
        up();
        ifFlags |= BsdFlags.IFF_RUNNING;
    }

    /// Says whether somebody has the unit open. What waits for the former opener is lost.
    void link(boolean isOpen) {
        open = isOpen;
        purge();
        if (profile.has(Trait.LINK_STATE)) {
            carrier(isOpen);
        }
    }

    @Override
    protected void wentUp() {
        ifFlags |= BsdFlags.IFF_UP;
    }

    @Override
    protected void stop() {
        ifFlags &= ~BsdFlags.IFF_UP;
        purge();
    }

    @Override
    protected int changeTxQueueLength(int packets) {
        if (packets < 0) {
            return -adit.device.Errno.ERANGE;
        }
        if (open) {
            queue.capacity(packets, PacketBuffer::release);
        }
        return 0;
    }

    /// Throws away all packets that wait to be read.
    private void purge() {
        queue.capacity(0, PacketBuffer::release);
        if (open) {
            queue.capacity(txQueueLength(), PacketBuffer::release);
        }
    }

    /// It stays where its driver is.
    @Override
    public boolean mayMove() {
        return false;
    }

    @Override
    protected void unregistered() {
        ifFlags &= ~BsdFlags.IFF_RUNNING;
        driver.destroyed(unit);
        // For good: who is still about to send or to read finds a queue that is full and empty.
        queue.capacity(0, PacketBuffer::release);
    }
}
