package adit.linux;

import adit.wire.Ip4Address;
import adit.wire.IpProtocol;
import java.util.Objects;
import java.util.Set;

/// Raw sockets that carry tunnels directly over IP.
///
/// @param local the only address to receive on; 0.0.0.0 for all of the host's
/// @param protocols the outer protocols to receive: any of 4, 41 and 137; none for an underlay that only sends
public record RawSpec(Ip4Address local, Set<Integer> protocols) {
    private static final Set<Integer> CARRIED = Set.of(IpProtocol.IPIP, IpProtocol.IPV6, IpProtocol.MPLS);

    /// Refuses protocols that no tunnel uses.
    public RawSpec {
        Objects.requireNonNull(local, "local");
        protocols = Set.copyOf(protocols);
        if (!CARRIED.containsAll(protocols)) {
            throw new IllegalArgumentException("protocols " + protocols + " are not among " + CARRIED);
        }
    }
}
