package adit.linux.sys;

import static adit.linux.sys.Linkage.INT;
import static adit.linux.sys.Linkage.LONG;
import static adit.linux.sys.Linkage.POINTER;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// Calls on the process and the calling thread, in the shape of [Libc]: each answers what the call answered, or
/// the negative errno.
public final class LibcProcess {

    private LibcProcess() {}

    /// setns(2): moves the calling thread into the namespace that `fd` names.
    public static int setns(MemorySegment errno, int fd, int kind) {
        try {
            return Linkage.answer(errno, (int) Setns.HANDLE.invokeExact(errno, fd, kind));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    private static final class Setns {
        static final MethodHandle HANDLE = Linkage.link("setns", FunctionDescriptor.of(INT, INT, INT));
    }

    /// unshare(2): gives the calling thread namespaces of its own.
    public static int unshare(MemorySegment errno, int kinds) {
        try {
            return Linkage.answer(errno, (int) Unshare.HANDLE.invokeExact(errno, kinds));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    private static final class Unshare {
        static final MethodHandle HANDLE = Linkage.link("unshare", FunctionDescriptor.of(INT, INT));
    }

    /// mount(2). All but the flags are NUL-terminated strings or [MemorySegment#NULL].
    public static int mount(
            MemorySegment errno,
            MemorySegment source,
            MemorySegment target,
            MemorySegment type,
            long flags,
            MemorySegment data) {
        try {
            return Linkage.answer(errno, (int) Mount.HANDLE.invokeExact(errno, source, target, type, flags, data));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    private static final class Mount {
        static final MethodHandle HANDLE =
                Linkage.link("mount", FunctionDescriptor.of(INT, POINTER, POINTER, POINTER, LONG, POINTER));
    }

    /// umount2(2).
    public static int umount2(MemorySegment errno, MemorySegment target, int flags) {
        try {
            return Linkage.answer(errno, (int) Umount2.HANDLE.invokeExact(errno, target, flags));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    private static final class Umount2 {
        static final MethodHandle HANDLE = Linkage.link("umount2", FunctionDescriptor.of(INT, POINTER, INT));
    }

    /// getuid(2).
    public static int getuid(MemorySegment errno) {
        try {
            return Linkage.answer(errno, (int) Getuid.HANDLE.invokeExact(errno));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    private static final class Getuid {
        static final MethodHandle HANDLE = Linkage.link("getuid", FunctionDescriptor.of(INT));
    }

    /// geteuid(2).
    public static int geteuid(MemorySegment errno) {
        try {
            return Linkage.answer(errno, (int) Geteuid.HANDLE.invokeExact(errno));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    private static final class Geteuid {
        static final MethodHandle HANDLE = Linkage.link("geteuid", FunctionDescriptor.of(INT));
    }

    /// getegid(2).
    public static int getegid(MemorySegment errno) {
        try {
            return Linkage.answer(errno, (int) Getegid.HANDLE.invokeExact(errno));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    private static final class Getegid {
        static final MethodHandle HANDLE = Linkage.link("getegid", FunctionDescriptor.of(INT));
    }

    /// gettid(2): the calling thread's number.
    public static int gettid(MemorySegment errno) {
        try {
            return Linkage.answer(errno, (int) Gettid.HANDLE.invokeExact(errno));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    private static final class Gettid {
        static final MethodHandle HANDLE = Linkage.link("gettid", FunctionDescriptor.of(INT));
    }

    /// capget(2).
    public static int capget(MemorySegment errno, MemorySegment header, MemorySegment data) {
        try {
            return Linkage.answer(errno, (int) Capget.HANDLE.invokeExact(errno, header, data));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    private static final class Capget {
        static final MethodHandle HANDLE = Linkage.link("capget", FunctionDescriptor.of(INT, POINTER, POINTER));
    }
}
