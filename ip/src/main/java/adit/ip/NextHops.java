package adit.ip;

import adit.device.Device;
import adit.device.Errno;
import adit.wire.Ip4Address;
import adit.wire.Ip6Address;
import adit.wire.IpAddress;
import java.util.ArrayList;
import java.util.List;

/// Checks the next hops of a route that somebody wants, in Linux's order and with its errors (`fib_check_nh`,
/// `ip6_route_info_create`).
final class NextHops {
    private static final String CALL = "RTM_NEWROUTE";

    private final IpStack stack;

    NextHops(IpStack stack) {
        this.stack = stack;
    }

    List<NextHop> check(RouteRequest request) throws IpException {
        Route.Spec spec = request.spec();
        if (spec.type().rejects()) {
            return List.of();
        }
        boolean ip4 = spec.destination().address() instanceof Ip4Address;
        List<NextHop> hops = new ArrayList<>();
        for (RouteRequest.Hop hop : request.hops()) {
            NextHop checked = ip4 ? check4(spec, hop) : check6(hop);
            hops.add(hop.encapsulation().map(checked::encapsulating).orElse(checked));
        }
        if (hops.isEmpty()) {
            throw new IpException(CALL, Errno.ENODEV, "The route needs a device or a gateway.");
        }
        return hops;
    }

    private NextHop check4(Route.Spec spec, RouteRequest.Hop hop) throws IpException {
        IpAddress gateway = hop.gateway().orElse(null);
        Device device = hop.device().orElse(null);
        if (spec.scope() == InterfaceAddress.SCOPE_HOST) {
            if (gateway != null) {
                throw invalid("Route with host scope can not have a gateway");
            }
            require(device, Errno.ENODEV, "No such device");
            return new NextHop(device, null, InterfaceAddress.SCOPE_NOWHERE, hop.weight(), false);
        }
        if (gateway == null) {
            require(device, Errno.ENODEV, "The route needs a device or a gateway.");
            requireUp(device, "Device for nexthop is not up");
            return new NextHop(device, null, InterfaceAddress.SCOPE_HOST, hop.weight(), false);
        }
        if (gateway instanceof Ip6Address) {
            throw invalid("IPv6 gateways of IPv4 routes are not supported.");
        }
        if (spec.scope() >= InterfaceAddress.SCOPE_LINK) {
            throw invalid("Nexthop has invalid scope");
        }
        if (hop.reach() == RouteRequest.Reach.ON_LINK) {
            if (isOwnOrGroup((Ip4Address) gateway)) {
                throw invalid("Nexthop has invalid gateway");
            }
            require(device, Errno.ENODEV, "Nexthop device required for onlink");
            requireUp(device, "Nexthop device is not up");
            return new NextHop(device, gateway, InterfaceAddress.SCOPE_LINK, hop.weight(), true);
        }
        return routed4(spec, hop, device, (Ip4Address) gateway);
    }

    private boolean isOwnOrGroup(Ip4Address gateway) {
        Route route = stack.fib4.lookupOwner((long) gateway.bits() << 32, 0);
        boolean isHere = route != null && route.type != RouteType.UNICAST && !route.type.rejects();
        return isHere || gateway.isMulticast() || gateway.isBroadcast();
    }

    private NextHop routed4(Route.Spec spec, RouteRequest.Hop hop, Device device, Ip4Address gateway)
            throws IpException {
        int scope = Math.max(spec.scope() + 1, InterfaceAddress.SCOPE_LINK);
        Route route = stack.fib4.lookupNear((long) gateway.bits() << 32, 0, device, scope);
        if (route == null) {
            throw new IpException(CALL, Errno.ENETUNREACH, "Nexthop has invalid gateway");
        }
        if (route.type != RouteType.UNICAST && route.type != RouteType.LOCAL) {
            throw invalid("Nexthop has invalid gateway");
        }
        Device out = device != null ? device : route.hop().device();
        requireUp(out, "Nexthop device is not up");
        return new NextHop(out, gateway, route.spec().scope(), hop.weight(), false);
    }

    private NextHop check6(RouteRequest.Hop hop) throws IpException {
        Device device = hop.device().orElse(null);
        IpAddress gateway = hop.gateway().orElse(null);
        if (gateway == null) {
            require(device, Errno.ENODEV, "The route needs a device or a gateway.");
            requireUp(device, "Nexthop device is not up");
            return new NextHop(device, null, InterfaceAddress.SCOPE_LINK, hop.weight(), false);
        }
        Ip6Address ip6 = (Ip6Address) gateway;
        if (stack.isLocal6(ip6.high(), ip6.low())) {
            throw invalid("Gateway can not be a local address");
        }
        if (ip6.isMulticast() || ip6.isUnspecified() || ip6.isLoopback()) {
            throw invalid("Invalid gateway address");
        }
        boolean onLink = hop.reach() == RouteRequest.Reach.ON_LINK;
        if (ip6.isLinkLocal()) {
            if (device == null) {
                throw invalid("Egress device required for a link-local gateway");
            }
        } else if (!onLink) {
            device = routed6(device, ip6);
        }
        require(device, Errno.ENODEV, "Nexthop device required for onlink");
        requireUp(device, "Nexthop device is not up");
        return new NextHop(device, gateway, InterfaceAddress.SCOPE_LINK, hop.weight(), onLink);
    }

    private Device routed6(Device device, Ip6Address gateway) throws IpException {
        Route route = stack.fib6.lookup(gateway.high(), gateway.low(), 0, device);
        boolean near =
                route != null && route.type == RouteType.UNICAST && !route.hop().hasGateway();
        if (!near) {
            throw new IpException(CALL, Errno.EHOSTUNREACH, "Nexthop has invalid gateway or device mismatch");
        }
        return route.hop().device();
    }

    private static IpException invalid(String reason) {
        return new IpException(CALL, Errno.EINVAL, reason);
    }

    private static void require(Device device, int errno, String reason) throws IpException {
        if (device == null) {
            throw new IpException(CALL, errno, reason);
        }
    }

    private static void requireUp(Device device, String reason) throws IpException {
        if (!device.isUp()) {
            throw new IpException(CALL, Errno.ENETDOWN, reason);
        }
    }
}
