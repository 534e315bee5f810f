package adit.tun;

import adit.device.Errno;
import java.lang.foreign.MemorySegment;

/// What stands at an address: the argument of an ioctl that came as a number, or the program that a `struct
/// sock_fprog` names.
///
/// Java memory can't be reached by its address without a restricted method, and a wrong address would end the
/// process instead of answering EFAULT. So a driver is told where to look.
@FunctionalInterface
public interface UserMemory {
    /// Copies as many octets as `into` has from `address`, and answers 0, or EFAULT when they are not all
    /// there.
    int read(long address, MemorySegment into);

    /// Copies all octets of `from` to `address`, and answers 0, or EFAULT when there is no place for all of
    /// them.
    default int write(long address, MemorySegment from) {
        return -Errno.EFAULT;
    }

    /// Memory in which there is nothing.
    static UserMemory none() {
        return (address, into) -> -Errno.EFAULT;
    }

    /// The memory of this process, as a kernel sees it: what a caller made by any means, native code included,
    /// is found at its address, and where nothing is mapped the answer is EFAULT. By way of `/proc/self/mem`,
    /// so there is nothing at any address on other systems than Linux, and where a process may not open that
    /// file.
    static UserMemory process() {
        return ProcessMemory.INSTANCE;
    }

    /// The memory of these native segments.
    static UserMemory of(MemorySegment... known) {
        MemorySegment[] segments = known.clone();
        return new UserMemory() {
            @Override
            public int read(long address, MemorySegment into) {
                MemorySegment found = find(address, into.byteSize());
                return found == null ? -Errno.EFAULT : copied(found, into);
            }

            @Override
            public int write(long address, MemorySegment from) {
                MemorySegment found = find(address, from.byteSize());
                return found == null || found.isReadOnly() ? -Errno.EFAULT : copied(from, found);
            }

            private MemorySegment find(long address, long octets) {
                for (MemorySegment s : segments) {
                    long offset = address - s.address();
                    if (offset >= 0 && offset <= s.byteSize() - octets) {
                        return s.asSlice(offset, octets);
                    }
                }
                return null;
            }

            private int copied(MemorySegment from, MemorySegment to) {
                to.copyFrom(from);
                return 0;
            }
        };
    }
}
