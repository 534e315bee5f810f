package adit.linux;

import adit.device.Errno;
import adit.linux.sys.Inet;
import adit.linux.sys.Libc;
import adit.linux.sys.LibcSocket;
import adit.netlink.Netlink;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Hears that something changed in the network namespace, and not what: for whoever then asks anew.
///
/// The announcements themselves are never read, so hearing costs one system call and no memory. For one thread
/// at a time. Needs no privilege.
final class Announcements implements AutoCloseable {
    /// Bounds a call, because announcements may come faster than they are passed over; what is left counts next
    /// time.
    private static final int MANY = 256;

    private final NetlinkSocket socket;
    private final MemorySegment errno;
    private final MemorySegment scratch;

    private Announcements(NetlinkSocket socket) {
        this.socket = socket;
        Arena arena = Arena.ofAuto();
        errno = Libc.newErrnoState(arena);
        scratch = arena.allocate(Long.BYTES, 8);
    }

    /// Those to the given rtnetlink groups, in the network namespace that the calling thread is in.
    static Announcements of(int... groups) throws LinuxException {
        return new Announcements(NetlinkSocket.listen(Netlink.NETLINK_ROUTE, groups));
    }

    /// Whether there were any since the last call.
    boolean any() {
        int held = socket.fd().hold();
        if (held < 0) {
            return false;
        }
        boolean any = false;
        try {
            for (int i = 0; i < MANY; i++) {
                int n = LibcSocket.recvfrom(
                        errno,
                        held,
                        scratch,
                        scratch.byteSize(),
                        Inet.MSG_DONTWAIT,
                        MemorySegment.NULL,
                        MemorySegment.NULL);
                if (n == -Errno.EAGAIN) {
                    break;
                }
                // ENOBUFS says that announcements were lost, which is a change as well.
                any = true;
            }
        } finally {
            socket.fd().leave();
        }
        return any;
    }

    /// Readable when there are any.
    Fd descriptor() {
        return socket.fd();
    }

    @Override
    public void close() {
        socket.close();
    }
}
