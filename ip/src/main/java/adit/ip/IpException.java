package adit.ip;

import adit.device.Errno;
import java.io.IOException;

/// A call that the IP layer refused, with the error number that Linux answers.
public class IpException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int errno;
    private final String reason;

    /// `reason` says in words what is wrong and what would be right.
    public IpException(String call, int errno, String reason) {
        super(call + ": " + reason + " (" + Errno.name(errno) + ", " + Errno.text(errno) + ")");
        this.errno = errno;
        this.reason = reason;
    }

    /// Linux's error number, positive.
    public int errno() {
        return errno;
    }

    /// The words alone, as an extended acknowledgement has them.
    public String reason() {
        return reason;
    }
}
