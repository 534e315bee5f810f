package adit.conformance.world;

import adit.tun.IoVectors;
import java.lang.foreign.MemorySegment;

/// An open file of the driver. Each call answers what the system call answers, or the negative errno.
public interface TunHandle {
    /// What open(2) answered: 0 when there is a file.
    int opened();

    /// ioctl(2) with a number.
    int ioctl(int command, long value);

    /// ioctl(2) with memory.
    int ioctl(int command, MemorySegment argument);

    /// read(2) into one place, readv(2) into several.
    int read(IoVectors into);

    /// write(2) from one place, writev(2) from several.
    int write(IoVectors from);

    /// The events of poll(2) that stand now.
    int poll();

    /// poll(2) that waits for one of `events`, and answers those that hold, or 0 after ten seconds.
    int await(int events);

    /// Switches O_NONBLOCK off or on.
    void blocking(boolean waits);

    /// Switches FASYNC on or off.
    void signals(boolean on);

    /// How many signals there were since the last call.
    int signalled();

    /// The driver's line in the file's fdinfo, without its end; empty when there is none.
    String fdinfo();

    /// Closes a descriptor that an ioctl answered.
    void release(int descriptor);

    /// close(2).
    int close();
}
