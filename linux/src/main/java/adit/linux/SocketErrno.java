package adit.linux;

import adit.device.Errno;
import adit.packet.Refusal;

/// What an errno of sending on a socket means for the packet at hand.
///
/// | errno | meaning |
/// |---|---|
/// | EAGAIN, ENOBUFS, ENOMEM | the socket's or the device's queue is full |
/// | EMSGSIZE | larger than the path MTU or than a packet can be, with DF |
/// | ENETUNREACH, EHOSTUNREACH, EADDRNOTAVAIL | no route, nobody answers ARP, or the source is not ours |
/// | ENETDOWN, ENODEV, ENXIO, EBADF | the interface or the socket is gone |
/// | EPERM, EACCES | a packet filter or a missing privilege forbids it |
/// | EINVAL and the rest | the kernel finds it malformed |
///
/// ECONNREFUSED, EHOSTUNREACH and others may also be the echo of an ICMP error about an *earlier* packet: the
/// kernel reports it once on the next call and sends nothing. So a call that fails is made once more before
/// this table is asked.
final class SocketErrno {
    private SocketErrno() {}

    /// Why a failed send refused its packet.
    static Refusal refusal(int errno) {
        return switch (errno) {
            case Errno.EAGAIN, Errno.ENOBUFS, Errno.ENOMEM -> Refusal.FULL;
            case Errno.EMSGSIZE -> Refusal.TOO_BIG;
            case Errno.ENETUNREACH, Errno.EHOSTUNREACH, Errno.EADDRNOTAVAIL, Errno.ECONNREFUSED, Errno.EHOSTDOWN ->
                Refusal.UNREACHABLE;
            case Errno.ENETDOWN, Errno.ENODEV, Errno.ENXIO, Errno.EBADF -> Refusal.DOWN;
            case Errno.EPERM, Errno.EACCES -> Refusal.DENIED;
            default -> Refusal.MALFORMED;
        };
    }
}
