package adit.device;

import java.io.IOException;

/// A call that failed with an errno: which call on what, the errno, and what to do about it. It is the same for
/// the kernel's calls and for those that a driver in memory answers.
///
/// ```
/// open /dev/net/tun: EACCES (permission denied): needs CAP_NET_ADMIN, or ...
/// ```
public abstract class ErrnoException extends IOException {
    private static final long serialVersionUID = 1;

    private final String call;
    private final int errno;
    private final String errnoName;
    private final String hint;

    /// A failure of `call` on `subject` with the positive `errno`, a number of Linux's; `subject` and `hint` may
    /// be empty.
    protected ErrnoException(String call, String subject, int errno, String hint) {
        this(call, subject, errno, hint, Errno.TABLE);
    }

    /// A failure as in [#ErrnoException(String, String, int, String)], with a number of another system's.
    protected ErrnoException(String call, String subject, int errno, String hint, ErrorNumbers system) {
        super(call
                + (subject.isEmpty() ? "" : " " + subject)
                + ": " + system.name(errno) + " (" + system.text(errno) + ")"
                + (hint.isEmpty() ? "" : ": " + hint));
        this.call = call;
        this.errno = errno;
        this.errnoName = system.name(errno);
        this.hint = hint;
    }

    /// The call that failed, such as `open`; an ioctl or a netlink request goes by its own name, such as
    /// `TUNSETIFF`.
    public final String call() {
        return call;
    }

    /// The error number, positive.
    public final int errno() {
        return errno;
    }

    /// The error's name, such as `EPERM`.
    public final String errnoName() {
        return errnoName;
    }

    /// What to do about it; empty when nothing is known.
    public final String hint() {
        return hint;
    }
}
