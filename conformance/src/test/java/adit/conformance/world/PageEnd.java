package adit.conformance.world;

import java.lang.foreign.MemorySegment;

/// Memory that ends where nobody may look: what is called with a longer length meets a bad address.
public final class PageEnd implements AutoCloseable {
    private static final int PAGE = 4096;
    private static final int READ_WRITE = 3;
    private static final int NONE = 0;
    private static final int PRIVATE_ANONYMOUS = 0x22;

    private final long start;
    private final long length;
    private final MemorySegment memory;

    /// `octets` octets in front of such a place.
    @SuppressWarnings("restricted") // Nobody but the kernel can be asked for a page without rights.
    public PageEnd(int octets) {
        long pages = (long) (octets + PAGE - 1) / PAGE * PAGE;
        length = pages + PAGE;
        start = Syscall.MMAP.require(0, length, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0);
        Syscall.MPROTECT.require(start + pages, PAGE, NONE);
        memory = MemorySegment.ofAddress(start + pages - octets).reinterpret(octets);
    }

    /// The octets. Gone with this object.
    public MemorySegment memory() {
        return memory;
    }

    @Override
    public void close() {
        Syscall.MUNMAP.require(start, length);
    }
}
