package adit.tun;

import java.lang.foreign.MemorySegment;

/// An open `/dev/net/tun`: what a program holds of a TUN or TAP device. The same interface stands in front of
/// the driver in memory (`TunDriver`) and of the kernel's, so that a program runs on either by changing where
/// it opens.
///
/// This is the level of system calls. Nothing here throws for what a file or a device can answer: a call
/// answers what the kernel's would, and a failure is a negative [adit.device.Errno]. `TunChannel` and
/// `TunControl` put Java's conventions on top.
///
/// One read answers one packet, one write takes one, with the framing of the device in front: a tun_pi unless
/// it was attached with `IFF_NO_PI`, then a virtio-net header if with `IFF_VNET_HDR`.
///
/// Memory is the caller's for the duration of a call. Where octets named by a call lie outside of the segment,
/// the answer is EFAULT, as it is for a bad address. All methods may be called from any threads at once.
/// Closing wakes whoever waits.
public interface TunFile extends AutoCloseable {
    /// Moves one packet into `length` octets at `at`, and answers how many octets it put there; the rest of a
    /// larger packet is lost. Without a packet it waits, or answers EAGAIN when the file is not [#blocking()].
    ///
    /// EBADFD without a device; EFAULT when the device was deleted during the wait; EINVAL when there is no
    /// room even for the framing; EINTR when the thread is interrupted, which stays so; EBADF once closed.
    int read(MemorySegment s, long at, int length);

    /// As [#read(MemorySegment, long, int)], into several places one after another: readv(2). EINVAL for more than
    /// 1024.
    int read(IoVectors into);

    /// Hands `length` octets at `at` to the stack as one packet with its framing, and answers `length`.
    ///
    /// EBADFD without a device; EIO when the device is down; EINVAL when framing or packet are malformed; EBADF
    /// once closed.
    int write(MemorySegment s, long at, int length);

    /// As [#write(MemorySegment, long, int)], from several places one after another: writev(2). EINVAL for more than
    /// 1024.
    int write(IoVectors from);

    /// Moves one packet into `into`.
    default int read(MemorySegment into) {
        return read(into, 0, (int) Math.min(into.byteSize(), Integer.MAX_VALUE));
    }

    /// Hands `packet` to the stack.
    default int write(MemorySegment packet) {
        return write(packet, 0, (int) Math.min(packet.byteSize(), Integer.MAX_VALUE));
    }

    /// Writes packets, one from each vector. Answers how many before the first that failed, or the failure when
    /// that was the first one. With `IFF_NAPI`, what is written together may be coalesced.
    default int writeBatch(IoVectors from) {
        for (int i = 0; i < from.count(); i++) {
            int n = write(from.segment(i), from.offset(i), from.length(i));
            if (n < 0) {
                return i == 0 ? n : i;
            }
        }
        return from.count();
    }

    /// Which of `events` hold now, of [PollEvents]; [PollEvents#ERR] is always among those asked for. Does not
    /// wait: that is a [TunPoller]'s.
    int poll(int events);

    /// Any ioctl with memory as its argument, of [TunIoctl] and those of [Ifreq]. Answers what the kernel
    /// answers. The memory has the kernel's structures at the kernel's offsets, in the host's byte order;
    /// EFAULT when it is too small. A native segment of no octets is a pointer, as Java gets one from elsewhere,
    /// and taken for its address.
    int ioctl(int command, MemorySegment argument);

    /// Any ioctl with a number as its argument. For one that wants memory, the number is an address, and EFAULT
    /// the answer where nothing can be found at it.
    int ioctl(int command, long value);

    /// Whether reads wait for a packet; so it is at first.
    boolean blocking();

    /// Says whether reads wait for a packet: O_NONBLOCK.
    void blocking(boolean waits);

    /// Has `signal` run whenever a packet arrives, as FASYNC has SIGIO raised; null for no longer. It runs on
    /// the thread that brings the packet, so it must be short, not throw, and not wait.
    void onReadable(Runnable signal);

    /// What the driver shows of this file in `/proc/self/fdinfo`: `iff:`, a tab, the device's name, a line
    /// feed; without a device the name is empty.
    String fdinfo();

    /// Whether the file is open.
    boolean isOpen();

    /// Closes the file and wakes whoever waits on it. A device that is not persistent goes with its last file.
    /// Closing again does nothing.
    @Override
    void close();
}
