package adit.bsdtun;

import adit.device.DeviceTable;
import adit.device.PacketQueue;
import adit.ip.InterfaceAddress;
import adit.ip.IpInterface;
import adit.ip.IpListener;
import adit.ip.IpStack;
import adit.ip.NeighbourEntry;
import adit.ip.Route;
import adit.packet.PacketBuffer;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;

/// NetBSD's tun driver for one namespace: units by number, each with an interface `tunN` and one opener at
/// most.
///
/// ```
/// BsdTunDriver driver = new BsdTunDriver(namespace.ip());
/// driver.create(0);                      // ifconfig tun0 create
/// BsdTunFile file = driver.open(0);      // open("/dev/tun0")
/// ```
///
/// A unit is on one of two lists. Live ones have an interface. Those whose interface was destroyed while they
/// were open are zombies, and live on until they are closed, or until their interface is made anew.
///
/// Not supported, because there is no kernel to do it: process tables (any number may own SIGIO), ALTQ
/// disciplines themselves ([BsdTunDevice#regulator] is their place), packet filter hooks.
public final class BsdTunDriver {
    /// What interfaces are called, in front of their number.
    public static final String NAME = "tun";
    /// The largest number of a unit: minor numbers have 20 bits.
    public static final int MAX_UNIT = 0xfffff;

    private final IpStack ip;
    private final DeviceTable table;
    private final BsdProfile profile;
    private final Map<Integer, TunUnit> live = new TreeMap<>();
    private final Map<Integer, TunUnit> zombies = new TreeMap<>();
    private final PacketQueue input;
    private volatile int debug;

    /// A driver that behaves as NetBSD 10's.
    public BsdTunDriver(IpStack ip) {
        this(ip, BsdProfile.NETBSD_10);
    }

    /// A driver that behaves as `profile` says.
    public BsdTunDriver(IpStack ip, BsdProfile profile) {
        this(ip, profile, 0);
    }

    /// A driver whose written packets, at most `inputQueueLength` of them, wait until [#runInputQueue] works
    /// them off, as they do in BSD; with 0 the writer does that, and there is no queue that could be full.
    public BsdTunDriver(IpStack ip, BsdProfile profile, int inputQueueLength) {
        this.ip = ip;
        this.table = ip.devices();
        this.profile = profile;
        this.input = inputQueueLength == 0 ? null : new PacketQueue(inputQueueLength);
        ip.listen(new Addresses());
    }

    /// The stack above the interfaces.
    public IpStack ip() {
        return ip;
    }

    /// Whose behaviour this is.
    public BsdProfile profile() {
        return profile;
    }

    // ---- What was written

    /// Hands a packet that was written to the stack, or to the queue in front of it. False when that is full;
    /// then the packet stays the caller's.
    boolean receive(TunUnit unit, BsdTunDevice device, PacketBuffer p) {
        if (input == null) {
            device.receive(p);
            return true;
        }
        p.queue(unit.number());
        return input.offer(p);
    }

    /// Works off what was written, on this thread: BSD's network software interrupt. Answers how many packets.
    public int runInputQueue() {
        int count = 0;
        while (input != null) {
            PacketBuffer p = input.poll();
            if (p == null) {
                break;
            }
            BsdTunDevice device = device(p.queue());
            if (device == null) {
                p.release();
            } else {
                device.receive(p);
            }
            count++;
        }
        return count;
    }

    // ---- Units

    /// Makes the interface of a unit: SIOCIFCREATE. A zombie of that number comes to life with it, flags and
    /// all, and the file that has it open works again. Answers 0, or EEXIST when the interface, or anything
    /// else of that name, exists, or EINVAL for a number that no unit can have.
    public int create(int unit) {
        if (unit < 0 || unit > MAX_UNIT) {
            return -BsdErrno.EINVAL;
        }
        lock().lock();
        try {
            if (live.containsKey(unit)) {
                return -BsdErrno.EEXIST;
            }
            TunUnit found = zombies.getOrDefault(unit, new TunUnit(unit));
            BsdTunDevice device = new BsdTunDevice(this, found);
            int answer = table.register(device, NAME + unit, 0);
            if (answer < 0) {
                return -BsdErrno.of(-answer);
            }
            zombies.remove(unit);
            live.put(unit, found);
            found.device(device);
            found.set(TunFlags.INITED);
            device.link(found.has(TunFlags.OPEN));
            return 0;
        } finally {
            lock().unlock();
        }
    }

