package adit.netlink;

/// Numbers of `linux/neighbour.h`: what neighbours are made of. Names and values are the kernel's.
public final class Neigh {
    /// Neighbour attribute: its IP address.
    public static final int NDA_DST = 1;
    /// Neighbour attribute: its hardware address.
    public static final int NDA_LLADDR = 2;
    /// Neighbour attribute: `struct nda_cacheinfo`.
    public static final int NDA_CACHEINFO = 3;
    /// Neighbour attribute: how often it was asked, u32.
    public static final int NDA_PROBES = 4;

    /// Neighbour state: asked, no answer yet.
    public static final int NUD_INCOMPLETE = 1;
    /// Neighbour state: answered lately.
    public static final int NUD_REACHABLE = 2;
    /// Neighbour state: answered once.
    public static final int NUD_STALE = 4;
    /// Neighbour state: used, and to be asked soon.
    public static final int NUD_DELAY = 8;
    /// Neighbour state: being asked again.
    public static final int NUD_PROBE = 16;
    /// Neighbour state: did not answer.
    public static final int NUD_FAILED = 32;
    /// Neighbour state: needs no resolution.
    public static final int NUD_NOARP = 64;
    /// Neighbour state: set by the administrator.
    public static final int NUD_PERMANENT = 128;

    /// The entry answers for an address of others.
    public static final int NTF_PROXY = 8;

    private Neigh() {}
}
