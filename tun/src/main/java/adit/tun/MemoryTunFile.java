package adit.tun;

import adit.device.DeviceStatistics;
import adit.device.DeviceTable;
import adit.device.Drop;
import adit.device.Errno;
import adit.device.PacketQueue;
import adit.packet.PacketBuffer;
import java.lang.foreign.MemorySegment;

/// A TUN file of the driver in memory: one queue of at most one device.
///
/// ```
///              TUNSETIFF                  DETACH_QUEUE
/// unattached ------------> in service <----------------> detached
///      ^                       |          ATTACH_QUEUE       |
///      '------ device deleted -+-----------------------------'
/// ```
///
/// What is not the packet path changes under the namespace's control lock.
public final class MemoryTunFile implements TunFile {
    /// What Linux has in its count of octets that are under way when none are, and while it lets go of a packet.
    static final int NOTHING_UNDER_WAY = 1;

    static final int LETTING_GO = 2;

    /// Linux's UIO_MAXIOV.
    private static final int MAX_VECTORS = 1024;

    private final TunDriver driver;
    private final PacketQueue queue = new PacketQueue(0);
    private final DeviceStatistics statistics = new DeviceStatistics();
    private final WaitQueue waitQueue = new WaitQueue();
    private volatile Credentials caller;
    private volatile TunTapDevice device;
    private volatile boolean blocking = true;
    private volatile boolean closed;
    /// Ends the waits for a device that was deleted.
    private volatile boolean shutDown;

    private volatile Napi napi;

    // Under the control lock.
    private boolean detached;
    private int wantedIndex;

    private volatile SocketFilter filter;
    private volatile int queueIndex;
    private volatile int sendBuffer = Integer.MAX_VALUE;
    private volatile Reception reception = Reception.DIRECT;

    /// How what is written reaches the stack.
    enum Reception {
        /// At once.
        DIRECT,
        /// Through NAPI, where what is written together may be coalesced.
        NAPI,
        /// Through NAPI, each place of a gathering write a fragment.
        NAPI_FRAGMENTS
    }

    MemoryTunFile(TunDriver driver, Credentials caller) {
        this.driver = driver;
        this.caller = caller;
    }

    // ---- Packets

    @Override
    public int read(MemorySegment s, long at, int length) {
        return read(s, at, length, null);
    }

    @Override
    public int read(IoVectors into) {
        int answer = systemCall(into);
        return answer < 0 || into.total() == 0 ? answer : read(null, 0, clamp(into.total()), into);
    }

    /// What the system call answers by itself; without octets it never gets to the driver either.
    private int systemCall(IoVectors v) {
        if (closed) {
            return -Errno.EBADF;
        }
        return v.count() > MAX_VECTORS ? -Errno.EINVAL : 0;
    }

    private int read(MemorySegment s, long at, int length, IoVectors v) {
        if (closed) {
            return -Errno.EBADF;
        }
        TunTapDevice d = device;
        if (d == null) {
            return -Errno.EBADFD;
        }
        if (length == 0) {
            return 0;
        }
        PacketBuffer p = queue.poll();
        if (p == null) {
            if (!blocking) {
                return -Errno.EAGAIN;
            }
            PacketBuffer[] found = new PacketBuffer[1];
            int answer = waitQueue.await(() -> look(found));
            p = found[0];
            if (p == null) {
                return answer;
            }
        }
        int n = ReadPath.put(d, this, p, s, at, length, v);
        p.release();
        return n;
    }

    /// What a reader who waits looks for: a packet, or a reason to wait no longer.
    private int look(PacketBuffer[] found) {
        found[0] = queue.poll();
        if (found[0] != null) {
            return 1;
        }
        if (closed) {
            return -Errno.EBADF;
        }
        if (shutDown) {
            return driver.profile() == Profile.LINUX_4_1 ? -Errno.EIO : -Errno.EFAULT;
        }
        return 0;
    }

    @Override
    public int write(MemorySegment s, long at, int length) {
        TunTapDevice d = device;
        if (d == null) {
            return closed ? -Errno.EBADF : -Errno.EBADFD;
        }
        return WritePath.write(d, this, s, at, length, null, WritePath.Next.NOTHING);
    }

    @Override
    public int write(IoVectors from) {
        int answer = systemCall(from);
        if (answer < 0 || from.total() == 0) {
            return answer;
        }
        TunTapDevice d = device;
        return d == null
                ? -Errno.EBADFD
                : WritePath.write(d, this, null, 0, clamp(from.total()), from, WritePath.Next.NOTHING);
    }

    /// Through NAPI, packets of a flow that are written together are coalesced on their way to the stack, as
    /// Linux does with those of a writer in the kernel who says that more will follow.
    @Override
    public int writeBatch(IoVectors from) {
        TunTapDevice d = device;
        if (d == null || napi == null) {
            return TunFile.super.writeBatch(from);
        }
        for (int i = 0; i < from.count(); i++) {
            WritePath.Next next = i < from.count() - 1 ? WritePath.Next.FOLLOWS : WritePath.Next.NOTHING;
            int n = WritePath.write(d, this, from.segment(i), from.offset(i), from.length(i), null, next);
            if (n < 0) {
                scheduleNapi();
                return i == 0 ? n : i;
            }
        }
        return from.count();
    }

    private void scheduleNapi() {
        Napi present = napi;
        if (present != null) {
            present.schedule();
        }
    }

    private static int clamp(long octets) {
        return (int) Math.min(octets, Integer.MAX_VALUE);
    }

    /// Takes a packet that the device sends to this queue; false when the queue is full.
    boolean offer(PacketBuffer p) {
        if (!queue.offer(p)) {
            return false;
        }
        waitQueue.wake(PollEvents.IN | PollEvents.READ_NORMAL);
        return true;
    }

