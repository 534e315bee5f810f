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
    private static final int CLOCK_THREAD_CPUTIME_ID = 3;

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

    /// sched_getattr(2) of the calling thread into `attributes`, a [SchedAttr].
    public static int schedGetattr(MemorySegment errno, MemorySegment attributes) {
        return sched(errno, Sched.getattrNumber(), attributes, SchedAttr.SIZE);
    }

    /// sched_setattr(2) of the calling thread.
    public static int schedSetattr(MemorySegment errno, MemorySegment attributes) {
        return sched(errno, Sched.setattrNumber(), attributes, 0);
    }

    /// The two by syscall(2), since glibc has had them only from 2.41 on. The second takes no fourth argument and so
    /// does not look at one.
    private static int sched(MemorySegment errno, long number, MemorySegment attributes, int sizeOrFlags) {
        try {
            MemorySegment checked = attributes.asSlice(0, SchedAttr.SIZE);
            return Linkage.answer(
                    errno, (long) SchedAttributes.HANDLE.invokeExact(errno, number, 0, checked, sizeOrFlags, 0));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    private static final class SchedAttributes {
        static final MethodHandle HANDLE =
                Linkage.linkVariadic("syscall", 1, FunctionDescriptor.of(LONG, LONG, INT, POINTER, INT, INT));
    }

    /// clock_gettime(2): how long the calling thread has had a processor, into `time`, a `timespec` ([Poll]).
    public static int threadTime(MemorySegment errno, MemorySegment time) {
        try {
            return Linkage.answer(errno, (int) ClockGettime.HANDLE.invokeExact(errno, CLOCK_THREAD_CPUTIME_ID, time));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    private static final class ClockGettime {
        static final MethodHandle HANDLE = Linkage.link("clock_gettime", FunctionDescriptor.of(INT, INT, POINTER));
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
}
