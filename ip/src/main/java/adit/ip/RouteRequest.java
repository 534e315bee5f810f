package adit.ip;

import adit.device.Device;
import adit.wire.IpAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A route that somebody wants, or wants gone.
///
/// @param spec what it is
/// @param hops where packets go next; empty for routes that reject
/// @param marks what is to be told of a route of several next hops as a whole
/// @param form how the next hops are asked for, which decides from where on a route of IPv6 is told that they join
public record RouteRequest(Route.Spec spec, List<Hop> hops, Set<Route.Mark> marks, Form form) {
    /// A route without marks.
    public RouteRequest(Route.Spec spec, List<Hop> hops) {
        this(spec, hops, Set.of(), hops.size() > 1 ? Form.LIST : Form.SINGLE);
    }

    /// How next hops are asked for.
    public enum Form {
        /// One or none, beside all else that is said of the route.
        SINGLE,
        /// A list, though it may have one next hop (RTA_MULTIPATH).
        LIST
    }

    /// A next hop as it is asked for.
    ///
    /// @param device the device; empty to have it found by the gateway
    /// @param gateway the neighbour; empty when destinations are on the link
    /// @param weight its share of packets, from 1
    /// @param reach whether the gateway must be known to be on the link
    /// @param encapsulation what is put around packets; empty for nothing
    public record Hop(
            Optional<Device> device,
            Optional<IpAddress> gateway,
            int weight,
            Reach reach,
            Optional<RouteEncapsulation> encapsulation) {
        /// A next hop to which packets go as they are.
        public Hop(Optional<Device> device, Optional<IpAddress> gateway, int weight, Reach reach) {
            this(device, gateway, weight, reach, Optional.empty());
        }
    }

    /// Whether a gateway must be known to be on the link.
    public enum Reach {
        /// There must be a route to it.
        ROUTED,
        /// It is taken to be there (RTNH_F_ONLINK).
        ON_LINK
    }

    /// How to deal with what is there, as the NLM_F flags say.
    public enum Flag {
        /// Make it if it is not there.
        CREATE,
        /// Refuse if it is there.
        EXCLUSIVE,
        /// Take the place of what is there.
        REPLACE,
        /// Go behind what is there.
        APPEND
    }
}
