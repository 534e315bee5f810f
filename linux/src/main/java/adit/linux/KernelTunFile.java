package adit.linux;

import adit.device.Errno;
import adit.linux.sys.HostOrder;
import adit.linux.sys.Iovec;
import adit.linux.sys.Libc;
import adit.linux.sys.Poll;
import adit.tun.IoVectors;
import adit.tun.PollEvents;
import adit.tun.ReadyFiles;
import adit.tun.TunFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/// An open `/dev/net/tun` of the kernel.
///
/// The descriptor is always in non-blocking mode, so that closing can end a wait; waiting is done here, in
/// ppoll(2), and pins the carrier of a virtual thread. Heap memory is copied; native memory goes to the kernel
/// as it is.
public final class KernelTunFile implements TunFile {
    private static final int UNEXPECTED = -1;

    private final Fd fd;
    private volatile boolean blocking = true;
    private KernelTunPoller watcher;

    KernelTunFile(Fd fd) {
        this.fd = fd;
    }

    /// The descriptor. Stays this file's; it is always in non-blocking mode.
    public Fd fd() {
        return fd;
    }

    // ---- Packets

    @Override
    public int read(MemorySegment s, long at, int length) {
        if (!s.isNative() && isInside(s, at, length)) {
            return readHeap(new IoVectors(1).add(s, at, length));
        }
        return transfer(Way.READ, s, at, length);
    }

    @Override
    public int write(MemorySegment s, long at, int length) {
        if (!s.isNative() && isInside(s, at, length)) {
            return writeHeap(new IoVectors(1).add(s, at, length));
        }
        return transfer(Way.WRITE, s, at, length);
    }

    @Override
    public int read(IoVectors into) {
        return hasHeap(into) ? readHeap(into) : vectored(Way.READ, into);
    }

    @Override
    public int write(IoVectors from) {
        return hasHeap(from) ? writeHeap(from) : vectored(Way.WRITE, from);
    }

    private enum Way {
        READ(Poll.POLLIN),
        WRITE(Poll.POLLOUT);

        private final int readiness;

        Way(int readiness) {
            this.readiness = readiness;
        }
    }

    private interface Transfer {
        int once(MemorySegment errno, int held);
    }

    private int transfer(Way way, MemorySegment s, long at, int length) {
        if (!isInside(s, at, length)) {
            return vectored(way, new IoVectors(1).add(s, at, length));
        }
        return waiting(
                way,
                (errno, held) -> way == Way.READ
                        ? Libc.read(errno, held, s, at, length)
                        : Libc.write(errno, held, s, at, length));
    }

