package adit.linux;

import adit.device.Errno;
import adit.linux.sys.HostOrder;
import adit.linux.sys.Inet;
import adit.linux.sys.Libc;
import adit.linux.sys.LibcSocket;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;

/// Sets those options of a socket that are a number. Allocates nothing once it is there. For one thread.
final class SocketOptions {
    /// A `timeval`: seconds and microseconds, of 64 bits each.
    private static final int TIMEVAL = 16;

    private final Fd fd;
    private final String subject;
    private final MemorySegment errno;
    private final MemorySegment value;

    /// For the socket `fd`, which `subject` describes in messages. Its memory comes from `arena`.
    SocketOptions(Fd fd, String subject, Arena arena) {
        this.fd = fd;
        this.subject = subject;
        errno = Libc.newErrnoState(arena);
        value = arena.allocate(TIMEVAL, Long.BYTES);
    }

    /// Sets an option that the socket can't do without.
    void require(int level, int option, int number) throws LinuxException {
        LinuxException.check(set(level, option, number), "setsockopt " + option, subject);
    }

    /// Sets an option and answers 0, or a negative errno.
    int set(int level, int option, int number) {
        int held = fd.hold();
        if (held < 0) {
            return -Errno.EBADF;
        }
        try {
            HostOrder.put32(value, 0, number);
            return LibcSocket.setsockopt(errno, held, level, option, value, Integer.BYTES);
        } finally {
            fd.leave();
        }
    }

    /// Lets calls that receive, and don't say that they never wait, wait for so long at most. Below a microsecond it
    /// would be without end.
    void waitAtMost(long nanos) throws LinuxException {
        int held = fd.hold();
        try {
            HostOrder.put64(value, 0, TimeUnit.NANOSECONDS.toSeconds(nanos));
            HostOrder.put64(value, Long.BYTES, TimeUnit.NANOSECONDS.toMicros(nanos % TimeUnit.SECONDS.toNanos(1)));
            LinuxException.check(
                    LibcSocket.setsockopt(errno, held, Inet.SOL_SOCKET, Inet.SO_RCVTIMEO, value, TIMEVAL),
                    "setsockopt SO_RCVTIMEO",
                    subject);
        } finally {
            fd.leave();
        }
    }

    /// Asks for a send buffer of so many octets: with privilege beyond the system's limit, else up to it.
    void enlargeSendBuffer(int octets) {
        if (set(Inet.SOL_SOCKET, Inet.SO_SNDBUFFORCE, octets) < 0) {
            set(Inet.SOL_SOCKET, Inet.SO_SNDBUF, octets);
        }
    }

    /// Asks for a receive buffer of so many octets: with privilege beyond the system's limit, else up to it.
    void enlargeReceiveBuffer(int octets) {
        if (set(Inet.SOL_SOCKET, Inet.SO_RCVBUFFORCE, octets) < 0) {
            set(Inet.SOL_SOCKET, Inet.SO_RCVBUF, octets);
        }
    }
}
