package adit.linux.sys;

import static adit.linux.sys.Linkage.INT;
import static adit.linux.sys.Linkage.LONG;
import static adit.linux.sys.Linkage.POINTER;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// Calls on sockets, in the shape of [Libc]: each answers what the call answered, or the negative errno. Memory
/// is bounds-checked against the lengths beside it, but not what a `msghdr` points to.
public final class LibcSocket {
    private static final MethodHandle SOCKET = Linkage.link("socket", FunctionDescriptor.of(INT, INT, INT, INT));
    private static final MethodHandle BIND = Linkage.link("bind", FunctionDescriptor.of(INT, INT, POINTER, INT));
    private static final MethodHandle CONNECT = Linkage.link("connect", FunctionDescriptor.of(INT, INT, POINTER, INT));
    private static final MethodHandle SETSOCKOPT =
            Linkage.link("setsockopt", FunctionDescriptor.of(INT, INT, INT, INT, POINTER, INT));
    private static final MethodHandle GETSOCKOPT =
            Linkage.link("getsockopt", FunctionDescriptor.of(INT, INT, INT, INT, POINTER, POINTER));
    private static final MethodHandle GETSOCKNAME =
            Linkage.link("getsockname", FunctionDescriptor.of(INT, INT, POINTER, POINTER));
    private static final MethodHandle SENDTO =
            Linkage.link("sendto", FunctionDescriptor.of(LONG, INT, POINTER, LONG, INT, POINTER, INT));
    private static final MethodHandle RECVFROM =
            Linkage.link("recvfrom", FunctionDescriptor.of(LONG, INT, POINTER, LONG, INT, POINTER, POINTER));
    private static final MethodHandle SENDMSG = Linkage.link("sendmsg", FunctionDescriptor.of(LONG, INT, POINTER, INT));
    private static final MethodHandle RECVMSG = Linkage.link("recvmsg", FunctionDescriptor.of(LONG, INT, POINTER, INT));
    private static final MethodHandle SENDMMSG =
            Linkage.link("sendmmsg", FunctionDescriptor.of(INT, INT, POINTER, INT, INT));
    private static final MethodHandle RECVMMSG =
            Linkage.link("recvmmsg", FunctionDescriptor.of(INT, INT, POINTER, INT, INT, POINTER));
    private static final MethodHandle SHUTDOWN = Linkage.link("shutdown", FunctionDescriptor.of(INT, INT, INT));
    private static final MethodHandle SOCKETPAIR =
            Linkage.link("socketpair", FunctionDescriptor.of(INT, INT, INT, INT, POINTER));

    private LibcSocket() {}

    /// socket(2). Answers a descriptor.
    public static int socket(MemorySegment errno, int domain, int type, int protocol) {
        try {
            return Linkage.answer(errno, (int) SOCKET.invokeExact(errno, domain, type, protocol));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    /// bind(2) to the first `length` octets of `address`, a `sockaddr`.
    public static int bind(MemorySegment errno, int fd, MemorySegment address, int length) {
        try {
            return Linkage.answer(errno, (int) BIND.invokeExact(errno, fd, address.asSlice(0, length), length));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    /// connect(2) to the first `length` octets of `address`, a `sockaddr`.
    public static int connect(MemorySegment errno, int fd, MemorySegment address, int length) {
        try {
            return Linkage.answer(errno, (int) CONNECT.invokeExact(errno, fd, address.asSlice(0, length), length));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    /// setsockopt(2) with the first `length` octets of `value`.
    public static int setsockopt(MemorySegment errno, int fd, int level, int option, MemorySegment value, int length) {
        try {
            return Linkage.answer(
                    errno, (int) SETSOCKOPT.invokeExact(errno, fd, level, option, value.asSlice(0, length), length));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    /// getsockopt(2). `length` is an int, in: the room in `value`; out: what was written.
    public static int getsockopt(
            MemorySegment errno, int fd, int level, int option, MemorySegment value, MemorySegment length) {
        try {
            return Linkage.answer(errno, (int) GETSOCKOPT.invokeExact(errno, fd, level, option, value, length));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    /// getsockname(2). `length` is an int, in: the room in `address`; out: the size of the address.
    public static int getsockname(MemorySegment errno, int fd, MemorySegment address, MemorySegment length) {
        try {
            return Linkage.answer(errno, (int) GETSOCKNAME.invokeExact(errno, fd, address, length));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    /// sendto(2). `address` may be [MemorySegment#NULL] with `length` 0.
    public static int sendto(
            MemorySegment errno,
            int fd,
            MemorySegment segment,
            long size,
            int flags,
            MemorySegment address,
            int length) {
        try {
            return Linkage.answer(errno, (long)
                    SENDTO.invokeExact(errno, fd, segment.asSlice(0, size), size, flags, address, length));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    /// recvfrom(2). `address` and `length` may both be [MemorySegment#NULL].
    public static int recvfrom(
            MemorySegment errno,
            int fd,
            MemorySegment segment,
            long size,
            int flags,
            MemorySegment address,
            MemorySegment length) {
        try {
            return Linkage.answer(errno, (long)
                    RECVFROM.invokeExact(errno, fd, segment.asSlice(0, size), size, flags, address, length));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    /// sendmsg(2) of one `msghdr`.
    public static int sendmsg(MemorySegment errno, int fd, MemorySegment message, int flags) {
        try {
            return Linkage.answer(errno, (long) SENDMSG.invokeExact(errno, fd, message, flags));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    /// recvmsg(2) into one `msghdr`.
    public static int recvmsg(MemorySegment errno, int fd, MemorySegment message, int flags) {
        try {
            return Linkage.answer(errno, (long) RECVMSG.invokeExact(errno, fd, message, flags));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    /// sendmmsg(2) of the first `count` elements of `messages`, each a `mmsghdr`. Answers how many went out.
    public static int sendmmsg(MemorySegment errno, int fd, MemorySegment messages, int count, int flags) {
        try {
            return Linkage.answer(errno, (int) SENDMMSG.invokeExact(errno, fd, messages, count, flags));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    /// recvmmsg(2) into the first `count` elements of `messages`. `timeout` is a `timespec` or
    /// [MemorySegment#NULL].
    public static int recvmmsg(
            MemorySegment errno, int fd, MemorySegment messages, int count, int flags, MemorySegment timeout) {
        try {
            return Linkage.answer(errno, (int) RECVMMSG.invokeExact(errno, fd, messages, count, flags, timeout));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    /// shutdown(2).
    public static int shutdown(MemorySegment errno, int fd, int how) {
        try {
            return Linkage.answer(errno, (int) SHUTDOWN.invokeExact(errno, fd, how));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    /// socketpair(2). Writes two descriptors, ints, into `pair`.
    public static int socketpair(MemorySegment errno, int domain, int type, int protocol, MemorySegment pair) {
        try {
            return Linkage.answer(errno, (int) SOCKETPAIR.invokeExact(errno, domain, type, protocol, pair));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }
}
