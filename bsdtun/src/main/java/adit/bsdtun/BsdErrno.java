package adit.bsdtun;

import adit.device.Errno;
import adit.device.ErrorNumbers;

/// NetBSD's error numbers, as `sys/errno.h` has them.
public final class BsdErrno {
    /// Operation not permitted.
    public static final int EPERM = 1;
    /// No such file or directory.
    public static final int ENOENT = 2;
    /// Interrupted system call.
    public static final int EINTR = 4;
    /// Input/output error.
    public static final int EIO = 5;
    /// Device not configured: the interface was destroyed.
    public static final int ENXIO = 6;
    /// Bad file descriptor: the file is closed.
    public static final int EBADF = 9;
    /// Bad address: octets named by a call lie outside of the memory given.
    public static final int EFAULT = 14;
    /// Device busy.
    public static final int EBUSY = 16;
    /// File exists.
    public static final int EEXIST = 17;
    /// Invalid argument.
    public static final int EINVAL = 22;
    /// Inappropriate ioctl for device.
    public static final int ENOTTY = 25;
    /// Operation would block.
    public static final int EWOULDBLOCK = 35;
    /// Address family not supported by protocol family.
    public static final int EAFNOSUPPORT = 47;
    /// Can't assign requested address.
    public static final int EADDRNOTAVAIL = 49;
    /// No buffer space available.
    public static final int ENOBUFS = 55;
    /// Host is down.
    public static final int EHOSTDOWN = 64;

    static final ErrorNumbers TABLE = new ErrorNumbers("""
            1 EPERM operation not permitted
            2 ENOENT no such file or directory
            3 ESRCH no such process
            4 EINTR interrupted system call
            5 EIO input/output error
            6 ENXIO device not configured
            7 E2BIG argument list too long
            8 ENOEXEC exec format error
            9 EBADF bad file descriptor
            10 ECHILD no child processes
            11 EDEADLK resource deadlock avoided
            12 ENOMEM cannot allocate memory
            13 EACCES permission denied
            14 EFAULT bad address
            15 ENOTBLK block device required
            16 EBUSY device busy
            17 EEXIST file exists
            18 EXDEV cross-device link
            19 ENODEV operation not supported by device
            20 ENOTDIR not a directory
            21 EISDIR is a directory
            22 EINVAL invalid argument
            23 ENFILE too many open files in system
            24 EMFILE too many open files
            25 ENOTTY inappropriate ioctl for device
            26 ETXTBSY text file busy
            27 EFBIG file too large
            28 ENOSPC no space left on device
            29 ESPIPE illegal seek
            30 EROFS read-only file system
            31 EMLINK too many links
            32 EPIPE broken pipe
            33 EDOM numerical argument out of domain
            34 ERANGE result too large or too small
            35 EAGAIN resource temporarily unavailable
            36 EINPROGRESS operation now in progress
            37 EALREADY operation already in progress
            38 ENOTSOCK socket operation on non-socket
            39 EDESTADDRREQ destination address required
            40 EMSGSIZE message too long
            41 EPROTOTYPE protocol wrong type for socket
            42 ENOPROTOOPT protocol option not available
            43 EPROTONOSUPPORT protocol not supported
            44 ESOCKTNOSUPPORT socket type not supported
            45 EOPNOTSUPP operation not supported
            46 EPFNOSUPPORT protocol family not supported
            47 EAFNOSUPPORT address family not supported by protocol family
            48 EADDRINUSE address already in use
            49 EADDRNOTAVAIL can't assign requested address
            50 ENETDOWN network is down
            51 ENETUNREACH network is unreachable
            52 ENETRESET network dropped connection on reset
            53 ECONNABORTED software caused connection abort
            54 ECONNRESET connection reset by peer
            55 ENOBUFS no buffer space available
            56 EISCONN socket is already connected
            57 ENOTCONN socket is not connected
            58 ESHUTDOWN can't send after socket shutdown
            59 ETOOMANYREFS too many references: can't splice
            60 ETIMEDOUT operation timed out
            61 ECONNREFUSED connection refused
            62 ELOOP too many levels of symbolic links
            63 ENAMETOOLONG file name too long
            64 EHOSTDOWN host is down
            65 EHOSTUNREACH no route to host
            66 ENOTEMPTY directory not empty
            """);

    private BsdErrno() {}

    /// The name of an error number, such as `EHOSTDOWN`; `E<number>` when it has none here.
    public static String name(int errno) {
        return TABLE.name(errno);
    }

    /// What an error number says, such as `host is down`.
    public static String text(int errno) {
        return TABLE.text(errno);
    }

    /// NetBSD's number for what Linux calls `linux`, both positive; EINVAL for what NetBSD lacks.
    static int of(int linux) {
        return TABLE.number(Errno.name(linux)).orElse(EINVAL);
    }
}
