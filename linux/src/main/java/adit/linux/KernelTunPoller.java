package adit.linux;

import adit.device.Errno;
import adit.linux.sys.EpollEvent;
import adit.linux.sys.Fcntl;
import adit.linux.sys.Libc;
import adit.linux.sys.LibcEpoll;
import adit.linux.sys.Poll;
import adit.tun.ReadyFiles;
import adit.tun.TunFile;
import adit.tun.TunPoller;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// epoll(7) for TUN files of the kernel. A file that is closed leaves it by itself, as in the kernel.
public final class KernelTunPoller implements TunPoller {
    private static final long WAKE = -1;

    private final Fd epoll;
    private final EventFd waker;
    private final Map<Long, Watched> watched = new HashMap<>();
    private long nextKey;

    private record Watched(long key, KernelTunFile file, Object attachment) {}

    private KernelTunPoller(Fd epoll, EventFd waker) {
        this.epoll = epoll;
        this.waker = waker;
    }

    static KernelTunPoller create() throws IOException {
        Fd epoll = Fd.own(LibcEpoll.create(Libc.errnoState(), Fcntl.O_CLOEXEC), "epoll_create1", "");
        try {
            EventFd waker = EventFd.open();
            KernelTunPoller poller = new KernelTunPoller(epoll, waker);
            epoll.wakeOnClose(waker);
            int answer = poller.control(EpollEvent.EPOLL_CTL_ADD, waker.fd(), Poll.POLLIN, WAKE);
            if (answer < 0) {
                waker.close();
                throw new LinuxException("epoll_ctl", "", -answer);
            }
            return poller;
        } catch (Throwable t) {
            epoll.close();
            throw t;
        }
    }

    private int control(int operation, Fd target, int events, long key) {
        int held = epoll.hold();
        if (held < 0) {
            return -Errno.EBADF;
        }
        try (Arena arena = Arena.ofConfined()) {
            int number = target.hold();
            if (number < 0) {
                return -Errno.EBADF;
            }
            try {
                MemorySegment event = arena.allocate(EpollEvent.SIZE, 8);
                EpollEvent.set(event, 0, events, key);
                return LibcEpoll.control(Libc.errnoState(), held, operation, number, event);
            } finally {
                target.leave();
            }
        } finally {
            epoll.leave();
        }
    }

    private Watched find(TunFile file) {
        for (Watched w : watched.values()) {
            if (w.file.equals(file)) {
                return w;
            }
        }
        return null;
    }

    @Override
    public synchronized int add(TunFile file, int events, Object attachment) {
        KernelTunFile own = (KernelTunFile) file;
        watched.values().removeIf(w -> !w.file.isOpen());
        if (find(file) != null) {
            return -Errno.EEXIST;
        }
        long key = nextKey++;
        int answer = control(EpollEvent.EPOLL_CTL_ADD, own.fd(), events, key);
        if (answer == 0) {
            watched.put(key, new Watched(key, own, attachment));
        }
        return answer;
    }

    @Override
    public synchronized int change(TunFile file, int events) {
        Watched w = find(file);
        if (w == null) {
            return file.isOpen() ? -Errno.ENOENT : -Errno.EBADF;
        }
        return control(EpollEvent.EPOLL_CTL_MOD, w.file.fd(), events, w.key);
    }

    @Override
    public synchronized int remove(TunFile file) {
        Watched w = find(file);
        if (w == null) {
            return file.isOpen() ? -Errno.ENOENT : -Errno.EBADF;
        }
        watched.remove(w.key);
        return control(EpollEvent.EPOLL_CTL_DEL, w.file.fd(), 0, 0);
    }

    @Override
    public int await(ReadyFiles into, long timeoutNanos) {
        into.clear();
        if (Thread.currentThread().isInterrupted()) {
            return -Errno.EINTR;
        }
        int held = epoll.hold();
        if (held < 0) {
            return -Errno.EBADF;
        }
        try (Interruption interruption = new Interruption(this);
                Arena arena = Arena.ofConfined()) {
            // No more than can be told of: what is to be told once would be lost.
            int room = Math.max(1, into.capacity());
            MemorySegment events = arena.allocate((long) room * EpollEvent.SIZE, 8);
            boolean completed = false;
            int n = 0;
            interruption.enter();
            try {
                n = LibcEpoll.await(Libc.errnoState(), held, events, room, millis(timeoutNanos));
                completed = true;
            } finally {
                interruption.leave(completed);
            }
            if (epoll.isOpen() && report(into, events, n) && n == room) {
                // The wake-up has taken the place of a file.
                n = LibcEpoll.await(Libc.errnoState(), held, events, into.capacity() - into.count(), 0);
                report(into, events, n);
            }
            return !epoll.isOpen() ? -Errno.EBADF : n < 0 && n != -Errno.EINTR ? n : into.count();
        } catch (ClosedByInterruptException e) {
            return -Errno.EINTR;
        } catch (IOException e) {
            return -Errno.EIO;
        } finally {
            epoll.leave();
        }
    }

    /// Tells of files, and answers whether this was a wake-up, too, which is over then.
    private synchronized boolean report(ReadyFiles into, MemorySegment events, int n) {
        boolean woken = false;
        for (int i = 0; i < n; i++) {
            long key = EpollEvent.data(events, i);
            if (key == WAKE) {
                try (Arena arena = Arena.ofConfined()) {
                    waker.drain(Libc.errnoState(), arena.allocate(Long.BYTES, Long.BYTES));
                }
                woken = true;
                continue;
            }
            Watched w = watched.get(key);
            if (w != null) {
                into.add(w.file, EpollEvent.events(events, i), w.attachment);
            }
        }
        return woken;
    }

    private static int millis(long nanos) {
        if (nanos < 0) {
            return -1;
        }
        long millis = TimeUnit.NANOSECONDS.toMillis(nanos + 999_999);
        return (int) Math.min(millis, Integer.MAX_VALUE);
    }

    /// What lets an interrupt end a wait: see [KernelTunFile].
    private static final class Interruption extends AbstractInterruptibleChannel {
        private final KernelTunPoller poller;
        private volatile boolean waits;

        Interruption(KernelTunPoller poller) {
            this.poller = poller;
        }

        void enter() {
            waits = true;
            begin();
        }

        void leave(boolean completed) throws IOException {
            waits = false;
            end(completed);
        }

        @Override
        protected void implCloseChannel() {
            // Not when the wait is over: the next one would end at once.
            if (waits) {
                poller.wake();
            }
        }
    }

    @Override
    public void wake() {
        waker.signal();
    }

    @Override
    public void close() {
        epoll.closeAndWait();
        waker.close();
    }
}
