package adit.linux;

import adit.device.Errno;
import adit.linux.sys.Fcntl;
import adit.linux.sys.HostOrder;
import adit.linux.sys.Libc;
import adit.linux.sys.LibcSocket;
import adit.linux.sys.Platform;
import adit.linux.sys.Poll;
import adit.netlink.ErrorMessage;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// A conversation with the kernel in netlink: one request, its answers, one acknowledgement.
///
/// The socket is in the network namespace of the thread that opened it and can be used from any thread, by one
/// at a time; others wait. The kernel answers before sending returns, so nothing here blocks for long.
///
/// What the kernel refuses is a [LinuxException] that goes by the request's name and says in words what the
/// kernel said (its extended acknowledgement).
final class NetlinkSocket implements AutoCloseable {
    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW = 3;
    private static final int ADDRESS_SIZE = 12;
    private static final int ADDRESS_PORT = 4;

    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVTIMEO = 20;
    private static final int SOL_NETLINK = 270;
    private static final int NETLINK_ADD_MEMBERSHIP = 1;
    private static final int NETLINK_CAP_ACK = 10;
    private static final int NETLINK_EXT_ACK = 11;
    private static final int NETLINK_GET_STRICT_CHK = 12;
    private static final int MSG_TRUNC = 0x20;
    /// Where a message's header has its sequence number.
    private static final int SEQUENCE = 8;

    /// The kernel makes datagrams of at most 32 KiB, whatever the table's size; only a single larger message
    /// exceeds that.
    private static final int BUFFER_SIZE = 64 << 10;

    private static final int MAX_REQUEST_SIZE = 8 << 10;
    /// A guard only: a kernel that does not answer is broken.
    private static final int TIMEOUT_SECONDS = 10;

    private static final int MAX_ATTEMPTS = 10;

    private final Fd fd;
    private final MemorySegment out;
    private final MemorySegment in;
    private final MemorySegment sender;
    private final MemorySegment senderLength;
    private int sequence;

    private NetlinkSocket(Fd fd) {
        Arena arena = Arena.ofAuto();
        this.fd = fd;
        this.out = arena.allocate(MAX_REQUEST_SIZE, 8);
        this.in = arena.allocate(BUFFER_SIZE, 8);
        this.sender = arena.allocate(ADDRESS_SIZE, 4);
        this.senderLength = arena.allocate(Integer.BYTES, 4);
    }

    /// A socket of a NETLINK protocol that waits for answers.
    static NetlinkSocket open(int protocol) throws LinuxException {
        return open(protocol, 0);
    }

    /// A socket that never waits and hears what is said to multicast groups.
    static NetlinkSocket listen(int protocol, int... groups) throws LinuxException {
        NetlinkSocket socket = open(protocol, Fcntl.O_NONBLOCK);
        try {
            for (int group : groups) {
                socket.join(group);
            }
            return socket;
        } catch (Throwable t) {
            socket.close();
            throw t;
        }
    }

    private static NetlinkSocket open(int protocol, int flags) throws LinuxException {
        Platform.require();
        Fd fd = Fd.own(
                LibcSocket.socket(Libc.errnoState(), AF_NETLINK, SOCK_RAW | Fcntl.O_CLOEXEC | flags, protocol),
                "socket",
                "AF_NETLINK");
        try {
            setUp(fd);
            return new NetlinkSocket(fd);
        } catch (Throwable t) {
            fd.close();
            throw t;
        }
    }

