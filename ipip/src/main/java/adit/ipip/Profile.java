package adit.ipip;

import adit.tunnel.LookupProfile;

/// Which Linux tunnel devices behave like, where versions differ. What was a plain mistake (a packet leaked
/// when there was no memory for its metadata, encapsulation changed by a request that is then refused) is
/// mended in both.
public enum Profile {
    /// Linux 5.4: a tunnel with neither local nor remote address receives nothing unless it is the external one
    /// or `tunl0`; an outer ECT(1) is not passed on; an external device may not move to another namespace.
    LINUX_5_4(LookupProfile.BEFORE_LINUX_5_7),
    /// Linux 6.12.
    LINUX_6_12(LookupProfile.CURRENT);

    private final LookupProfile lookup;

    Profile(LookupProfile lookup) {
        this.lookup = lookup;
    }

    LookupProfile lookup() {
        return lookup;
    }

    /// Whether RFC 6040's mild sign of congestion, ECT(1) outside of ECT(0), is passed on.
    boolean passesEct1() {
        return this != LINUX_5_4;
    }
}
