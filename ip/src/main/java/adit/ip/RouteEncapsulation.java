package adit.ip;

import java.util.List;

/// What a route puts around its packets: the lightweight tunnels of `ip route ... encap`.
public sealed interface RouteEncapsulation {
    /// For a tunnel device in external mode: what the outer header of each packet says.
    ///
    /// @param id the tunnel identifier
    /// @param source the outer source as the bits of an int, 0 for any
    /// @param destination the outer destination as the bits of an int
    /// @param tos the outer DSCP; exactly 1 means: as the inner packet has it
    /// @param timeToLive the outer time to live, 0 means: as the inner packet has it
    /// @param flags TUNNEL flags, such as that the identifier is a key; kept for whoever asks
    record Outer(long id, int source, int destination, int tos, int timeToLive, int flags)
            implements RouteEncapsulation {}

    /// MPLS labels in front of each packet.
    ///
    /// @param labels from the outermost on, 20 bits each
    /// @param timeToLive of all of them, 0 means: as the packet has it
    record Labels(List<Integer> labels, int timeToLive) implements RouteEncapsulation {
        /// Refuses an empty stack, and what does not fit.
        public Labels {
            labels = List.copyOf(labels);
            if (labels.isEmpty() || labels.stream().anyMatch(l -> l >>> 20 != 0) || timeToLive >>> 8 != 0) {
                throw new IllegalArgumentException("labels " + labels + " with a time to live of " + timeToLive);
            }
        }
    }
}
