package adit.linux;

import adit.device.Errno;
import java.io.IOException;

/// A call into the kernel that failed: which call on what, the errno, and what to do about it.
///
/// ```
/// open /dev/net/tun: EACCES (permission denied): needs CAP_NET_ADMIN, or ...
/// ```
public final class LinuxException extends IOException {
    private static final long serialVersionUID = 1;

    private final String call;
    private final int errno;
    private final String hint;

    /// A failure of `call` on `subject`, which may be empty. The hint comes from the table of known failures.
    LinuxException(String call, String subject, int errno) {
        this(call, subject, errno, Hints.of(call, errno));
    }

    /// A failure with a hint of its own; `hint` may be empty.
    LinuxException(String call, String subject, int errno, String hint) {
        super(message(call, subject, errno, hint));
        this.call = call;
        this.errno = errno;
        this.hint = hint;
    }

    /// Throws when `answer` is a negative errno, else answers it.
    static int check(int answer, String call, String subject) throws LinuxException {
        if (answer < 0) {
            throw new LinuxException(call, subject, -answer);
        }
        return answer;
    }

    private static String message(String call, String subject, int errno, String hint) {
        return call
                + (subject.isEmpty() ? "" : " " + subject)
                + ": " + Errno.name(errno) + " (" + Errno.text(errno) + ")"
                + (hint.isEmpty() ? "" : ": " + hint);
    }

    /// The call that failed, such as `open`; an ioctl or a netlink request goes by its own name, such as
    /// `TUNSETIFF`.
    public String call() {
        return call;
    }

    /// The error number, positive.
    public int errno() {
        return errno;
    }

    /// The error's name, such as `EPERM`.
    public String errnoName() {
        return Errno.name(errno);
    }

    /// What to do about it; empty when nothing is known.
    public String hint() {
        return hint;
    }
}
