package adit.linux;

import adit.device.Errno;
import adit.linux.sys.HostOrder;
import adit.linux.sys.Inet;
import adit.linux.sys.Libc;
import adit.linux.sys.LibcSocket;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Asks the kernel the same thing again and again without taking memory: the request is written once and then
/// only filled in, and the answer is read where it lies.
///
/// ```java
/// Octets.put32(inquiry.request(), DESTINATION_AT, destination);
/// if (inquiry.ask()) {
///     MessageReader m = inquiry.answer();     // the first message, until the next question
/// }
/// ```
///
/// For one thread.
final class NetlinkInquiry implements AutoCloseable {
    private static final int MAX_REQUEST = 64;
    /// Enough for what is asked here; a longer answer is cut, and then reads as a malformed one.
    private static final int ROOM = 32 << 10;

    private static final int MANY = 256;
    /// Where a message's header has its sequence number.
    private static final int SEQUENCE_AT = 8;

    private final NetlinkSocket socket;
    private final MemorySegment errno;
    private final MemorySegment room;
    private int sequence;
    private MessageReader answer;
    private int error;

    private NetlinkInquiry(NetlinkSocket socket) {
        this.socket = socket;
        Arena arena = Arena.ofAuto();
        errno = Libc.newErrnoState(arena);
        room = arena.allocate(ROOM, 8);
    }

    /// By a socket of a NETLINK protocol, in the network namespace that the calling thread is in.
    static NetlinkInquiry open(int protocol) throws LinuxException {
        return new NetlinkInquiry(NetlinkSocket.open(protocol));
    }

    /// Writes a request, to be filled in and asked.
    static MemorySegment request(int type, int flags, MessageWriter.Body body) {
        MemorySegment s = Arena.ofAuto().allocate(MAX_REQUEST, 8);
        MessageWriter w = new MessageWriter(s).message(type, flags, 0, 0, body);
        return s.asSlice(0, w.length());
    }

    /// Asks, and answers whether there is an answer that [#answer] can read. After false, [#error] says why
    /// not.
    boolean ask(MemorySegment request) {
        answer = null;
        int held = socket.fd().hold();
        if (held < 0) {
            error = Errno.EBADF;
            return false;
        }
        try {
            HostOrder.put32(request, SEQUENCE_AT, ++sequence);
            int n = LibcSocket.sendto(errno, held, request, request.byteSize(), 0, MemorySegment.NULL, 0);
            return n < 0 ? fail(-n) : receive(held);
        } finally {
            socket.fd().leave();
        }
    }

    /// Goes on to the next datagram of the answer, and answers whether there was one.
    boolean more() {
        int held = socket.fd().hold();
        if (held < 0) {
            return fail(Errno.EBADF);
        }
        try {
            return receive(held);
        } finally {
            socket.fd().leave();
        }
    }

    /// The answer is there once sending returns. Older ones may stand in front of it, after an interrupted
    /// call.
    private boolean receive(int held) {
        for (int i = 0; i < MANY; i++) {
            int n = LibcSocket.recvfrom(
                    errno, held, room, ROOM, Inet.MSG_DONTWAIT, MemorySegment.NULL, MemorySegment.NULL);
            if (n == -Errno.EINTR || n == -Errno.ENOBUFS) {
                continue;
            }
            if (n < 0) {
                return fail(-n);
            }
            MessageReader m = new MessageReader(room, 0, n);
            if (m.next() && m.sequence() == sequence) {
                answer = m;
                return true;
            }
        }
        return fail(Errno.EAGAIN);
    }

    private boolean fail(int why) {
        answer = null;
        error = why;
        return false;
    }

    /// The first message of the datagram that was received last.
    MessageReader answer() {
        return answer;
    }

    /// The errno with which asking failed; what the kernel says against a question is an answer, of type
    /// NLMSG_ERROR.
    int error() {
        return error;
    }

    /// A socket in the same namespace, for ioctl(2).
    Fd fd() {
        return socket.fd();
    }

    @Override
    public void close() {
        socket.close();
    }
}
