package adit.tun;

/// What can be waited for, with the numbers that poll(2) and epoll(7) share.
public final class PollEvents {
    /// There is a packet to read.
    public static final int IN = 0x1;
    /// The device is up and takes packets.
    public static final int OUT = 0x4;
    /// The file has no device, or its device is gone.
    public static final int ERR = 0x8;
    /// As [#IN].
    public static final int READ_NORMAL = 0x40;
    /// As [#OUT].
    public static final int WRITE_NORMAL = 0x100;
    /// For [TunPoller]: tell once, until watched again.
    public static final int ONE_SHOT = 1 << 30;
    /// For [TunPoller]: tell when something arrives, not as long as it is there.
    public static final int EDGE = 1 << 31;

    /// For [TunPoller#add], with nothing but [#IN], [#OUT], [#ERR] and [#EDGE]: of those pollers with this in which
    /// somebody waits, tell the first one of what arrives.
    public static final int EXCLUSIVE = 1 << 28;

    private PollEvents() {}
}
