package adit.tun;

import adit.device.Errno;
import java.lang.foreign.MemorySegment;

/// What stands at an address that a kernel structure names, such as the program of a `struct sock_fprog`.
///
/// Java memory can't be reached by its address without a restricted method, and a wrong address would end the
/// process instead of answering EFAULT. So a driver is told where to look.
@FunctionalInterface
public interface UserMemory {
    /// Copies as many octets as `into` has from `address`, and answers 0, or EFAULT when they are not all
    /// there.
    int read(long address, MemorySegment into);

    /// Memory in which there is nothing.
    static UserMemory none() {
        return (address, into) -> -Errno.EFAULT;
    }

    /// The memory of these native segments.
    static UserMemory of(MemorySegment... known) {
        MemorySegment[] segments = known.clone();
        return (address, into) -> {
            for (MemorySegment s : segments) {
                long offset = address - s.address();
                if (offset >= 0 && offset <= s.byteSize() - into.byteSize()) {
                    MemorySegment.copy(s, offset, into, 0, into.byteSize());
                    return 0;
                }
            }
            return -Errno.EFAULT;
        };
    }
}
