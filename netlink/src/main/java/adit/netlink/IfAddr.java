package adit.netlink;

/// Numbers of `linux/if_addr.h`: what interface addresses are made of. Names and values are the kernel's.
public final class IfAddr {
    /// Address attribute: the prefix's address; on a link with one peer, the peer.
    public static final int IFA_ADDRESS = 1;
    /// Address attribute: the interface's own address.
    public static final int IFA_LOCAL = 2;
    /// Address attribute: a name that starts with the interface's.
    public static final int IFA_LABEL = 3;
    /// Address attribute: broadcast address.
    public static final int IFA_BROADCAST = 4;
    /// Address attribute: `struct ifa_cacheinfo`, lifetimes.
    public static final int IFA_CACHEINFO = 6;
    /// Address attribute: all flags, u32; the header has only the low eight.
    public static final int IFA_FLAGS = 8;
    /// Address attribute: the metric of the prefix's route, u32; 0 leaves it to the kernel.
    public static final int IFA_RT_PRIORITY = 9;

    /// Address flag: do not look for duplicates (IPv6).
    public static final int IFA_F_NODAD = 2;
    /// Address flag: a duplicate was found (IPv6).
    public static final int IFA_F_DADFAILED = 8;
    /// Address flag: duplicates are still being looked for (IPv6).
    public static final int IFA_F_TENTATIVE = 64;
    /// Address flag: has no end of life.
    public static final int IFA_F_PERMANENT = 128;
    /// Address flag: make no route for the prefix.
    public static final int IFA_F_NOPREFIXROUTE = 512;

    private IfAddr() {}
}
