package adit.device;

/// The flags of an interface, as `linux/if.h` has them (IFF).
public final class DeviceFlags {
    /// Administratively up.
    public static final int UP = 0x1;
    /// The broadcast address is valid.
    public static final int BROADCAST = 0x2;
    /// Asks for more in the log.
    public static final int DEBUG = 0x4;
    /// A loopback.
    public static final int LOOPBACK = 0x8;
    /// There is one neighbour only.
    public static final int POINTOPOINT = 0x10;
    /// No trailers.
    public static final int NOTRAILERS = 0x20;
    /// Up, and its operational state says so too.
    public static final int RUNNING = 0x40;
    /// No address resolution.
    public static final int NOARP = 0x80;
    /// Receives all frames.
    public static final int PROMISC = 0x100;
    /// Receives all multicast frames.
    public static final int ALLMULTI = 0x200;
    /// Multicast works.
    public static final int MULTICAST = 0x1000;
    /// The kind of media can be chosen.
    public static final int PORTSEL = 0x2000;
    /// The kind of media is found out.
    public static final int AUTOMEDIA = 0x4000;
    /// Its addresses go when it goes down.
    public static final int DYNAMIC = 0x8000;
    /// Up, and the carrier is there.
    public static final int LOWER_UP = 0x10000;

    /// What users may change, some of it without consequences.
    public static final int CHANGEABLE =
            UP | DEBUG | NOTRAILERS | NOARP | PROMISC | ALLMULTI | MULTICAST | PORTSEL | AUTOMEDIA | DYNAMIC;

    private DeviceFlags() {}
}
