package adit.conformance.world;

import java.lang.foreign.MemorySegment;

/// An open file of the driver. Each call answers what the system call answers, or the negative errno.
public interface TunHandle {
    /// What open(2) answered: 0 when there is a file.
    int opened();

    /// ioctl(2) with a number.
    int ioctl(int command, long value);

    /// ioctl(2) with memory.
    int ioctl(int command, MemorySegment argument);

    /// read(2) into one native segment, readv(2) into several.
    int read(MemorySegment... into);

    /// write(2) of one native segment, writev(2) of several.
    int write(MemorySegment... from);

    /// The events of poll(2) that stand now.
    int poll();

    /// The driver's line in the file's fdinfo, without its end; empty when there is none.
    String fdinfo();

    /// Closes a descriptor that an ioctl answered.
    void release(int descriptor);

    /// close(2).
    int close();
}
