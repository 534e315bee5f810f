package adit.tun;

import adit.device.ErrnoException;

/// A call on a TUN file that failed.
///
/// ```
/// TUNSETIFF tun0: EBUSY (device or resource busy): another file is attached, and ...
/// ```
public final class TunException extends ErrnoException {
    private static final long serialVersionUID = 1;

    TunException(String call, String subject, int errno) {
        super(call, subject, errno, TunHints.of(call, errno));
    }
}
