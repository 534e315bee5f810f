package adit.ip;

import adit.wire.Ip6Address;
import java.util.List;

/// Chooses the source of an IPv6 packet among this host's addresses. RFC 6724 section 5: rules 1, 2, 3, 5, 6
/// and 8; the others need mobility or temporary addresses, of which there are none here.
final class SourceSelection {
    private static final int SCOPE_LINK = 2;
    private static final int SCOPE_SITE = 5;
    private static final int SCOPE_GLOBAL = 0xe;

    private SourceSelection() {}

    /// The best source for packets to `destination` that leave by `out`, or null when there is no address at
    /// all.
    static Ip6Address choose(List<IpInterface> interfaces, IpInterface out, Ip6Address destination) {
        boolean bound = destination.isMulticast() || scope(destination) <= SCOPE_LINK;
        Candidate best = null;
        for (IpInterface link : interfaces) {
            boolean leaves = link == out;
            if (bound && !leaves) {
                continue;
            }
            for (InterfaceAddress a : link.addresses6) {
                if (a.local().isMulticast()) {
                    continue;
                }
                Candidate c = new Candidate((Ip6Address) a.local(), a, leaves);
                if (best == null || c.beats(best, destination)) {
                    best = c;
                }
            }
        }
        return best == null ? null : best.address;
    }

    private record Candidate(Ip6Address address, InterfaceAddress of, boolean leaves) {
        boolean beats(Candidate other, Ip6Address destination) {
            if (address.equals(destination) != other.address.equals(destination)) {
                return address.equals(destination);
            }
            int scope = scope(address);
            int otherScope = scope(other.address);
            if (scope != otherScope) {
                int wanted = scope(destination);
                return scope < otherScope ? scope >= wanted : otherScope < wanted;
            }
            if (isPreferred() != other.isPreferred()) {
                return isPreferred();
            }
            if (leaves != other.leaves) {
                return leaves;
            }
            int label = label(destination);
            boolean same = label(address) == label;
            if (same != (label(other.address) == label)) {
                return same;
            }
            return common(destination) > other.common(destination);
        }

        /// Some addresses never grow old.
        private boolean isPreferred() {
            boolean ageless = address.isIp4Mapped() || (address.high() == 0 && address.low() >>> 32 == 0);
            return ageless || !of.has(InterfaceAddress.DEPRECATED);
        }

        /// How many first bits it shares with the destination, as far as its own link's prefix goes.
        private int common(Ip6Address destination) {
            long high = address.high() ^ destination.high();
            int bits = high != 0
                    ? Long.numberOfLeadingZeros(high)
                    : Long.SIZE + Long.numberOfLeadingZeros(address.low() ^ destination.low());
            return Math.min(bits, of.prefixLength());
        }
    }

    /// How far the address of an interface is known, as a scope of groups (RFC 4291 section 2.7).
    static int scope(InterfaceAddress a) {
        return scope((Ip6Address) a.local());
    }

    /// Whether an address is known no farther than its link.
    static boolean isOfLink(Ip6Address a) {
        return scope(a) <= SCOPE_LINK;
    }

    private static int scope(Ip6Address a) {
        if (a.isMulticast()) {
            return (int) (a.high() >>> 48) & 0xf;
        }
        if (a.isLinkLocal() || a.isLoopback()) {
            return SCOPE_LINK;
        }
        if (a.isUnspecified()) {
            return 0;
        }
        return a.high() >>> 54 == 0xfec0 >>> 6 ? SCOPE_SITE : SCOPE_GLOBAL;
    }

    /// The labels of RFC 6724 section 2.1.
    private static int label(Ip6Address a) {
        if (a.isLoopback()) {
            return 0;
        }
        if (a.isIp4Mapped()) {
            return 4;
        }
        int first = (int) (a.high() >>> 48);
        if (first == 0x2002) {
            return 2;
        }
        if (a.high() >>> 32 == 0x2001_0000L) {
            return 5;
        }
        if (first >>> 9 == 0xfc >>> 1) {
            return 13;
        }
        if (first >>> 6 == 0xfec0 >>> 6) {
            return 11;
        }
        if (a.high() == 0 && a.low() >>> 32 == 0) {
            return 3;
        }
        return first == 0x3ffe ? 12 : 1;
    }
}
