package adit.ipip;

import adit.tunnel.OuterRules;
import adit.tunnel.PathMtu;
import adit.tunnel.Steering;
import adit.wire.Gue;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Udp;

/// How a tunnel device is set up: what Linux keeps in `struct ip_tunnel_parm` and `struct ip_tunnel_encap`.
/// Unlike [adit.tunnel.TunnelSpec], which refuses what makes no sense, this holds whatever Linux accepts.
///
/// @param link the index of the underlay interface that it is bound to, 0 for none; there need be no such
///     interface
/// @param local the outer source as the bits of an int, 0 for any
/// @param remote the outer destination as the bits of an int, 0 for any
/// @param ttl the outer time to live, 0 to inherit
/// @param tos the outer DSCP, an odd value to inherit
/// @param protocol what it carries: 4, 137, or 0 for both
/// @param pathMtu whether outer packets carry DF
/// @param mark the mark of outer packets
/// @param encapsulation what stands between the outer header and the inner packet
/// @param steering where the outer parameters come from
record Parameters(
        int link,
        int local,
        int remote,
        int ttl,
        int tos,
        int protocol,
        PathMtu pathMtu,
        int mark,
        Encapsulation encapsulation,
        Steering steering) {
    /// What `tunl0` is.
    static final Parameters FALLBACK =
            new Parameters(0, 0, 0, 0, 0, 0, PathMtu.IGNORE, 0, Encapsulation.NONE, Steering.CONFIGURED);

    /// `struct ip_tunnel_encap`.
    ///
    /// @param type one of the constants
    /// @param flags [#CHECKSUM], [#REMOTE_CHECKSUM]
    /// @param sourcePort the UDP source port, 0 to have the flow decide
    /// @param destinationPort the UDP destination port
    record Encapsulation(int type, int flags, int sourcePort, int destinationPort) {
        static final int TYPE_NONE = 0;
        static final int TYPE_FOU = 1;
        static final int TYPE_GUE = 2;
        /// Known to Linux's table, and nothing can be sent by it.
        static final int TYPE_MPLS = 3;

        static final int CHECKSUM = 1;
        static final int REMOTE_CHECKSUM = 4;

        static final Encapsulation NONE = new Encapsulation(TYPE_NONE, 0, 0, 0);

        private static final int MPLS_LENGTH = 4;

        boolean isKnown() {
            return type >= TYPE_NONE && type <= TYPE_MPLS;
        }

        boolean hasChecksum() {
            return (flags & CHECKSUM) != 0;
        }

        boolean hasRemoteChecksum() {
            return type == TYPE_GUE && (flags & REMOTE_CHECKSUM) != 0;
        }

        /// Octets that it is reckoned with.
        int length() {
            return switch (type) {
                case TYPE_FOU -> Udp.HEADER_LENGTH;
                case TYPE_GUE ->
                    Udp.HEADER_LENGTH
                            + (hasRemoteChecksum() ? Gue.REMOTE_CHECKSUM_HEADER_LENGTH : Gue.MIN_HEADER_LENGTH);
                case TYPE_MPLS -> MPLS_LENGTH;
                default -> 0;
            };
        }
    }

    /// Octets of all outer headers.
    int overhead() {
        return Ipv4.MIN_HEADER_LENGTH + encapsulation.length();
    }

    boolean isExternal() {
        return steering == Steering.EXTERNAL;
    }

    /// Whether a tunnel of this protocol (4, 137, or 0 for both) carries packets of an IP protocol number.
    static boolean carries(int protocol, int inner) {
        return (inner == IpProtocol.IPIP || inner == IpProtocol.MPLS) && (protocol == 0 || protocol == inner);
    }

    OuterRules rules(Profile profile) {
        return new OuterRules(steering, local, remote, link, ttl, tos, pathMtu, overhead(), profile.pathMtu());
    }

    /// The headers behind the outer one, as this Linux puts them there.
    OuterHeaders headers(Profile profile) {
        boolean refused = isExternal() && encapsulation.type() != Encapsulation.TYPE_NONE;
        return refused && !profile.encapsulatesExternal()
                ? new OuterHeaders.Impossible()
                : OuterHeaders.of(encapsulation);
    }

    Parameters encapsulation(Encapsulation with) {
        return new Parameters(link, local, remote, ttl, tos, protocol, pathMtu, mark, with, steering);
    }
}
