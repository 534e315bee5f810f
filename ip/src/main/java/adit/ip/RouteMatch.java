package adit.ip;

import adit.device.Device;
import adit.wire.IpAddress;
import adit.wire.IpPrefix;
import java.util.List;
import java.util.Optional;

/// Which routes a deletion means.
///
/// @param destination of them, exactly
/// @param table the table's number
/// @param type theirs; empty for any
/// @param scope theirs; 255 for any
/// @param protocol theirs; 0 for any
/// @param tos theirs
/// @param priority theirs; 0 for any
/// @param device the device they leave by, the first next hop of several in IPv4; empty for any
/// @param gateway theirs, in the same way; empty for any
/// @param preferredSource theirs; empty for any
/// @param hops one behind the other; none for any. Those of IPv4 may have fewer than are named here, and
///     where a device or a gateway is named beside them, these count alone
public record RouteMatch(
        IpPrefix destination,
        int table,
        Optional<RouteType> type,
        int scope,
        int protocol,
        int tos,
        int priority,
        Optional<Device> device,
        Optional<IpAddress> gateway,
        Optional<IpAddress> preferredSource,
        List<RouteRequest.Hop> hops) {
    /// The same for routes by one next hop. What that does not say the request may.
    RouteMatch by(RouteRequest.Hop hop) {
        return new RouteMatch(
                destination,
                table,
                type,
                scope,
                protocol,
                tos,
                priority,
                hop.device().or(() -> device),
                hop.gateway().or(() -> gateway),
                preferredSource,
                List.of());
    }

    /// Whether it means a route of IPv4 to this destination in this table.
    boolean fits4(Route r) {
        Route.Spec s = r.spec();
        boolean same = s.tos() == tos
                && (type.isEmpty() || type.get() == s.type())
                && (scope == InterfaceAddress.SCOPE_NOWHERE || scope == s.scope())
                && (protocol == 0 || protocol == s.protocol())
                && (priority == 0 || priority == s.priority())
                && (preferredSource.isEmpty() || preferredSource.equals(s.preferredSource()));
        return same && leads4(r.hops());
    }

    /// Linux's `fib_nh_match`.
    private boolean leads4(List<NextHop> by) {
        if (device.isPresent() || gateway.isPresent()) {
            return !by.isEmpty() && leads(by.getFirst(), device, gateway);
        }
        if (hops.isEmpty()) {
            return true;
        }
        if (by.isEmpty()) {
            // For Linux a route that rejects has one next hop, which leads nowhere.
            return hops.getFirst().device().isEmpty()
                    && hops.getFirst().gateway().isEmpty();
        }
        for (int i = 0; i < by.size(); i++) {
            if (i == hops.size()
                    || !leads(by.get(i), hops.get(i).device(), hops.get(i).gateway())) {
                return false;
            }
        }
        return true;
    }

    /// The place of the first next hop, from 0, by which it means a route of IPv6 to this destination in this
    /// table; -1 if it doesn't. Each of several has come with a priority and a protocol of its own.
    int hop6(Route r) {
        List<NextHop> by = r.hops();
        for (int i = 0; i < by.size(); i++) {
            Route.Spec s = r.spec(i);
            boolean same = (priority == 0 || priority == s.priority()) && (protocol == 0 || protocol == s.protocol());
            if (same && leads(by.get(i), device, gateway)) {
                return i;
            }
        }
        return -1;
    }

    private static boolean leads(NextHop hop, Optional<Device> device, Optional<IpAddress> gateway) {
        return device.filter(d -> !d.equals(hop.device())).isEmpty()
                && (gateway.isEmpty() || gateway.equals(hop.gateway()));
    }
}
