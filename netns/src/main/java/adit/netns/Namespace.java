package adit.netns;

import adit.device.BufferPools;
import adit.device.Device;
import adit.device.DeviceTable;
import adit.device.Errno;
import adit.device.LinkAddresses;
import adit.device.Loopback;
import adit.device.Veth;
import adit.ip.IpCounters;
import adit.ip.IpException;
import adit.ip.IpStack;
import adit.ip.Sockets;
import adit.netlink.LinkInfo;
import adit.netlink.Netlink;
import adit.netlink.TunData;
import adit.port.Deadline;
import adit.port.Turn;
import adit.tun.Profile;
import adit.tun.TunDriver;
import adit.tun.TunInfo;
import adit.tun.TunSpec;
import adit.tun.TunTapDevice;
import adit.tun.UserMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;

/// A network namespace in user space: devices, an IP stack above them, a TUN/TAP driver, sockets, and rtnetlink
/// to control it all. A host within the JVM, without privileges.
///
/// ```java
/// try (Namespace ns = Namespace.open()) {
///     TunChannel tun = TunChannel.open(ns.tun(), TunSpec.tun("tun0"));
///     ns.configure().link("tun0").up();
///     ns.configure().address("tun0", "10.0.0.1/24");
///     tun.write(packet);                                  // the stack answers; read() has it
/// }
/// ```
///
/// Packets are worked off on the thread that brings them. What is due at a time (a question asked again, a
/// fragment given up) is done by a thread of its own on real time, and by [#turn] on a time of the caller's.
public final class Namespace implements Turn, Deadline, AutoCloseable {
    private static final int EPROTONOSUPPORT = 93;

    private final Shared shared;
    private final int number;
    private final DeviceTable devices;
    private final IpStack ip;
    private final Loopback loopback = new Loopback();
    private final TunDriver tun;
    private final Rtnetlink rtnetlink;
    private final GenericNetlink generic;
    private final Map<String, LinkKind> kinds = new ConcurrentHashMap<>();
    private final List<Runnable> closings = new CopyOnWriteArrayList<>();
    private final Housekeeper housekeeper;
    private boolean closed;

    /// What namespaces that are joined by cables have in common, and how many of them are open.
    private static final class Shared {
        final DeviceTable.Environment environment;
        final boolean realTime;
        final List<Extension> extensions;
        final Profile profile;
        private final Map<Integer, Namespace> byNumber = new ConcurrentHashMap<>();
        private int open;
        private int lastNumber;

        Shared(DeviceTable.Environment environment, boolean realTime, List<Extension> extensions, Profile profile) {
            this.environment = environment;
            this.realTime = realTime;
            this.extensions = extensions;
            this.profile = profile;
        }

        synchronized int enter(Namespace namespace) {
            open++;
            byNumber.put(++lastNumber, namespace);
            return lastNumber;
        }

        synchronized void leave(int number) {
            open--;
            byNumber.remove(number);
            if (open == 0) {
                environment.buffers().close();
            }
        }
    }

    private Namespace(Shared shared) {
        this.shared = shared;
        number = shared.enter(this);
        devices = new DeviceTable(shared.environment);
        ip = new IpStack(devices);
        devices.register(loopback, Loopback.NAME, 1);
        tun = new TunDriver(devices, shared.profile, UserMemory.process());
        rtnetlink = new Rtnetlink(this);
        generic = new GenericNetlink(this);
        shared.extensions.forEach(extension -> extension.install(this));
        housekeeper = shared.realTime ? new Housekeeper(this) : null;
    }

    /// A namespace on real time with a seed of its own. Its loopback is down, as in a new one of Linux.
    public static Namespace open() {
        return builder().open();
    }

    /// Starts a namespace of particular properties.
    public static Builder builder() {
        return new Builder();
    }

    /// A further namespace that can be joined to this one by a cable: on the same time, with the same buffers.
    public Namespace beside() {
        return new Namespace(shared);
    }

    /// Whether it was the first of those beside it, the one that was opened and not made by [#beside].
    public boolean isFirst() {
        return number == 1;
    }

