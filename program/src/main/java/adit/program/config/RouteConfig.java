package adit.program.config;

import adit.wire.Ip4Address;
import adit.wire.IpPrefix;
import java.util.Optional;

/// A route into a tunnel.
///
/// @param to the destinations
/// @param via the outer destination of packets that take this route, where the tunnel's remote is any
public record RouteConfig(IpPrefix to, Optional<Ip4Address> via) {
    @Override
    public String toString() {
        return to + via.map(v -> " via " + v).orElse("");
    }
}
