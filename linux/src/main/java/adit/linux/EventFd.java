package adit.linux;

import adit.linux.sys.Fcntl;
import adit.linux.sys.HostOrder;
import adit.linux.sys.Libc;
import adit.linux.sys.Platform;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// A counter in the kernel that poll(2) finds readable while it is not zero: eventfd(2). Ends another thread's
/// wait.
///
/// All methods may be called from any thread; none blocks.
public final class EventFd implements AutoCloseable {
    private static final MemorySegment ONE = one();

    private final Fd fd;

    private EventFd(Fd fd) {
        this.fd = fd;
    }

    /// A new one, at zero.
    public static EventFd open() throws LinuxException {
        Platform.require();
        return new EventFd(
                Fd.own(Libc.eventfd(Libc.errnoState(), 0, Fcntl.O_NONBLOCK | Fcntl.O_CLOEXEC), "eventfd", ""));
    }

    private static MemorySegment one() {
        MemorySegment s = Arena.global().allocate(Long.BYTES, Long.BYTES);
        HostOrder.put64(s, 0, 1);
        return s;
    }

    /// The descriptor, to wait for.
    public Fd fd() {
        return fd;
    }

    /// Makes it readable. Does nothing once it is closed.
    public void signal() {
        int held = fd.hold();
        if (held < 0) {
            return;
        }
        try {
            // The only failure is EAGAIN, when the counter is full; it is readable then as well.
            Libc.write(Libc.errnoState(), held, ONE, 0, Long.BYTES);
        } finally {
            fd.leave();
        }
    }

    /// Makes it unreadable until the next [#signal]. `scratch` are 8 octets of the caller's.
    void drain(MemorySegment errno, MemorySegment scratch) {
        int held = fd.hold();
        if (held < 0) {
            return;
        }
        try {
            Libc.read(errno, held, scratch, 0, Long.BYTES);
        } finally {
            fd.leave();
        }
    }

    /// Closes the descriptor as [Fd#close] does. Signal first, if somebody waits.
    @Override
    public void close() {
        fd.close();
    }
}
