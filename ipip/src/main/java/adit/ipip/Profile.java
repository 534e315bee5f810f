package adit.ipip;

import adit.tunnel.LookupProfile;
import adit.tunnel.PathMtuProfile;

/// Which Linux tunnel devices behave like, where versions differ. What was a plain mistake (a packet leaked
/// when there was no memory for its metadata, encapsulation changed by a request that is then refused) is
/// mended in both.
public enum Profile {
    /// Linux 5.4, as it was released. Of what differs from 6.12, this is done as it did:
    ///
    /// - a tunnel with neither local nor remote address receives nothing, unless it is the external one or `tunl0`;
    /// - an outer ECT(1) is not passed on to an inner ECT(0);
    /// - without path MTU discovery an inner packet with DF is not held against the path MTU, but lost outside;
    /// - an external device carries nothing while FOU or GUE is configured for it;
    /// - an external device may not move to another namespace.
    ///
    /// And this as 6.12 does it: tunnels that are routed through each other end after five (5.4 knows the limit of
    /// ten of all devices only); the room that a tunnel asks for in front of packets is at most 512 octets, where
    /// 5.4 lets it grow without end.
    LINUX_5_4(LookupProfile.BEFORE_LINUX_5_7, PathMtuProfile.BEFORE_LINUX_5_10),
    /// Linux 6.12.
    LINUX_6_12(LookupProfile.CURRENT, PathMtuProfile.CURRENT);

    private final LookupProfile lookup;
    private final PathMtuProfile pathMtu;

    Profile(LookupProfile lookup, PathMtuProfile pathMtu) {
        this.lookup = lookup;
        this.pathMtu = pathMtu;
    }

    PathMtuProfile pathMtu() {
        return pathMtu;
    }

    /// Whether external devices take FOU and GUE from their configuration, as since 6.4.
    boolean encapsulatesExternal() {
        return this != LINUX_5_4;
    }

    LookupProfile lookup() {
        return lookup;
    }

    /// Whether RFC 6040's mild sign of congestion, ECT(1) outside of ECT(0), is passed on.
    boolean passesEct1() {
        return this != LINUX_5_4;
    }
}
