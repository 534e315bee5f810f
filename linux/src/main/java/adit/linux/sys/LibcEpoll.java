package adit.linux.sys;

import static adit.linux.sys.Linkage.INT;
import static adit.linux.sys.Linkage.POINTER;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// epoll(7). Each call answers what it answered, or the negative errno; see [Libc].
public final class LibcEpoll {
    private LibcEpoll() {}

    /// epoll_create1(2). Answers a descriptor.
    public static int create(MemorySegment errno, int flags) {
        try {
            return Linkage.answer(errno, (int) Create.HANDLE.invokeExact(errno, flags));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    private static final class Create {
        static final MethodHandle HANDLE = Linkage.link("epoll_create1", FunctionDescriptor.of(INT, INT));
    }

    /// epoll_ctl(2). `event` is an [EpollEvent].
    public static int control(MemorySegment errno, int epoll, int operation, int fd, MemorySegment event) {
        try {
            return Linkage.answer(errno, (int) Control.HANDLE.invokeExact(errno, epoll, operation, fd, event));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    private static final class Control {
        static final MethodHandle HANDLE =
                Linkage.link("epoll_ctl", FunctionDescriptor.of(INT, INT, INT, INT, POINTER));
    }

    /// epoll_wait(2) for at most `count` events; a negative timeout never passes.
    public static int await(MemorySegment errno, int epoll, MemorySegment events, int count, int timeoutMillis) {
        try {
            EpollEvent.check(events, count);
            return Linkage.answer(errno, (int) Wait.HANDLE.invokeExact(errno, epoll, events, count, timeoutMillis));
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    private static final class Wait {
        static final MethodHandle HANDLE =
                Linkage.link("epoll_wait", FunctionDescriptor.of(INT, INT, POINTER, INT, INT));
    }
}
