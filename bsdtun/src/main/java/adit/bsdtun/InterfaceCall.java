package adit.bsdtun;

/// The ioctls on interfaces, of any socket. Their numbers contain the length of `struct ifreq`, and so differ
/// from NetBSD to NetBSD.
public enum InterfaceCall {
    /// Make an interface.
    SIOCIFCREATE(122, Direction.IN, Argument.IFREQ),
    /// Destroy an interface.
    SIOCIFDESTROY(121, Direction.IN, Argument.IFREQ),
    /// Set the first IPv4 address.
    SIOCSIFADDR(12, Direction.IN, Argument.IFREQ),
    /// Ask for the first IPv4 address.
    SIOCGIFADDR(33, Direction.IN_OUT, Argument.IFREQ),
    /// Set the destination of the first IPv4 address.
    SIOCSIFDSTADDR(14, Direction.IN, Argument.IFREQ),
    /// Ask for the destination of the first IPv4 address.
    SIOCGIFDSTADDR(34, Direction.IN_OUT, Argument.IFREQ),
    /// Set the broadcast address of the first IPv4 address.
    SIOCSIFBRDADDR(19, Direction.IN, Argument.IFREQ),
    /// Ask for the broadcast address of the first IPv4 address.
    SIOCGIFBRDADDR(35, Direction.IN_OUT, Argument.IFREQ),
    /// Set the mask of the first IPv4 address.
    SIOCSIFNETMASK(22, Direction.IN, Argument.IFREQ),
    /// Ask for the mask of the first IPv4 address.
    SIOCGIFNETMASK(37, Direction.IN_OUT, Argument.IFREQ),
    /// Take an IPv4 address away.
    SIOCDIFADDR(25, Direction.IN, Argument.IFREQ),
    /// Add an IPv4 address with its destination or broadcast address and mask.
    SIOCAIFADDR(26, Direction.IN, Argument.IFALIASREQ),
    /// Add an IPv6 address with its destination and mask.
    SIOCAIFADDR_IN6(107, Direction.IN, Argument.IN6_ALIASREQ),
    /// Take an IPv6 address away.
    SIOCDIFADDR_IN6(25, Direction.IN, Argument.IN6_IFREQ),
    /// Set the flags.
    SIOCSIFFLAGS(16, Direction.IN, Argument.IFREQ),
    /// Ask for the flags.
    SIOCGIFFLAGS(17, Direction.IN_OUT, Argument.IFREQ),
    /// Set the MTU.
    SIOCSIFMTU(127, Direction.IN, Argument.IFREQ),
    /// Ask for the MTU.
    SIOCGIFMTU(126, Direction.IN_OUT, Argument.IFREQ),
    /// Join a group.
    SIOCADDMULTI(49, Direction.IN, Argument.IFREQ),
    /// Leave a group.
    SIOCDELMULTI(50, Direction.IN, Argument.IFREQ);

    /// Before NetBSD 6, `struct in6_aliasreq` had the number that IPv4 has for its own.
    private static final int OLD_SIOCAIFADDR_IN6 = 26;

    private static final char GROUP = 'i';

    private enum Direction {
        IN,
        IN_OUT
    }

    /// What the call is given.
    enum Argument {
        /// `struct ifreq`.
        IFREQ(0),
        /// `struct ifaliasreq`.
        IFALIASREQ(64),
        /// `struct in6_aliasreq`.
        IN6_ALIASREQ(128),
        /// `struct in6_ifreq`.
        IN6_IFREQ(288);

        private final int length;

        Argument(int length) {
            this.length = length;
        }
    }

    private final int number;
    private final Direction direction;
    private final Argument argument;

    InterfaceCall(int number, Direction direction, Argument argument) {
        this.number = number;
        this.direction = direction;
        this.argument = argument;
    }

    /// How long the argument is in octets.
    public int length(BsdProfile profile) {
        return argument == Argument.IFREQ ? profile.ifreqSize() : argument.length;
    }

    /// The number of the call.
    public int command(BsdProfile profile) {
        boolean old = this == SIOCAIFADDR_IN6 && profile == BsdProfile.NETBSD_3;
        int n = old ? OLD_SIOCAIFADDR_IN6 : number;
        return direction == Direction.IN
                ? BsdIoctl.in(GROUP, n, length(profile))
                : BsdIoctl.inOut(GROUP, n, length(profile));
    }

    /// Whether the call only asks, which anybody may.
    boolean asks() {
        return direction == Direction.IN_OUT;
    }

    /// The call of that number, or null.
    static InterfaceCall of(int command, BsdProfile profile) {
        for (InterfaceCall call : values()) {
            if (call.command(profile) == command) {
                return call;
            }
        }
        return null;
    }

    /// Whether the number is one of a call on an interface at all.
    static boolean isOne(int command) {
        return (command >> Byte.SIZE & 0xff) == GROUP;
    }
}
