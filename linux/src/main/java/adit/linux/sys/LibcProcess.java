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
    private static final MethodHandle SETNS = Linkage.link("setns", FunctionDescriptor.of(INT, INT, INT));
    private static final MethodHandle UNSHARE = Linkage.link("unshare", FunctionDescriptor.of(INT, INT));
    private static final MethodHandle MOUNT =
            Linkage.link("mount", FunctionDescriptor.of(INT, POINTER, POINTER, POINTER, LONG, POINTER));
    private static final MethodHandle UMOUNT2 = Linkage.link("umount2", FunctionDescriptor.of(INT, POINTER, INT));
    private static final MethodHandle GETUID = Linkage.link("getuid", FunctionDescriptor.of(INT));
    private static final MethodHandle GETEUID = Linkage.link("geteuid", FunctionDescriptor.of(INT));
    private static final MethodHandle GETEGID = Linkage.link("getegid", FunctionDescriptor.of(INT));
    private static final MethodHandle GETTID = Linkage.link("gettid", FunctionDescriptor.of(INT));
    private static final MethodHandle CAPGET = Linkage.link("capget", FunctionDescriptor.of(INT, POINTER, POINTER));

    private LibcProcess() {}

    /// setns(2): moves the calling thread into the namespace that `fd` names.
    public static int setns(MemorySegment errno, int fd, int kind) {
        try {
            return Linkage.answer(errno, (int) SETNS.invokeExact(errno, fd, kind));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    /// unshare(2): gives the calling thread namespaces of its own.
    public static int unshare(MemorySegment errno, int kinds) {
        try {
            return Linkage.answer(errno, (int) UNSHARE.invokeExact(errno, kinds));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
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
            return Linkage.answer(errno, (int) MOUNT.invokeExact(errno, source, target, type, flags, data));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    /// umount2(2).
    public static int umount2(MemorySegment errno, MemorySegment target, int flags) {
        try {
            return Linkage.answer(errno, (int) UMOUNT2.invokeExact(errno, target, flags));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    /// getuid(2).
    public static int getuid(MemorySegment errno) {
        try {
            return Linkage.answer(errno, (int) GETUID.invokeExact(errno));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    /// geteuid(2).
    public static int geteuid(MemorySegment errno) {
        try {
            return Linkage.answer(errno, (int) GETEUID.invokeExact(errno));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    /// getegid(2).
    public static int getegid(MemorySegment errno) {
        try {
            return Linkage.answer(errno, (int) GETEGID.invokeExact(errno));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    /// gettid(2): the calling thread's number.
    public static int gettid(MemorySegment errno) {
        try {
            return Linkage.answer(errno, (int) GETTID.invokeExact(errno));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    /// capget(2).
    public static int capget(MemorySegment errno, MemorySegment header, MemorySegment data) {
        try {
            return Linkage.answer(errno, (int) CAPGET.invokeExact(errno, header, data));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }
}
