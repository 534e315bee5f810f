package adit.bsdtun;

import adit.bsdtun.BsdProfile.Trait;
import adit.device.Waiters;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// kqueue(2) for tun files.
///
/// A filter belongs to a file until that is closed, and follows the unit through a destruction of its
/// interface. Any thread may call any method.
///
/// ```java
/// kqueue.change(file, Kqueue.EVFILT_READ, Kqueue.EV_ADD, null);
/// while (kqueue.await(events, -1) > 0) {
///     int octets = events.data(0);         // the length of the packet that the next read answers
/// }
/// ```
public final class Kqueue implements AutoCloseable {
    /// Filter: there is a packet to read. Its data is the length of the first one, with its framing.
    public static final int EVFILT_READ = 0;
    /// Filter: packets may be written, which is always so.
    public static final int EVFILT_WRITE = 1;

    /// Add the filter, or change it, and enable it.
    public static final int EV_ADD = 0x0001;
    /// Take the filter away.
    public static final int EV_DELETE = 0x0002;
    /// Tell of the filter again.
    public static final int EV_ENABLE = 0x0004;
    /// Tell nothing of the filter for now.
    public static final int EV_DISABLE = 0x0008;
    /// Tell once, and then take the filter away.
    public static final int EV_ONESHOT = 0x0010;
    /// Tell when something has happened, not as long as it holds.
    public static final int EV_CLEAR = 0x0020;

    private static final Knote[] NONE = {};

    private final Waiters waiters = new Waiters();
    private volatile Knote[] knotes = NONE;
    private volatile boolean closed;

    /// A queue without filters.
    public Kqueue() {}

    /// A filter on a file.
    static final class Knote {
        private final Kqueue queue;
        private final BsdTunFile file;
        private final int filter;
        /// The original finds nothing to attach to, and says that all is well.
        private final boolean attached;

        private volatile int flags;
        private volatile Object userData;
        private volatile boolean enabled = true;
        private volatile boolean active = true;

        private Knote(Kqueue queue, BsdTunFile file, int filter) {
            this.queue = queue;
            this.file = file;
            this.filter = filter;
            this.attached = file.tunUnit().device() != null;
        }

        /// Something has happened at the unit.
        void activate() {
            active = true;
            queue.waiters.wake();
        }

        private boolean isOf(BsdTunFile other, int filterNumber) {
            return file.equals(other) && filter == filterNumber;
        }

        /// The data of the event if it is there, else -1.
        private int look() {
            if (!enabled || !attached || !active || !file.isOpen()) {
                return -1;
            }
            if (filter == EVFILT_WRITE) {
                return 0;
            }
            BsdTunDevice device = file.tunUnit().device();
            return device == null ? -1 : device.firstLength();
        }
    }

    /// Changes the filter number `filter` on `file` as `flags` say; `userData` comes back with each event.
    /// Answers 0, or EBADF when the file or this is closed, ENOENT when there is no such filter to change, or
    /// what the driver says of a filter that it does not have: EINVAL, and before NetBSD 10 EPERM.
    public synchronized int change(BsdTunFile file, int filter, int flags, Object userData) {
        if (closed || !file.isOpen()) {
            return -BsdErrno.EBADF;
        }
        for (Knote knote : knotes) {
            if (!knote.file.isOpen()) {
                remove(knote);
            }
        }
        Knote knote = find(file, filter);
        if (knote == null) {
            if ((flags & EV_ADD) == 0) {
                return -BsdErrno.ENOENT;
            }
            boolean known = filter == EVFILT_READ || filter == EVFILT_WRITE;
            if (!known && file.tunUnit().device() != null) {
                return file.driver().profile().has(Trait.REFUSES_FILTERS) ? -BsdErrno.EINVAL : -BsdErrno.EPERM;
            }
            knote = new Knote(this, file, filter);
            add(knote);
        }
        if ((flags & EV_DELETE) != 0) {
            remove(knote);
            return 0;
        }
        if ((flags & EV_ADD) != 0) {
            knote.flags = flags;
            knote.userData = userData;
        }
        if ((flags & EV_DISABLE) != 0) {
            knote.enabled = false;
        } else if ((flags & EV_ENABLE) != 0) {
            knote.enabled = true;
        }
        knote.activate();
        return 0;
    }

    private Knote find(BsdTunFile file, int filter) {
        for (Knote knote : knotes) {
            if (knote.isOf(file, filter)) {
                return knote;
            }
        }
        return null;
    }

    private synchronized void add(Knote knote) {
        Knote[] more = Arrays.copyOf(knotes, knotes.length + 1);
        more[knotes.length] = knote;
        knotes = more;
        knote.file.tunUnit().watch(knote);
    }

    private synchronized void remove(Knote knote) {
        List<Knote> rest = new ArrayList<>(List.of(knotes));
        rest.remove(knote);
        knotes = rest.toArray(Knote[]::new);
        knote.file.tunUnit().forget(knote);
    }

    /// Waits until there is an event or `timeoutNanos` have passed, fills `into` and answers how many are in
    /// it. A timeout of 0 only looks, a negative one never passes. EINTR when the thread is interrupted, which
    /// stays so; EBADF once closed.
    public int await(Kevents into, long timeoutNanos) {
        into.clear();
        return waiters.await(() -> look(into), timeoutNanos);
    }

    private int look(Kevents into) {
        if (closed) {
            return -BsdErrno.EBADF;
        }
        for (Knote knote : knotes) {
            int data = knote.look();
            if (data < 0) {
                continue;
            }
            if (!into.add(knote.file, knote.filter, data, knote.userData)) {
                break;
            }
            if ((knote.flags & EV_CLEAR) != 0) {
                knote.active = false;
            }
            if ((knote.flags & EV_ONESHOT) != 0) {
                remove(knote);
            }
        }
        return into.count();
    }

    /// Ends all waits and takes all filters away. Files stay open.
    @Override
    public synchronized void close() {
        closed = true;
        for (Knote knote : knotes) {
            knote.file.tunUnit().forget(knote);
        }
        knotes = NONE;
        waiters.wake();
    }
}
