package adit.bsdtun;

/// What poll(2) asks for and answers, with NetBSD's numbers.
public final class BsdPoll {
    /// There is a packet to read.
    public static final int POLLIN = 0x0001;
    /// Packets may be written, which is always so.
    public static final int POLLOUT = 0x0004;
    /// As [#POLLIN].
    public static final int POLLRDNORM = 0x0040;
    /// As [#POLLOUT], and the same number.
    public static final int POLLWRNORM = POLLOUT;

    private BsdPoll() {}
}
