package adit.linux;

import adit.device.ErrnoException;

/// A call into the kernel that failed: which call on what, the errno, and what to do about it.
///
/// ```
/// open /dev/net/tun: EACCES (permission denied): needs CAP_NET_ADMIN, or ...
/// ```
public final class LinuxException extends ErrnoException {
    private static final long serialVersionUID = 1;

    /// A failure of `call` on `subject`, which may be empty. The hint comes from the table of known failures.
    LinuxException(String call, String subject, int errno) {
        this(call, subject, errno, Hints.of(call, errno));
    }

    /// A failure with a hint of its own; `hint` may be empty.
    LinuxException(String call, String subject, int errno, String hint) {
        super(call, subject, errno, hint);
    }

    /// Throws when `answer` is a negative errno, else answers it.
    static int check(int answer, String call, String subject) throws LinuxException {
        if (answer < 0) {
            throw new LinuxException(call, subject, -answer);
        }
        return answer;
    }
}
