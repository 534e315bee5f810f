package adit.device;

import adit.port.CoarseTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/// The devices of one namespace, by name and by index.
///
/// Whoever changes a device or the table holds the control lock, which the methods here take themselves;
/// looking up takes none. Methods that can fail answer 0 or a negative [Errno], as the kernel's do.
public final class DeviceTable {
    /// How many numbers a name template can give.
    private static final int MAX_TEMPLATE_NUMBERS = 8 * 4096;

    private final Environment environment;
    private final List<DeviceListener> listeners = new CopyOnWriteArrayList<>();
    private final long hashSeed;
    private final Map<String, Device> byName = new ConcurrentHashMap<>();
    private final Map<Integer, Device> byIndex = new ConcurrentHashMap<>();
    private final Ordered<Device> inOrder = new Ordered<>();

    private volatile Receiver receiver;
    private volatile Runnable alarm = () -> {};
    private int lastIndex;

    /// What a table gets from outside. Namespaces that are joined by cables share one lock.
    ///
    /// @param lock the control lock
    /// @param nanoTime a monotonic time in nanoseconds, real or virtual
    /// @param coarseTime the same time for who asks with every packet, which may be some milliseconds old
    /// @param random where made-up addresses come from; used under the lock
    /// @param buffers where packets live
    public record Environment(
            ReentrantLock lock, LongSupplier nanoTime, LongSupplier coarseTime, Random random, BufferPools buffers) {
        /// Real time, a lock and buffers of its own, and everything random drawn from `seed`.
        public static Environment real(long seed) {
            return real(seed, new BufferPools());
        }

        /// Real time, a lock of its own, these buffers, and everything random drawn from `seed`.
        public static Environment real(long seed, BufferPools buffers) {
            return new Environment(
                    new ReentrantLock(), System::nanoTime, CoarseTime.INSTANCE, new Random(seed), buffers);
        }

        /// The given time, a lock and buffers of its own, and everything random drawn from `seed`.
        public static Environment on(LongSupplier nanoTime, long seed) {
            return on(nanoTime, seed, new BufferPools());
        }

        /// The given time, a lock of its own, these buffers, and everything random drawn from `seed`.
        public static Environment on(LongSupplier nanoTime, long seed, BufferPools buffers) {
            return new Environment(new ReentrantLock(), nanoTime, nanoTime, new Random(seed), buffers);
        }
    }

    /// An empty table.
    public DeviceTable(Environment environment) {
        this.environment = environment;
        this.hashSeed = environment.random().nextLong();
    }

    /// What flow hashes of this namespace start from.
    public long hashSeed() {
        return hashSeed;
    }

    /// The lock of all control changes.
    public ReentrantLock lock() {
        return environment.lock();
    }

    /// The present time in nanoseconds.
    public long now() {
        return environment.nanoTime().getAsLong();
    }

    /// The present time in nanoseconds for who asks with every packet: on real time up to
    /// [CoarseTime#TICK_NANOS] old, and never earlier than what it was before.
    public long coarseNow() {
        return environment.coarseTime().getAsLong();
    }

    /// Where random numbers come from. Only under the lock.
    public Random random() {
        return environment.random();
    }

    /// Where packets live.
    public BufferPools buffers() {
        return environment.buffers();
    }

    /// Who takes what devices receive; null when nobody does.
    public Receiver receiver() {
        return receiver;
    }

    /// Says who takes what devices receive.
    public void receiver(Receiver stack) {
        receiver = stack;
    }

    /// Has `alarm` run, on any thread, whenever something that a device of this table waits for may be due earlier
    /// than before.
    public void alarm(Runnable run) {
        alarm = run;
    }

    /// Says that something that a device of this table waits for may be due earlier than before.
    public void armed() {
        alarm.run();
    }

    /// Tells `listener` of all that happens from now on.
    public void listen(DeviceListener listener) {
        listeners.add(listener);
    }

    /// Tells `listener` nothing more.
    public void forget(DeviceListener listener) {
        listeners.remove(listener);
    }

    void tell(Device device, DeviceEvent event) {
        for (DeviceListener listener : listeners) {
            listener.event(device, event);
        }
    }

    // ---- Looking up

    /// The device of that name, be it its name or a further one, or null.
    public Device byName(String name) {
        return byName.get(name);
    }

    /// The device of that index, or null.
    public Device byIndex(int index) {
        return byIndex.get(index);
    }

    /// All devices, in the order of their indices.
    public List<Device> devices() {
        return inOrder.all();
    }

    // ---- Changing

    /// Puts `device` into the table under `name`, which may be a template such as `tun%d`, with `index`, or the
    /// next free one when that is 0. EINVAL for a bad name, EEXIST for one that is taken, EBUSY for an index
    /// that is taken, ENFILE when a template has no number left.
    public int register(Device device, String name, int index) {
        lock().lock();
        try {
            String free = freeName(name);
            if (free == null) {
                return DeviceNames.isValid(name) && !DeviceNames.isTemplate(name) ? -Errno.EEXIST : templateErrno(name);
            }
            if (index < 0 || DeviceNames.isSetting(free)) {
                return -Errno.EINVAL;
            }
            if (index != 0 && byIndex(index) != null) {
                return -Errno.EBUSY;
            }
            add(device, free, index == 0 ? nextIndex() : index);
            device.registered();
            tell(device, DeviceEvent.REGISTERED);
            return 0;
        } finally {
            lock().unlock();
        }
    }