    private int vectored(Way way, IoVectors places) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment vectors = arena.allocate((long) Math.max(1, places.count()) * Iovec.SIZE, 8);
            for (int i = 0; i < places.count(); i++) {
                MemorySegment s = places.segment(i);
                boolean inside = isInside(s, places.offset(i), places.length(i));
                // Outside of the segment is nobody's memory: the kernel shall find nothing there either.
                HostOrder.put64(vectors, (long) i * Iovec.SIZE, inside ? s.address() + places.offset(i) : 0);
                HostOrder.put64(vectors, (long) i * Iovec.SIZE + Long.BYTES, places.length(i));
            }
            return waiting(
                    way,
                    (errno, held) -> way == Way.READ
                            ? Libc.readv(errno, held, vectors, places.count())
                            : Libc.writev(errno, held, vectors, places.count()));
        }
    }

    private int waiting(Way way, Transfer transfer) {
        int held = fd.hold();
        if (held < 0) {
            return -Errno.EBADF;
        }
        try {
            MemorySegment errno = Libc.errnoState();
            while (true) {
                int n = transfer.once(errno, held);
                if (n == -Errno.EINTR) {
                    continue;
                }
                if (n != -Errno.EAGAIN || !blocking) {
                    return n;
                }
                int waited = await(held, way.readiness);
                if (waited < 0) {
                    return waited;
                }
            }
        } finally {
            fd.leave();
        }
    }

    /// Waits for readiness, for the close or for an interrupt. Answers 0 when the call is to be tried again.
    private int await(int held, int events) {
        if (Thread.currentThread().isInterrupted()) {
            return -Errno.EINTR;
        }
        try (EventFd waker = EventFd.open();
                Sleep sleep = new Sleep(waker);
                Arena arena = Arena.ofConfined()) {
            fd.wakeOnClose(waker);
            int wakeHeld = waker.fd().holdOrThrow();
            boolean completed = false;
            sleep.enter();
            try {
                MemorySegment set = arena.allocate(2L * Poll.SIZE, 8);
                Poll.set(set, 0, held, events);
                Poll.set(set, 1, wakeHeld, Poll.POLLIN);
                Libc.ppoll(Libc.errnoState(), set, 2, MemorySegment.NULL);
                completed = true;
            } finally {
                waker.fd().leave();
                fd.forget(waker);
                sleep.leave(completed);
            }
            return fd.isOpen() ? 0 : -Errno.EBADF;
        } catch (ClosedByInterruptException e) {
            return -Errno.EINTR;
        } catch (IOException e) {
            return e instanceof LinuxException failure ? -failure.errno() : UNEXPECTED;
        }
    }

    /// What lets an interrupt end a wait: a channel that exists for the time of the wait and whose closing,
    /// which is what an interrupt does to a channel, signals the waker.
    private static final class Sleep extends AbstractInterruptibleChannel {
        private final EventFd waker;

        Sleep(EventFd waker) {
            this.waker = waker;
        }

        void enter() {
            begin();
        }

        void leave(boolean completed) throws IOException {
            end(completed);
        }

        @Override
        protected void implCloseChannel() {
            waker.signal();
        }
    }

    // ---- Control

    @Override
    public int poll(int events) {
        int held = fd.hold();
        if (held < 0) {
            return PollEvents.ERR;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment set = arena.allocate(Poll.SIZE, 8);
            MemorySegment time = arena.allocate(Poll.TIMESPEC_SIZE, 8);
            Poll.set(set, 0, held, events);
            Poll.timespec(time, 0);
            Libc.ppoll(Libc.errnoState(), set, 1, time);
            return Poll.ready(set, 0);
        } finally {
            fd.leave();
        }
    }

    @Override
    public int ioctl(int command, MemorySegment argument) {
        if (!argument.isNative()) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment copy = arena.allocate(Math.max(1, argument.byteSize()), 8);
                MemorySegment.copy(argument, 0, copy, 0, argument.byteSize());
                int answer = ioctl(command, copy);
                MemorySegment.copy(copy, 0, argument, 0, argument.byteSize());
                return answer;
            }
        }
        int held = fd.hold();
        if (held < 0) {
            return -Errno.EBADF;
        }
        try {
            return Libc.ioctl(Libc.errnoState(), held, command, argument);
        } finally {
            fd.leave();
        }
    }

    @Override
    public int ioctl(int command, long value) {
        int held = fd.hold();
        if (held < 0) {
            return -Errno.EBADF;
        }
        try {
            return Libc.ioctl(Libc.errnoState(), held, command, value);
        } finally {
            fd.leave();
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

    /// A Java program gets no SIGIO; a thread with an edge-triggered epoll(7) stands in for it.
    @Override
    public synchronized void onReadable(Runnable signal) {
        if (watcher != null) {
            watcher.close();
            watcher = null;
        }
        if (signal == null || !fd.isOpen()) {
            return;
        }
        try {
            KernelTunPoller poller = KernelTunPoller.create();
            poller.add(this, PollEvents.IN | PollEvents.EDGE, null);
            watcher = poller;
            Thread.ofPlatform().daemon().name("adit-fasync").start(() -> {
                ReadyFiles ready = new ReadyFiles(1);
                while (poller.await(ready, -1) >= 0) {
                    if (ready.count() > 0 && (ready.events(0) & PollEvents.IN) != 0) {
                        signal.run();
                    }
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String fdinfo() {
        int held = fd.hold();
        if (held < 0) {
            return "";
        }
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/fdinfo/" + held))) {
                if (line.startsWith("iff:")) {
                    return line + "\n";
                }
            }
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            fd.leave();
        }
    }

    @Override
    public boolean isOpen() {
        return fd.isOpen();
    }

    /// Answers when the kernel has let the file go: a device that is not persistent is gone with its last file.
    @Override
    public void close() {
        synchronized (this) {
            if (watcher != null) {
                watcher.close();
                watcher = null;
            }
        }
        fd.closeAndWait();
    }

    // ---- Memory

    private static boolean isInside(MemorySegment s, long at, int length) {
        return at >= 0 && length >= 0 && at <= s.byteSize() - length;
    }

    private static boolean hasHeap(IoVectors places) {
        for (int i = 0; i < places.count(); i++) {
            if (!places.segment(i).isNative()) {
                return true;
            }
        }
        return false;
    }

    private int readHeap(IoVectors into) {
        try (Arena arena = Arena.ofConfined()) {
            IoVectors copies = copies(arena, into);
            int n = vectored(Way.READ, copies);
            for (int i = 0, left = n; i < into.count() && left > 0; i++) {
                int octets = Math.min(left, into.length(i));
                MemorySegment.copy(copies.segment(i), 0, into.segment(i), into.offset(i), octets);
                left -= octets;
            }
            return n;
        }
    }

    private int writeHeap(IoVectors from) {
        try (Arena arena = Arena.ofConfined()) {
            IoVectors copies = copies(arena, from);
            for (int i = 0; i < from.count(); i++) {
                MemorySegment.copy(from.segment(i), from.offset(i), copies.segment(i), 0, from.length(i));
            }
            return vectored(Way.WRITE, copies);
        }
    }

    private static IoVectors copies(Arena arena, IoVectors places) {
        IoVectors copies = new IoVectors(places.count());
        for (int i = 0; i < places.count(); i++) {
            Objects.checkFromIndexSize(
                    places.offset(i), places.length(i), places.segment(i).byteSize());
            copies.add(arena.allocate(Math.max(1, places.length(i))), 0, places.length(i));
        }
        return copies;
    }

    @Override
    public String toString() {
        return "kernel TUN file, " + fd;
    }
}
