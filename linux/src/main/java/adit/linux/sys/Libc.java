package adit.linux.sys;

import static adit.linux.sys.Linkage.INT;
import static adit.linux.sys.Linkage.LONG;
import static adit.linux.sys.Linkage.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Objects;

/// Calls on file descriptors. Each answers what the call answered, or the negative errno.
///
/// The first argument is an errno state: memory of the caller's where the call leaves errno. It must not be in
/// use by two threads at once. A port keeps one for each direction ([#newErrnoState]); other code takes the
/// thread's own ([#errnoState]).
///
/// `(segment, at, length)` names a run of octets and is bounds-checked. A call that may block pins the carrier
/// of a virtual thread.
public final class Libc {
    // One state a thread, freed when the thread is gone.
    private static final ThreadLocal<MemorySegment> ERRNO_STATE =
            ThreadLocal.withInitial(() -> Linkage.newErrnoState(Arena.ofAuto()));

    private Libc() {}

    /// The errno state of the calling thread.
    public static MemorySegment errnoState() {
        return ERRNO_STATE.get();
    }

    /// An errno state for an owner that makes its calls one at a time.
    public static MemorySegment newErrnoState(Arena arena) {
        return Linkage.newErrnoState(arena);
    }

    /// open(2). `path` is NUL-terminated; answers a descriptor.
    public static int open(MemorySegment errno, MemorySegment path, int flags, int mode) {
        try {
            return Linkage.answer(errno, (int) Open.HANDLE.invokeExact(errno, path, flags, mode));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    private static final class Open {
        static final MethodHandle HANDLE =
                Linkage.linkVariadic("open", 2, FunctionDescriptor.of(INT, POINTER, INT, INT));
    }

    /// close(2). The descriptor is gone whatever this answers, so it is never called twice.
    public static int close(MemorySegment errno, int fd) {
        try {
            return Linkage.answer(errno, (int) Close.HANDLE.invokeExact(errno, fd));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    private static final class Close {
        static final MethodHandle HANDLE = Linkage.link("close", FunctionDescriptor.of(INT, INT));
    }

    /// read(2) of at most `length` octets.
    public static int read(MemorySegment errno, int fd, MemorySegment segment, long at, long length) {
        try {
            return Linkage.answer(
                    errno, (long) Read.HANDLE.invokeExact(errno, fd, segment.asSlice(at, length), length));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    private static final class Read {
        static final MethodHandle HANDLE = Linkage.link("read", FunctionDescriptor.of(LONG, INT, POINTER, LONG));
    }

    /// pread(2) of at most `length` octets from the octet `offset` of the file on.
    public static int pread(MemorySegment errno, int fd, MemorySegment segment, long at, long length, long offset) {
        try {
            return Linkage.answer(
                    errno, (long) Pread.HANDLE.invokeExact(errno, fd, segment.asSlice(at, length), length, offset));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    private static final class Pread {
        static final MethodHandle HANDLE = Linkage.link("pread", FunctionDescriptor.of(LONG, INT, POINTER, LONG, LONG));
    }

    /// write(2).
    public static int write(MemorySegment errno, int fd, MemorySegment segment, long at, long length) {
        try {
            return Linkage.answer(
                    errno, (long) Write.HANDLE.invokeExact(errno, fd, segment.asSlice(at, length), length));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    private static final class Write {
        static final MethodHandle HANDLE = Linkage.link("write", FunctionDescriptor.of(LONG, INT, POINTER, LONG));
    }

    /// readv(2) into the first `count` elements of `vectors`, as [Iovec] lays them out. What the elements point
    /// to must stay alive, and only the caller can see to it.
    public static int readv(MemorySegment errno, int fd, MemorySegment vectors, int count) {
        try {
            Iovec.check(vectors, count);
            return Linkage.answer(errno, (long) Readv.HANDLE.invokeExact(errno, fd, vectors, count));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    private static final class Readv {
        static final MethodHandle HANDLE = Linkage.link("readv", FunctionDescriptor.of(LONG, INT, POINTER, INT));
    }

    /// writev(2) from the first `count` elements of `vectors`, with the caution of [#readv].
    public static int writev(MemorySegment errno, int fd, MemorySegment vectors, int count) {
        try {
            Iovec.check(vectors, count);
            return Linkage.answer(errno, (long) Writev.HANDLE.invokeExact(errno, fd, vectors, count));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    private static final class Writev {
        static final MethodHandle HANDLE = Linkage.link("writev", FunctionDescriptor.of(LONG, INT, POINTER, INT));
    }

    /// ioctl(2) whose argument is memory. The command says how large that must be; this can't check it.
    public static int ioctl(MemorySegment errno, int fd, int command, MemorySegment argument) {
        try {
            long request = Integer.toUnsignedLong(command);
            return Linkage.answer(errno, (int) Ioctl.HANDLE.invokeExact(errno, fd, request, argument));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    private static final class Ioctl {
        static final MethodHandle HANDLE =
                Linkage.linkVariadic("ioctl", 2, FunctionDescriptor.of(INT, INT, LONG, POINTER));
    }

    /// ioctl(2) whose argument is a number.
    public static int ioctl(MemorySegment errno, int fd, int command, long value) {
        try {
            long request = Integer.toUnsignedLong(command);
            return Linkage.answer(errno, (int) IoctlValue.HANDLE.invokeExact(errno, fd, request, value));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    private static final class IoctlValue {
        static final MethodHandle HANDLE =
                Linkage.linkVariadic("ioctl", 2, FunctionDescriptor.of(INT, INT, LONG, LONG));
    }

    /// fcntl(2) with a number, as [Fcntl] names the commands.
    public static int fcntl(MemorySegment errno, int fd, int command, int value) {
        try {
            return Linkage.answer(errno, (int) Fcntl.HANDLE.invokeExact(errno, fd, command, value));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    private static final class Fcntl {
        static final MethodHandle HANDLE = Linkage.linkVariadic("fcntl", 2, FunctionDescriptor.of(INT, INT, INT, INT));
    }

    /// ppoll(2) on the first `count` elements of `descriptors`, as [Poll] lays them out. `timeout` is a
    /// `timespec`, or [MemorySegment#NULL] to wait without end. Answers how many are ready.
    public static int ppoll(MemorySegment errno, MemorySegment descriptors, int count, MemorySegment timeout) {
        try {
            Objects.checkFromIndexSize(0, (long) count * Poll.SIZE, descriptors.byteSize());
            return Linkage.answer(errno, (int)
                    Ppoll.HANDLE.invokeExact(errno, descriptors, (long) count, timeout, MemorySegment.NULL));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    private static final class Ppoll {
        static final MethodHandle HANDLE =
                Linkage.link("ppoll", FunctionDescriptor.of(INT, POINTER, LONG, POINTER, POINTER));
    }

    /// eventfd(2). Answers a descriptor.
    public static int eventfd(MemorySegment errno, int initial, int flags) {
        try {
            return Linkage.answer(errno, (int) Eventfd.HANDLE.invokeExact(errno, initial, flags));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    private static final class Eventfd {
        static final MethodHandle HANDLE = Linkage.link("eventfd", FunctionDescriptor.of(INT, INT, INT));
    }
}
