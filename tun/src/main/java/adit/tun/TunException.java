package adit.tun;

import adit.device.Errno;
import java.io.IOException;

/// A call on a TUN file that failed: which call on what, the errno, and what to do about it.
///
/// ```
/// TUNSETIFF tun0: EBUSY (device or resource busy): another file is attached, and ...
/// ```
public final class TunException extends IOException {
    private static final long serialVersionUID = 1;

    private final String call;
    private final int errno;
    private final String hint;

    TunException(String call, String subject, int errno) {
        super(message(call, subject, errno));
        this.call = call;
        this.errno = errno;
        this.hint = TunHints.of(call, errno);
    }

    private static String message(String call, String subject, int errno) {
        String hint = TunHints.of(call, errno);
        return call
                + (subject.isEmpty() ? "" : " " + subject)
                + ": " + Errno.name(errno) + " (" + Errno.text(errno) + ")"
                + (hint.isEmpty() ? "" : ": " + hint);
    }

    /// The call that failed; an ioctl goes by its own name, such as `TUNSETIFF`.
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
