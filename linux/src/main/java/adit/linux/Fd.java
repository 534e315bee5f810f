package adit.linux;

import adit.linux.sys.Fcntl;
import adit.linux.sys.Inet;
import adit.linux.sys.Libc;
import adit.linux.sys.LibcSocket;
import adit.linux.sys.PacketSocket;
import adit.linux.sys.Platform;
import java.lang.foreign.Arena;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// Owns a file descriptor and closes it exactly once, when it is closed and nobody uses it any more.
///
/// The kernel gives a closed number to the next file that anybody opens. So a thread that is about to call
/// read(2) must never see its number closed in between: it would read from a stranger's file. Therefore users
/// hold the descriptor while they use it, and the number goes back to the kernel when the last one has left:
///
/// ```java
/// int n = fd.hold();              // the number, or -1 once close() was called
/// if (n >= 0) {
///     try { ... system calls on n ... } finally { fd.leave(); }
/// }
/// ```
///
/// ```
///        hold, leave                    leave by the last user
/// open --------------> open   closing -------------------------> closed
///   '----- close(), while in use --^                               ^
///   '----- close(), unused ----------------------------------------'
/// ```
///
/// `hold` and `leave` cost one atomic instruction each; a port pays them once for a burst. Who blocks while
/// holding waits for an [EventFd] as well, named beforehand to [#wakeOnClose], or for some milliseconds at most; so
/// closing ends every wait.
///
/// All methods may be called from any thread.
public final class Fd implements AutoCloseable {
    // The number of users, and the sign bit once close() was called.
    private static final int CLOSING = Integer.MIN_VALUE;
    /// All of them: whoever wants to know of one has to look.
    private static final int NOBODY_POLLS = -1;

    private final int number;
    private final AtomicInteger state = new AtomicInteger();
    private final List<EventFd> sleepers = new CopyOnWriteArrayList<>();
    private volatile Runnable last = () -> {};
    private volatile boolean closed;
    private volatile int events = NOBODY_POLLS;

    private Fd(int number) {
        this.number = number;
    }

    /// Owns what a call answered, or throws what the negative errno says. Stands in one expression with the
    /// call, so that there is no moment in which nobody owns the descriptor:
    ///
    /// ```java
    /// Fd fd = Fd.own(LibcSocket.socket(errno, domain, type | SOCK_CLOEXEC, 0), "socket", "");
    /// ```
    static Fd own(int answer, String call, String subject) throws LinuxException {
        if (answer < 0) {
            throw new LinuxException(call, subject, -answer);
        }
        return new Fd(answer);
    }

    /// Opens `path`. `flags` are open(2)'s; the descriptor is always closed on execve(2).
    static Fd open(String path, int flags) throws LinuxException {
        Platform.require();
        try (Arena arena = Arena.ofConfined()) {
            return own(
                    Libc.open(Libc.errnoState(), arena.allocateFrom(path), flags | Fcntl.O_CLOEXEC, 0666),
                    "open",
                    path);
        }
    }

    /// Makes a packet socket that receives nothing, neither blocks nor outlives execve(2), in the network
    /// namespace of the calling thread.
    static Fd packetSocket() throws LinuxException {
        Platform.require();
        int type = Inet.SOCK_RAW | Inet.SOCK_NONBLOCK | Inet.SOCK_CLOEXEC;
        return own(LibcSocket.socket(Libc.errnoState(), PacketSocket.AF_PACKET, type, 0), "socket", "AF_PACKET");
    }

    /// Makes an IPv4 socket that does not outlive execve(2). Calls on it wait unless they say MSG_DONTWAIT. `subject`
    /// says which one it is; `type` may say more.
    static Fd socket(int type, int protocol, String subject) throws LinuxException {
        Platform.require();
        return own(
                LibcSocket.socket(Libc.errnoState(), Inet.AF_INET, type | Inet.SOCK_CLOEXEC, protocol),
                "socket",
                subject);
    }

    /// Takes over a descriptor that somebody else made, such as one passed through a socket or inherited, and
    /// closes it on execve(2) from now on. The giver must not use or close the number any more.
    public static Fd adopt(int number) throws LinuxException {
        Platform.require();
        int flags = Libc.fcntl(Libc.errnoState(), number, Fcntl.F_GETFD, 0);
        LinuxException.check(flags, "fcntl", "descriptor " + number);
        Libc.fcntl(Libc.errnoState(), number, Fcntl.F_SETFD, flags | Fcntl.FD_CLOEXEC);
        return new Fd(number);
    }

    /// A second descriptor of the same open file.
    public Fd duplicate() throws LinuxException, ClosedChannelException {
        int held = holdOrThrow();
        try {
            return own(Libc.fcntl(Libc.errnoState(), held, Fcntl.F_DUPFD_CLOEXEC, 0), "fcntl", "F_DUPFD_CLOEXEC");
        } finally {
            leave();
        }
    }

    /// The number, which stays this file's until [#leave]; or -1 once [#close] was called, and then there is
    /// nothing to leave.
    public int hold() {
        int was;
        do {
            was = state.get();
            if (was < 0) {
                return -1;
            }
        } while (!state.compareAndSet(was, was + 1));
        return number;
    }

    /// As [#hold], for callers that are allowed to throw.
    public int holdOrThrow() throws ClosedChannelException {
        int held = hold();
        if (held < 0) {
            throw new ClosedChannelException();
        }
        return held;
    }

    /// Ends one [#hold].
    public void leave() {
        if (state.decrementAndGet() == CLOSING) {
            closeNumber();
        }
    }

    /// Signals `sleeper` when this is closed; at once if it is closed already.
    void wakeOnClose(EventFd sleeper) {
        sleepers.add(sleeper);
        if (!isOpen()) {
            sleeper.signal();
        }
    }

    /// Runs `last` when this is closed and nobody uses it any more, before the number goes back to the kernel:
    /// to give back what only its users may touch.
    void beforeClosing(Runnable last) {
        this.last = last;
    }

    /// Forgets a sleeper.
    void forget(EventFd sleeper) {
        sleepers.remove(sleeper);
    }

    /// Tells which events a poll has just found here.
    void polled(int found) {
        events = found;
    }

    /// Tells that nobody polls it any more.
    void polledNoMore() {
        events = NOBODY_POLLS;
    }

    /// The events that a poll has found since this was asked last; all there are while nobody polls it. So a call that
    /// is seldom worth it can be left to when one of them stands.
    int takeEvents() {
        int found = events;
        if (found > 0) {
            events = 0;
        }
        return found;
    }

    /// Whether [#close] was not called yet.
    public boolean isOpen() {
        return state.get() >= 0;
    }

    /// Closes the descriptor now if nobody holds it, else wakes the users that wait, and the last one that
    /// leaves closes it. Closing again does nothing.
    @Override
    public void close() {
        int was = state.getAndUpdate(now -> now | CLOSING);
        if (was == 0) {
            closeNumber();
        } else if (was > 0) {
            sleepers.forEach(EventFd::signal);
        }
    }

    /// Closes, and answers only when the kernel has the number back. The caller holds nothing of this
    /// descriptor, and users that block are woken by [#wakeOnClose].
    void closeAndWait() {
        close();
        while (!closed) {
            LockSupport.parkNanos(20_000);
            Thread.onSpinWait();
        }
    }

    // close(2) may answer EINTR or a write error of some file systems, and has closed the number all the same.
    private void closeNumber() {
        last.run();
        Libc.close(Libc.errnoState(), number);
        closed = true;
    }

    @Override
    public String toString() {
        return "fd " + number + (isOpen() ? "" : " (closed)");
    }
}
