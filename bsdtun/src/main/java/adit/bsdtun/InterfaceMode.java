package adit.bsdtun;

/// What kind of link the interface is.
public enum InterfaceMode {
    /// Between two.
    POINT_TO_POINT(BsdFlags.IFF_POINTOPOINT),
    /// One with a broadcast address.
    BROADCAST(BsdFlags.IFF_BROADCAST),
    /// As [#BROADCAST], and with multicast.
    BROADCAST_AND_MULTICAST(BsdFlags.IFF_BROADCAST | BsdFlags.IFF_MULTICAST);

    private final int flags;

    InterfaceMode(int flags) {
        this.flags = flags;
    }

    int flags() {
        return flags;
    }
}
