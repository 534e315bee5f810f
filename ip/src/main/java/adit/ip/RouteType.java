package adit.ip;

import adit.device.Errno;

/// What becomes of packets that take a route, with Linux's numbers (RTN).
public enum RouteType {
    /// They go to a neighbour.
    UNICAST(1),
    /// They are for this host.
    LOCAL(2),
    /// They are for everybody on a link, and for this host too.
    BROADCAST(3),
    /// They are for one of several hosts, of which this is one.
    ANYCAST(4),
    /// They are for a group.
    MULTICAST(5),
    /// They are dropped in silence.
    BLACKHOLE(6),
    /// They are dropped, and their sender hears that the host can't be reached.
    UNREACHABLE(7),
    /// They are dropped, and their sender hears that it is prohibited.
    PROHIBIT(8),
    /// The next table decides.
    THROW(9);

    private final int number;

    RouteType(int number) {
        this.number = number;
    }

    /// Linux's number.
    public int number() {
        return number;
    }

    /// Whether packets that take it are for this host.
    boolean endsHere() {
        return number >= LOCAL.number && number <= MULTICAST.number;
    }

    /// Whether packets that take it go nowhere.
    public boolean rejects() {
        return number >= BLACKHOLE.number;
    }

    /// What a program hears whose packets take it, as an errno; 0 where they go somewhere (Linux's `fib_props`).
    int refusal() {
        return switch (this) {
            case BLACKHOLE -> Errno.EINVAL;
            case UNREACHABLE -> Errno.EHOSTUNREACH;
            case PROHIBIT -> Errno.EACCES;
            case THROW -> Errno.ENETUNREACH;
            default -> 0;
        };
    }

    /// The type of that number, or null.
    public static RouteType of(int number) {
        return number < 1 || number > THROW.number ? null : values()[number - 1];
    }
}
