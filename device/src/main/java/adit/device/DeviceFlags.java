package adit.device;

/// The flags of an interface, as `linux/if.h` has them (IFF).
public final class DeviceFlags {
    /// Administratively up.
    public static final int UP = 0x1;
    /// The broadcast address is valid.
    public static final int BROADCAST = 0x2;
    /// A loopback.
    public static final int LOOPBACK = 0x8;
    /// There is one neighbour only.
    public static final int POINTOPOINT = 0x10;
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
    /// Up, and the carrier is there.
    public static final int LOWER_UP = 0x10000;

    /// What users may change.
    public static final int CHANGEABLE = UP | NOARP | PROMISC | ALLMULTI | MULTICAST;

    private DeviceFlags() {}
}
