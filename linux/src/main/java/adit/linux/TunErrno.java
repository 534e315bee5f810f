package adit.linux;

import adit.device.Errno;
import adit.packet.Refusal;

/// What an errno of read(2) or write(2) on a TUN file means for the packet at hand and for the device.
///
/// | errno | said by | meaning |
/// |---|---|---|
/// | EAGAIN | both | nothing to read; the send buffer is full |
/// | ENOBUFS, ENOMEM | both | the kernel has no memory for this packet |
/// | EIO | write | the device is down; it may come up again |
/// | EINVAL | write | the packet or its virtio-net header is malformed |
/// | EINVAL | read | the packet can't be described to this reader; it is lost |
/// | EMSGSIZE | write | more fragments than a packet can have |
/// | EBADFD | both | not attached: the device was deleted |
/// | EFAULT | read | the device is being deleted; the next call says EBADFD |
/// | EPERM, EACCES | write | a security module or a filter forbids it |
final class TunErrno {
    private TunErrno() {}

    /// Whether the device was deleted underneath.
    static boolean isGone(int errno) {
        return errno == Errno.EBADFD || errno == Errno.EBADF || errno == Errno.ENODEV;
    }

    /// Whether a failed read took a packet from the queue and lost it, so that reading on makes sense.
    static boolean isLost(int errno) {
        return errno == Errno.EINVAL || errno == Errno.ENOMEM || errno == Errno.ENOBUFS;
    }

    /// Why a failed write refused its packet.
    static Refusal refusal(int errno) {
        return switch (errno) {
            case Errno.EAGAIN, Errno.ENOBUFS, Errno.ENOMEM -> Refusal.FULL;
            case Errno.EMSGSIZE -> Refusal.TOO_BIG;
            case Errno.EPERM, Errno.EACCES -> Refusal.DENIED;
            case Errno.EINVAL -> Refusal.MALFORMED;
            default -> Refusal.DOWN;
        };
    }

    /// Whether the packets behind this one would meet the same fate, so that they are not tried.
    static boolean isForAll(Refusal refusal) {
        return refusal == Refusal.FULL || refusal == Refusal.DOWN;
    }
}