    /// Destroys the interface of a unit: SIOCIFDESTROY. An open unit becomes a zombie, and its reader wakes
    /// with ENXIO. Answers 0, or ENXIO when there is no such interface.
    public int destroy(int unit) {
        lock().lock();
        try {
            TunUnit found = live.get(unit);
            if (found == null) {
                return -BsdErrno.ENXIO;
            }
            // Which leads to destroyed(), as any other way does that takes a device out of its table.
            table.unregister(found.device());
            return 0;
        } finally {
            lock().unlock();
        }
    }

    /// The interface of a unit has left its table.
    void destroyed(TunUnit unit) {
        live.remove(unit.number());
        // In this order, so that who finds it not ready for this reason finds no interface then.
        unit.device(null);
        unit.clear(TunFlags.INITED);
        if (unit.has(TunFlags.OPEN)) {
            zombies.put(unit.number(), unit);
        }
        unit.tell(SignalHandler.POLL_HUP, 0);
    }

    /// Whether a unit has no interface any more and is open still.
    public boolean isZombie(int unit) {
        lock().lock();
        try {
            return zombies.containsKey(unit);
        } finally {
            lock().unlock();
        }
    }

    /// The interface of a unit, or null.
    public BsdTunDevice device(int unit) {
        lock().lock();
        try {
            TunUnit found = live.get(unit);
            return found == null ? null : found.device();
        } finally {
            lock().unlock();
        }
    }

    /// The interface of that name, or null if it is none of this driver's.
    BsdTunDevice device(String name) {
        return table.byName(name) instanceof BsdTunDevice device && this.equals(device.driver()) ? device : null;
    }

    // ---- Files

    /// Opens a unit for the superuser.
    ///
    /// @throws BsdTunException as [#open(int, Privilege)]
    public BsdTunFile open(int unit) throws BsdTunException {
        return open(unit, Privilege.SUPERUSER);
    }

    /// Opens a unit, whose interface is made if there is none.
    ///
    /// @throws BsdTunException EPERM for all but the superuser; ENXIO when the interface can't be made; EBUSY
    ///     when the unit is open
    public BsdTunFile open(int unit, Privilege caller) throws BsdTunException {
        if (caller != Privilege.SUPERUSER) {
            throw new BsdTunException("open", NAME + unit, BsdErrno.EPERM);
        }
        lock().lock();
        try {
            if (!live.containsKey(unit)) {
                // A zombie comes to life by this even though the call will then fail.
                create(unit);
            }
            TunUnit found = live.get(unit);
            if (found == null) {
                throw new BsdTunException("open", NAME + unit, BsdErrno.ENXIO);
            }
            if (found.has(TunFlags.OPEN)) {
                throw new BsdTunException("open", NAME + unit, BsdErrno.EBUSY);
            }
            found.set(TunFlags.OPEN);
            BsdTunFile file = new BsdTunFile(this, found);
            found.file(file);
            found.device().link(true);
            return file;
        } finally {
            lock().unlock();
        }
    }

    /// A file was closed: packets that wait are gone, and so are the routes. A zombie is gone altogether.
    void closed(TunUnit unit) {
        if (!zombies.remove(unit.number(), unit)) {
            BsdTunDevice device = unit.device();
            unit.clear(TunFlags.OPEN);
            unit.owner(0);
            // Going down takes the routes that leave by the interface, to hosts and to networks alike.
            device.down();
            device.link(false);
        }
        unit.file(null);
        unit.notifyReaders();
    }

    // ---- Interfaces

    /// A socket of the superuser's for calls on interfaces.
    public InterfaceSocket socket() {
        return socket(Privilege.SUPERUSER);
    }

    /// A socket for calls on interfaces.
    public InterfaceSocket socket(Privilege caller) {
        return new InterfaceSocket(this, caller);
    }

    int debug() {
        return debug;
    }

    void debug(int value) {
        debug = value;
    }

    ReentrantLock lock() {
        return table.lock();
    }

    /// Addresses that users set make interfaces ready. Those that the stack gives by itself, as NetBSD's does not, do
    /// nothing.
    private final class Addresses implements IpListener {
        @Override
        public void address(Change change, Origin origin, IpInterface link, InterfaceAddress address) {
            BsdTunDevice device = device(link.device().name());
            if (device != null && change == Change.NEW && origin == Origin.USER) {
                device.enable(address);
            }
        }

        @Override
        public void route(Change change, Route route) {}

        @Override
        public void neighbour(Change change, NeighbourEntry entry) {}
    }
}
