package adit.linux.sys;

import static adit.linux.sys.Linkage.INT;
import static adit.linux.sys.Linkage.LONG;
import static adit.linux.sys.Linkage.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// Memory that is shared with the kernel.
public final class LibcMemory {
    private static final int PROT_READ = 1;
    private static final int PROT_WRITE = 2;
    private static final int MAP_SHARED = 1;

    private LibcMemory() {}

    /// mmap(2) of the first `size` octets of `fd`, to read and write. Answers the address for [#memory], or the
    /// negative errno.
    public static long map(MemorySegment errno, int fd, long size) {
        try {
            long address = (long) Mmap.HANDLE.invokeExact(
                    errno, MemorySegment.NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0L);
            return address == -1 ? Linkage.answer(errno, -1) : address;
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    /// The memory that [#map] has mapped at `address`, which goes back to the kernel when `arena` is closed.
    public static MemorySegment memory(long address, long size, Arena arena) {
        return Linkage.memory(address, size, arena, LibcMemory::unmap);
    }

    private static void unmap(MemorySegment memory) {
        try {
            int _ = (int) Munmap.HANDLE.invokeExact(Libc.errnoState(), memory.address(), memory.byteSize());
        } catch (Throwable t) {
            throw Linkage.unexpected(t);
        }
    }

    private static final class Mmap {
        static final MethodHandle HANDLE =
                Linkage.link("mmap", FunctionDescriptor.of(LONG, POINTER, LONG, INT, INT, INT, LONG));
    }

    private static final class Munmap {
        static final MethodHandle HANDLE = Linkage.link("munmap", FunctionDescriptor.of(INT, LONG, LONG));
    }
}
