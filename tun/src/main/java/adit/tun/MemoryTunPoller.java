package adit.tun;

import adit.device.Errno;
import adit.device.Waiters;
import java.lang.invoke.VarHandle;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/// epoll(7) for TUN files in memory.
///
/// Each watched file has one [Watch], which whoever brings something puts on a stack of those that may be
/// ready, without a lock or an allocation. A wait takes the whole stack, asks each file what holds, and puts
/// back those watched for as long as it holds.
final class MemoryTunPoller implements TunPoller {
    /// No count of files that anybody could watch, and no errno.
    private static final int WOKEN = Integer.MAX_VALUE;
    private static final int HANG_UP = 0x10;
    private static final int DATA = PollEvents.IN | PollEvents.OUT;
    /// What says how a file is watched, and not for what.
    private static final int HOW = PollEvents.EDGE | PollEvents.ONE_SHOT | PollEvents.EXCLUSIVE;
    /// What is told of whatever was asked for.
    private static final int ALWAYS = PollEvents.ERR | HANG_UP;
    /// What may be asked for together with [PollEvents#EXCLUSIVE], as in Linux: of events those of data and errors.
    private static final int WITH_EXCLUSIVE = PollEvents.EXCLUSIVE | PollEvents.EDGE | DATA | ALWAYS;

    private final Map<MemoryTunFile, Watch> watches = new HashMap<>();
    private final AtomicReference<Watch> candidates = new AtomicReference<>();
    private final Waiters waiters = new Waiters();
    private final AtomicBoolean woken = new AtomicBoolean();
    private volatile boolean closed;

    /// What a file is watched for.
    static final class Watch {
        private final MemoryTunPoller poller;
        private final MemoryTunFile file;
        private final Object attachment;
        private final AtomicBoolean queued = new AtomicBoolean();
        private final AtomicInteger events;
        private volatile boolean removed;
        private Watch next;

        private Watch(MemoryTunPoller poller, MemoryTunFile file, int events, Object attachment) {
            this.poller = poller;
            this.file = file;
            this.events = new AtomicInteger(events | ALWAYS);
            this.attachment = attachment;
        }

        /// Told when something happens at the file. Answers whether nobody else is to be told who asks for
        /// [PollEvents#EXCLUSIVE], as does who watches here, because somebody waits for it here.
        boolean arrived(int what) {
            int wanted = events.get();
            if ((what & wanted) == 0) {
                return false;
            }
            poller.push(this);
            boolean waits = poller.waiters.wake();
            return waits && isExclusive() && (what & wanted & DATA) != 0;
        }

        boolean isExclusive() {
            return (events.get() & PollEvents.EXCLUSIVE) != 0;
        }
    }

    private void push(Watch watch) {
        if (watch.queued.compareAndSet(false, true)) {
            stack(watch);
        }
    }

    private void stack(Watch watch) {
        Watch top;
        do {
            top = candidates.get();
            watch.next = top;
        } while (!candidates.compareAndSet(top, watch));
    }

    @Override
    public synchronized int add(TunFile file, int events, Object attachment) {
        if (closed || !file.isOpen()) {
            return -Errno.EBADF;
        }
        watches.values().removeIf(w -> !w.file.isOpen());
        MemoryTunFile own = (MemoryTunFile) file;
        if (watches.containsKey(own)) {
            return -Errno.EEXIST;
        }
        if ((events & PollEvents.EXCLUSIVE) != 0 && (events & ~WITH_EXCLUSIVE) != 0) {
            return -Errno.EINVAL;
        }
        Watch watch = new Watch(this, own, events, attachment);
        watches.put(own, watch);
        own.waitQueue().add(watch);
        look(watch);
        return 0;
    }

    /// Tells of what holds already.
    private void look(Watch watch) {
        int wanted = watch.events.get();
        if ((watch.file.poll(wanted) & wanted) != 0) {
            push(watch);
            waiters.wake();
        }
    }

    @Override
    public synchronized int change(TunFile file, int events) {
        Watch watch = find(file);
        if (watch == null) {
            return file.isOpen() ? -Errno.ENOENT : -Errno.EBADF;
        }
        if (((events | watch.events.get()) & PollEvents.EXCLUSIVE) != 0) {
            return -Errno.EINVAL;
        }
        watch.events.set(events | ALWAYS);
        look(watch);
        return 0;
    }

    @Override
    public synchronized int remove(TunFile file) {
        Watch watch = find(file);
        if (watch == null) {
            return file.isOpen() ? -Errno.ENOENT : -Errno.EBADF;
        }
        watch.removed = true;
        watch.file.waitQueue().remove(watch);
        watches.remove(watch.file);
        return 0;
    }

    private Watch find(TunFile file) {
        return file instanceof MemoryTunFile own && own.isOpen() ? watches.get(own) : null;
    }

    @Override
    public int await(ReadyFiles into, long timeoutNanos) {
        into.clear();
        int answer = waiters.await(() -> look(into), timeoutNanos);
        // Woken with nothing to tell of is an end of the wait too.
        return answer == WOKEN ? 0 : answer;
    }

    private int look(ReadyFiles into) {
        if (closed) {
            return -Errno.EBADF;
        }
        collect(into);
        if (into.count() > 0) {
            return into.count();
        }
        return woken.getAndSet(false) ? WOKEN : 0;
    }

    /// Files of which there was no more room to tell come first the next time, before those that are told of again.
    private void collect(ReadyFiles into) {
        Watch watch = reversed(candidates.getAndSet(null));
        Watch again = null;
        while (watch != null && into.count() < into.capacity()) {
            Watch next = watch.next;
            watch.next = null;
            watch.queued.set(false);
            if (visit(watch, into) && watch.queued.compareAndSet(false, true)) {
                watch.next = again;
                again = watch;
            }
            watch = next;
        }
        stackAll(watch);
        stackAll(reversed(again));
        if (watch != null || again != null) {
            VarHandle.fullFence();
            waiters.wakeOthers();
        }
    }

    private void stackAll(Watch first) {
        Watch watch = first;
        while (watch != null) {
            Watch next = watch.next;
            stack(watch);
            watch = next;
        }
    }

    /// The stack from its bottom: files are told of in the order in which they became ready.
    private static Watch reversed(Watch top) {
        Watch first = null;
        Watch watch = top;
        while (watch != null) {
            Watch below = watch.next;
            watch.next = first;
            first = watch;
            watch = below;
        }
        return first;
    }

    /// Tells of the file if something holds, and answers whether it is to be told of again.
    private static boolean visit(Watch watch, ReadyFiles into) {
        int wanted;
        int ready;
        do {
            wanted = watch.events.get();
            if (watch.removed || !watch.file.isOpen() || (wanted & ~HOW) == 0) {
                return false;
            }
            ready = watch.file.poll(wanted) & wanted;
            if (ready == 0) {
                return false;
            }
            // Where that fails, another wait has told of it, or it is watched for something else by now.
        } while ((wanted & PollEvents.ONE_SHOT) != 0 && !watch.events.compareAndSet(wanted, wanted & HOW));
        into.add(watch.file, ready, watch.attachment);
        return (wanted & (PollEvents.EDGE | PollEvents.ONE_SHOT)) == 0;
    }

    @Override
    public void wake() {
        woken.set(true);
        waiters.wake();
    }

    @Override
    public synchronized void close() {
        closed = true;
        for (Watch watch : watches.values()) {
            watch.removed = true;
            watch.file.waitQueue().remove(watch);
        }
        watches.clear();
        waiters.wake();
    }
}
