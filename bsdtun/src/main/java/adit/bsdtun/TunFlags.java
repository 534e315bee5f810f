package adit.bsdtun;

/// The flags of a unit, with the driver's numbers.
final class TunFlags {
    /// Somebody has it open.
    static final int OPEN = 0x0001;
    /// Its interface exists.
    static final int INITED = 0x0002;
    /// Its interface has an address.
    static final int IASET = 0x0008;
    /// Its interface has a destination address.
    static final int DSTADDR = 0x0010;
    /// SIGIO is wanted.
    static final int ASYNC = 0x0080;
    /// Reads do not wait.
    static final int NBIO = 0x0100;
    /// A `sockaddr` stands in front of each packet.
    static final int PREPADDR = 0x0200;
    /// An address family stands in front of each packet.
    static final int IFHEAD = 0x0400;

    /// What it takes to read, and for the stack to send.
    static final int READY = OPEN | INITED | IASET;

    // RCOLL (0x0004) and RWAIT (0x0040) note that somebody selects and sleeps. Here Waiters knows.

    private TunFlags() {}
}
