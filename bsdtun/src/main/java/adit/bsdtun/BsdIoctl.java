package adit.bsdtun;

/// Numbers of the ioctls of a tun file, and how NetBSD makes such numbers: two bits for the direction, the
/// length of the argument, a letter, a number within the letter.
public final class BsdIoctl {
    /// Switch debugging output; one switch for all units.
    public static final int TUNSDEBUG = 0x8004745a;
    /// Whether debugging output is on.
    public static final int TUNGDEBUG = 0x40047459;
    /// Make the interface one for two or for many: IFF_POINTOPOINT or IFF_BROADCAST, and IFF_MULTICAST.
    public static final int TUNSIFMODE = 0x80047458;
    /// Put a `sockaddr` in front of packets, or no more.
    public static final int TUNSLMODE = 0x80047457;
    /// Put the address family in front of packets, or no more.
    public static final int TUNSIFHEAD = 0x80047442;
    /// Whether the address family stands in front of packets.
    public static final int TUNGIFHEAD = 0x40047441;
    /// Have reads not wait, or wait.
    public static final int FIONBIO = 0x8004667e;
    /// Have SIGIO sent, or not.
    public static final int FIOASYNC = 0x8004667d;
    /// The length of the first packet.
    public static final int FIONREAD = 0x4004667f;
    /// Who gets SIGIO: a process, or a process group if negative.
    public static final int FIOSETOWN = 0x8004667c;
    /// Who gets SIGIO: a process, or a process group if negative.
    public static final int FIOGETOWN = 0x4004667b;
    /// Which process group gets SIGIO.
    public static final int TIOCSPGRP = 0x80047476;
    /// Which process group gets SIGIO.
    public static final int TIOCGPGRP = 0x40047477;

    private static final int IN = 0x8000_0000;
    private static final int OUT = 0x4000_0000;
    private static final int LENGTH_MASK = 0x1fff;
    private static final int LENGTH_SHIFT = 16;
    private static final int GROUP_SHIFT = 8;

    private BsdIoctl() {}

    /// The number of an ioctl that is given `length` octets: `_IOW`.
    static int in(char group, int number, int length) {
        return IN | length << LENGTH_SHIFT | group << GROUP_SHIFT | number;
    }

    /// The number of an ioctl that is given `length` octets and answers as many: `_IOWR`.
    static int inOut(char group, int number, int length) {
        return OUT | in(group, number, length);
    }

    /// Whether the call is given its argument.
    static boolean isIn(int command) {
        return (command & IN) != 0;
    }

    /// Whether the call answers its argument.
    static boolean isOut(int command) {
        return (command & OUT) != 0;
    }

    /// The length of the argument in octets.
    static int length(int command) {
        return command >> LENGTH_SHIFT & LENGTH_MASK;
    }
}
