package adit.linux.sys;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.function.Consumer;

/// Links functions of libc so that errno is caught right behind the call, before the JVM can overwrite it.
final class Linkage {
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    static final AddressLayout POINTER = ValueLayout.ADDRESS;

    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final long ERRNO = STATE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));
    private static final Linker.Option CAPTURE = Linker.Option.captureCallState("errno");

    private Linkage() {}

    static MemorySegment newErrnoState(Arena arena) {
        return arena.allocate(STATE);
    }

    static MethodHandle link(String name, FunctionDescriptor descriptor) {
        return link(name, descriptor, CAPTURE);
    }

    /// Links a function whose arguments from `firstVariadic` on stand behind the `...` of its prototype. Those
    /// travel in other places on some machines.
    static MethodHandle linkVariadic(String name, int firstVariadic, FunctionDescriptor descriptor) {
        return link(name, descriptor, CAPTURE, Linker.Option.firstVariadicArg(firstVariadic));
    }

    @SuppressWarnings("restricted") // The one place: all native calls of the project are linked here.
    private static MethodHandle link(String name, FunctionDescriptor descriptor, Linker.Option... options) {
        Platform.require();
        return Linker.nativeLinker().downcallHandle(find(name), descriptor, options);
    }

    private static MemorySegment find(String name) {
        return Linker.nativeLinker()
                .defaultLookup()
                .find(name)
                .orElseThrow(() -> new UnsupportedOperationException("this libc has no function " + name));
    }

    /// The address of a function, for those that take one.
    static long address(String name) {
        return find(name).address();
    }

    /// The memory of `size` octets at an address that the kernel gave, which `cleanup` gives back when `arena`
    /// is closed.
    @SuppressWarnings("restricted") // Nobody but the kernel knows where it is and how large.
    static MemorySegment memory(long address, long size, Arena arena, Consumer<MemorySegment> cleanup) {
        return MemorySegment.ofAddress(address).reinterpret(size, arena, cleanup);
    }

    /// What a call answered, or the negative errno when it failed.
    static int answer(MemorySegment errno, int returned) {
        return returned == -1 ? -errno.get(INT, ERRNO) : returned;
    }

    /// The same for a call that answers a `ssize_t`. Linux moves at most 0x7ffff000 octets a call, so an int
    /// holds it.
    static int answer(MemorySegment errno, long returned) {
        return returned == -1 ? -errno.get(INT, ERRNO) : (int) returned;
    }

    /// For what a method handle declares to throw. A call throws only for defects of the caller, such as a
    /// segment that is closed or of another thread.
    static RuntimeException unexpected(Throwable t) {
        switch (t) {
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(t);
        }
    }
}