    // ---- What is in it

    /// The devices.
    public DeviceTable devices() {
        return devices;
    }

    /// The IP layer.
    public IpStack ip() {
        return ip;
    }

    /// The TUN/TAP driver.
    public TunDriver tun() {
        return tun;
    }

    /// Opens sockets.
    public Sockets sockets() {
        return ip.sockets();
    }

    /// What the IP layer has counted.
    public IpCounters counters() {
        return ip.counters();
    }

    Loopback loopback() {
        return loopback;
    }

    /// A new netlink socket of the protocol NETLINK_ROUTE.
    public NetlinkSession netlink() {
        return rtnetlink.open();
    }

    /// A new netlink socket of `protocol`, [Netlink#NETLINK_ROUTE] or [Netlink#NETLINK_GENERIC].
    ///
    /// @throws IpException EPROTONOSUPPORT for any other
    public NetlinkSession netlink(int protocol) throws IpException {
        return switch (protocol) {
            case Netlink.NETLINK_ROUTE -> rtnetlink.open();
            case Netlink.NETLINK_GENERIC -> generic.open();
            default -> throw new IpException("socket", EPROTONOSUPPORT, "netlink protocol " + protocol);
        };
    }

    /// Serves a kind of link from now on.
    public void register(LinkKind kind) {
        kinds.put(kind.name(), kind);
    }

    /// Serves a family of generic netlink from now on.
    public void register(GenericFamily family) {
        generic.register(family);
    }

    /// Has `closing` run when the namespace is closed, before its devices go.
    public void onClose(Runnable closing) {
        closings.add(closing);
    }

    /// The kind of that name, or null.
    LinkKind kind(String name) {
        return kinds.get(name);
    }

    /// What IFLA_NET_NS_FD says for this namespace, in messages to it and to those beside it: a number of its
    /// own, in the place of a file descriptor.
    public int descriptor() {
        return number;
    }

    /// The namespace beside this one, or this one, that has the descriptor; null when there is none.
    Namespace ofDescriptor(int descriptor) {
        return shared.byNumber.get(descriptor);
    }

    /// Moves the device of a name to another namespace beside this one, where it keeps its name or gets a new
    /// one. It goes down on the way. What a tunnel is carried by stays where it is.
    ///
    /// @throws IpException ENODEV without such a device, EEXIST when the name is taken there, EINVAL for a
    ///     device that may not move
    public void move(String name, Namespace to, String newName) throws IpException {
        Device device = devices.byName(name);
        if (device == null) {
            throw new IpException("move", Errno.ENODEV, "there is no link " + name);
        }
        int answer = devices.moveTo(device, to.devices, newName);
        if (answer < 0) {
            throw new IpException("move", -answer, name + ": " + Errno.text(-answer));
        }
    }

    /// Control in Java, which is made of netlink messages underneath.
    public Configuration configure() {
        return new Configuration(this);
    }

    /// Whether packets for others are handed on. Off at the start.
    public void forwarding(boolean on) {
        ip.forwarding(on);
    }

    /// What rtnetlink tells of a device's kind.
    LinkInfo info(Device device) {
        LinkKind kind = kind(device.kind());
        if (kind != null) {
            return new LinkInfo(kind.name(), kind.describe(device));
        }
        // The older driver keeps its settings to itself.
        if (!(device instanceof TunTapDevice tunTap) || tunTap.profile() == Profile.LINUX_4_1) {
            return LinkInfo.of(device.kind());
        }
        TunInfo i = tunTap.info();
        return new LinkInfo(
                device.kind(),
                new TunData(
                        i.kind() == TunSpec.Kind.TUN ? 1 : 2,
                        i.owner() == -1 ? OptionalInt.empty() : OptionalInt.of(i.owner()),
                        i.group() == -1 ? OptionalInt.empty() : OptionalInt.of(i.group()),
                        new TunData.Framing(i.packetInformation() ? 1 : 0, i.vnetHeader() ? 1 : 0),
                        i.persistent() ? TunData.Persistence.PERSISTENT : TunData.Persistence.TRANSIENT,
                        new TunData.Queues(
                                i.multiQueue() ? 1 : 0,
                                i.multiQueue() ? OptionalInt.of(i.queues()) : OptionalInt.empty(),
                                i.multiQueue() ? OptionalInt.of(i.disabledQueues()) : OptionalInt.empty())));
    }

