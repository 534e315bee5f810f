package adit.linux.sys;

import static adit.linux.sys.Linkage.INT;
import static adit.linux.sys.Linkage.LONG;
import static adit.linux.sys.Linkage.POINTER;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Objects;

/// Calls on sockets, in the shape of [Libc]: each answers what the call answered, or the negative errno. Memory
/// is bounds-checked against the lengths beside it, but not what a `msghdr` points to.
public final class LibcSocket {
    private LibcSocket() {}

    /// socket(2). Answers a descriptor.
    public static int socket(MemorySegment errno, int domain, int type, int protocol) {
        try {
            return Linkage.answer(errno, (int) Socket.HANDLE.invokeExact(errno, domain, type, protocol));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    private static final class Socket {
        static final MethodHandle HANDLE = Linkage.link("socket", FunctionDescriptor.of(INT, INT, INT, INT));
    }

    /// bind(2) to the first `length` octets of `address`, a `sockaddr`.
    public static int bind(MemorySegment errno, int fd, MemorySegment address, int length) {
        try {
            return Linkage.answer(errno, (int) Bind.HANDLE.invokeExact(errno, fd, address.asSlice(0, length), length));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    private static final class Bind {
        static final MethodHandle HANDLE = Linkage.link("bind", FunctionDescriptor.of(INT, INT, POINTER, INT));
    }

    /// setsockopt(2) with the first `length` octets of `value`.
    public static int setsockopt(MemorySegment errno, int fd, int level, int option, MemorySegment value, int length) {
        try {
            // No slice: the size of segments changes often.
            Objects.checkFromIndexSize(0, length, value.byteSize());
            return Linkage.answer(errno, (int) Setsockopt.HANDLE.invokeExact(errno, fd, level, option, value, length));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    private static final class Setsockopt {
        static final MethodHandle HANDLE =
                Linkage.link("setsockopt", FunctionDescriptor.of(INT, INT, INT, INT, POINTER, INT));
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
            // No slice: it is made often, and the compiler does not always see that a slice is not kept.
            Objects.checkFromIndexSize(0, size, segment.byteSize());
            Objects.checkFromIndexSize(0, length, address.byteSize());
            return Linkage.answer(
                    errno, (long) Sendto.HANDLE.invokeExact(errno, fd, segment, size, flags, address, length));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    private static final class Sendto {
        static final MethodHandle HANDLE =
                Linkage.link("sendto", FunctionDescriptor.of(LONG, INT, POINTER, LONG, INT, POINTER, INT));
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
            // No slice: it is asked often, and the compiler does not always see that a slice is not kept.
            Objects.checkFromIndexSize(0, size, segment.byteSize());
            return Linkage.answer(
                    errno, (long) Recvfrom.HANDLE.invokeExact(errno, fd, segment, size, flags, address, length));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    private static final class Recvfrom {
        static final MethodHandle HANDLE =
                Linkage.link("recvfrom", FunctionDescriptor.of(LONG, INT, POINTER, LONG, INT, POINTER, POINTER));
    }

    /// recvmsg(2) into one `msghdr`.
    public static int recvmsg(MemorySegment errno, int fd, MemorySegment message, int flags) {
        try {
            return Linkage.answer(errno, (long) Recvmsg.HANDLE.invokeExact(errno, fd, message, flags));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    private static final class Recvmsg {
        static final MethodHandle HANDLE = Linkage.link("recvmsg", FunctionDescriptor.of(LONG, INT, POINTER, INT));
    }

    /// sendmmsg(2) of the first `count` elements of `messages`, each a `mmsghdr`. Answers how many went out.
    public static int sendmmsg(MemorySegment errno, int fd, MemorySegment messages, int count, int flags) {
        try {
            return Linkage.answer(errno, (int) Sendmmsg.HANDLE.invokeExact(errno, fd, messages, count, flags));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    private static final class Sendmmsg {
        static final MethodHandle HANDLE = Linkage.link("sendmmsg", FunctionDescriptor.of(INT, INT, POINTER, INT, INT));
    }

    /// recvmmsg(2) into the first `count` elements of `messages`. `timeout` is a `timespec` or
    /// [MemorySegment#NULL].
    public static int recvmmsg(
            MemorySegment errno, int fd, MemorySegment messages, int count, int flags, MemorySegment timeout) {
        try {
            return Linkage.answer(errno, (int) Recvmmsg.HANDLE.invokeExact(errno, fd, messages, count, flags, timeout));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    private static final class Recvmmsg {
        static final MethodHandle HANDLE =
                Linkage.link("recvmmsg", FunctionDescriptor.of(INT, INT, POINTER, INT, INT, POINTER));
    }

    /// socketpair(2). Writes two descriptors, ints, into `pair`.
    public static int socketpair(MemorySegment errno, int domain, int type, int protocol, MemorySegment pair) {
        try {
            return Linkage.answer(errno, (int) Socketpair.HANDLE.invokeExact(errno, domain, type, protocol, pair));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    private static final class Socketpair {
        static final MethodHandle HANDLE =
                Linkage.link("socketpair", FunctionDescriptor.of(INT, INT, INT, INT, POINTER));
    }
}