    private static void setUp(Fd fd) throws LinuxException {
        int held = fd.hold();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(16, 8);
            // Kernels before 4.12 know neither; then there are errors without words.
            HostOrder.put32(value, 0, 1);
            LibcSocket.setsockopt(Libc.errnoState(), held, SOL_NETLINK, NETLINK_EXT_ACK, value, Integer.BYTES);
            LibcSocket.setsockopt(Libc.errnoState(), held, SOL_NETLINK, NETLINK_CAP_ACK, value, Integer.BYTES);
            HostOrder.put64(value, 0, TIMEOUT_SECONDS);
            HostOrder.put64(value, 8, 0);
            LinuxException.check(
                    LibcSocket.setsockopt(Libc.errnoState(), held, SOL_SOCKET, SO_RCVTIMEO, value, 16),
                    "setsockopt SO_RCVTIMEO",
                    "AF_NETLINK");
            MemorySegment address = arena.allocate(ADDRESS_SIZE, 4);
            HostOrder.put16(address, 0, AF_NETLINK);
            LinuxException.check(LibcSocket.bind(Libc.errnoState(), held, address, ADDRESS_SIZE), "bind", "AF_NETLINK");
        } finally {
            fd.leave();
        }
    }

    /// Asks the kernel to mind what a request for a table says besides its family, and to refuse what makes no
    /// sense. Kernels before 4.20 don't know this and answer the whole table.
    void mindFilters() {
        int held = fd.hold();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(Integer.BYTES, 4);
            HostOrder.put32(value, 0, 1);
            LibcSocket.setsockopt(Libc.errnoState(), held, SOL_NETLINK, NETLINK_GET_STRICT_CHK, value, Integer.BYTES);
        } finally {
            fd.leave();
        }
    }

    private void join(int group) throws LinuxException {
        int held = fd.hold();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(Integer.BYTES, 4);
            HostOrder.put32(value, 0, group);
            LinuxException.check(
                    LibcSocket.setsockopt(
                            Libc.errnoState(), held, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, value, Integer.BYTES),
                    "setsockopt NETLINK_ADD_MEMBERSHIP",
                    "group " + group);
        } finally {
            fd.leave();
        }
    }

    /// The descriptor, to wait for.
    Fd fd() {
        return fd;
    }

    /// What a request is called when it fails.
    ///
    /// @param call its name, such as `RTM_NEWLINK`
    /// @param subject what it is about, such as the name of a link
    record Request(String call, String subject) {}

    /// Asks for a change and waits for its acknowledgement. `flags` are those besides NLM_F_REQUEST and
    /// NLM_F_ACK.
    void change(Request request, int type, int flags, MessageWriter.Body body) throws IOException {
        ask(request, type, flags, body, m -> null);
    }

    /// Asks, and answers what `read` made of each message of the answer; those of which it makes null are left
    /// out.
    synchronized <T> List<T> ask(
            Request request, int type, int flags, MessageWriter.Body body, Function<MessageReader, T> read)
            throws IOException {
        int held = fd.holdOrThrow();
        try {
            send(held, request, type, flags | Netlink.NLM_F_REQUEST | Netlink.NLM_F_ACK, body);
            List<T> answers = new ArrayList<>();
            receive(held, request, read, answers);
            return answers;
        } finally {
            fd.leave();
        }
    }

    /// Asks for a whole table. Asks again when it changed meanwhile, since rows may then be missing or doubled.
    synchronized <T> List<T> dump(Request request, int type, MessageWriter.Body body, Function<MessageReader, T> read)
            throws IOException {
        int held = fd.holdOrThrow();
        try {
            for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
                send(held, request, type, Netlink.NLM_F_REQUEST | Netlink.NLM_F_DUMP, body);
                List<T> answers = new ArrayList<>();
                if (receive(held, request, read, answers)) {
                    return answers;
                }
            }
            throw new LinuxException(
                    request.call(), request.subject(), Errno.EAGAIN, "the table changes faster than it can be read");
        } finally {
            fd.leave();
        }
    }

    /// Sends a message in octets under a sequence number of this socket's, and answers the datagrams of the
    /// answer up to its NLMSG_DONE or NLMSG_ERROR, as they are.
    synchronized List<byte[]> relay(byte[] request) throws IOException {
        int held = fd.holdOrThrow();
        try {
            if (request.length > MAX_REQUEST_SIZE) {
                throw new LinuxException("sendto", "AF_NETLINK", Errno.EMSGSIZE);
            }
            MemorySegment.copy(request, 0, out, ValueLayout.JAVA_BYTE, 0, request.length);
            HostOrder.put32(out, SEQUENCE, ++sequence);
            send(held, new Request("sendto", "AF_NETLINK"), request.length);
            List<byte[]> datagrams = new ArrayList<>();
            while (true) {
                int n = LinuxException.check(receive(held), "recvfrom", "AF_NETLINK");
                datagrams.add(in.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE));
                MessageReader m = new MessageReader(in, 0, n);
                while (m.next()) {
                    boolean ends = m.type() == Netlink.NLMSG_ERROR || m.type() == Netlink.NLMSG_DONE;
                    if (ends && m.sequence() == sequence) {
                        return datagrams;
                    }
                }
            }
        } finally {
            fd.leave();
        }
    }

    private void send(int held, Request request, int type, int flags, MessageWriter.Body body) throws LinuxException {
        MessageWriter w = new MessageWriter(out).message(type, flags, ++sequence, 0, body);
        send(held, request, w.length());
    }

    private void send(int held, Request request, long length) throws LinuxException {
        int n;
        do {
            n = LibcSocket.sendto(Libc.errnoState(), held, out, length, 0, MemorySegment.NULL, 0);
        } while (n == -Errno.EINTR);
        LinuxException.check(n, request.call(), request.subject());
    }

    /// Reads until the answer ends. False when it is not to be trusted and should be asked for anew.
    private <T> boolean receive(int held, Request request, Function<MessageReader, T> read, List<T> answers)
            throws LinuxException {
        boolean consistent = true;
        while (true) {
            int n = receive(held);
            if (n == -Errno.ENOBUFS) {
                // Something was lost. What remains of the answer carries the old sequence number and is passed over.
                return false;
            }
            LinuxException.check(n, request.call(), request.subject());
            MessageReader m = new MessageReader(in, 0, n);
            while (m.next()) {
                if (m.sequence() != sequence) {
                    continue;
                }
                consistent &= !m.has(Netlink.NLM_F_DUMP_INTR);
                if (m.type() == Netlink.NLMSG_ERROR || m.type() == Netlink.NLMSG_DONE) {
                    check(request, ErrorMessage.read(m));
                    return consistent;
                }
                T answer = read.apply(m);
                if (answer != null) {
                    answers.add(answer);
                }
            }
        }
    }

    /// Receives a datagram of the kernel into [#in] and answers its length or a negative errno.
    private int receive(int held) {
        while (true) {
            HostOrder.put32(senderLength, 0, ADDRESS_SIZE);
            int n = LibcSocket.recvfrom(Libc.errnoState(), held, in, BUFFER_SIZE, MSG_TRUNC, sender, senderLength);
            boolean foreign = n >= 0 && HostOrder.i32(sender, ADDRESS_PORT) != 0;
            if (n == -Errno.EINTR || foreign) {
                continue;
            }
            return n > BUFFER_SIZE ? -Errno.EMSGSIZE : n;
        }
    }

    /// Receives an announcement, if there is one, and answers a reader of it; null when there is none. Throws
    /// ENOBUFS when announcements were lost.
    synchronized MessageReader hear() throws IOException {
        int held = fd.holdOrThrow();
        try {
            int n = receive(held);
            if (n == -Errno.EAGAIN) {
                return null;
            }
            LinuxException.check(n, "recvfrom", "AF_NETLINK");
            return new MessageReader(in, 0, n);
        } finally {
            fd.leave();
        }
    }

    /// Waits for an announcement and answers its octets; nothing when none came in time. Throws ENOBUFS when
    /// announcements were lost.
    synchronized Optional<byte[]> hear(Duration limit) throws IOException {
        int held = fd.holdOrThrow();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment set = arena.allocate(Poll.SIZE, 8);
            MemorySegment timeout = arena.allocate(Poll.TIMESPEC_SIZE, 8);
            Poll.set(set, 0, held, Poll.POLLIN);
            Poll.timespec(timeout, limit.toNanos());
            Libc.ppoll(Libc.errnoState(), set, 1, timeout);
            int n = receive(held);
            if (n == -Errno.EAGAIN) {
                return Optional.empty();
            }
            LinuxException.check(n, "recvfrom", "AF_NETLINK");
            return Optional.of(in.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE));
        } finally {
            fd.leave();
        }
    }

    private static void check(Request request, ErrorMessage end) throws LinuxException {
        if (end.isAcknowledgement()) {
            return;
        }
        String words = end.text().orElse("");
        if (end.missingType().isPresent()) {
            words += (words.isEmpty() ? "" : ", ") + "attribute "
                    + end.missingType().getAsInt() + " is missing";
        }
        String hint = words.isEmpty() ? Hints.of(request.call(), end.errno()) : words;
        throw new LinuxException(request.call(), request.subject(), end.errno(), hint);
    }

    @Override
    public void close() {
        fd.close();
    }
}