    // ---- Waiting

    @Override
    public int poll(int events) {
        TunTapDevice d = device;
        if (d == null) {
            return PollEvents.ERR;
        }
        int ready = 0;
        if (!queue.isEmpty()) {
            ready |= PollEvents.IN | PollEvents.READ_NORMAL;
        }
        // Linux counts one octet as under way always, and calls a buffer writable while it is less than half full.
        if (d.isUp() && sendBuffer >> 1 > NOTHING_UNDER_WAY) {
            ready |= PollEvents.OUT | PollEvents.WRITE_NORMAL;
        } else {
            waitQueue.awaitSpace();
        }
        return ready & (events | PollEvents.ERR);
    }

    /// Who is told when something happens here.
    WaitQueue waitQueue() {
        return waitQueue;
    }

    /// There may be room for a packet again, with so many octets under way: the device came up, or the stack let go
    /// of one that was written.
    void space(int underWay) {
        if (sendBuffer >> 1 > underWay) {
            waitQueue.space();
        }
    }

    @Override
    public boolean blocking() {
        return blocking;
    }

    @Override
    public void blocking(boolean waits) {
        blocking = waits;
    }

    @Override
    public void onReadable(Runnable signal) {
        waitQueue.signal(signal);
    }

    // ---- Control

    @Override
    public int ioctl(int command, MemorySegment argument) {
        if (closed) {
            return -Errno.EBADF;
        }
        // A segment without octets is how Java has a pointer that came from elsewhere.
        return argument.byteSize() == 0 && argument.isNative()
                ? AddressedArgument.ioctl(this, command, argument.address())
                : Dispatcher.ioctl(this, command, argument, argument.address());
    }

    @Override
    public int ioctl(int command, long value) {
        return closed ? -Errno.EBADF : AddressedArgument.ioctl(this, command, value);
    }

    @Override
    public String fdinfo() {
        TunTapDevice d = device;
        return "iff:\t" + (d == null ? "" : d.name()) + "\n";
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    @Override
    public void close() {
        DeviceTable table = table();
        table.lock().lock();
        try {
            if (closed) {
                return;
            }
            TunTapDevice d = device;
            if (d != null) {
                d.detach(this, AttachedFiles.Leaving.FOR_GOOD);
            }
            closed = true;
            waitQueue.signal(null);
        } finally {
            table.lock().unlock();
        }
        waitQueue.wake(PollEvents.ERR);
    }

    /// Who calls. Whoever was handed the file makes calls of their own.
    public Credentials caller() {
        return caller;
    }

    /// Has the file in the hands of somebody else from now on.
    public void caller(Credentials other) {
        caller = other;
    }

    /// What went through this queue: packets, octets and drops as the device counts them.
    public DeviceStatistics statistics() {
        return statistics;
    }

    /// The device, or null.
    public TunTapDevice device() {
        return device;
    }

    TunDriver driver() {
        return driver;
    }

    /// The namespace whose lock guards this file: the device's, which may have moved, else the one it was
    /// opened in.
    private DeviceTable table() {
        TunTapDevice d = device;
        return d == null ? driver.table() : d.table();
    }

    // ---- For the device and the dispatcher, under the control lock

    void attached(TunTapDevice to, int index) {
        queueIndex(index);
        shutDown = false;
        detached = false;
        queue.capacity(to.txQueueLength(), p -> purge(to, p));
        if (reception != Reception.DIRECT && napi == null) {
            napi = new Napi(to, reception);
        }
        device = to;
    }

    /// Takes the queue out of service; what waits in it is lost.
    void outOfService() {
        detached = true;
        Napi present = napi;
        if (present != null) {
            present.pause();
        }
        empty(device);
    }

    /// Has no device any more.
    void unattached() {
        TunTapDevice left = device;
        device = null;
        detached = false;
        Napi last = napi;
        napi = null;
        if (last != null) {
            last.end();
        }
        empty(left);
    }

    /// The device was deleted: who waits shall know.
    void deleted() {
        shutDown = true;
        unattached();
        waitQueue.wake(PollEvents.ERR);
    }

    void resize(int packets) {
        TunTapDevice d = device;
        queue.capacity(packets, p -> purge(d, p));
    }

    private void empty(TunTapDevice of) {
        queue.capacity(0, p -> purge(of, p));
    }

    private void purge(TunTapDevice of, PacketBuffer p) {
        statistics.drop(Drop.QUEUE_PURGE);
        of.drop(p, Drop.QUEUE_PURGE);
    }

    int queued() {
        return queue.size();
    }

    boolean isDetached() {
        return detached;
    }

    int queueIndex() {
        return queueIndex;
    }

    void queueIndex(int index) {
        queueIndex = index;
        // In Linux the two share memory, so that the wish is forgotten, but for its upper half.
        wantedIndex = (wantedIndex & ~0xffff) | index;
    }

    int wantedIndex() {
        return wantedIndex;
    }

    void wantedIndex(int index) {
        wantedIndex = index;
    }

    int sendBuffer() {
        return sendBuffer;
    }

    void sendBuffer(int octets) {
        sendBuffer = octets;
    }

    SocketFilter filter() {
        return filter;
    }

    void filter(SocketFilter program) {
        filter = program;
    }

    Reception reception() {
        return reception;
    }

    void reception(Reception how) {
        reception = how;
    }

    /// The way through NAPI, or null when there is none.
    Napi napi() {
        return napi;
    }

    @Override
    public String toString() {
        TunTapDevice d = device;
        return d == null ? "TUN file without a device" : d.name() + " queue " + queueIndex;
    }
}