    /// Joins two namespaces, which may be one, by a pair of Ethernet interfaces of these names.
    ///
    /// @throws IpException EEXIST and EINVAL for names that are taken or wrong
    public static void join(Namespace one, String name, Namespace other, String otherName) throws IpException {
        if (!one.shared.equals(other.shared)) {
            throw new IllegalArgumentException("make the second namespace by beside() of the first");
        }
        one.devices.lock().lock();
        try {
            Random random = one.devices.random();
            Veth left = Veth.pair(LinkAddresses.random(random), LinkAddresses.random(random));
            register(other.devices, left.peer(), otherName);
            try {
                register(one.devices, left, name);
            } catch (IpException e) {
                other.devices.unregister(left.peer());
                throw e;
            }
        } finally {
            one.devices.lock().unlock();
        }
    }

    private static void register(DeviceTable table, Device device, String name) throws IpException {
        int answer = table.register(device, name, 0);
        if (answer < 0) {
            throw new IpException("register", -answer, "a device by the name " + name + ": " + Errno.text(-answer));
        }
    }

    // ---- Time

    @Override
    public int turn(long nowNanos) {
        return ip.turn(nowNanos) + tun.turn(nowNanos);
    }

    @Override
    public long deadline() {
        return Math.min(ip.deadline(), tun.deadline());
    }

    void alarm(Runnable run) {
        ip.alarm(run);
        tun.alarm(run);
    }

    /// How many packet buffers are out, in all namespaces beside this one.
    public int lent() {
        return devices.buffers().lent();
    }

    /// Takes everything down: sockets are closed, devices deleted, packets released. The last of several
    /// namespaces beside each other frees the memory, which is refused while somebody holds a packet.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (housekeeper != null) {
            housekeeper.close();
        }
        closings.forEach(Runnable::run);
        for (Device device : List.copyOf(devices.devices())) {
            devices.unregister(device);
        }
        ip.close();
        shared.leave(number);
    }

    /// The names of its devices.
    @Override
    public String toString() {
        return "namespace of " + devices.devices();
    }

    /// How a namespace is to be.
    public static final class Builder {
        private LongSupplier time;
        private long seed = System.nanoTime();
        private BufferPools.Limits limits = BufferPools.Limits.USUAL;
        private final List<Extension> extensions = new ArrayList<>();
        private Profile profile = Profile.LINUX_6_18;

        private Builder() {}

        /// On a time of the caller's, who then gives [Namespace#turn] whenever it has moved on. With the same
        /// seed and the same packets, the same happens.
        public Builder time(LongSupplier nanoTime) {
            time = nanoTime;
            return this;
        }

        /// Where everything random comes from: link addresses, identifications, ports.
        public Builder seed(long value) {
            seed = value;
            return this;
        }

        /// How many packet buffers there may be.
        public Builder buffers(BufferPools.Limits most) {
            limits = most;
            return this;
        }

        /// Whose behaviour its TUN/TAP driver has; Linux 6.18's unless this says otherwise.
        public Builder profile(Profile value) {
            profile = value;
            return this;
        }

        /// What it can do beyond tun, veth and dummy devices; the same holds for namespaces beside it.
        public Builder with(Extension extension) {
            extensions.add(extension);
            return this;
        }

        /// The namespace.
        public Namespace open() {
            boolean real = time == null;
            return new Namespace(new Shared(
                    real
                            ? DeviceTable.Environment.real(seed, new BufferPools(limits))
                            : DeviceTable.Environment.on(time, seed, new BufferPools(limits)),
                    real,
                    List.copyOf(extensions),
                    profile));
        }
    }
}
