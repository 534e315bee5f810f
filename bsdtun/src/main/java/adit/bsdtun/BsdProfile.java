package adit.bsdtun;

/// Whose behaviour the driver has, where versions of NetBSD differ.
public enum BsdProfile {
    /// NetBSD 3: `if_tun.c` 1.79, with those of its faults that a program could depend on.
    NETBSD_3(IfreqSize.SHORT),
    /// NetBSD 10: `if_tun.c` 1.173. What the driver does unless it is told otherwise.
    NETBSD_10(
            IfreqSize.LONG,
            Trait.OUTPUT_ANSWERS,
            Trait.WRITES_IP6,
            Trait.FAMILY_HEADER,
            Trait.LINK_STATE,
            Trait.ANY_FAMILY_READY,
            Trait.IP6_GROUPS,
            Trait.TAP_FAMILY,
            Trait.REFUSES_FILTERS,
            Trait.COMMON_IOCTLS);

    /// One thing that a NetBSD does and an older one does not.
    enum Trait {
        /// Output answers its errors; before, it answered success whatever happened to the packet.
        OUTPUT_ANSWERS,
        /// Packets of AF_INET6 may be written; before, a missing `break` made each of them EAFNOSUPPORT.
        WRITES_IP6,
        /// TUNSIFHEAD puts the address family in front of packets, and IPv6 is read in no other way; before,
        /// there was no such call, and IPv6 was read as IPv4 is.
        FAMILY_HEADER,
        /// The link is up while somebody has the unit open; before, an interface had no link state.
        LINK_STATE,
        /// The address just set decides whether the interface is ready, of whatever family; before, all
        /// addresses of AF_INET together did.
        ANY_FAMILY_READY,
        /// AF_INET6 groups may be joined; before, AF_INET ones only.
        IP6_GROUPS,
        /// A tap sees the family of what is written; before, it saw AF_INET always.
        TAP_FAMILY,
        /// A kqueue filter that does not exist is EINVAL; before, the answer was 1, which is EPERM.
        REFUSES_FILTERS,
        /// Interface ioctls that the driver does not know go to the common code, which says ENOTTY; before,
        /// they were EINVAL.
        COMMON_IOCTLS
    }

    /// How long `struct ifreq` is: a `sockaddr` fits behind the name, or any address does.
    private enum IfreqSize {
        SHORT(32),
        LONG(144);

        private final int octets;

        IfreqSize(int octets) {
            this.octets = octets;
        }
    }

    private final IfreqSize ifreqSize;
    /// A bit for each trait.
    private final int traits;

    BsdProfile(IfreqSize ifreqSize, Trait... traits) {
        this.ifreqSize = ifreqSize;
        int bits = 0;
        for (Trait trait : traits) {
            bits |= 1 << trait.ordinal();
        }
        this.traits = bits;
    }

    boolean has(Trait trait) {
        return (traits & 1 << trait.ordinal()) != 0;
    }

    /// The length of `struct ifreq` in octets, which the numbers of interface ioctls contain.
    public int ifreqSize() {
        return ifreqSize.octets;
    }
}
