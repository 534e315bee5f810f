package adit.bsdtun;

/// The flags of an interface, as NetBSD's `net/if.h` has them (IFF).
public final class BsdFlags {
    /// Up.
    public static final int IFF_UP = 0x0001;
    /// The broadcast address is valid.
    public static final int IFF_BROADCAST = 0x0002;
    /// Debugging is on.
    public static final int IFF_DEBUG = 0x0004;
    /// A loopback.
    public static final int IFF_LOOPBACK = 0x0008;
    /// A link of two.
    public static final int IFF_POINTOPOINT = 0x0010;
    /// Resources are allocated.
    public static final int IFF_RUNNING = 0x0040;
    /// No address resolution.
    public static final int IFF_NOARP = 0x0080;
    /// Receives all packets.
    public static final int IFF_PROMISC = 0x0100;
    /// Receives all multicast packets.
    public static final int IFF_ALLMULTI = 0x0200;
    /// A transmission is going on.
    public static final int IFF_OACTIVE = 0x0400;
    /// Does not hear what it sends.
    public static final int IFF_SIMPLEX = 0x0800;
    /// Multicast works.
    public static final int IFF_MULTICAST = 0x8000;

    /// What SIOCSIFFLAGS leaves as it is.
    static final int CANT_CHANGE = IFF_BROADCAST
            | IFF_POINTOPOINT
            | IFF_RUNNING
            | IFF_OACTIVE
            | IFF_SIMPLEX
            | IFF_MULTICAST
            | IFF_ALLMULTI
            | IFF_PROMISC;

    private BsdFlags() {}
}
