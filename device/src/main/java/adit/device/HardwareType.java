package adit.device;

/// Link types of interfaces, as `linux/if_arp.h` has them (ARPHRD).
public final class HardwareType {
    /// Ethernet.
    public static final int ETHER = 1;
    /// An IPIP tunnel.
    public static final int TUNNEL = 768;
    /// The loopback.
    public static final int LOOPBACK = 772;
    /// A SIT tunnel.
    public static final int SIT = 776;
    /// A GRE tunnel.
    public static final int IPGRE = 778;
    /// No link layer.
    public static final int NONE = 0xfffe;

    private HardwareType() {}
}