    private static int templateErrno(String name) {
        return DeviceNames.isValid(name) && DeviceNames.isValidTemplate(name) ? -Errno.ENFILE : -Errno.EINVAL;
    }

    private void add(Device device, String name, int index) {
        device.enter(this, name, index);
        byName.put(name, device);
        device.otherNames().forEach(other -> byName.put(other, device));
        byIndex.put(index, device);
        inOrder.put(index, device);
    }

    private void remove(Device device) {
        byName.remove(device.name());
        device.otherNames().forEach(byName::remove);
        byIndex.remove(device.index());
        inOrder.remove(device.index());
    }

    /// Takes `device` out: it goes down first, and is told that it is gone.
    public void unregister(Device device) {
        lock().lock();
        try {
            if (!holds(device)) {
                return;
            }
            device.down();
            remove(device);
            device.unregistered();
            tell(device, DeviceEvent.UNREGISTERED);
        } finally {
            lock().unlock();
        }
    }

    /// Gives `device` another name, or another number of a template. EINVAL, EEXIST and ENFILE as in
    /// [#register], ENODEV for a device that has left this table.
    public int rename(Device device, String name) {
        lock().lock();
        try {
            if (!holds(device)) {
                return -Errno.ENODEV;
            }
            if (device.name().equals(name)) {
                return 0;
            }
            String free = freeName(name);
            if (free == null) {
                return DeviceNames.isValid(name) && !DeviceNames.isTemplate(name) ? -Errno.EEXIST : templateErrno(name);
            }
            byName.remove(device.name());
            device.rename(free);
            byName.put(free, device);
            tell(device, DeviceEvent.RENAMED);
            return 0;
        } finally {
            lock().unlock();
        }
    }

    /// Gives `device` a further name, of any characters, by which it is found too. Tells nobody; that is
    /// [#namesChanged]'s. EEXIST for a name that is taken, ENODEV for a device that has left this table.
    public int addName(Device device, String name) {
        lock().lock();
        try {
            if (!holds(device)) {
                return -Errno.ENODEV;
            }
            if (byName(name) != null) {
                return -Errno.EEXIST;
            }
            List<String> names = new ArrayList<>(device.otherNames());
            names.add(name);
            device.otherNames(names);
            byName.put(name, device);
            return 0;
        } finally {
            lock().unlock();
        }
    }

    /// Takes a further name from `device`. Tells nobody; that is [#namesChanged]'s. ENOENT for a name that nobody has,
    /// EINVAL for one that is no further name of this device.
    public int removeName(Device device, String name) {
        lock().lock();
        try {
            if (byName(name) == null) {
                return -Errno.ENOENT;
            }
            List<String> names = new ArrayList<>(device.otherNames());
            if (!names.remove(name)) {
                return -Errno.EINVAL;
            }
            device.otherNames(names);
            byName.remove(name);
            return 0;
        } finally {
            lock().unlock();
        }
    }

    /// Tells that further names of `device` have come or gone.
    public void namesChanged(Device device) {
        lock().lock();
        try {
            tell(device, DeviceEvent.CHANGED);
        } finally {
            lock().unlock();
        }
    }

    /// Moves `device` to another table of the same lock, under `name`, or its present name when that is empty.
    /// It goes down on the way and keeps its index where that is free. EEXIST when the name is taken there,
    /// EINVAL for a device that may not move, ENODEV for one that has left this table.
    public int moveTo(Device device, DeviceTable other, String name) {
        if (!other.lock().equals(lock())) {
            throw new IllegalArgumentException("tables of different locks");
        }
        if (!device.mayMove()) {
            return -Errno.EINVAL;
        }
        lock().lock();
        try {
            // Whoever looked it up did so without the lock.
            if (!holds(device)) {
                return -Errno.ENODEV;
            }
            String wanted = other.freeName(name.isEmpty() ? device.name() : name);
            if (wanted == null) {
                return -Errno.EEXIST;
            }
            if (device.otherNames().stream().anyMatch(n -> other.byName(n) != null)) {
                return -Errno.EEXIST;
            }
            device.down();
            remove(device);
            tell(device, DeviceEvent.UNREGISTERED);
            int index = other.byIndex(device.index()) == null ? device.index() : other.nextIndex();
            other.add(device, wanted, index);
            // What the device waits for is that table's business from now on.
            other.armed();
            other.tell(device, DeviceEvent.REGISTERED);
            return 0;
        } finally {
            lock().unlock();
        }
    }

    /// Whether `device` is in this table now. Under the lock.
    boolean holds(Device device) {
        return device.equals(byIndex(device.index()));
    }

    /// A name that nobody has, or null.
    private String freeName(String name) {
        if (!DeviceNames.isValid(name)) {
            return null;
        }
        if (!DeviceNames.isTemplate(name)) {
            return byName(name) == null ? name : null;
        }
        if (DeviceNames.isValidTemplate(name)) {
            for (int i = 0; i < MAX_TEMPLATE_NUMBERS; i++) {
                String candidate = DeviceNames.fill(name, i);
                if (byName(candidate) == null) {
                    return candidate;
                }
            }
        }
        return null;
    }

    /// Indices are not given twice until all have been given once.
    private int nextIndex() {
        do {
            lastIndex = lastIndex == Integer.MAX_VALUE ? 1 : lastIndex + 1;
        } while (byIndex(lastIndex) != null);
        return lastIndex;
    }
}
