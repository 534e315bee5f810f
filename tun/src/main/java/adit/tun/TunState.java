package adit.tun;

/// What TUNGETIFF says about the device that a file is attached to.
///
/// @param name the interface's present name
/// @param flags the flags as the driver reports them
public record TunState(String name, int flags) {
    /// What the device carries.
    public TunSpec.Kind kind() {
        return has(TunIoctl.IFF_TUN) ? TunSpec.Kind.TUN : TunSpec.Kind.TAP;
    }

    /// Whether the device stays when the last file closes.
    public boolean persistent() {
        return has(TunIoctl.IFF_PERSIST);
    }

    /// Whether this queue was detached by TUNSETQUEUE.
    public boolean detached() {
        return has(TunIoctl.IFF_DETACH_QUEUE);
    }

    /// Whether packets have a virtio-net header in front.
    public boolean vnetHeader() {
        return has(TunIoctl.IFF_VNET_HDR);
    }

    /// Whether several files may be attached.
    public boolean multiQueue() {
        return has(TunIoctl.IFF_MULTI_QUEUE);
    }

    // The bit IFF_NO_PI is also IFF_NOFILTER, which is set whenever there is no socket filter. So whether packets
    // have a tun_pi in front can't be learnt here.
    private boolean has(int flag) {
        return (flags & flag) != 0;
    }
}
