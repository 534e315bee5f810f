package adit.linux;

import adit.wire.Ip4Address;
import adit.wire.IpProtocol;
import java.util.Objects;
import java.util.Set;

/// Raw sockets that carry tunnels directly over IP.
///
/// @param local the only address to receive on; 0.0.0.0 for all of the host's
/// @param protocols the outer protocols to receive: any of 4, 41 and 137; none for an underlay that only sends
/// @param ring whether packets may be sent past the kernel's IP layer
public record RawSpec(Ip4Address local, Set<Integer> protocols, Ring ring) {
    /// Whether packets may be written to the interface by a packet ring. That is two to three times as fast and
    /// passes by what the kernel does to IP packets that leave: its counters, netfilter, IPsec, control groups'
    /// programs. Queueing disciplines and what is attached to them see the packets.
    public enum Ring {
        /// Where that changes nothing but the speed, as far as can be seen: see [RingObstacle]. Else the raw
        /// socket sends, and what is used may change at any time.
        AUTO,
        /// Never.
        OFF
    }

    private static final Set<Integer> CARRIED = Set.of(IpProtocol.IPIP, IpProtocol.IPV6, IpProtocol.MPLS);

    /// Those that use a packet ring where they may.
    public RawSpec(Ip4Address local, Set<Integer> protocols) {
        this(local, protocols, Ring.AUTO);
    }

    /// Refuses protocols that no tunnel uses.
    public RawSpec {
        Objects.requireNonNull(local, "local");
        Objects.requireNonNull(ring, "ring");
        protocols = Set.copyOf(protocols);
        if (!CARRIED.containsAll(protocols)) {
            throw new IllegalArgumentException("protocols " + protocols + " are not among " + CARRIED);
        }
    }
}
