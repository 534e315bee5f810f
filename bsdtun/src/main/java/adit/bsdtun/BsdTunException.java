package adit.bsdtun;

import adit.device.ErrnoException;

/// A call on a BSD tun that failed, with a number of [BsdErrno].
///
/// ```
/// read tun0: EHOSTDOWN (host is down): give the interface an address first
/// ```
public final class BsdTunException extends ErrnoException {
    private static final long serialVersionUID = 1;

    BsdTunException(String call, String subject, int errno) {
        super(call, subject, errno, hint(call, errno), BsdErrno.TABLE);
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
}
