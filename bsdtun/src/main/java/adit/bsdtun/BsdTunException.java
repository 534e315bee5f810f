package adit.bsdtun;

import java.io.IOException;

/// A call on a BSD tun that failed: which call on what, the error number, and what to do about it.
///
/// ```
/// read tun0: EHOSTDOWN (host is down): give the interface an address first
/// ```
public final class BsdTunException extends IOException {
    private static final long serialVersionUID = 1;

    private final String call;
    private final int errno;
    private final String hint;

    BsdTunException(String call, String subject, int errno) {
        super(message(call, subject, errno));
        this.call = call;
        this.errno = errno;
        this.hint = hint(call, errno);
    }

    private static String message(String call, String subject, int errno) {
        String hint = hint(call, errno);
        return call + " " + subject + ": " + BsdErrno.name(errno) + " (" + BsdErrno.text(errno) + ")"
                + (hint.isEmpty() ? "" : ": " + hint);
    }

    private static String hint(String call, int errno) {
        return switch (errno) {
            case BsdErrno.EPERM -> "only the superuser may";
            case BsdErrno.EBUSY ->
                call.equals("TUNSIFMODE")
                        ? "set the interface down first"
                        : "a unit has one opener at a time; close it";
            case BsdErrno.ENXIO ->
                call.equals("open")
                        ? "something else in the namespace has the name of this unit"
                        : "the interface does not exist or was destroyed; create it";
            case BsdErrno.EHOSTDOWN -> "give the interface an address first";
            case BsdErrno.EEXIST -> "there is such an interface already";
            case BsdErrno.ENOTTY -> "this NetBSD has no such call; see BsdProfile";
            default -> "";
        };
    }

    /// The call that failed; an ioctl goes by its own name, such as `TUNSIFMODE`.
    public String call() {
        return call;
    }

    /// The error number, positive, one of [BsdErrno].
    public int errno() {
        return errno;
    }

    /// The error's name, such as `EHOSTDOWN`.
    public String errnoName() {
        return BsdErrno.name(errno);
    }

    /// What to do about it; empty when nothing is known.
    public String hint() {
        return hint;
    }
}
