package adit.tun;

/// The commands of `linux/if_tun.h`, and the flags that TUNSETIFF and TUNSETQUEUE take in an [Ifreq].
public final class TunIoctl {
    /// Does nothing any more. Value.
    public static final int TUNSETNOCSUM = 0x400454c8;
    /// Set the message level. Value.
    public static final int TUNSETDEBUG = 0x400454c9;
    /// Make a device or attach to it. `ifreq`.
    public static final int TUNSETIFF = 0x400454ca;
    /// Keep the device when the last file closes, or not. Value.
    public static final int TUNSETPERSIST = 0x400454cb;
    /// Who may attach: a user. Value.
    public static final int TUNSETOWNER = 0x400454cc;
    /// The link type, an ARPHRD. Value.
    public static final int TUNSETLINK = 0x400454cd;
    /// Who may attach: a group. Value.
    public static final int TUNSETGROUP = 0x400454ce;
    /// What this driver can do. `unsigned *`.
    public static final int TUNGETFEATURES = 0x800454cf;
    /// What readers of the device can take. Value.
    public static final int TUNSETOFFLOAD = 0x400454d0;
    /// Which frames a TAP reads. `tun_filter`.
    public static final int TUNSETTXFILTER = 0x400454d1;
    /// Name and flags. `ifreq`.
    public static final int TUNGETIFF = 0x800454d2;
    /// The send buffer. `int *`.
    public static final int TUNGETSNDBUF = 0x800454d3;
    /// The send buffer. `int *`.
    public static final int TUNSETSNDBUF = 0x400454d4;
    /// Attach a classic BPF program. `sock_fprog`.
    public static final int TUNATTACHFILTER = 0x401054d5;
    /// Detach it.
    public static final int TUNDETACHFILTER = 0x401054d6;
    /// The length of the virtio-net header. `int *`.
    public static final int TUNGETVNETHDRSZ = 0x800454d7;
    /// The length of the virtio-net header. `int *`.
    public static final int TUNSETVNETHDRSZ = 0x400454d8;
    /// Attach or detach this queue. `ifreq`.
    public static final int TUNSETQUEUE = 0x400454d9;
    /// The index of the device to be made. `unsigned *`.
    public static final int TUNSETIFINDEX = 0x400454da;
    /// The program attached. `sock_fprog`.
    public static final int TUNGETFILTER = 0x801054db;
    /// Little-endian virtio-net headers. `int *`.
    public static final int TUNSETVNETLE = 0x400454dc;
    /// Little-endian virtio-net headers. `int *`.
    public static final int TUNGETVNETLE = 0x800454dd;
    /// Big-endian virtio-net headers. `int *`.
    public static final int TUNSETVNETBE = 0x400454de;
    /// Big-endian virtio-net headers. `int *`.
    public static final int TUNGETVNETBE = 0x800454df;
    /// An eBPF program that chooses queues. `int *`.
    public static final int TUNSETSTEERINGEBPF = 0x800454e0;
    /// An eBPF program that filters. `int *`.
    public static final int TUNSETFILTEREBPF = 0x800454e1;
    /// The link is there or not. `int *`.
    public static final int TUNSETCARRIER = 0x400454e2;
    /// Open the device's namespace. Answers a descriptor.
    public static final int TUNGETDEVNETNS = 0x54e3;

    /// Carries IP packets.
    public static final int IFF_TUN = 0x1;
    /// Carries Ethernet frames.
    public static final int IFF_TAP = 0x2;
    /// Receive through NAPI.
    public static final int IFF_NAPI = 0x10;
    /// Each iovec of a write is a fragment.
    public static final int IFF_NAPI_FRAGS = 0x20;
    /// Start without a carrier.
    public static final int IFF_NO_CARRIER = 0x40;
    /// Stop the stack's queue where else a packet would be dropped.
    public static final int IFF_BACKPRESSURE = 0x80;
    /// Several files may be attached.
    public static final int IFF_MULTI_QUEUE = 0x100;
    /// For TUNSETQUEUE.
    public static final int IFF_ATTACH_QUEUE = 0x200;
    /// For TUNSETQUEUE; in TUNGETIFF: this queue is detached.
    public static final int IFF_DETACH_QUEUE = 0x400;
    /// In TUNGETIFF: the device stays.
    public static final int IFF_PERSIST = 0x800;
    /// No tun_pi in front of packets.
    public static final int IFF_NO_PI = 0x1000;
    /// In TUNGETIFF, and the same bit: this file has no socket filter.
    public static final int IFF_NOFILTER = 0x1000;
    /// Has no effect.
    public static final int IFF_ONE_QUEUE = 0x2000;
    /// A virtio-net header in front of packets.
    public static final int IFF_VNET_HDR = 0x4000;
    /// Fail when the device exists.
    public static final int IFF_TUN_EXCL = 0x8000;

    /// In a tun_filter: take all multicast frames.
    public static final int TUN_FLT_ALLMULTI = 0x1;

    private TunIoctl() {}
}
